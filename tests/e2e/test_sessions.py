"""A visit over reloads, Back, copies of a tab, killed kernels, limits and full servers: what a visitor sees and keeps."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Serve, Server, write_notebook
from tests.e2e.controls import expect

pytestmark = pytest.mark.browser
SLIDER = "import ipywidgets as w\nn = w.IntSlider(3, max=9, description='n')\nn"
COUNTS = ("# A title", SLIDER, "print('n is', n.value)")
KERNEL = "JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"
ENDS = (
    "import ipywidgets as w\nn = w.IntSlider(3, max=9)\nn",
    "import ipywidgets as w\nend = w.Checkbox(description='end')\nend",
    "import os\nif end.value: os._exit(3)\nprint('n is', n.value)",
)


def text(page: Page, words: str) -> None:
    expect(page.get_by_text(words, exact=True)).to_be_visible()


def right(page: Page) -> None:
    page.locator(".noUi-handle").first.press("ArrowRight")


def opened(page: Page, url: str) -> str:
    """Open the app and move its slider; the kernel."""
    page.goto(url)
    text(page, "n is 3")
    right(page)
    text(page, "n is 4")
    return kernel(page)


def kernel(page: Page) -> str:
    found: str = page.evaluate(KERNEL)
    return found


def process(server: Server, kernel_id: str) -> psutil.Process:
    """The process of a kernel."""
    for child in psutil.Process(server.process.pid).children():
        if kernel_id in " ".join(child.cmdline()):
            return child
    raise AssertionError("no such kernel")


@pytest.fixture(scope="module")
def counts(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    return serve_anywhere(write_notebook(tmp_path_factory.mktemp("app") / "app.ipynb", *COUNTS))


def test_a_reload_keeps_the_kernel_and_the_values_and_is_written_with_them(counts: Server, page: Page) -> None:
    before = opened(page, counts.url)
    for value in (5, 6):
        answer = page.reload()
        assert answer is not None
        assert f"n is {value - 1}" in answer.text()  # in the page itself, before any script of it runs
        assert kernel(page) == before
        text(page, f"n is {value - 1}")
        expect(page.locator(".nbapp-recorded")).to_have_count(0)
        right(page)
        text(page, f"n is {value}")
    assert before in counts.kernels()


def test_back_leads_to_the_same_kernel_also_when_another_tab_was_left_meanwhile(counts: Server, page: Page) -> None:
    before = opened(page, counts.url)
    page.goto("about:blank")
    other = page.context.new_page()
    assert opened(other, counts.url) != before
    other.goto("about:blank")
    page.go_back()
    text(page, "n is 4")
    assert kernel(page) == before
    other.go_back()
    text(other, "n is 4")
    assert kernel(other) != before


def test_a_copy_of_a_tab_and_a_new_tab_get_kernels_of_their_own(counts: Server, page: Page) -> None:
    before = opened(page, counts.url)
    with page.context.expect_page() as opening:
        page.evaluate("window.open(location.href)")  # with a copy of what this tab keeps
    copy = opening.value
    text(copy, "n is 3")
    assert copy.evaluate("sessionStorage.length") > 0
    page.goto("about:blank")
    new = page.context.new_page()
    new.goto(counts.url)
    text(new, "n is 3")
    assert len({before, kernel(copy), kernel(new)}) == 3
    page.go_back()
    text(page, "n is 4")


def test_a_reload_without_caches_starts_afresh(counts: Server, page: Page) -> None:
    before = opened(page, counts.url)
    page.context.new_cdp_session(page).send("Page.reload", {"ignoreCache": True})
    text(page, "n is 3")
    assert kernel(page) != before


def test_another_browser_gets_nothing_by_the_id_of_a_kernel(counts: Server, page: Page, browser: Browser) -> None:
    before = opened(page, counts.url)
    with browser.new_context() as context:
        context.add_cookies([{"name": "nbapp-back", "value": before, "url": counts.url}])
        stranger = context.new_page()
        stranger.goto(counts.url)
        text(stranger, "n is 3")
        assert kernel(stranger) != before
        assert stranger.evaluate("async id => (await (await fetch(`nbapp/progress/${id}`)).json()).gone", before)
        assert stranger.evaluate("async id => (await fetch(`api/kernels/${id}`)).status", before) == 404


def test_a_killed_kernel_comes_back_with_the_values_and_says_so(counts: Server, page: Page) -> None:
    before = opened(page, counts.url)
    process(counts, before).send_signal(signal.SIGKILL)
    told = page.get_by_role("status").filter(has_text="It was started again with the values that you had chosen.")
    expect(told).to_be_visible()
    text(page, "n is 4")
    assert kernel(page) != before
    right(page)
    text(page, "n is 5")
    told.get_by_role("button", name="OK").press("Enter")
    expect(told).to_have_count(0)
    page.reload()
    text(page, "n is 5")
    expect(told).to_have_count(0)


def test_a_value_that_ends_the_kernel_is_not_chosen_again(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    server = serve(notebook(*ENDS))
    opened(page, server.url)
    page.get_by_role("checkbox").check()
    expect(page.get_by_text("It was started again with the values")).to_be_visible()
    text(page, "n is 4")
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    page.get_by_role("checkbox").check()  # at once again: a page does not start for ever
    page.get_by_role("button", name="Start again").click()
    text(page, "n is 4")
