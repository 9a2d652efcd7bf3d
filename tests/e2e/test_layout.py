"""Where the tags of cells put them in the page: in Chromium, with mouse and keys, on a phone and on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PATIENCE, Serve, Server
from tests.e2e.test_contrast import hard_to_read
from tests.e2e.test_first_paint import SHIFT, stays
from tests.e2e.test_serve import step
from tests.serve.test_routes import ask, ran

pytestmark = pytest.mark.browser
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
expect.set_options(timeout=PATIENCE * 1000)

Cell = tuple[str, ...]  # its source, and its tags
SLIDER = "import ipywidgets as w\nx = w.IntSlider(3, description='how many')\nx"
CHART = "import plotly.graph_objects as go\nfig = go.FigureWidget(data=[go.Bar(y=[x.value, 2])])\nfig"
DRAWN = (
    "from IPython.display import HTML\nHTML(f'<div class=drawn>{x.value}</div><script>"
    'document.querySelectorAll(".drawn").forEach(one => one.append(" at " + one.offsetWidth))</script>\')'
)
DASHBOARD: tuple[Cell, ...] = (
    ("# A title",),
    (SLIDER, "sidebar"),
    ("## Beside", "sidebar"),
    ("print('first', x.value)", "column", "card"),
    ("y = x.value * 2",),
    ("print('second', y)", "column=2", "card"),
    ("print('below it', y)", "below"),
    ("print('in one', x.value)", "tab=One"),
    (CHART, "tab=Two"),
    (DRAWN, "tab=Two"),
    ("b = w.Button(description='press')\nb", "tab=Three", "card"),
    ("## More\n\nwords", "expander"),
    ("print('inside', x.value)", "expander=More"),
    ("print('broad')", "wide"),
    ("print('broadest')", "full"),
    ("print('as ever')",),
)


def save(path: Path, cells: tuple[Cell, ...], **layout: str) -> Path:
    """Write a notebook with these cells; their ids are their numbers."""
    metadata = {"nbapp": {"layout": layout}} if layout else {}
    notebook = new_notebook(metadata=metadata)
    for number, (source, *tags) in enumerate(cells):
        cell = new_markdown_cell(source) if source.startswith("#") else new_code_cell(source)
        cell.id = f"c{number}"
        if tags:
            cell.metadata.tags = list(tags)
        notebook.cells.append(cell)
    written = path.with_suffix(".new")
    nbformat.write(notebook, written)
    written.replace(path)
    return path


@pytest.fixture(scope="module")
def dashboard(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A page with every region, which somebody has opened before."""
    server = serve_anywhere(save(tmp_path_factory.mktemp("app") / "app.ipynb", DASHBOARD, icon="📈"))
    ran(server.url, ask(server.url)[1])
    return server


