"""A visitor takes the page away: as a file with the values that it has, and on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.axe import violations
from tests.e2e.conftest import PATIENCE, Serve, Server
from tests.e2e.controls import expect, press

pytestmark = pytest.mark.browser
CELLS = (
    "# Sales",
    "import ipywidgets as w\nn = w.IntSlider(3, description='Number')\nn",
    "import os\nsecret = 'in the code'\nwhile n.value == 5 and not os.path.exists('go'): pass\nprint('sold', n.value * 2)",
    "import matplotlib.pyplot as plt\nplt.plot([1, n.value])\nplt.show()",
)
TRANSPARENT = """image => {
  const canvas = document.createElement('canvas');
  const drawing = canvas.getContext('2d');
  drawing.drawImage(image, 0, 0);
  return drawing.getImageData(1, 1, 1, 1).data[3] === 0;
}"""


@pytest.fixture
def server(serve: Serve, notebook: Callable[..., Path]) -> Server:
    return serve(notebook(*CELLS, name="sales.ipynb"))


def test_the_page_is_downloaded_with_its_values_once_its_cells_have_ended(
    server: Server, page: Page, tmp_path: Path
) -> None:
    page.goto(server.url)
    expect(page.locator("main[aria-busy]")).to_have_count(0)
    press(page, "Number", "ArrowRight")
    expect(page.locator(".nbapp-item", has_text="sold 8")).to_be_visible()
    assert page.locator(".jp-RenderedImage img").evaluate(TRANSPARENT)
    page.get_by_role("button", name="Menu of the page").press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Print or save as PDF")).to_be_visible()
    assert violations(page) == []
    with page.expect_download(timeout=PATIENCE * 1000) as found:
        page.get_by_role("menuitem", name="Download as HTML").press("Enter")
    assert found.value.suggested_filename == "Sales.html"
    found.value.save_as(tmp_path / "got.html")
    press(page, "Number", "ArrowRight")
    expect(page.locator("#nbapp-busy.nbapp-on")).to_be_visible()
    page.get_by_role("button", name="Menu of the page").press("ArrowDown")
    with page.expect_download(timeout=PATIENCE * 1000) as later:
        page.get_by_role("menuitem", name="Download as HTML").press("Enter")
        expect(page.get_by_text("The page is written down when its cells have ended")).to_be_visible()
        (tmp_path / "go").touch()
    assert "sold 10" in later.value.path().read_text()
    page.goto((tmp_path / "got.html").as_uri())
    expect(page.get_by_text("sold 8")).to_be_visible()
    expect(page.locator(".nbapp-like-readout")).to_have_text("4")
    assert violations(page) == []
    assert page.locator(".jp-RenderedImage img").evaluate(TRANSPARENT)
    assert "in the code" not in page.content()
