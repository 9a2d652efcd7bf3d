"""Controls of `nbapp.ui` in a page: they stay under the hand that moves them, forms wait, a click counts once."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import PATIENCE, Serve, Server
from tests.e2e.controls import expect

pytestmark = pytest.mark.browser
CELLS = (
    "import pandas as pd\nfrom nbapp import ui",
    "n = ui.slider('Size', 0, 10, 3)",
    "print(f'size {n}')",
    "go = ui.button('Go')",
    'print(f\'{"went" if go else "waits"} {n}\')',
    "with ui.form(submit='Train') as form:\n    title = ui.text('Title', 'mine')\n    epochs = ui.slider('Epochs', 1, 9)",
    "print(f'{title} for {epochs}', 'sent' if form.submitted else 'not sent')",
    "days = pd.to_datetime(['2026-01-02', '2026-03-04', '2026-05-06'])\n"
    "frame = pd.DataFrame({'city': ['Bern', 'Oslo', 'Rome'], 'size': [3, 2, 1], 'day': days, 'of': ['a', 'b', 'c']})\n"
    "chosen = ui.table(frame, select=True)",
    "print(f'chosen {chosen}')",
    "if n > 8: ui.stop('Choose less than 9.')",
    "print('the end')",
)


@pytest.fixture(scope="module")
def server(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    path = tmp_path_factory.mktemp("ui") / "ui.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS]), path)
    return serve_anywhere(path)


@pytest.fixture(scope="module")
def page(browser: Browser, server: Server) -> Page:
    """One for all tests of this file: each goes on where the one before left it."""
    page = browser.new_page()
    page.goto(server.url)
    expect(page.get_by_text("the end")).to_be_visible(timeout=PATIENCE * 1000)
    page.wait_for_function("window.nbapp.recorded().length === 0")
    return page


def _says(page: Page, text: str) -> None:
    expect(page.get_by_text(text, exact=True)).to_be_visible(timeout=PATIENCE * 1000)


def test_a_slider_is_dragged_by_keys_and_keeps_the_focus_while_its_cell_runs(page: Page) -> None:
    handle = page.locator(".noUi-handle").first
    handle.focus()
    for value in (4, 5, 6):
        handle.press("ArrowRight")
        _says(page, f"size {value}")
    assert page.evaluate("document.activeElement.className").find("noUi-handle") >= 0
    for _ in range(3):
        handle.press("ArrowRight")
    _says(page, "Choose less than 9.")
    expect(page.get_by_text("the end")).to_have_count(0)
    expect(page.locator(".nbapp-error")).to_have_count(0)
    handle.press("ArrowLeft")
    _says(page, "the end")


def test_a_click_counts_until_something_else_is_done(page: Page) -> None:
    _says(page, "waits 8")
    page.get_by_role("button", name="Go").click()
    _says(page, "went 8")
    handle = page.locator(".noUi-handle").first
    handle.focus()
    handle.press("ArrowLeft")
    _says(page, "waits 7")


def test_a_form_waits_until_enter_is_pressed_or_its_button(page: Page) -> None:
    field = page.get_by_label("Title")
    field.fill("yours")
    expect(page.get_by_text("Not sent yet")).to_be_visible(timeout=PATIENCE * 1000)
    _says(page, "mine for 1 not sent")
    field.press("Enter")
    _says(page, "yours for 1 sent")
    expect(page.get_by_text("Not sent yet")).to_be_hidden()
    handle = page.locator(".noUi-handle").last
    handle.focus()
    handle.press("ArrowRight")
    expect(page.get_by_text("Not sent yet")).to_be_visible(timeout=PATIENCE * 1000)
    page.get_by_role("button", name="Train").click()
    _says(page, "yours for 2 sent")


def test_days_begin_below_each_other_and_what_ends_stands_apart_from_what_begins(page: Page) -> None:
    gaps = """row => {
        const text = cell => { const all = document.createRange(); all.selectNodeContents(cell); return all.getBoundingClientRect(); };
        const boxes = [...row.cells].map(text);
        return boxes.slice(1).map((box, index) => box.left - boxes[index].right);
    }"""
    row = page.locator("table.dataTable tbody tr").first
    assert min(row.evaluate(gaps)) >= 16
    edge = "all => [...new Set(all.map(cell => getComputedStyle(cell).textAlign))]"
    assert page.locator("table.dataTable .dt-type-date").evaluate_all(edge) == ["left"]


def test_rows_of_a_table_are_searched_and_chosen(page: Page) -> None:
    page.get_by_role("searchbox").fill("Oslo")
    expect(page.get_by_role("cell", name="Bern")).to_have_count(0)
    page.get_by_role("cell", name="Oslo").click()
    _says(page, "chosen [1]")
    expect(page.get_by_role("cell", name="Bern")).to_have_count(0)  # the search stays: it is the same widget


def test_a_table_stands_on_the_pages_own_colour_in_the_light_and_in_the_dark(page: Page) -> None:
    painted = "all => [...new Set(all.map(one => getComputedStyle(one).backgroundColor))]"
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html.dark")).to_have_count(1)
    assert page.locator(".itables_anywidget, .dt-container").evaluate_all(painted) == ["rgba(0, 0, 0, 0)"]
    page.emulate_media(color_scheme="light")
    expect(page.locator("html.dark")).to_have_count(0)
    assert page.locator(".itables_anywidget, .dt-container").evaluate_all(painted) == ["rgba(0, 0, 0, 0)"]
