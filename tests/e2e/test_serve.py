"""`nbapp serve` as a visitor meets it: a real server, real kernels, real Chromium."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import PATIENCE, Serve, Server, until, write_notebook
from tests.e2e.controls import is_marked, mark

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)

SLIDER = "import ipywidgets as w\nx = w.IntSlider(value=7, description='x')\nx"
EVERYTHING = (
    "# Squares\n\nThe area is $x^2$.",
    SLIDER,
    "name = w.Text(value='Ada', description='name')\nname",
    "print('x squared is', x.value ** 2)",
    "from IPython.display import HTML, Math, display\nMath(r'x^2 = %d' % x.value ** 2)",
    "HTML('<table><tr><th>x</th>' + '<td>%d</td>' % x.value * 40 + '</tr></table>')",
    "import matplotlib.pyplot as plt\n_ = plt.figure(figsize=(12, 2))\n_ = plt.plot([0, x.value])\nplt.show()",
    "if x.value > 9: print('many')\nf'{name.value} has {x.value}'",
    "if x.value == 13: raise ValueError('unlucky')\nx.value + 1000",
    "x.value + 2000",
)


@pytest.fixture(scope="module")
def everything(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """One server for the tests that only look: each page has a kernel of its own."""
    return serve_anywhere(write_notebook(tmp_path_factory.mktemp("app") / "squares.ipynb", *EVERYTHING))


def visit(page: Page, url: str) -> None:
    """Open an app and wait until its controls are there."""
    page.goto(url)
    expect(page.locator(".widget-hslider, .widget-text").first).to_be_visible()


def step(page: Page, keys: int = 1, key: str = "ArrowRight") -> None:
    """Move the first slider with the keyboard."""
    handle = page.locator(".noUi-handle").first
    handle.focus()
    for _ in range(keys):
        handle.press(key)


def cell(page: Page, text: str) -> Locator:
    """The output that contains a text."""
    return page.locator(".nbapp-item", has_text=text)


def test_a_drag_ends_at_its_last_value_and_a_text_is_typed_and_both_keep_their_nodes_and_the_focus(
    everything: Server, page: Page
) -> None:
    visit(page, everything.url)
    handle = page.locator(".noUi-handle").first
    mark(handle)
    box = handle.bounding_box()
    assert box
    left, top = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(left, top)
    page.mouse.down()
    for pixels in range(30):
        page.mouse.move(left + 2 + pixels * 3, top)
    page.mouse.up()
    last = int(page.locator(".widget-readout").first.inner_text())
    assert last > 30
    expect(cell(page, f"x squared is {last**2}")).to_be_visible()
    expect(cell(page, f"Ada has {last}")).to_be_visible()
    assert is_marked(handle)
    field = page.locator(".widget-text input")
    mark(field)
    field.focus()
    field.fill("")
    for letter in "Grace Hopper":
        page.keyboard.type(letter)
        assert field.evaluate("node => document.activeElement === node")
    page.keyboard.press("Enter")
    expect(cell(page, f"Grace Hopper has {last}")).to_be_visible()
    assert is_marked(field)
    assert field.evaluate("node => document.activeElement === node")


def test_outputs_change_in_place_come_and_go_and_recover_from_an_error_and_nothing_is_loaded_from_elsewhere(
    everything: Server, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    visit(page, everything.url)
    items = page.locator(".nbapp-item")
    text, formula, table, picture = items.nth(0), items.nth(1), items.nth(2), items.nth(3)
    expect(picture.locator("img")).to_be_visible()
    expect(formula.locator("mjx-container")).to_be_visible()
    before = picture.locator("img").get_attribute("src")
    for item in (text, formula, table, picture):
        mark(item)
    step(page)
    expect(text).to_have_text("x squared is 64")
    expect(table.locator("td").first).to_have_text("8")
    expect(formula.locator("mjx-container")).to_contain_text("64")
    until(lambda: picture.locator("img").get_attribute("src") != before, "the picture stayed")
    assert all(is_marked(item) for item in (text, formula, table, picture))
    # an output that comes and goes leaves the one below in place
    below = cell(page, "Ada has")
    mark(below.locator("xpath=.."))
    step(page, 2)
    expect(cell(page, "many")).to_be_visible()
    expect(below).to_have_text("'Ada has 10'")
    step(page, 3, "ArrowLeft")
    expect(cell(page, "many")).to_have_count(0)
    assert is_marked(below.locator("xpath=.."))
    # a cell that raises recovers, and the author sees its traceback
    expect(cell(page, "2007")).to_be_visible()
    step(page, 6)
    expect(cell(page, "unlucky")).to_contain_text("Traceback")
    stale = page.locator(".nbapp-stale")
    expect(stale).to_have_count(1)
    expect(stale).to_contain_text("20")
    step(page)
    expect(cell(page, "1014")).to_be_visible()
    expect(cell(page, "2014")).to_be_visible()
    expect(cell(page, "unlucky")).to_have_count(0)
    expect(stale).to_have_count(0)
    assert len(asked) > 20
    assert [url for url in asked if not url.startswith((everything.url, "data:", "blob:"))] == []


def test_two_pages_do_not_disturb_each_other_and_stop_between_reruns_and_during_short_ones_harms_nothing(
    everything: Server, page: Page, browser: Browser
) -> None:
    visit(page, everything.url)
    with browser.new_context(viewport={"width": 375, "height": 812}, color_scheme="dark") as context:
        other = context.new_page()
        visit(other, everything.url)
        shows_all_on_a_phone(other)
        step(other, 5)
        expect(cell(other, "x squared is 144")).to_be_visible()
        step(page)
        expect(cell(page, "x squared is 64")).to_be_visible()
        expect(cell(other, "x squared is 144")).to_be_visible()
    stop = "() => { const stop = document.getElementById('nbapp-stop'); stop.disabled = false; stop.click(); }"
    for _ in range(5):
        page.evaluate(stop)
    for key in ("ArrowRight", "ArrowLeft") * 10:
        step(page, key=key)
        page.evaluate(stop)
    step(page)
    expect(cell(page, "x squared is 81")).to_be_visible()
    expect(cell(page, "2009")).to_be_visible()
    expect(page.locator("#nbapp-notice")).to_be_hidden()


def shows_all_on_a_phone(page: Page) -> None:
    """A page in the dark, 375 wide, scrolls only what is wider and follows its theme."""
    expect(page.locator(".nbapp-item img")).to_be_visible()
    assert red_of_the_ground(page) < 50
    for _ in range(2):
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        table = page.locator(".nbapp-item:has(table) .jp-OutputArea-output")
        assert table.evaluate("node => node.scrollWidth > node.clientWidth")
        page.emulate_media(color_scheme="light")
    until(lambda: red_of_the_ground(page) > 200)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("apps")
    for name, cells in APPS.items():
        write_notebook(root / f"{name}.ipynb", *cells)
    return root


@pytest.fixture(scope="module")
def apps(serve_anywhere: Serve, folder: Path) -> Callable[[str], str]:
    """The addresses of the small notebooks below, which one server has."""
    server = serve_anywhere(folder)
    return lambda name: f"{server.url}app/{name}/"


COUNTS = "import sys\nsys.{0} = getattr(sys, '{0}', 0) + 1\n"  # executions, where no cell sees them
DRAGGED = (
    SLIDER,
    COUNTS.format("other") + "print('other cell, execution', sys.other)",
    COUNTS.format("first") + "double = x.value * 2\nprint('double', double)",
    COUNTS.format("second") + "print('again', double * 2, 'executions', sys.first, sys.second, sys.other)",
    "y = w.IntSlider(description='y')\ny",
    "print('y is', y.value)",
)


def test_a_drag_of_thirty_steps_executes_only_what_depends_on_the_slider(
    apps: Callable[[str], str], page: Page
) -> None:
    visit(page, apps("dragged"))
    unchanged = [cell(page, "other cell, execution 1"), cell(page, "y is 0")]
    for item in unchanged:
        expect(item).to_be_visible()
        mark(item.locator("pre"))
    step(page, 30)
    expect(cell(page, "double 74")).to_be_visible()
    expect(cell(page, "again 148 executions")).to_be_visible()
    said = cell(page, "again 148").inner_text()
    first, second, other = map(int, said.split("executions")[1].split())
    assert other == 1
    assert 1 <= second <= first <= 31  # a busy machine comes to the last value only
    assert all(is_marked(item.locator("pre")) for item in unchanged)
    expect(page.locator(".nbapp-item")).to_have_count(4)


CHANGES = (
    SLIDER,
    "print('stays')",
    "print('x squared is', x.value ** 2)",
    "from IPython.display import HTML, Math\nMath(r'x^2 = %d' % x.value ** 2)",
    "HTML('<table><tr><td>%d</td></tr></table>' % x.value)",
    "import matplotlib.pyplot as plt\n_ = plt.figure(figsize=(5, 2))\n_ = plt.plot([0, x.value])\nplt.show()",
    "w.Text(description='t')",
)
WATCH = """() => {
  const items = [...document.querySelectorAll('.nbapp-item')];
  window.seen = { removed: [], lowest: items.map(item => item.offsetHeight) };
  const look = () => {
    items.forEach((item, index) => { window.seen.lowest[index] = Math.min(window.seen.lowest[index], item.offsetHeight); });
    window.frame = requestAnimationFrame(look);
  };
  look();
  const kept = '.nbapp-cell, .nbapp-item, .nbapp-strip, .jupyter-widgets, .jp-Cell';
  new MutationObserver(records => records.forEach(record => {
    const inside = record.target.parentElement?.closest('.nbapp-item') ?? record.target.closest?.('.nbapp-item');
    const index = items.indexOf(inside);
    [...record.removedNodes].forEach(node => {
      if (node.nodeType === 1 && (node.matches(kept) || node.querySelector(kept))) {
        window.seen.removed.push(node.outerHTML.slice(0, 100));
      }
    });
    if (index === 0) {
      window.seen.removed.push('the cell that stays was touched');
    }
  })).observe(document.querySelector('main'), { childList: true, subtree: true, characterData: true });
  return window.seen.lowest;
}"""


def test_outputs_change_without_flicker_and_no_node_of_an_unchanged_cell_is_touched(
    apps: Callable[[str], str], page: Page
) -> None:
    visit(page, apps("changes"))
    expect(page.locator(".nbapp-item img")).to_be_visible()
    expect(page.locator(".nbapp-item mjx-container")).to_be_visible()
    before = page.evaluate(WATCH)
    assert len(before) == 5
    assert all(height > 10 for height in before)
    for value in range(8, 14):
        step(page)
        expect(cell(page, f"x squared is {value**2}")).to_be_visible()
        expect(page.locator("td")).to_have_text(str(value))
        expect(page.locator(".nbapp-item mjx-container")).to_contain_text(str(value**2))
    seen = page.evaluate("window.seen")
    assert seen["removed"] == []
    assert all(lowest > height / 2 for lowest, height in zip(seen["lowest"], before, strict=True)), (seen, before)


def red_of_the_ground(page: Page) -> int:
    return int(re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))[0])


WIDE = (
    "# Wide",
    "import ipywidgets as w\nimport matplotlib.pyplot as plt\nw.Text(layout=w.Layout(width='600px', min_width='500px'))",
    "w.HBox([w.Text(), w.Dropdown(options=['an option that is longer than a phone is wide, much longer']), w.Text()])",
    "w.Select(options=['an option that is longer than a phone is wide, much longer'], layout=w.Layout(width='90rem'))",
    "w.ToggleButtons(options=['an option that is longer than a phone is wide, much longer', 'b'])",
    "w.HTML('<table><tr>' + '<td>column</td>' * 30 + '</tr></table><p>below it</p>')",
    "w.GridBox([w.Button()] * 4, layout=w.Layout(grid_template_columns='repeat(4, 200px)'))",
    "w.VBox([w.IntSlider(), w.Tab([w.Text()] * 9, titles=['a title'] * 9)], layout=w.Layout(width='700px'))",
    "out = w.Output()\nwith out: plt.figure(figsize=(12, 2)); plt.plot([1, 2]); plt.show()\nout",
    "plt.figure(figsize=(12, 2), facecolor='none'); plt.gca().set_xticks([]); plt.gca().set_yticks([]); plt.show()",
    "print('x' * 300)",
)


def test_what_is_wider_than_a_phone_shrinks_or_scrolls_in_its_own_box(
    apps: Callable[[str], str], browser: Browser
) -> None:
    url = apps("wide")
    with browser.new_context(viewport={"width": 375, "height": 812}, color_scheme="dark") as context:
        page = context.new_page()
        page.goto(url)
        expect(cell(page, "xxx")).to_be_visible()
        expect(page.locator("img")).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        beyond = """nodes => nodes.map(node => node.getBoundingClientRect())
            .filter(box => box.right > 375).map(box => box.right)"""
        for kind in (".jp-RenderedImage", "select", ".widget-text input", ".widget-toggle-buttons button", "pre"):
            assert page.locator(f"{kind}:visible").count() > 0
            assert page.locator(f"{kind}:visible").evaluate_all(beyond) == [], kind
        for scrolled in (".widget-html-content", ".widget-gridbox", ".widget-output .jp-RenderedImage"):
            box = page.locator(scrolled).first
            assert box.evaluate("node => node.scrollWidth > node.clientWidth")
            assert box.evaluate("node => getComputedStyle(node).overflowX") == "auto"
        picture = page.locator(".nbapp-item img").last
        assert picture.evaluate("node => getComputedStyle(node).backgroundColor") == "rgba(0, 0, 0, 0)"


def test_the_page_says_what_it_is_while_it_starts(apps: Callable[[str], str], folder: Path, page: Page) -> None:
    go = folder / "started"
    go.unlink(missing_ok=True)
    page.goto(apps("starts"), wait_until="commit")
    loading = page.get_by_role("status").filter(has_text="Slow to start")
    expect(loading).to_be_visible()
    expect(loading).to_contain_text("cell 1 of 2")
    expect(page).to_have_title("Slow to start")
    go.touch()
    expect(page.locator(".widget-hslider")).to_be_visible()
    expect(loading).to_have_count(0)
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_long_cell_shows_the_busy_mark_and_what_it_has_made_so_far_and_stop_ends_it(
    apps: Callable[[str], str], folder: Path, page: Page
) -> None:
    go = folder / "made"
    go.unlink(missing_ok=True)
    visit(page, apps("long"))
    busy = page.locator("#nbapp-busy")
    expect(busy).to_be_hidden()
    step(page)
    expect(busy).to_be_visible()
    expect(busy).to_contain_text("Cell 2 of 4")
    expect(page.locator("#nbapp-said")).to_have_text("Computing cell 2 of 4")
    page.get_by_role("button", name="Stop").press("Enter")
    expect(busy).to_be_hidden()
    expect(page.locator(".nbapp-item").get_by_role("alert")).to_contain_text("This was stopped (cell 2).")
    expect(page.locator(".nbapp-stale")).to_have_count(2)
    expect(page.locator(".nbapp-stale").first).to_contain_text("below 7")
    step(page)
    expect(cell(page, "slept 9")).to_be_visible()
    expect(cell(page, "below 9")).to_be_visible()
    item = cell(page, "first")
    expect(item).to_contain_text("second 9")
    mark(item)
    step(page)
    expect(item).to_have_text("first 10")
    expect(busy).to_be_visible()
    go.touch()
    expect(item).to_contain_text("second 10")
    expect(busy).to_be_hidden()
    assert is_marked(item)


def test_a_kernel_that_died_is_told_and_another_one_takes_its_place(apps: Callable[[str], str], page: Page) -> None:
    visit(page, apps("dies"))
    step(page)
    told = page.get_by_role("status").filter(has_text="This app had stopped by itself. It was started again.")
    expect(told).to_be_visible()
    expect(cell(page, "alive at 7")).to_be_visible()
    step(page)
    notice = page.get_by_role("alert").filter(has_text="This app has stopped again.")
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="Start again").click()
    expect(cell(page, "alive at 7")).to_be_visible()
    expect(notice).to_be_hidden()


DIES = ("# Dead", "import os\nos._exit(1)", "2")


def test_a_notebook_that_dies_at_once_says_so_in_one_line(apps: Callable[[str], str], page: Page) -> None:
    page.goto(apps("dead"))
    expect(page.get_by_role("alert").filter(has_text="This app could not start.")).to_be_visible()


def test_values_for_a_notebook_that_dies_are_refused_in_one_line(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook(*DIES), "--set", "x=1")
    assert server.process.wait(PATIENCE) == 2
    until(lambda: "the notebook's first run ended the kernel" in server.output)
    assert "Traceback" not in server.output


WARNS = "import warnings\nwarnings.warn('about files of the author')"
FAILS = (SLIDER, WARNS, "salary = 1 / (x.value - 8)\nprint('fine')", "x.value + 50")
RAISES = (
    SLIDER,
    "out = w.Output()\nout",
    "with out:\n    print('got', x.value)\n    if x.value > 7: secret_sum = 1 / 0\nprint('after', x.value)",
    "def halve(n):\n    import warnings\n    warnings.warn('about files')\n    if n > 3: raise ValueError('secret')\n    print('half', n / 2)\n"
    "w.interact(halve, n=w.IntSlider(value=2, max=9, description='n'));",
    "said = w.Output()\n@said.capture()\ndef pressed(button):\n    print('pressed')\n    open('/secret/file')\n"
    "press = w.Button(description='Press')\npress.on_click(pressed)\nw.VBox([press, said])",
)


@pytest.fixture(scope="module")
def public(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """What everybody may open."""
    root = tmp_path_factory.mktemp("public")
    write_notebook(root / "fails.ipynb", *FAILS)
    write_notebook(root / "raises.ipynb", *RAISES)
    return serve_anywhere(root, "--public")


def test_visitors_see_one_friendly_line_and_the_rest_marked_as_out_of_date(public: Server, page: Page) -> None:
    visit(page, f"{public.url}app/fails/")
    expect(cell(page, "57")).to_be_visible()
    step(page)
    alert = page.locator(".nbapp-item").get_by_role("alert")
    expect(alert).to_have_text("This could not be computed (cell 3). Change a control above, or ask the author.")
    expect(page.locator(".nbapp-stale")).to_have_text("57")
    for hidden in ("ZeroDivisionError", "salary", "Traceback", "about files of the author"):
        assert hidden not in page.content()
    step(page)
    expect(cell(page, "59")).to_be_visible()
    expect(page.locator(".nbapp-stale")).to_have_count(0)


@pytest.mark.parametrize("is_visitor", [True, pytest.param(False, marks=pytest.mark.soak)], ids=["visitor", "author"])
def test_an_exception_inside_an_output_widget_is_one_line_for_visitors_and_a_traceback_for_the_author(
    public: Server, apps: Callable[[str], str], page: Page, is_visitor: bool
) -> None:
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    visit(page, f"{public.url}app/raises/" if is_visitor else apps("raises"))
    expect(page.get_by_text("half 1.0")).to_be_visible()
    step(page)
    page.locator(".noUi-handle").nth(1).press("ArrowRight")
    page.locator(".noUi-handle").nth(1).press("ArrowRight")
    page.get_by_role("button", name="Press").press("Enter")  # a click could miss: outputs that come move the button
    expect(page.get_by_text("after 8")).to_be_visible()
    if is_visitor:
        for position in (3, 4, 5):
            line = f"This could not be computed (cell {position}). Try another value, or ask the author."
            expect(page.locator(".widget-output").get_by_role("alert").filter(has_text=line)).to_have_count(1)
        expect(page.get_by_text("got 8")).to_be_visible()
        expect(page.get_by_text("pressed")).to_be_visible()
        for secret in (
            "secret_sum",
            "secret/file",
            "ValueError: secret",
            "ZeroDivisionError",
            "ValueError",
            "FileNotFoundError",
            "about files",
            "Traceback",
        ):
            assert secret not in page.content()
            assert not [frame for frame in frames if secret in frame], secret
    else:
        for name in ("ZeroDivisionError", "ValueError", "FileNotFoundError"):
            expect(page.locator(".widget-output", has_text=name).last).to_contain_text("Traceback")
    page.locator(".noUi-handle").nth(1).press("ArrowLeft")
    expect(page.get_by_text("half 1.5")).to_be_visible()


def test_what_a_thread_prints_later_is_added_to_its_cell_on_the_page(
    apps: Callable[[str], str], folder: Path, page: Page
) -> None:
    (folder / "go on").unlink(missing_ok=True)
    visit(page, apps("later"))
    item = cell(page, "now 1")
    mark(item)
    expect(item).to_have_text("now 1")
    (folder / "go on").touch()
    expect(item).to_contain_text("later 1")
    assert is_marked(item)
    expect(cell(page, "later 1")).to_have_count(1)


def test_an_app_below_a_path_with_a_token_lets_in_who_has_the_link(
    serve: Serve, notebook: Callable[..., Path], page: Page, browser: Browser
) -> None:
    server = serve(notebook(SLIDER, "x.value * 100"), "--base-url", "/x/y/", "--token")
    address, _, token = server.url.partition("?token=")
    assert address.endswith("/x/y/")
    assert len(token) >= 32
    visit(page, server.url)
    assert page.url == address
    step(page)
    expect(cell(page, "800")).to_be_visible()
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(address)
        expect(other.get_by_role("heading")).to_have_text("This app opens with a link")
        expect(other.get_by_role("alert")).to_have_count(0)
        other.goto(f"{address}?token=guess")
        expect(other.get_by_role("alert")).to_be_visible()
        other.goto(address)
        other.get_by_label("Link or token").fill("guess")
        other.get_by_role("button").click()
        expect(other.get_by_role("alert")).to_be_visible()
        assert len(server.kernels()) == 1
        other.get_by_label("Link or token").fill(token)
        other.get_by_role("button").click()
        expect(cell(other, "700")).to_be_visible()


def test_code_is_hidden_and_no_cell_and_no_name_of_ours_gets_into_the_notebook(
    apps: Callable[[str], str], page: Page
) -> None:
    visit(page, apps("names"))
    expect(cell(page, "21")).to_be_visible()
    assert "the sum" not in page.content()
    expect(cell(page, "'x']")).to_have_text("['exit', 'get_ipython', 'open', 'quit', 'total', 'w', 'x']")


def test_code_title_theme_and_values_asked_for_are_there_from_the_start(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    server = serve(notebook(*APPS["names"]), "--show-code", "--title", "Sums", "--theme", "dark", "--set", "x=42")
    visit(page, server.url)
    expect(cell(page, "126")).to_be_visible()
    expect(page.locator(".widget-readout")).to_have_text("42")
    expect(page.get_by_text("total = x.value * 3")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    assert "nbapp.kernel.served" not in page.content()
    expect(page).to_have_title("Sums")
    assert page.locator("body").get_attribute("data-jp-theme-light") == "false"


@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.soak), signal.SIGTERM])
def test_asked_to_stop_it_leaves_no_process_and_no_file(
    serve: Serve, notebook: Callable[..., Path], page: Page, tmp_path: Path, number: int
) -> None:
    folder = tmp_path / "run"
    folder.mkdir(0o700)
    endless = "import subprocess, time\nchild = subprocess.Popen(['sleep', '600'])\nif x.value == 8: time.sleep(600)"
    server = serve(notebook(SLIDER, endless, "'ready'"), environment={"XDG_RUNTIME_DIR": str(folder)})
    visit(page, server.url)
    expect(cell(page, "ready")).to_be_visible()
    step(page)
    expect(page.locator("#nbapp-busy")).to_be_visible()
    assert len(server.kernels()) == 1
    assert len(list(folder.iterdir())) == 1
    assert server.stop(number) == 0
    assert "Traceback" not in server.output
    assert list(folder.iterdir()) == []


APPS: dict[str, tuple[str, ...]] = {
    "dragged": DRAGGED,
    "changes": CHANGES,
    "wide": WIDE,
    "starts": (
        "# Slow to *start*",
        "import pathlib, time\nwhile not pathlib.Path('started').exists(): time.sleep(0.02)",
        SLIDER,
    ),
    "long": (
        SLIDER,
        "import time\nif x.value == 8: time.sleep(600)\nprint('slept', x.value)",
        "print('below', x.value)",
        "import pathlib\nprint('first', x.value)\n"
        "while x.value == 10 and not pathlib.Path('made').exists(): time.sleep(0.02)\nprint('second', x.value)",
    ),
    "dies": (SLIDER, "import os\nif x.value == 8: os._exit(1)\nf'alive at {x.value}'"),
    "dead": DIES,
    "raises": RAISES,
    "later": (
        SLIDER,
        "import pathlib, threading, time\ndef work(n):\n"
        "    while not pathlib.Path('go on').exists(): time.sleep(0.02)\n    print('later', n)\n"
        "print('now', 1)\nthreading.Thread(target=work, args=[1], daemon=True).start()",
        "print('x is', x.value)",
    ),
    "names": (
        SLIDER,
        "total = x.value * 3  # the sum\ntotal",
        "print(sorted(name for name in globals() if not name.startswith('_')))",
    ),
}


@pytest.mark.parametrize(("source", "is_told"), [("print(1)", True), (SLIDER, False)])
def test_what_would_make_an_app_of_it_is_said_once_a_notebook_is_served(
    serve: Serve, notebook: Callable[..., Path], source: str, is_told: bool
) -> None:
    server = serve(notebook(source))
    assert server.url
    server.stop()
    assert ("names no widget" in server.output.partition("served at")[2]) == is_told


# --- what cannot be served: one line, exit code 2


def refused(serve: Serve, *arguments: str | Path) -> str:
    """The line with which a command ends."""
    server = serve(*map(str, arguments))
    assert server.process.wait(PATIENCE) == 2
    server.stop()
    assert server.output.count("\n") == 1, server.output
    return server.output


def test_a_file_that_is_no_notebook_is_named_in_one_line(serve: Serve, tmp_path: Path) -> None:
    assert "no such file" in refused(serve, tmp_path / "missing.ipynb")
    (tmp_path / "text.ipynb").write_text("hello")
    assert "invalid JSON at line 1, column 1" in refused(serve, tmp_path / "text.ipynb")
    (tmp_path / "old.ipynb").write_text('{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}')
    line = refused(serve, tmp_path / "old.ipynb")
    assert "nbformat 3" in line
    assert f"jupyter nbconvert --to notebook --nbformat 4 --inplace {tmp_path / 'old.ipynb'}" in line


def test_a_port_in_use_is_named_and_another_one_proposed(serve: Serve, notebook: Callable[..., Path]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused(serve, notebook("1"), "--port", str(port))
    assert f"port {port} is in use" in line
    assert re.search(r"--port \d+\n", line)


def test_a_name_without_a_widget_is_refused_with_the_names_that_have_one(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    path = notebook(SLIDER, "name = w.Text()\nnumber = 3")
    line = refused(serve, path, "--set", "number=4")
    assert "number" in line
    assert "name, x" in line
    assert "'many' is not a whole number" in refused(serve, path, "--set", "x=many")
    assert "NAME=VALUE" in refused(serve, path, "--set", "x")


def test_other_computers_are_let_in_only_on_purpose(serve: Serve, notebook: Callable[..., Path]) -> None:
    line = refused(serve, notebook("1"), "--ip", "0.0.0.0")
    assert "--token" in line
    assert "--public" in line


def test_a_notebook_of_another_language_is_refused(serve: Serve, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "r.ipynb", "1")
    path.write_text(path.read_text().replace('"python3"', '"ir"').replace('"python"', '"R"'))
    assert "R, and nbapp needs a Python kernel" in refused(serve, path)


def test_help_has_examples() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "nbapp", "serve", "--help"], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert "examples:" in ran.stdout
    options = ("port", "ip", "base-url", "no-browser", "token", "public", "title", "theme", "show-code", "set")
    for option in (*options, "cache-size", "no-cache", "timeout", "debounce"):
        assert f"--{option}" in ran.stdout
