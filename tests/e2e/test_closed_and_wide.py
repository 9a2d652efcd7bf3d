"""Widgets that were closed, one whose state cannot be told, tables beside each other, uploads that are too large."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Serve, write_notebook
from tests.e2e.controls import expect

pytestmark = pytest.mark.browser

SLIDER = "import ipywidgets as w\nn = w.IntSlider(value=4, max=9, description='n')\nn"
CLOSED = (
    "import ipywidgets as w\nloading = w.HTML('loading')\nloading",
    SLIDER,
    "box = w.VBox([w.Label('one'), w.Label('two')])\nbox",
    "out = w.Output()\ninside = w.Label('inside')\nwith out: display(inside)\nout",
    "loading.close()\nbox.children[0].close()\ninside.close()\nw.Label(f'ready {n.value}')",
)
BROKEN = (
    SLIDER,
    "import traitlets\nbroken = []\nclass Odd(w.DOMWidget):\n"
    "    odd = traitlets.Int().tag(sync=True, to_json=lambda value, _: 1 / (1 - len(broken)))\nodd = Odd()",
    "broken.append(1)",
    "w.VBox([w.Label('fine')])",
)
TABLES = (
    "import ipywidgets as w, pandas as pd\nfrom IPython.display import display\nouts = []\n"
    "for frame in (pd.DataFrame({c: [1] for c in 'ABC'}), pd.DataFrame({c: [2] for c in 'ABC'}),"
    " pd.DataFrame({c: ['a long text that needs room'] * 3 for c in 'ABC'})):\n"
    "    out = w.Output()\n    with out: display(frame)\n    outs.append(out)\nw.HBox(outs)",
    "wide = w.Output()\nwith wide: display(pd.DataFrame({f'column_{i}': [i] for i in range(40)}))\nw.HBox([wide, w.Label('end')])",
)


CHART = (
    "import ipywidgets as w, plotly.graph_objects as go\n"
    "w.Tab([w.Label('one'), go.FigureWidget([go.Bar(y=[1, 2])])], titles=('One', 'Two'))",
)


@pytest.fixture(scope="module")
def apps(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """The addresses of these notebooks, which one server has."""
    folder = tmp_path_factory.mktemp("apps")
    for name, cells in {"closed": CLOSED, "broken": BROKEN, "tables": TABLES, "chart": CHART}.items():
        write_notebook(folder / f"{name}.ipynb", *cells)
    server = serve_anywhere(folder)
    return lambda name: f"{server.url}app/{name}/"


def test_a_widget_that_a_cell_below_closed_leaves_nothing(apps: Callable[[str], str], page: Page) -> None:
    page.goto(apps("closed"))
    expect(page.get_by_text("ready 4")).to_be_visible()
    for _ in range(2):
        expect(page.get_by_text("two", exact=True)).to_be_visible()
        for gone in ("loading", "one", "inside"):
            expect(page.get_by_text(gone, exact=True)).to_have_count(0)
        expect(page.get_by_text("rror")).to_have_count(0)
        page.locator(".noUi-handle").first.press("ArrowRight")
        expect(page.get_by_text("ready 5")).to_be_visible()
        page.locator(".noUi-handle").first.press("ArrowLeft")
        expect(page.get_by_text("ready 4")).to_be_visible()


def test_one_widget_whose_state_cannot_be_told_leaves_the_page_as_it_is(apps: Callable[[str], str], page: Page) -> None:
    page.goto(apps("broken"))
    expect(page.get_by_text("fine", exact=True)).to_be_visible()
    expect(page.locator(".noUi-handle")).to_be_visible()


def test_tables_beside_each_other_are_whole_or_scroll(apps: Callable[[str], str], page: Page) -> None:
    page.goto(apps("tables"))
    expect(page.locator(".nbapp-cell table")).to_have_count(4)
    expect(page.locator(".nbapp-recorded")).to_have_count(0)
    hidden = """tables => tables.map(table => {
        const ways = [];
        for (let node = table; node; node = node.parentElement) {
            if (node.scrollWidth > node.clientWidth + 1) ways.push(getComputedStyle(node).overflowX);
        }
        return ways;
    })"""
    ways = page.locator("table").evaluate_all(hidden)
    assert ways[:3] == [[], [], []]
    assert ways[3] == ["auto"]


FADES = "one => ['maskImage', 'maskPosition', 'maskSize', 'animationName'].map(name => getComputedStyle(one)[name])"


def test_a_table_fades_at_the_edge_beyond_which_it_goes_on(apps: Callable[[str], str], page: Page) -> None:
    page.goto(apps("tables"))
    expect(page.locator(".nbapp-recorded")).to_have_count(0)
    assert page.locator(".widget-output .jp-OutputArea-output").first.evaluate(FADES)[0] == "none"  # all is in sight
    wide = page.locator(".widget-hbox").filter(has=page.locator("table")).last
    seen = []
    for at in (0, 0.5, 1):
        wide.evaluate("(one, at) => one.scrollTo(at * (one.scrollWidth - one.clientWidth), 0)", at)
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        image, *place, _ = wide.evaluate(FADES)
        assert image.startswith("linear-gradient")
        seen.append(place)
    assert seen == [
        ["-32px 0px", "calc(100% + 32px) 100%"],
        ["0px 0px", "100% 100%"],
        ["0px 0px", "calc(100% + 32px) 100%"],
    ]
    page.emulate_media(media="print")
    assert wide.evaluate(FADES)[0] == "none"
    page.emulate_media(media="screen")
    page.add_style_tag(content=".mine { animation: mine 9s } @keyframes mine { to { opacity: 0.9 } }")
    wide.evaluate("one => one.classList.add('mine')")
    assert wide.evaluate(FADES)[::3] == ["none", "mine"]  # the author's own goes before


def test_an_upload_that_is_too_large_is_told_and_the_connection_stays(
    serve: Serve, notebook: Callable[..., Path], page: Page, tmp_path: Path
) -> None:
    count = "print('got', sum(file.size for file in files.value))"
    page.goto(
        serve(notebook("import ipywidgets as w\nfiles = w.FileUpload()\nfiles", count), "--upload-limit", "1MB").url
    )
    for name, size in (("large.bin", 1_500_000), ("fits.bin", 999_000)):
        (tmp_path / name).write_bytes(b"x" * size)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(tmp_path / "large.bin")
    notice = page.get_by_role("alert").filter(has_text="large.bin is too large: 1.5 MB. At most 1 MB can be uploaded.")
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="OK").click()
    expect(notice).to_be_hidden()
    expect(page.get_by_text("got 0")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files(tmp_path / "fits.bin")
    expect(page.get_by_text("got 999000")).to_be_visible()
    button = page.get_by_role("button", name="(1) fits.bin")
    expect(button).to_be_visible()
    assert button.evaluate("one => one.scrollWidth <= one.clientWidth")  # it is as wide as that


def test_a_file_is_dropped_on_an_upload_and_one_that_misses_it_leaves_the_page_alone(
    serve: Serve, notebook: Callable[..., Path], page: Page, tmp_path: Path
) -> None:
    count = "print('got', [(file.name, len(file.content)) for file in files.value])"
    made = "import ipywidgets as w\nfiles = w.FileUpload(accept='.csv, image/*')\nfiles"
    page.goto(serve(notebook(made, count), "--upload-limit", "1MB").url)
    expect(page.get_by_text("got []")).to_be_visible()
    sizes = {"sales.csv": 4, "other.CSV": 5, "notes.txt": 6, "large.csv": 1_500_000, "folder": None}
    for name, size in sizes.items():
        (tmp_path / name).mkdir() if size is None else (tmp_path / name).write_bytes(b"x" * size)
    browser = page.context.new_cdp_session(page)
    button = page.locator(".widget-upload")

    def drop(*names: str, beside: int = 0) -> None:
        box = button.bounding_box()
        assert box
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2 + beside}
        carried = {"items": [], "files": [str(tmp_path / name) for name in names], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            browser.send("Input.dispatchDragEvent", {"type": kind, **at, "data": carried})

    page.evaluate("addEventListener('dragover', event => { window.opensNothing = event.defaultPrevented; })")
    drop("sales.csv", beside=200)
    assert page.evaluate("window.opensNothing")
    drop("sales.csv")
    expect(page.get_by_text("got [('sales.csv', 4)]")).to_be_visible()
    for names, why in (
        (["notes.txt"], "notes.txt cannot be uploaded here: .csv, image/* can."),
        (["large.csv"], "large.csv is too large: 1.5 MB. At most 1 MB can be uploaded."),
        (["sales.csv", "other.CSV"], "One file can be uploaded here, and not several."),
        (["folder"], "A folder cannot be uploaded: drop the files in it."),
    ):
        drop(*names)
        notice = page.get_by_role("alert").filter(has_text=why)
        expect(notice).to_be_visible()
        notice.get_by_role("button", name="OK").click()
        expect(notice).to_be_hidden()
    drop("other.CSV")
    expect(page.get_by_text("got [('other.CSV', 5)]")).to_be_visible()
    expect(page.locator(".nbapp-drop")).to_have_count(0)


def test_a_message_that_is_too_large_is_told_and_the_connection_stays(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    page.goto(
        serve(
            notebook("import ipywidgets as w\ntext = w.Text()\ntext", "print('got', len(text.value))"),
            "--upload-limit",
            "0",
        ).url
    )
    field = page.locator("input[type=text]")
    field.fill("x" * 3_000_000)
    expect(page.get_by_role("alert").filter(has_text="That is too large: 3 MB.")).to_be_visible()
    field.fill("short")
    expect(page.get_by_text("got 5")).to_be_visible()


def test_a_chart_in_a_tab_is_as_wide_as_the_tab(apps: Callable[[str], str], page: Page) -> None:
    page.set_viewport_size({"width": 500, "height": 800})
    page.goto(apps("chart"))
    page.get_by_role("tab", name="Two").click()
    drawn = page.locator(".js-plotly-plot .main-svg").first
    expect(drawn).to_be_visible()
    box, room = drawn.bounding_box(), page.locator(".widget-tab-contents").bounding_box()
    assert box is not None
    assert room is not None
    assert 0.8 * room["width"] < box["width"] <= room["width"]
    expect(page.get_by_text("one", exact=True)).to_be_hidden()
