"""axe-core finds nothing against WCAG A and AA on any page, in the light and in the dark, on a phone and a desktop."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Serve, Server, write_notebook
from tests.e2e.controls import expect
from tests.share.conftest import at_home, typed

pytestmark = pytest.mark.browser

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SAMPLES = (pytest.param("dashboard", marks=pytest.mark.soak), "bakery", "inputs")
WIDTHS = (390, 1280)
SETTLES = 5.0  # seconds
FIND = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const found = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
  return found.violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html.slice(0, 200)}`));
}"""


def violations(page: Page) -> list[str]:
    """What axe-core has against a page, in both themes and both widths."""
    page.evaluate(AXE)
    found: list[str] = []
    schemes: tuple[Any, ...] = ("light", "dark")
    for scheme in schemes:
        for width in WIDTHS:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{scheme}, {width} px: {each}" for each in _settled(page)]
    return found


def _settled(page: Page) -> list[str]:
    """What is found once the page's script has seen the new width, which it does when there is time."""
    deadline = time.monotonic() + SETTLES
    while (found := page.evaluate(FIND)) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    return list(found)


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
