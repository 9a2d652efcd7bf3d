"""What a page says while it waits, computes, has lost its server or has ended: it covers nothing, is true, and leads on."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import PATIENCE, Serve

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)

SLIDER = "import ipywidgets as w\nn = w.IntSlider(3, max=60, description='n')\nn"
PHONE = {"width": 390, "height": 800}
DESK = {"width": 1280, "height": 800}
EDGES = """() => Object.fromEntries(['#nbapp-notice', '#nbapp-menu button', 'main h1']
    .map(name => [name, document.querySelector(name).getBoundingClientRect()])
    .map(([name, box]) => [name, [box.top, box.bottom]]))"""


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("#loading").wait_for(state="detached")
    page.locator(".noUi-handle").wait_for()


def free_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_notice_that_waits_for_somebody_covers_neither_title_nor_menu(
    serve: Serve, notebook: Callable[..., Path], page: Page, size: dict[str, int]
) -> None:
    server = serve(notebook("# A title that must be read", SLIDER), "--idle-limit", "2s")
    page.set_viewport_size(size)  # type: ignore[arg-type]
    visit(page, server.url)
    expect(page.get_by_role("alert").get_by_role("button", name="Go on")).to_be_visible()
    edges = page.evaluate(EDGES)
    assert edges["#nbapp-notice"][0] == 0
    assert edges["#nbapp-menu button"][0] >= edges["#nbapp-notice"][1]
    assert edges["main h1"][0] >= edges["#nbapp-notice"][1]
    assert violations(page) == []


def test_a_page_whose_server_is_started_anew_moves_nothing_and_comes_back_by_itself(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    path, port = notebook("# Title", SLIDER, "print('got', n.value)"), free_port()
    server = serve(path, "--port", port)
    visit(page, server.url)
    page.locator(".noUi-handle").press("ArrowRight")
    expect(page.get_by_text("got 4")).to_be_visible()
    page.wait_for_function("location.search === '?n=4'")
    before = page.evaluate(EDGES)["main h1"]
    server.process.send_signal(signal.SIGTERM)
    notice = page.get_by_role("alert").filter(has_text="If it comes back, so does this page.")
    expect(notice).to_be_visible()
    edges = page.evaluate(EDGES)
    assert edges["main h1"] == before
    assert edges["#nbapp-notice"][1] == page.evaluate("innerHeight")
    server.stop()
    page.evaluate("window.isTheSame = true")
    again = serve(path, "--port", port)
    page.wait_for_function("!window.isTheSame")
    assert again.url == server.url
    page.locator("#loading").wait_for(state="detached")
    expect(page.get_by_text("got 4")).to_be_visible()
    expect(page.locator("#nbapp-notice")).to_be_hidden()


def test_how_long_a_cell_takes_is_told_and_stop_gives_the_focus_back(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    path = notebook(SLIDER, "import time\nfor _ in range(600 if n.value > 3 else 0): time.sleep(0.1)", "print(n.value)")
    visit(page, serve(path).url)
    handle = page.locator(".noUi-handle")
    handle.press("ArrowRight")
    busy = page.locator("#nbapp-busy")
    expect(busy).to_contain_text("Cell 2 of 3")
    expect(busy).to_contain_text(" s")
    assert busy.locator("#nbapp-busy-text").inner_text().startswith("Cell 2 of 3 · ")
    page.get_by_role("button", name="Stop").press("Enter")
    expect(busy).to_be_hidden()
    expect(handle).to_be_focused()
    expect(page.locator("#nbapp-said")).to_have_text("Done. Not everything could be computed")
    handle.press("ArrowLeft")
    expect(page.locator(".nbapp-stale")).to_have_count(0)


def test_who_waits_in_line_is_told_when_the_server_is_gone(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    server = serve(notebook("# One", SLIDER), "--max-kernels", "1")
    visit(page, server.url)
    browser = page.context.browser
    assert browser is not None
    other = browser.new_context().new_page()
    other.goto(server.url)
    place = other.get_by_role("status")
    expect(place).to_have_text("You are next.")
    server.stop()
    expect(place).to_contain_text("cannot be reached at the moment")
    assert violations(other) == []
    other.context.close()


def test_any_address_of_several_apps_leads_on(serve: Serve, notebook: Callable[..., Path], page: Page) -> None:
    path = notebook("# One", SLIDER, name="one.ipynb")
    server = serve(path.parent)
    answer = page.goto(f"{server.url}nowhere/at/all")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading")).to_have_text("There is no such app")
    assert violations(page) == []
    page.get_by_role("link", name="All apps").click()
    expect(page.get_by_role("link", name="One")).to_be_visible()
    page.goto(f"{server.url}one")
    page.locator("#loading").wait_for(state="detached")
    assert page.evaluate("location.pathname") == "/app/one/"


def test_the_menu_and_the_way_to_all_apps_cover_no_title_on_a_phone(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    path = notebook("# A title that is longer than a phone is wide", SLIDER, name="one.ipynb")
    page.set_viewport_size({"width": 390, "height": 800})
    visit(page, f"{serve(path.parent).url}app/one/")
    expect(page.get_by_role("link", name="All apps")).to_be_visible()
    below = page.evaluate("document.querySelector('#nbapp-menu').getBoundingClientRect().bottom")
    assert page.evaluate(EDGES)["main h1"][0] >= below
