"""A rerun that takes long is seen where it happens: a line beside the cell, old results pale, controls as they were."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Serve
from tests.e2e.controls import expect

pytestmark = pytest.mark.browser


def test_a_cell_under_way_is_marked_and_what_it_and_the_cells_below_show_is_pale(
    serve: Serve, notebook: Callable[..., Path], page: Page, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    slow = (
        f"import pathlib, time\nif n.value == 1:\n    while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.02)\n"
    )
    page.goto(
        serve(
            notebook(
                "import ipywidgets as w\nn = w.IntSlider(description='n')\nn",
                "print('above', n.value)",
                slow + "print('slow', n.value)",
                "print('below', n.value)",
            )
        ).url
    )
    expect(page.get_by_text("below 0")).to_be_visible()
    expect(page.locator(".nbapp-under-way")).to_have_count(0)
    page.locator(".noUi-handle").press("ArrowRight")
    under_way = page.locator(".nbapp-under-way")
    expect(under_way).to_have_text("slow 0")
    expect(under_way.locator(".nbapp-item")).to_have_css("opacity", "0.65")
    expect(page.locator(".nbapp-item", has_text="below 0")).to_have_css("opacity", "0.7")
    expect(page.locator(".nbapp-item", has_text="above 1")).to_have_css("opacity", "1")
    go.touch()
    expect(page.get_by_text("below 1")).to_be_visible()
    expect(page.get_by_text("slow 1")).to_be_visible()
    expect(page.locator(".nbapp-under-way")).to_have_count(0)
    for text in ("above 1", "slow 1", "below 1"):
        expect(page.locator(".nbapp-item", has_text=text)).to_have_css("opacity", "1")


def test_what_a_cell_under_way_has_made_by_now_is_not_pale(
    serve: Serve, notebook: Callable[..., Path], page: Page, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    slow = f"import pathlib, time\nprint('now', n.value)\nwhile n.value and not pathlib.Path({str(go)!r}).exists(): time.sleep(0.02)"
    page.goto(serve(notebook("import ipywidgets as w\nn = w.IntSlider(description='n')\nn", slow)).url)
    expect(page.get_by_text("now 0")).to_be_visible()
    page.locator(".noUi-handle").press("ArrowRight")
    expect(page.locator(".nbapp-under-way")).to_contain_text("now 1")
    expect(page.locator(".nbapp-item", has_text="now 1")).to_have_css("opacity", "1")
    go.touch()
    expect(page.locator(".nbapp-under-way")).to_have_count(0)
