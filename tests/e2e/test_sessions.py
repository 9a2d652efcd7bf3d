"""A visit over reloads, Back, copies of a tab, killed kernels, limits and full servers: what a visitor sees and keeps."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.axe import violations
from tests.e2e.conftest import PATIENCE, Serve, Server, until, write_notebook
from tests.e2e.controls import expect
from tests.e2e.wire import Wire

pytestmark = pytest.mark.browser
SLIDER = "import ipywidgets as w\nn = w.IntSlider(3, max=9, description='n')\nn"
COUNTS = ("# A title", SLIDER, "print('n is', n.value)")
# A value of it ends the kernel, and with another its last cell takes until it is stopped.
PERILS = (
    *COUNTS[:2],
    "import ipywidgets as w\nend = w.Checkbox(description='end')\nend",
    "import os, time\nif end.value: os._exit(3)\nif n.value == 9: time.sleep(600)\nprint('n is', n.value)",
)
KERNEL = "JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId"
# The page hears its kernel later than it is told.
LATE = """
window.WebSocket = class extends WebSocket {
  set onmessage(hears) {
    super.onmessage = event => setTimeout(() => hears.call(this, event), 700);
  }
};
"""


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
    return serve_anywhere(write_notebook(tmp_path_factory.mktemp("app") / "app.ipynb", *PERILS))


def _is_written_with(page: Page, shown: str) -> bool:
    """Whether the page itself, before any script of it runs, holds a text when it is loaded again."""
    answer = page.reload()
    return answer is not None and shown in answer.text()


def test_a_reload_keeps_the_kernel_and_the_values_and_is_written_with_them(counts: Server, page: Page) -> None:
    before = opened(page, counts.url)
    for value in (5, 6):
        until(partial(_is_written_with, page, f"n is {value - 1}"))  # where the kernel has time to tell it
        assert kernel(page) == before
        text(page, f"n is {value - 1}")
        expect(page.locator(".nbapp-recorded")).to_have_count(0)
        right(page)
        text(page, f"n is {value}")
    assert before in counts.kernels()


def test_a_value_chosen_just_before_a_slow_reload_stays(counts: Server, page: Page) -> None:
    before = opened(page, counts.url)
    far = page.context.new_cdp_session(page)
    far.send("Network.enable")
    slow = {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}
    far.send("Network.emulateNetworkConditions", slow)
    page.reload()  # until the answer is there the page that is left goes on, and writes its address
    far.send("Network.emulateNetworkConditions", {**slow, "latency": 0})
    text(page, "n is 4")
    expect(page).to_have_url(re.compile("n=4"))
    page.wait_for_timeout(1000)
    text(page, "n is 4")
    assert kernel(page) == before


def test_values_that_wait_for_the_kernel_to_take_the_one_before_are_there_after_a_reload(
    counts: Server, page: Page
) -> None:
    page.add_init_script(LATE)
    page.goto(counts.url)
    text(page, "n is 3")
    page.wait_for_function("window.nbapp.recorded().length === 0")
    for _ in range(3):
        right(page)
    page.reload()
    text(page, "n is 6")


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
    assert before in counts.kernels()
    page.context.new_cdp_session(page).send("Page.reload", {"ignoreCache": True})
    text(page, "n is 3")
    assert kernel(page) != before
    right(page)
    right(page)
    text(page, "n is 5")


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
    assert violations(page) == []
    told.get_by_role("button", name="OK").press("Enter")
    expect(told).to_have_count(0)
    page.reload()
    text(page, "n is 5")
    expect(told).to_have_count(0)


def test_a_value_that_ends_the_kernel_is_not_chosen_again(counts: Server, page: Page) -> None:
    opened(page, counts.url)
    page.get_by_role("checkbox").check()
    expect(page.get_by_text("It was started again with the values")).to_be_visible()
    text(page, "n is 4")
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    page.get_by_role("checkbox").check()  # at once again: a page does not start for ever
    page.get_by_role("button", name="Start again").click()
    text(page, "n is 4")


def test_a_page_that_comes_back_to_a_cell_under_way_can_stop_it(counts: Server, page: Page) -> None:
    page.goto(counts.url)
    text(page, "n is 3")
    page.locator(".noUi-handle").press("End")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="A title")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("This was stopped (cell 3).")).to_be_visible()
    page.locator(".noUi-handle").press("ArrowLeft")
    text(page, "n is 8")


def test_a_page_keeps_its_kernel_and_values_when_the_connection_is_cut_at_random_and_it_is_loaded_again(
    counts: Server, page: Page
) -> None:
    of_others = set(counts.kernels())
    wire = Wire(urlsplit(counts.url).port or 0)
    page.goto(f"http://localhost:{wire.port}/")
    text(page, "n is 3")
    before = kernel(page)
    for value, milliseconds in ((4, 0), (5, 30), (6, 300)):
        right(page)
        page.wait_for_timeout(milliseconds)
        wire.cut()
        page.wait_for_timeout(200)
        wire.mend()
        text(page, f"n is {value}")
        page.reload()
        text(page, f"n is {value}")
    assert kernel(page) == before
    assert set(counts.kernels()) - of_others == {before}
    wire.close()


def test_a_page_is_loaded_again_with_its_values_also_when_the_notebook_is_gone_or_broken(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    path = notebook(*COUNTS)
    before = opened(page, serve(path).url)
    for change in (lambda: path.write_text("{ half"), lambda: path.rename(path.with_name("renamed.ipynb"))):
        change()
        page.reload()
        text(page, "n is 4")
        assert kernel(page) == before
    expect(page).to_have_url(re.compile(r"\bn=4\b"))
    notebook("# Another title", SLIDER, "print('n is now', n.value)")
    page.reload()
    text(page, "n is now 4")  # the address has it
    assert kernel(page) != before


def test_who_comes_to_a_full_app_is_told_the_place_and_comes_in_by_turns(
    serve: Serve, notebook: Callable[..., Path], page: Page, browser: Browser
) -> None:
    server = serve(notebook(*COUNTS), "--max-kernels", "1")
    opened(page, server.url)
    waiting = [browser.new_context().new_page() for _ in range(2)]
    for one, place in zip(waiting, ("You are next.", "One person is before you."), strict=True):
        answer = one.goto(server.url)
        assert answer is not None
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        expect(one.get_by_role("status")).to_have_text(place)
        one.wait_for_timeout(500)
    page.reload()  # who is in stays in
    text(page, "n is 4")
    page.close()
    text(waiting[0], "n is 3")
    expect(waiting[1].get_by_role("status")).to_have_text("You are next.")
    waiting[0].context.close()
    text(waiting[1], "n is 3")
    waiting[1].context.close()


def test_a_page_that_nobody_used_says_so_and_goes_on_with_its_values(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    server = serve(notebook(*COUNTS), "--idle-limit", "8s")
    before = opened(page, server.url)
    notice = page.get_by_role("alert").filter(has_text="This app has stopped because nobody used it for a while.")
    expect(notice).to_be_visible()
    assert server.kernels() == []
    assert page.locator(".widget-hslider").evaluate("slider => slider.inert")  # it would move nothing
    assert not page.locator(".nbapp-item", has_text="n is 4").evaluate("shown => shown.matches('[inert] *')")
    assert violations(page) == []
    notice.get_by_role("button", name="Go on").press("Enter")
    text(page, "n is 4")
    assert kernel(page) != before
    expect(page.get_by_role("status").filter(has_text="because nobody used it for a while")).to_be_visible()


ALIVE = """() => [...document.querySelectorAll('main :is(input, select, textarea, button, [role=slider], [contenteditable])')]
  .filter(node => node.checkVisibility() && !node.matches('[inert], [inert] *, [role=tab], .jp-Collapse-header *, [data-nbapp-chrome]'))
  .map(node => node.outerHTML)"""


def test_no_control_of_a_page_that_has_ended_looks_alive(serve: Serve, page: Page) -> None:
    page.goto(serve(Path(__file__).parents[2] / "notebooks" / "inputs.ipynb", "--idle-limit", "8s").url)
    expect(page.locator("main")).to_contain_text("card: 0")
    assert len(page.evaluate(ALIVE)) > 40
    expect(page.get_by_role("alert").filter(has_text="nobody used it for a while")).to_be_visible()
    assert page.evaluate(ALIVE) == []
    assert violations(page) == []


def test_a_page_that_takes_too_much_memory_says_so_and_goes_on_with_the_values_before(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    grows = "kept = [bytearray(b'x' * 50_000_000) for _ in range(11 * (n.value == 5))]\nprint('n is', n.value)"
    holds = "import time\nwhile n.value == 5: time.sleep(1)"
    opened(page, serve(notebook("# A title", SLIDER, grows, holds), "--memory-limit", "400MB").url)
    right(page)
    expect(page.get_by_text("This app needed more memory than it may use, and was stopped.")).to_be_visible()
    text(page, "n is 4")


def test_a_page_that_takes_too_much_memory_as_it_opens_says_so(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    grows = "import time\nkept = [bytearray(b'x' * 50_000_000) for _ in range(11)]\nwhile True: time.sleep(1)"
    server = serve(notebook("# A title", SLIDER, grows), "--public", "--memory-limit", "400MB")
    page.goto(server.url)
    why = "This app could not start: it needs more memory than it may use."
    expect(page.get_by_role("alert").filter(has_text=why)).to_be_visible()
    assert "more than it may; it ends (--memory-limit 400MB)" in server.output


def test_a_page_that_is_too_old_as_it_opens_says_so(serve: Serve, notebook: Callable[..., Path], page: Page) -> None:
    waits = "import time\nwhile True: time.sleep(1)"
    page.goto(serve(notebook("# A title", SLIDER, waits), "--age-limit", "2s").url)
    notice = page.get_by_role("alert").filter(has_text="it was open for as long as it may be")
    expect(notice.get_by_role("button", name="Go on")).to_be_visible()
    expect(page.get_by_text("is starting")).to_have_count(0)


def test_open_pages_are_told_that_the_server_ends(serve: Serve, notebook: Callable[..., Path], page: Page) -> None:
    waits = "import time\nif n.value == 5: time.sleep(4)\nprint('n is', n.value)"
    server = serve(notebook("# A title", SLIDER, waits))
    opened(page, server.url)
    right(page)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    server.process.send_signal(signal.SIGTERM)
    expect(page.get_by_role("alert").filter(has_text="This app is being stopped or started anew.")).to_be_visible()
    text(page, "n is 5")
    assert server.process.wait(PATIENCE) == 0


LOST = """
const { send } = WebSocket.prototype;
let lost = null;
WebSocket.prototype.send = function (...what) { // what this connection sends leaves the browser and arrives nowhere
  if (lost === null) {
    lost = this;
    setTimeout(() => this.close(), 500);
  }
  if (lost !== this) {
    send.apply(this, what);
  }
};
null
"""


def test_a_value_that_was_on_its_way_when_the_connection_was_cut_is_sent_again(counts: Server, page: Page) -> None:
    before = opened(page, counts.url)
    page.evaluate(LOST)
    right(page)
    text(page, "n is 5")
    right(page)  # the control is heard as before
    text(page, "n is 6")
    page.evaluate(f"{{{LOST}}}")
    right(page)
    page.wait_for_timeout(700)  # by now it is cut, and not back
    right(page)
    text(page, "n is 8")
    page.wait_for_timeout(500)
    text(page, "n is 8")
    assert kernel(page) == before
