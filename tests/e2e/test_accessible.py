"""axe-core finds nothing against WCAG A and AA on any page, in the light and in the dark, on a phone and a desktop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.axe import violations
from tests.e2e.conftest import Serve, Server, write_notebook
from tests.e2e.controls import expect
from tests.share.conftest import at_home, typed

pytestmark = pytest.mark.browser

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SAMPLES = (pytest.param("dashboard", marks=pytest.mark.soak), "bakery", "inputs", "sales", "trainer", "photo")


@pytest.mark.parametrize("name", SAMPLES)
def test_axe_finds_nothing_on_a_sample(serve: Serve, page: Page, name: str) -> None:
    page.goto(serve(NOTEBOOKS / f"{name}.ipynb").url)
    expect(page.locator("main[aria-busy]")).to_have_count(0)
    assert page.locator(".noUi-handle").count() > 0
    assert violations(page) == []


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: Serve) -> tuple[Path, Server]:
    """A notebook with room for one page, and its server, which asks for a token."""
    at_home(tmp_path, monkeypatch)
    cells = ("# Sales", "import ipywidgets as w\nw.IntSlider(description='n')", "1 / 0", "print('below')")
    book = write_notebook(tmp_path / "sales.ipynb", *cells)
    return book, serve(book, "--token", "sesame", "--max-kernels", "1")


def test_axe_finds_nothing_where_there_is_no_app(guarded: tuple[Path, Server], page: Page) -> None:
    book, server = guarded
    root = server.url.partition("?")[0]
    gone = json.loads(typed(book, "--json", "--name", "gone").out)["url"]
    assert typed("--revoke", "gone").code == 0
    pages = {
        "login": f"{root}login",
        "no such page": f"{root}nothing?token=sesame",
        "a link that was taken back": gone,
    }
    for name, address in pages.items():
        page.goto(address)
        expect(page.get_by_role("heading").first).to_be_visible()
        assert (name, violations(page)) == (name, [])


def test_axe_finds_nothing_on_a_failed_cell_and_on_a_page_that_waits(
    guarded: tuple[Path, Server], browser: Browser, page: Page
) -> None:
    _, server = guarded
    address = f"{server.url.partition('?')[0]}?token=sesame"
    page.goto(address)
    expect(page.locator(".nbapp-error").first).to_be_visible()
    expect(page.locator("main[aria-busy]")).to_have_count(0)
    assert violations(page) == []
    with browser.new_context() as context:
        waiting = context.new_page()
        waiting.goto(address)
        expect(waiting.get_by_role("status")).to_have_text("You are next.")
        assert violations(waiting) == []
