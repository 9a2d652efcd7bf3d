"""The layout classes of ipywidgets on a phone, on a laptop and on a wide screen: everything can be read and used."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import PATIENCE, Serve, Server, write_notebook
from tests.e2e.controls import expect
from tests.e2e.test_first_paint import SHIFT, stays
from tests.serve.test_routes import ask, ran

pytestmark = pytest.mark.browser

WORDS = "w.HTML('<p>The centre has text that goes on for a while, as results do.</p>')"
BOXES = (
    "import ipywidgets as w\n"
    "def s(name): return w.IntSlider(description=name)\n"
    "def b(name): return w.Button(description=name, layout=w.Layout(width='auto', height='auto'))",
    f"w.AppLayout(header=b('header'), left_sidebar=s('left'), center={WORDS}, right_sidebar=b('right'), footer=b('footer'))",
    "w.AppLayout(left_sidebar=w.VBox([s('n'), w.Dropdown(options=['x'], description='kind')]), center=w.HTML('<h2>Chart</h2>'),"
    " pane_widths=['300px', 1, 0])",
    "grid = w.GridspecLayout(3, 3)\ngrid[0, :] = b('top')\ngrid[1:, 0] = b('side')\ngrid[1, 1:] = s('middle')\n"
    "grid[2, 1] = b('a')\ngrid[2, 2] = w.Text(description='text')\ngrid",
    "w.TwoByTwoLayout(top_left=s('tl'), top_right=s('tr'), bottom_left=s('bl'), bottom_right=b('br'))",
    "w.Tab([w.VBox([s('one'), w.Text(description='name')]), s('two')], titles=['First', 'Second'])",
    "w.Accordion([s('in a'), s('in b')], titles=['A', 'B'], selected_index=0)",
    "w.HBox([s('h1'), s('h2')])",
    f"w.HBox([w.VBox([s('left 1'), s('a longer label')]), {WORDS}])",
    "w.GridBox([b(str(n)) for n in range(6)], layout=w.Layout(grid_template_columns='repeat(3, 1fr)', grid_gap='4px'))",
    "w.VBox([s('short'), s('a much longer description of it'), w.Dropdown(options=['a'], description='Kind')],"
    " layout=w.Layout(width='max-content')).add_class('aligned')",
    "days = [f'{month} {year}' for year in (2023, 2024) for month in ('Jan', 'Sep')]\n"
    "w.VBox([w.SelectionRangeSlider(options=days, index=(0, 3), description='Months'), w.IntRangeSlider(description='n'),"
    " w.FloatRangeSlider(value=(1e3, 2e4), max=1e5, description='Between these')]).add_class('pairs')",
)
NARROWEST = 40  # pixels of a slider's track, a field, a button or a word


@pytest.fixture(scope="module")
def boxes(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Boxes that somebody has opened before."""
    server = serve_anywhere(write_notebook(tmp_path_factory.mktemp("app") / "boxes.ipynb", *BOXES))
    ran(server.url, ask(server.url)[1])
    return server


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.soak), 1920])
def test_boxes_leave_room_for_what_is_in_them_and_nothing_moves(boxes: Server, browser: Browser, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        page.add_init_script(SHIFT)
        page.goto(boxes.url)
        expect(page.locator("main[aria-busy]")).to_have_count(0)
        stays(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        widths: list[Any] = page.locator(
            "main :is(.noUi-target, input, select, .jupyter-button, p):visible"
        ).evaluate_all("all => all.map(one => [one.className, one.parentElement.innerText, one.offsetWidth])")
        assert len(widths) > 25
        assert [each for each in widths if each[2] < NARROWEST] == []
        cut = page.locator("main .widget-gridbox").evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
        )
        assert cut == 0


def test_the_panes_of_an_app_layout_are_in_order_on_a_phone(boxes: Server, browser: Browser) -> None:
    with browser.new_context(viewport={"width": 390, "height": 900}) as context:
        page = context.new_page()
        page.goto(boxes.url)
        expect(page.locator("main[aria-busy]")).to_have_count(0)
        names = ("header", "left", "The centre", "right", "footer")
        tops = [
            page.locator(".nbapp-cell").get_by_text(name).first.evaluate("node => node.getBoundingClientRect().top")
            for name in names
        ]
        assert tops == sorted(tops)
        assert len(set(tops)) == len(tops)


def test_a_slider_with_two_ends_has_a_track_to_be_used_on_a_phone(boxes: Server, browser: Browser) -> None:
    with browser.new_context(viewport={"width": 390, "height": 900}) as context:
        page = context.new_page()
        page.goto(boxes.url)
        expect(page.locator(".pairs .noUi-handle")).to_have_count(6)
        rows = page.locator(".pairs > .widget-inline-hbox")
        boxes_of = "(all, part) => all.map(one => one.querySelector(part).getBoundingClientRect().toJSON())"
        labels, tracks, said = (
            rows.evaluate_all(boxes_of, part) for part in (".widget-label", ".noUi-target", ".widget-readout")
        )
        for label, track, readout in zip(labels, tracks, said, strict=True):
            assert track["width"] > 140
            assert label["bottom"] <= track["top"]
            assert track["right"] < readout["left"]
            assert readout["right"] <= 390


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.soak)])
def test_controls_below_each_other_are_in_line_whatever_their_labels(
    boxes: Server, browser: Browser, width: int
) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.goto(boxes.url)
        expect(page.locator(".aligned select")).to_be_visible()
        left = "all => all.map(one => Math.round(one.getBoundingClientRect().left))"
        assert len(set(page.locator(".aligned .slider-container").evaluate_all(left))) == 1
        rows = page.locator(".aligned > .widget-inline-hbox")
        bounds = rows.evaluate_all("all => all.map(one => [one.offsetTop, one.offsetTop + one.offsetHeight])")
        inner = page.locator(".aligned .widget-label").evaluate_all("all => all.map(one => one.offsetHeight)")
        assert all(
            row[1] - row[0] >= label for row, label in zip(bounds, inner, strict=True)
        )  # none hangs over the next
