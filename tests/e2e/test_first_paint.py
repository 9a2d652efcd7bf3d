"""The page before its kernel: texts at once, outputs as they are made, and what others saw before, which nothing moves."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PATIENCE, Serve, Server
from tests.e2e.test_serve import step, visit
from tests.serve.test_routes import ask, ran

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SAMPLES = ("inputs", "dashboard")
SLIDER = "import ipywidgets as w\nx = w.IntSlider(7, description='how many')\nx"
SHIFT = """{
let shift = 0;
const add = entries => entries.forEach(entry => (shift += entry.value));
const watching = new PerformanceObserver(list => add(list.getEntries()));
watching.observe({type: 'layout-shift', buffered: true});
window.shift = () => (add(watching.takeRecords()), shift);
}"""
RECORDED = ".nbapp-shown"  # where a cell shows what is recorded


def reads(page: Page, text: str) -> None:
    """Wait until a text can be read in what is recorded."""
    page.wait_for_function("text => window.nbapp.recorded().some(shown => shown.includes(text))", arg=text)


def settled(page: Page) -> None:
    """Wait until no view keeps the size of what it replaced, and until what follows from that is drawn."""
    page.wait_for_function("[...document.querySelectorAll('.jp-OutputArea')].every(area => !area.style.minHeight)")
    page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def stays(page: Page) -> None:
    """Nothing has moved since the page was opened, with SHIFT, until it is settled."""
    settled(page)
    assert page.evaluate("window.shift()") < 0.02


def held(page: Page) -> Callable[[], None]:
    """Keep the page from its kernel until what is returned is called."""
    waiting: list[Any] = []
    is_held = True

    def came(route: Any) -> None:
        if is_held:
            waiting.append(route)
        else:
            route.continue_()

    def let_go() -> None:
        nonlocal is_held
        is_held = False  # `unroute` would let those that wait go by itself, or not yet
        for route in waiting:
            route.continue_()

    page.route("**/api/kernels/*", came)
    return let_go


def test_the_first_visitor_reads_the_text_and_sees_outputs_while_later_cells_run(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    waits = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.05)"
    path = notebook("# A title", SLIDER, "print('early', x.value)", waits, "print('late')", "# The end")
    page.goto(serve(path).url)
    for heading in ("A title", "The end"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    reads(page, "early 7")
    reads(page, "how many")
    expect(page.get_by_text("early")).to_have_count(0)  # for scripts and tests a cell is there when its view is
    expect(page.get_by_role("status").filter(has_text="is starting: cell 3 of 4")).to_be_visible()
    assert not any("late" in shown for shown in page.evaluate("window.nbapp.recorded()"))
    expect(page.locator(".noUi-handle")).to_have_count(0)
    assert page.locator("main").get_attribute("aria-busy") == "true"
    (path.parent / "go").touch()
    expect(page.get_by_text("late")).to_be_visible()
    expect(page.locator("main[aria-busy]")).to_have_count(0)
    step(page)
    expect(page.get_by_text("early 8")).to_be_visible()
    expect(page.locator(".nbapp-recorded")).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="is starting")).to_have_count(0)


def test_the_page_connects_once_and_before_its_scripts_are_there(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    scripts: list[Any] = []
    sockets: list[Any] = []
    page.route("**/voila.js", lambda route: scripts.append(route))
    page.on("websocket", lambda socket: sockets.append(socket))
    server = serve(notebook(SLIDER, "print('x is', x.value)"))
    with page.expect_websocket():
        page.goto(server.url, wait_until="commit")
    expect(page.locator(".noUi-handle")).to_have_count(0)
    for route in scripts:
        route.continue_()
    step(page)
    expect(page.get_by_text("x is 8")).to_be_visible()
    assert len(scripts) == len(sockets) == 1


def test_what_others_saw_is_there_at_once_and_none_of_its_scripts_runs(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    active = (
        "from IPython.display import HTML\n"
        "HTML('<b id=mine>bold</b><script>window.ran = (window.ran || 0) + 1</script>'\n"
        '     \'<img src="nothing" onerror="window.ran = (window.ran || 0) + 1">\'\n'
        '     \'<iframe srcdoc="<script>parent.framed = (parent.framed || 0) + 1</script>" height="120"></iframe>\'\n'
        "     '<a href=\"javascript:window.ran=1\">leads</a>')"
    )
    server = serve(notebook(SLIDER, active, "print('x is', x.value)"))
    ran(server.url, ask(server.url)[1])
    let_go = held(page)
    page.goto(server.url)
    reads(page, "x is 7")
    reads(page, "bold")
    assert page.evaluate("[window.ran, window.framed, document.getElementById('mine')]") == [None, None, None]
    assert page.locator(RECORDED).evaluate_all("places => places.every(place => place.inert)")
    let_go()
    expect(page.locator(".nbapp-recorded")).to_have_count(0)
    page.wait_for_function("window.ran >= 1 && window.framed === 1")
    step(page)
    expect(page.get_by_text("x is 8")).to_be_visible()


def test_an_app_that_cannot_start_says_so_in_place_of_what_others_saw(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    path = notebook("# A title", SLIDER, "import os\nif os.path.exists('broken'): os._exit(1)\nprint('worked')")
    server = serve(path)
    ran(server.url, ask(server.url)[1])
    (path.parent / "broken").touch()
    page.goto(server.url)
    expect(page.get_by_role("alert").filter(has_text="This app could not start.")).to_be_visible()
    expect(page.get_by_text("worked")).to_have_count(0)
    expect(page.get_by_role("heading", name="A title")).to_be_visible()


@pytest.fixture(scope="module")
def sample(serve_anywhere: Serve) -> Callable[[str], Server]:
    """A sample that somebody has opened."""

    @functools.cache
    def opened(name: str) -> Server:
        server = serve_anywhere(NOTEBOOKS / f"{name}.ipynb")
        ran(server.url, ask(server.url)[1])
        return server

    return opened


# One look of each sample, the two as unlike as can be; a soak has them all.
LOOKS = [(name, scheme, width) for name in SAMPLES for scheme in ("light", "dark") for width in (390, 1280)]
TELLING = {("inputs", "dark", 390), ("dashboard", "light", 1280)}


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [look if look in TELLING else pytest.param(*look, marks=pytest.mark.soak) for look in LOOKS],
)
def test_nothing_moves_when_the_views_take_over(
    sample: Callable[[str], Server], browser: Browser, name: str, scheme: Any, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    page.add_init_script(SHIFT)
    visit(page, sample(name).url)
    expect(page.locator(".nbapp-recorded")).to_have_count(0)
    stays(page)
    context.close()


@pytest.mark.parametrize("name", [*SAMPLES, "photo", "trainer", "sales"])
def test_a_lookalike_of_each_control_is_as_high_as_the_control(
    sample: Callable[[str], Server], page: Page, name: str
) -> None:
    heights = f"""() => Object.fromEntries([...document.querySelectorAll('main .jp-CodeCell')]
        .map(cell => [cell.id, Math.round(cell.querySelector('{RECORDED}, .nbapp-cell')?.offsetHeight ?? 0)]))"""
    let_go = held(page)
    page.goto(sample(name).url)
    expect(page.locator(RECORDED).first).to_be_visible()
    page.wait_for_timeout(500)
    before = page.evaluate(heights)
    let_go()
    expect(page.locator(".nbapp-recorded")).to_have_count(0)
    settled(page)
    after = page.evaluate(heights)
    assert {name: (before[name], after[name]) for name in after if abs(before[name] - after[name]) > 1} == {}
