"""A cell of parameters with controls, as a page: by its address, by hand, and without a word of code to see."""

from __future__ import annotations

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import PATIENCE, Serve, Server
from tests.e2e.controls import expect

pytestmark = pytest.mark.browser
PARAMETERS = 'n = 10  # how many\nregion: str = "East"\nrate = 0.5\nsince = date(2024, 1, 1)\nverbose = False'
CELLS: tuple[tuple[str, list[str]], ...] = (
    ("from datetime import date", []),
    (PARAMETERS, ["parameters", "controls", "sidebar"]),
    ("print(f'{n} of {region} since {since:%Y}', 'told' if verbose else 'quiet')", []),
    ("print('the end')", []),
)


@pytest.fixture(scope="module")
def server(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    path = tmp_path_factory.mktemp("parameters") / "book.ipynb"
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": tags}) for source, tags in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return serve_anywhere(path)


def _says(page: Page, text: str) -> None:
    expect(page.get_by_text(text, exact=True)).to_be_visible(timeout=PATIENCE * 1000)


def test_controls_begin_where_the_address_says_and_the_address_follows_them(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.goto(f"{server.url}{'&' if '?' in server.url else '?'}n=20")
    _says(page, "20 of East since 2024 quiet")
    page.wait_for_function("window.nbapp.recorded().length === 0")
    assert page.get_by_title("how many").count() >= 1
    field = page.get_by_label("region", exact=True)
    field.fill("West")
    field.press("Enter")
    _says(page, "20 of West since 2024 quiet")
    page.get_by_label("verbose", exact=True).check()
    _says(page, "20 of West since 2024 told")
    page.get_by_label("since", exact=True).fill("2025-02-03")
    _says(page, "20 of West since 2025 told")
    page.wait_for_function("['n=20', 'region=West', 'verbose=true'].every(each => location.search.includes(each))")
    page.reload()
    _says(page, "20 of West since 2025 told")
    page.close()
