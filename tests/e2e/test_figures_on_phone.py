"""Figures of matplotlib on a phone: letters stay large enough to be read, what is wider is moved in its box."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import PATIENCE, Serve
from tests.e2e.test_first_paint import SHIFT, held, stays

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)

DRAWS = "import matplotlib.pyplot as plt\n"
WIDE = f"{DRAWS}plt.subplots(figsize=(12, 3), layout='constrained')[1].set_title('wide')\nplt.show()"
SHARP = f"{DRAWS}plt.subplots(figsize=(12, 3), dpi=200, layout='constrained')\nplt.show()"
OWN = f"{DRAWS}plt.figure(); plt.plot([1, 2])\nplt.show()"
PHOTO = "from PIL import Image\nImage.new('RGB', (3000, 900), 'teal')"
INLINE = "%config InlineBackend.print_figure_kwargs = {'bbox_inches': None}"  # inches as they are asked for
WIDTHS = "all => all.map(one => one.getBoundingClientRect().width)"


def test_a_wide_figure_is_moved_in_its_box_on_a_phone_and_nothing_else_is(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.add_init_script(SHIFT)
    url = serve(notebook("# Figures", INLINE, WIDE, SHARP, OWN, PHOTO)).url
    page.goto(url)
    expect(page.locator("main img")).to_have_count(4)
    assert page.locator("main img").evaluate_all(WIDTHS) == pytest.approx([660, 660, 358, 358], abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.locator(".jp-RenderedImage").first
    expect(box).to_have_attribute("tabindex", "0")  # arrow keys move it
    assert violations(page) == []

    other = page.context.new_page()  # what is recorded is as high: nothing moves when the kernel is there
    other.set_viewport_size({"width": 390, "height": 800})
    other.add_init_script(SHIFT)
    let_go = held(other)
    other.goto(url)
    other.wait_for_function("document.querySelectorAll('.nbapp-shown').length === 4")
    let_go()
    expect(other.locator("main img")).to_have_count(4)
    stays(other)
    assert other.locator("main img").evaluate_all(WIDTHS) == pytest.approx([660, 660, 358, 358], abs=1)

    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_function("document.querySelector('main img').getBoundingClientRect().width < 680")
    assert max(page.locator("main img").evaluate_all(WIDTHS)) <= 668