@pytest.fixture
def at(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page of a given width."""
    contexts = []

    def opened(width: int, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        context.set_default_timeout(PATIENCE * 1000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def whole(page: Page, url: str) -> None:
    """Open a page, and wait until its views are there."""
    page.goto(url)
    expect(page.locator("main[aria-busy]")).to_have_count(0)


def box(page: Page, text: str) -> Any:
    """Where the cell with a text stands."""
    found = page.get_by_text(text).first.locator("xpath=ancestor::*[@data-nbapp-cell]").bounding_box()
    assert found is not None
    return found


def test_each_cell_stands_where_its_tags_say_and_follows_the_controls_and_tabs_are_chosen_by_mouse_and_keys(
    dashboard: Server, at: Callable[..., Page]
) -> None:
    page = at(1280)
    whole(page, dashboard.url)
    tabs = page.get_by_role("tablist")
    chosen = tabs.get_by_role("tab", selected=True)
    expect(chosen).to_have_text("One")
    expect(page.get_by_role("tabpanel", name="One")).to_contain_text("in one 3")
    expect(page.get_by_role("tab")).to_have_count(3)
    expect(page.get_by_text("inside 3")).to_be_hidden()
    sidebar = page.get_by_role("region", name="Controls")
    expect(sidebar.locator(".noUi-handle")).to_be_visible()
    expect(sidebar.get_by_role("heading", name="Beside")).to_be_visible()
    side, title = sidebar.bounding_box(), page.get_by_role("heading", name="A title").bounding_box()
    assert side
    assert title
    assert side["x"] + side["width"] <= title["x"]
    first, second, below = box(page, "first 3"), box(page, "second 6"), box(page, "below it 6")
    assert first["y"] == second["y"] < below["y"]
    assert below["x"] == second["x"] > first["x"] + first["width"]
    columns = page.locator(".nbapp-column").evaluate_all("all => all.map(one => one.offsetWidth)")
    assert columns[1] == pytest.approx(2 * columns[0], abs=2)
    step(page)
    for text in ("first 4", "second 8", "below it 8", "in one 4"):
        expect(page.get_by_text(text)).to_be_visible()
    page.get_by_role("tab", name="Two").click()
    expect(page.locator(".drawn")).to_have_text("4 at 864")  # it was drawn while nobody saw it
    expect(page.get_by_role("tabpanel", name="Two").locator("svg.main-svg").first).to_be_visible()
    page.locator("summary", has_text="More").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("inside 4")).to_be_visible()
    expect(page.get_by_text("words")).to_be_visible()
    expect(page.get_by_role("heading", name="More")).to_have_count(0)
    # tabs are chosen by mouse and arrow keys, and what is in them works
    tabs.get_by_role("tab", name="One").click()
    expect(page.get_by_role("tabpanel", name="One")).to_contain_text("in one 4")
    chosen.focus()
    for key, name in (
        ("ArrowRight", "Two"),
        ("End", "Three"),
        ("ArrowRight", "One"),
        ("ArrowLeft", "Three"),
        ("Home", "One"),
    ):
        page.keyboard.press(key)
        expect(chosen).to_have_text(name)
        expect(chosen).to_be_focused()
        expect(page.get_by_role("tabpanel")).to_have_count(1)
    tabs.get_by_role("tab", name="Three").click()
    expect(page.get_by_role("button", name="press")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("tabpanel", name="Three")).to_be_focused()


@pytest.mark.soak
def test_nothing_moves_in_a_laid_out_page_when_the_views_take_over(dashboard: Server, at: Callable[..., Page]) -> None:
    page = at(1280)  # on a phone and on a large screen: in the tests below
    page.add_init_script(SHIFT)
    whole(page, dashboard.url)
    stays(page)


def test_a_wide_cell_is_wider_than_the_column_and_a_full_one_as_wide_as_the_page_and_nothing_moves(
    dashboard: Server, at: Callable[..., Page]
) -> None:
    page = at(1920)
    page.add_init_script(SHIFT)
    whole(page, dashboard.url)
    stays(page)
    usual, broad, broadest = (box(page, text)["width"] for text in ("as ever", "broad", "broadest"))
    assert usual < 1279 < broad < 1281 < broadest <= 1920 - 320
    page.get_by_role("button", name="Controls").click()
    expect(page.get_by_role("region", name="Controls")).to_be_hidden()
    assert box(page, "broadest")["width"] > broadest
    assert page.evaluate("document.documentElement.scrollWidth") == 1920


@pytest.mark.parametrize(
    ("width", "column"),
    [
        pytest.param("narrow", 864, marks=pytest.mark.soak),
        ("wide", 1280),
        pytest.param("full", 1856, marks=pytest.mark.soak),
    ],
)
def test_the_page_is_as_wide_as_its_settings_say(
    serve: Serve, tmp_path: Path, at: Callable[..., Page], width: str, column: int
) -> None:
    server = serve(
        save(tmp_path / "app.ipynb", DASHBOARD[:1] + DASHBOARD[-1:], width=width, theme="dark", title="Mine")
    )
    page = at(1920)
    whole(page, server.url)
    assert box(page, "as ever")["width"] == pytest.approx(column, abs=40)
    expect(page).to_have_title("Mine")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    assert "“Mine” is served" in server.output


def test_on_a_phone_the_sidebar_is_behind_a_button_columns_are_below_each_other_and_nothing_moves(
    dashboard: Server, at: Callable[..., Page]
) -> None:
    page = at(390, has_touch=True)
    page.add_init_script(SHIFT)
    whole(page, dashboard.url)
    stays(page)
    sidebar, button = page.get_by_role("region", name="Controls"), page.get_by_role("button", name="Controls")
    expect(sidebar).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    assert button.evaluate("node => node.offsetHeight") >= 44
    first, second = box(page, "first 3"), box(page, "second 6")
    assert first["y"] + first["height"] <= second["y"]
    assert first["x"] == second["x"]
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(sidebar).to_be_visible()
    step(page)
    expect(page.get_by_text("first 4")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.mouse.wheel(0, 600)
    expect(button).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(sidebar).to_be_hidden()
    expect(button).to_be_focused()


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=pytest.mark.soak), "dark"])
def test_every_text_of_the_layout_can_be_read_and_on_paper_everything_is_shown(
    dashboard: Server, at: Callable[..., Page], scheme: str
) -> None:
    page = at(1280, color_scheme=scheme)
    whole(page, dashboard.url)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for text in ("in one 3", "inside 3", "words", "first 3"):
        expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_role("button", name="press")).to_be_visible()
    expect(page.get_by_role("heading", name="Two")).to_be_visible()
    expect(page.get_by_role("button", name="Controls")).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(page.get_by_text("inside 3")).to_be_hidden()
    page.locator(".js-plotly-plot").evaluate_all("all => all.forEach(one => one.remove())")  # has colours of its own
    found = hard_to_read(page)
    for control in page.locator("[role=tab], summary, .nbapp-side-button").all():
        control.hover()
        found += hard_to_read(page)
        control.click()
        found += hard_to_read(page)
    assert {tuple(text) for text in found} == set()


def test_without_scripts_everything_is_shown(dashboard: Server, at: Callable[..., Page]) -> None:
    plain = at(1280, java_script_enabled=False)
    plain.goto(dashboard.url)
    for title in ("A title", "Beside", "One", "Two", "Three"):
        expect(plain.get_by_role("heading", name=title)).to_be_visible()
    plain.locator("summary", has_text="More").click()
    expect(plain.get_by_text("words")).to_be_visible()


FAILS = "if x.value > 3: raise ValueError('too many')\nprint('fine')"
WAITS = "import os, time\nwhile x.value > 3 and not os.path.exists('go'): time.sleep(0.05)\nprint('made', x.value)"
TABLE = (
    "import pandas as pd\npd.DataFrame({'who': ['Ada', None], 'sum': [1.5, float('nan')], 'day': ['2025-01-02', '–'],"
    " 'part': ['12 %', '-3.5 %']} | {f'column {n}': [n, n] for n in range(30)})"
)
STYLED = "pd.DataFrame({'a': ['x', 'y']}).style.set_properties(**{'text-align': 'center'})"
WRITTEN = "# A\n\n| left | right | word |\n|---|---:|---|\n| 1 | x | y |"
PAGES: dict[str, tuple[Cell, ...]] = {
    "unseen": (
        (SLIDER,),
        ("print('one')", "tab=One"),
        (WAITS, "tab=Four"),  # before what fails, as nothing runs below that
        (FAILS, "tab=Two"),
        (FAILS, "expander=Three"),
    ),
    "links": (
        ("# A title\n\n[table](#The-table) [more](#More-of-it)",),
        ("## Begin", "tab=One"),
        ("## The table", "tab=Two"),
        ("## More of it", "expander=More"),
        ("print('end')",),
    ),
    "tables": ((SLIDER,), (TABLE, "card"), (STYLED, "column"), (WRITTEN, "column")),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pages")
    for name, cells in PAGES.items():
        save(root / f"{name}.ipynb", cells)
    save(root / "shut.ipynb", DASHBOARD[:4], sidebar="shut")
    return root


@pytest.fixture(scope="module")
def pages(serve_anywhere: Serve, folder: Path) -> Callable[[str], str]:
    """The addresses of small notebooks, which one server has."""
    server = serve_anywhere(folder)
    return lambda name: f"{server.url}app/{name}/"


def test_a_sidebar_that_is_shut_at_first_is_opened_by_its_button(
    pages: Callable[[str], str], at: Callable[..., Page]
) -> None:
    page = at(1280)
    whole(page, pages("shut"))
    expect(page.get_by_role("region", name="Controls")).to_be_hidden()
    page.get_by_role("button", name="Controls").click()
    expect(page.locator(".noUi-handle")).to_be_visible()


def test_a_tab_that_is_not_seen_says_that_something_in_it_failed_or_is_being_made(
    pages: Callable[[str], str], folder: Path, at: Callable[..., Page]
) -> None:
    (folder / "go").unlink(missing_ok=True)
    page = at(1280)
    whole(page, pages("unseen"))
    two, four = page.get_by_role("tab", name="Two"), page.get_by_role("tab", name="Four")
    expect(two).not_to_have_class("nbapp-has-failed")
    step(page)
    expect(four).to_have_class("nbapp-has-working")
    four.click()
    expect(four).not_to_have_class("nbapp-has-working")
    expect(page.locator(".nbapp-tab .nbapp-under-way")).to_be_visible()
    (folder / "go").touch()
    expect(page.get_by_text("made 4")).to_be_visible()
    expect(two).to_have_class("nbapp-has-failed")
    expect(two).to_have_attribute("aria-description", "could not be computed")
    two.click()
    expect(page.get_by_text("too many").first).to_be_visible()
    step(page, key="ArrowLeft")
    expect(page.get_by_role("tabpanel", name="Two")).to_contain_text("fine")
    page.get_by_role("tab", name="One").click()
    expect(two).not_to_have_class("nbapp-has-failed")


def test_a_link_within_the_page_leads_into_a_tab_and_an_expander(
    pages: Callable[[str], str], at: Callable[..., Page]
) -> None:
    page = at(1280)
    url = pages("links")
    whole(page, url)
    page.get_by_role("link", name="table").click()
    expect(page.get_by_role("heading", name="The table")).to_be_in_viewport()
    expect(page.get_by_role("heading", name="Begin")).to_be_hidden()
    page.get_by_role("link", name="more").click()
    expect(page.get_by_role("heading", name="More of it")).to_be_in_viewport()
    whole(page, f"{url}#The-table")
    page.reload()
    expect(page.get_by_role("heading", name="The table")).to_be_visible()


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.soak)])
def test_texts_of_tables_begin_in_line_numbers_end_in_line_and_a_wide_one_scrolls_in_its_box(
    pages: Callable[[str], str], at: Callable[..., Page], width: int
) -> None:
    page = at(width)
    whole(page, pages("tables"))
    aligned = "cells => cells.slice(1, 5).map(cell => getComputedStyle(cell).textAlign)"
    table = page.locator(".nbapp-card table")
    for row in ("thead tr", "tbody tr >> nth=0", "tbody tr >> nth=1"):
        assert table.locator(row).locator("th, td").evaluate_all(aligned) == ["left", "right", "left", "right"]
    boxes = table.locator("xpath=ancestor::*").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => getComputedStyle(one).overflowX)"
    )
    assert boxes[0] == "auto"  # the outermost that is too narrow
    assert page.evaluate("document.documentElement.scrollWidth") == width
    centre = "cell => getComputedStyle(cell).textAlign"
    assert page.locator(".nbapp-column td", has_text="x").first.evaluate(centre) == "center"
    written = page.locator(".jp-MarkdownOutput td").evaluate_all(
        "all => all.map(one => getComputedStyle(one).textAlign)"
    )
    assert written[1:] == ["right", "left"]


def test_cells_whose_tags_are_changed_move_with_what_a_visitor_has_set(
    serve: Serve, tmp_path: Path, at: Callable[..., Page]
) -> None:
    path = save(
        tmp_path / "app.ipynb", (("# A title",), (SLIDER,), ("print('x is', x.value)",), ("print('tail', x.value)",))
    )
    page = at(1280)
    whole(page, serve(path, "--watch").url)
    step(page)
    expect(page.get_by_text("x is 4")).to_be_visible()
    save(
        path,
        (
            ("# A title",),
            (SLIDER, "sidebar"),
            ("print('x is', x.value)", "tab=One"),
            ("print('tail', x.value)", "tab=Two"),
        ),
        width="wide",
    )
    expect(page.get_by_role("region", name="Controls").locator(".noUi-handle")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="One")).to_contain_text("x is 4")
    page.get_by_role("tab", name="Two").click()
    step(page)
    expect(page.get_by_text("tail 5")).to_be_visible()
    more: tuple[Cell, ...] = (("print('new', x.value)", "tab=Three"), ("print('between', x.value)", "tab=Two"))
    page.evaluate("document.querySelector('.noUi-handle').focus(); document.activeElement.kept = true")
    save(
        path,
        (
            ("# A title",),
            (SLIDER, "sidebar"),
            ("print('x is', x.value)", "tab=One"),
            ("print('tail', x.value)", "tab=Two"),
            *more,
        ),
    )
    expect(page.get_by_text("between 5")).to_be_visible()
    expect(page.get_by_role("tab", selected=True)).to_have_text("Two")
    assert page.evaluate("document.activeElement.kept")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("between 6")).to_be_visible()
    save(path, (("# A title",), (SLIDER,), ("print('x is', x.value)",)))
    expect(page.get_by_role("tablist")).to_have_count(0)
    expect(page.get_by_role("button", name="Controls")).to_have_count(0)
    expect(page.get_by_text("x is 6")).to_be_visible()
    step(page)
    expect(page.get_by_text("x is 7")).to_be_visible()


FIGURES: tuple[Cell, ...] = (
    *((f"from nbapp import ui\nui.metric('Figure {n}', {1234567 * 10**n})", "column", "card") for n in range(6)),
    ("print('a new row')", "row", "column"),
    ("print('beside it')", "column"),
)


def test_the_tag_row_begins_a_row_and_no_digit_of_a_figure_is_cut_off(
    serve: Serve, at: Callable[..., Page], tmp_path: Path
) -> None:
    page = at(1000)
    whole(page, serve(save(tmp_path / "app.ipynb", FIGURES)).url)
    first, last, below, beside = (box(page, text) for text in ("Figure 0", "Figure 5", "a new row", "beside it"))
    assert first["y"] == last["y"] < below["y"] == beside["y"]
    assert below["x"] < beside["x"]
    figures = page.locator(".widget-html-content")
    expect(figures).to_have_count(6)
    assert figures.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).length") == 0


LONG = "The second of January 2024"
NARROW: tuple[Cell, ...] = (
    (
        "import ipywidgets as w\nimport pandas as pd\nfrom nbapp import ui\n"
        f"w.SelectionRangeSlider(options=['a', '{LONG}', '{LONG} too'], index=(1, 2), description='Days')",
    ),
    ("w.SelectMultiple(options=['one', 'two'], value=['one', 'two'], rows=2)",),
    ("ui.table(pd.DataFrame({'city': ['Bern', 'Oslo'], 'size': [3, 2]}))",),
    ("w.ToggleButtons(options=['0°', '90°', '180°', '270°'], description='Turn')", "sidebar"),
    ("file = ui.upload('Your own points, which are three numbers each')", "sidebar"),
    ("go = ui.button('A button that says in one go what it does')", "sidebar"),
    ("w.Button(description='A button that says in one go what it does')", "sidebar"),
    ("ui.download('Download all that there is to download here', 'x', 'x.txt')", "sidebar"),
)
CUT = "all => all.filter(one => one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight).length"
EDGES = "all => all.map(one => Math.round(one.getBoundingClientRect().right))"


@pytest.mark.parametrize("width", [390, 1280])
def test_where_there_is_little_room_words_take_two_lines_and_tracks_stay(
    serve: Serve, at: Callable[..., Page], tmp_path: Path, width: int
) -> None:
    page = at(width)
    whole(page, serve(save(tmp_path / "app.ipynb", NARROW)).url)
    if width < 500:
        page.get_by_role("button", name="Controls").click()
    expect(page.locator(".dt-container")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator(".slider-container").evaluate("one => one.offsetWidth") > 200
    buttons = page.locator(".nbapp-sidebar .jupyter-button")
    expect(buttons).to_have_count(8)
    assert buttons.evaluate_all(CUT) == 0
    assert len({box["y"] for box in (buttons.nth(n).bounding_box() for n in range(4)) if box}) == 1
    expect(page.locator(".widget-upload")).not_to_have_attribute("title", "null")
    assert page.locator("select").evaluate("one => one.clientHeight") == pytest.approx(
        sum(page.locator("option").evaluate_all("all => all.map(one => one.offsetHeight)")), abs=1
    )
    if width > 500:
        assert len(set(page.locator(".dt-container .dt-search, .dt-container table").evaluate_all(EDGES))) == 1


@pytest.fixture(scope="module")
def bakery(serve_anywhere: Serve) -> Server:
    server = serve_anywhere(NOTEBOOKS / "bakery.ipynb")
    ran(server.url, ask(server.url)[1])
    return server


@pytest.mark.parametrize("width", [390, *(pytest.param(width, marks=pytest.mark.soak) for width in (1280, 1920))])
def test_the_sample_is_whole_at_each_width_and_nothing_of_it_moves(
    bakery: Server, at: Callable[..., Page], width: int
) -> None:
    page = at(width)
    page.add_init_script(SHIFT)
    whole(page, bakery.url)
    expect(page.get_by_role("tabpanel", name="Week by week").get_by_role("img")).to_be_visible()
    stays(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("tab", name="Pieces").click()
    table = page.get_by_role("tabpanel", name="Pieces").locator("table")
    aligned = "cells => cells.map(cell => getComputedStyle(cell).textAlign)"
    assert table.locator("tbody tr").first.locator("th, td").evaluate_all(aligned) == ["left", *["right"] * 4]
