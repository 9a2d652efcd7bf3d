"""The address of a page in real Chromium: it opens with values, follows the controls, and leads back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PATIENCE, Serve, Server, write_notebook
from tests.share.conftest import at_home, typed

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)

CELLS = (
    "# Sales\n\nHow much was sold.",
    "import ipywidgets as w\nn = w.IntSlider(3, max=30, description='Number')\n"
    "region = w.Dropdown(options=['North', 'East'], description='Region')\n"
    "shops = w.SelectMultiple(options=['a', 'b', 'c'], description='Shops')\n"
    "span = w.IntRangeSlider(value=(2, 5), max=10)\n"
    "note = w.Textarea(placeholder='Note')\n"
    "key = w.Password(placeholder='Key')\n"
    "off = w.IntText(1, disabled=True)\n"
    "w.VBox([n, region, shops, span, note, key, off])",
    "print('sold', n.value, region.value, shops.value, span.value, len(note.value), len(key.value), off.value)",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, serve_anywhere: Serve) -> Server:
    path = write_notebook(tmp_path_factory.mktemp("address") / "sales.ipynb", *CELLS)
    return serve_anywhere(path, "--base-url", "/deep/", "--set", "region=East")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh visitor's page that may use the clipboard."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE * 1000)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def shows(page: Page, words: str) -> None:
    """Wait until a line stands on the live page."""
    page.locator("#loading").wait_for(state="detached")
    page.locator(".nbapp-item", has_text=words).wait_for()


def asks(page: Page, query: str) -> None:
    """Wait until the address asks for this."""
    page.wait_for_function("query => location.search === query", arg=query)


def rest(page: Page) -> None:
    """Long enough at one view for Back to lead to it."""
    page.evaluate("new Promise(resolve => setTimeout(resolve, 1600))")


def right(page: Page, times: int = 1) -> None:
    for _ in range(times):
        page.locator(".noUi-handle").first.press("ArrowRight")


def test_a_page_opens_with_the_values_of_its_address_and_tells_what_it_did_not_use(page: Page, server: Server) -> None:
    page.goto(f"{server.url}?n=7&shops=a&shops=c&span=3..8&utm_source=mail&colour=red")
    shows(page, "sold 7 East ('a', 'c') (3, 8) 0 0 1")
    told = page.locator("#nbapp-told")
    expect(told).to_contain_text("The address asks for “colour”, and no control here has that name.")
    expect(told).not_to_contain_text("utm")
    asks(page, "?utm_source=mail&colour=red&n=7&shops=a&shops=c&span=3..8")


def test_a_hostile_address_changes_nothing_that_a_visitor_may_not_change(page: Page, server: Server) -> None:
    page.goto(f"{server.url}?n=999&region=<img src=x onerror=alert(1)>&off=5&key=guess&w=1&__builtins__=1&n.max=99")
    shows(page, "sold 30 East () (2, 5) 0 0 1")
    told = page.locator("#nbapp-told")
    expect(told).to_contain_text("“Number” is 30 instead of 999.")
    expect(told).to_contain_text("“Region” could not be set to <img src=x onerror=alert(1)>")
    expect(told).to_contain_text("“off” could not be set to 5: it is not for visitors to change.")
    expect(told).to_contain_text("No address sets “key”.")
    assert told.locator("img").count() == 0
    page.wait_for_function("!location.search.includes('guess')")


def test_back_and_forward_lead_through_the_views_at_which_somebody_rested(page: Page, server: Server) -> None:
    page.goto(server.url)
    shows(page, "sold 3 East")
    rest(page)
    length = page.evaluate("history.length")
    right(page, 3)
    shows(page, "sold 6 East")
    asks(page, "?n=6")
    rest(page)
    page.get_by_label("Region").select_option("North")
    shows(page, "sold 6 North")
    asks(page, "?n=6&region=North")
    assert page.evaluate("history.length") == length + 2  # not one for each step of the slider
    rest(page)
    page.evaluate("history.back()")
    shows(page, "sold 6 East")
    asks(page, "?n=6")
    page.evaluate("history.back()")
    shows(page, "sold 3 East")
    asks(page, "")
    page.evaluate("history.forward()")
    shows(page, "sold 6 East")
    page.evaluate("history.forward()")
    shows(page, "sold 6 North")
    asks(page, "?n=6&region=North")
    assert page.evaluate("history.length") == length + 2


def test_a_reload_keeps_kernel_and_values_and_an_address_typed_by_hand_is_followed(page: Page, server: Server) -> None:
    page.goto(server.url)
    shows(page, "sold 3 East")
    right(page, 2)
    page.get_by_placeholder("Key").fill("hidden")
    page.get_by_placeholder("Key").press("Tab")
    shows(page, "sold 5 East () (2, 5) 0 6 1")
    asks(page, "?n=5")
    kernel = page.evaluate("nbapp.config().kernelId")
    page.reload()
    shows(page, "sold 5 East () (2, 5) 0 6 1")
    assert page.evaluate("nbapp.config().kernelId") == kernel
    page.goto(f"{server.url}?n=9&region=North")
    shows(page, "sold 9 North () (2, 5) 0 6 1")
    assert page.evaluate("nbapp.config().kernelId") == kernel


def test_a_link_to_a_view_is_copied_with_keys_alone_and_opens_it_for_others(page: Page, server: Server) -> None:
    page.goto(server.url)
    shows(page, "sold 3 East")
    right(page, 4)
    shows(page, "sold 7 East")
    page.get_by_role("button", name="Menu of the page").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Copy link to this view")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The link to this view is copied.")).to_be_visible()
    expect(page.get_by_role("menu")).to_have_count(0)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{server.url}?n=7"
    page.context.clear_cookies()
    other = page.context.new_page()
    other.goto(copied)
    shows(other, "sold 7 East")


def test_a_view_that_is_too_long_has_a_short_name(page: Page, server: Server) -> None:
    page.goto(f"{server.url}?n=8")
    shows(page, "sold 8 East")
    page.get_by_placeholder("Note").fill("long & " * 400)
    page.get_by_placeholder("Note").press("Tab")
    shows(page, "sold 8 East () (2, 5) 2800 0 1")
    page.wait_for_function("location.search.includes('nbapp-view')")
    address = page.evaluate("location.href")
    assert dict(parse_qsl(urlsplit(address).query)).keys() == {"nbapp-view"}
    page.context.clear_cookies()
    other = page.context.new_page()
    other.goto(address)
    shows(other, "sold 8 East () (2, 5) 2800 0 1")


def test_who_came_by_a_link_hands_on_that_link_with_the_view(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> None:
    at_home(tmp_path, monkeypatch)
    path = write_notebook(tmp_path / "sales.ipynb", *CELLS)
    assert serve(path, "--token", "sesame").url
    link = json.loads(typed(path, "--json", "--set", "n=12").out)["url"]
    page.goto(f"{link}?region=East")
    shows(page, "sold 12 East")
    asks(page, "?link=sales&region=East")
    right(page)
    shows(page, "sold 13 East")
    asks(page, "?link=sales&n=13&region=East")
    page.get_by_role("button", name="Menu of the page").click()
    page.get_by_role("menuitem", name="Copy link to this view").click()
    expect(page.get_by_text("The link to this view is copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{link}?n=13&region=East"
    page.context.clear_cookies()
    other = page.context.new_page()
    other.goto(copied)
    shows(other, "sold 13 East")
