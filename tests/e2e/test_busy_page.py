"""A page whose thread is busy while its widgets arrive, as on a slow phone, shows them all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Serve
from tests.e2e.controls import expect

pytestmark = pytest.mark.browser

# The clock goes on by three seconds as the states of the widgets arrive, before anybody reads them.
BUSY = """
const now = Date.now;
let later = 0;
Date.now = () => now() + later;
window.WebSocket = class extends WebSocket {
  constructor(...asked) {
    super(...asked);
    this.addEventListener('message', ({ data }) => {
      const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
      later ||= text.includes('update_states') ? 3000 : 0;
    });
  }
};
window.busy = () => later;
// And whoever looks every now and then whether the page is there finds that late.
const inTime = window.setTimeout;
window.setTimeout = (call, milliseconds, ...rest) => inTime(call, milliseconds === 20 ? 4000 : milliseconds, ...rest);
"""


def test_a_cell_is_shown_whose_model_came_while_the_page_was_busy(
    serve: Serve, page: Page, notebook: Callable[..., Path]
) -> None:
    page.add_init_script(BUSY)
    page.goto(serve(notebook("import ipywidgets as w\nn = w.IntSlider(3)\nn", "print('n is', n.value)")).url)
    expect(page.locator("main[aria-busy]")).to_have_count(0)
    expect(page.locator(".nbapp-item", has_text="n is 3")).to_be_visible()
    assert page.evaluate("busy()") == 3000
