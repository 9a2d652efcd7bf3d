"""A drag over a cell that takes long, in a real page: what was begun for an older value is given up."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE, Serve

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)

SLIDER = "import ipywidgets as w\nx = w.IntSlider(value=0, max=100)\nx"
SLOW = "import time\nprint('begun', x.value)\nif x.value: time.sleep({0})\nprint('done', x.value)"


class Handle:
    """The first slider's handle, held by the mouse."""

    def __init__(self, page: Page) -> None:
        self._mouse = page.mouse
        box = page.locator(".noUi-handle").first.bounding_box()
        track = page.locator(".noUi-base").first.bounding_box()
        assert box is not None
        assert track is not None
        self._left, self._top = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self._width = track["width"]
        self._mouse.move(self._left, self._top)
        self._mouse.down()

    def drag(self, share: float) -> None:
        """Drag it to a share of the track."""
        self._mouse.move(self._left + share * self._width, self._top, steps=10)


@pytest.mark.skipif(
    int(version("ipykernel").split(".")[0]) < 7,
    reason="with ipykernel 6 a newer value waits for the end of the cell: docs/reference/outside-the-law.md",
)
def test_a_drag_interrupts_a_cell_that_would_take_for_ever_and_the_last_value_wins(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    forever = "time.sleep(600 if x.value < 90 else 0)"
    server = serve(notebook(SLIDER, SLOW.replace("time.sleep({0})", forever), "print('below', x.value)"))
    page.goto(server.url)
    expect(page.locator(".nbapp-item", has_text="done 0")).to_be_visible()
    handle = Handle(page)
    for share in (0.2, 0.4, 0.6):
        handle.drag(share)
        value = round(share * 100)
        expect(
            page.locator(".nbapp-item", has_text=re.compile(rf"^begun {value - 2}|^begun {value - 1}|^begun {value}"))
        ).to_be_visible()
    handle.drag(1.0)
    page.mouse.up()
    expect(page.locator(".nbapp-item", has_text="done 100")).to_be_visible()
    expect(page.locator(".nbapp-item", has_text="below 100")).to_be_visible()
    expect(page.locator(".nbapp-error")).to_have_count(0)
    page.locator(".noUi-handle").first.press("Home")
    expect(page.locator(".nbapp-item", has_text="done 0")).to_be_visible()
