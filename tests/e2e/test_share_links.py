"""Links outside a Hub in real Chromium: what visitors see, from the first page to the end of their link."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from nbapp.share.registry import LinkRegistry
from tests.e2e.conftest import Serve, write_notebook
from tests.e2e.proxy import proxy
from tests.e2e.test_contrast import hard_to_read
from tests.share.conftest import at_home, typed

pytestmark = pytest.mark.browser

CELLS = (
    "# Sales\n\nHow much was sold.",
    "import ipywidgets as w\nn = w.IntSlider(3, max=30, description='Number')\n"
    "region = w.Dropdown(options=['North', 'East'], description='Region')\nw.VBox([n, region])",
    "print('sold', n.value * 2, region.value)",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        at_home(folder, patch)
        yield folder


@pytest.fixture(scope="module")
def served(home: Path, serve_anywhere: Serve) -> Path:
    """A notebook that is served with a token."""
    path = write_notebook(home / "sales.ipynb", *CELLS)
    assert serve_anywhere(path, "--token", "sesame").url
    return path


@pytest.fixture
def book(served: Path) -> Iterator[Path]:
    """That notebook as it was, without links."""
    yield served
    with LinkRegistry()._writing() as links:
        links.clear()
    write_notebook(served, *CELLS)


def link(book: Path, *options: str) -> str:
    answer = typed(book, "--json", *options)
    assert answer.code == 0, answer.err
    return str(json.loads(answer.out)["url"])


def text(page: Page, words: str) -> None:
    """Wait until words stand on the page."""
    expect(page.get_by_text(words).first).to_be_visible()


def test_a_visitor_opens_a_link_and_moves_the_slider(page: Page, book: Path) -> None:
    address = link(book, "--set", "n=12", "--set", "region=East")
    page.goto(address)
    text(page, "sold 24 East")
    assert page.url.endswith("/?link=sales")
    assert page.locator("#nbapp-told").is_hidden()
    page.locator(".noUi-handle").press("ArrowRight")
    text(page, "sold 26 East")
    page.reload()
    text(page, "sold 26 East")
    expect(page).to_have_url(re.compile("n=13"))
    page.context.new_cdp_session(page).send("Page.reload", {"ignoreCache": True})
    text(page, "sold 26 East")  # another kernel, and the values that stand in the address
    page.goto(address)
    text(page, "sold 24 East")
    assert "sesame" not in page.content()


def test_a_link_leads_through_a_proxy_with_a_path_in_front(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: Serve
) -> None:
    at_home(tmp_path, monkeypatch)
    path = write_notebook(tmp_path / "sales.ipynb", *CELLS)
    with socket.create_server(("localhost", 0)) as listens, socket.create_server(("localhost", 0)) as free:
        front, port = listens.getsockname()[1], free.getsockname()[1]
        free.close()
        public = f"http://localhost:{front}/deep/sales/"
        options = "--port", str(port), "--base-url", "/deep/sales", "--link-url", public
        assert serve(path, "--token", "sesame", *options).url
        with proxy(listens, port):
            address = link(path, "--set", "n=12")
            assert address.startswith(f"{public}link/")
            page.goto(address)
            text(page, "sold 24 North")
            assert page.url == f"{public}?link=sales"
            page.locator(".noUi-handle").press("ArrowRight")
            text(page, "sold 26 North")
            typed("--revoke", "sales")
            expect(page.locator("#nbapp-notice")).to_contain_text("This link was taken back", timeout=5000)
            page.reload()
            expect(page.get_by_role("heading")).to_have_text("This link was taken back")
            page.get_by_label("Another link, or the token").fill("sesame")
            page.get_by_role("button", name="Open").click()
            text(page, "sold 6 North")
            assert page.url == public
            page.goto(f"{public}?link=sales")
            page.get_by_role("link", name="Open the app without it").click()
            text(page, "sold 6 North")


def test_two_links_in_one_browser_keep_their_own_values(page: Page, book: Path) -> None:
    page.goto(link(book, "--name", "five", "--set", "n=5"))
    text(page, "sold 10 North")
    other = page.context.new_page()
    other.goto(link(book, "--name", "six", "--set", "n=6"))
    text(other, "sold 12 North")
    page.reload()
    text(page, "sold 10 North")
    typed("--revoke", "five")
    text(page, "This link was taken back")
    other.locator(".noUi-handle").press("ArrowRight")
    text(other, "sold 14 North")


def test_an_open_page_stops_when_its_link_is_taken_back_and_says_so_when_opened_again(page: Page, book: Path) -> None:
    address = link(book)
    page.goto(address)
    text(page, "sold 6 North")
    assert typed("--revoke", "sales").code == 0
    expect(page.locator("#nbapp-notice")).to_contain_text("This link was taken back", timeout=5000)
    expect(page.locator(".widget-hslider")).to_have_attribute("inert", "")
    page.reload()
    expect(page.get_by_role("heading")).to_have_text("This link was taken back")
    page.goto(address)
    expect(page.get_by_role("heading")).to_have_text("This link was taken back")
    new = link(book)
    page.get_by_label("Another link, or the token").fill(new)
    page.get_by_role("button", name="Open").click()
    text(page, "sold 6 North")


def test_an_open_page_stops_when_its_link_expires_and_says_so_when_opened_again(page: Page, book: Path) -> None:
    page.goto(link(book, "--expires", "30m"))
    text(page, "sold 6 North")
    registry = LinkRegistry()
    with registry._writing() as links:
        links[0] = replace(links[0], expires=datetime.now(timezone.utc) - timedelta(seconds=1))
    expect(page.locator("#nbapp-notice")).to_contain_text("This link has expired", timeout=5000)
    page.reload()
    expect(page.get_by_role("heading")).to_have_text("This link has expired")
    assert re.search(r"It was good until \d+ \w+ \d{4}, \d\d:\d\d", page.inner_text("main"))


def test_what_has_changed_since_is_told_politely_and_can_be_put_away(page: Page, book: Path) -> None:
    address = link(book, "--set", "n=25", "--set", "region=East")
    write_notebook(book, CELLS[0], CELLS[1].replace("max=30", "max=10").replace("'North', 'East'", "'Nord'"), CELLS[2])
    page.goto(address)
    told = page.locator("#nbapp-told")
    expect(told).to_contain_text("This app has changed since the link to it was made.")
    expect(told).to_contain_text("“Number” is 10 instead of 25.")
    expect(told).to_contain_text("“Region” could not be set to East: 'East' is none of the options: Nord.")
    text(page, "sold 20 Nord")
    assert told.get_attribute("role") == "status"
    told.get_by_role("button", name="OK").click()
    expect(told).to_have_count(0)
    page.locator(".noUi-handle").press("ArrowLeft")
    text(page, "sold 18 Nord")


def test_a_lost_token_or_link_can_be_given_where_it_is_asked_for(page: Page, book: Path) -> None:
    address = link(book)
    base = address.partition("link/")[0]
    page.goto(base)
    expect(page.get_by_role("heading")).to_have_text("This app opens with a link")
    page.get_by_label("Link or token").fill("guess")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_have_text("That is neither a link nor the token of this app.")
    page.get_by_label("Link or token").fill("sesame")
    page.get_by_role("button", name="Open").click()
    text(page, "sold 6 North")
    page.context.clear_cookies()
    page.goto(f"{address[:-6]}zzzzzz")
    expect(page.get_by_role("heading")).to_have_text("This link does not work")


@pytest.mark.parametrize(
    ("width", "dark"),
    [
        (390, True),
        (1280, False),
        pytest.param(390, False, marks=pytest.mark.soak),
        pytest.param(1280, True, marks=pytest.mark.soak),
    ],
)
def test_every_page_of_a_link_fits_a_phone_and_can_be_read_in_the_dark(
    page: Page, book: Path, width: int, dark: bool
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if dark else "light")
    address = link(book, "--set", "region=West", "--expires", "30m")

    def looks_well() -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert hard_to_read(page) == []

    page.goto(address.partition("link/")[0])
    expect(page.get_by_role("heading")).to_have_text("This app opens with a link")
    looks_well()
    page.goto(address)
    text(page, "none of the options")
    text(page, "sold 6 North")
    looks_well()
    typed("--revoke", "sales")
    text(page, "This link was taken back")
    page.reload()
    expect(page.get_by_role("heading")).to_have_text("This link was taken back")
    looks_well()
