"""What a page shows, and another visitor's page, when cells do their worst and when the connection is cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import PATIENCE, Serve, Server, until, write_notebook
from tests.e2e.controls import expect
from tests.e2e.wire import Wire

pytestmark = pytest.mark.browser
COUNTS = ("import ipywidgets as w\nn = w.IntSlider(description='n')\nn", "print('now', n.value)")
WORST = (
    "import ipywidgets as w\ndo = w.Dropdown(options=['rest', 'print', 'show', 'recurse', 'threads', 'talk', 'never', 'exit'])\ndo",
    """
import os, threading, time
from IPython.display import HTML, display
def deeper(n): return deeper(n + 1)
def talk():
    while do.value == 'talk': print('y' * 1000)
match do.value:
    case 'print':
        for _ in range(500): print(('x' * 99 + chr(10)) * 1000, end='')
    case 'show':
        for number in range(3000): display(HTML(f'<b>shown {number}</b>'))
    case 'recurse': deeper(0)
    case 'threads':
        for _ in range(300): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    case 'talk': threading.Thread(target=talk, daemon=True).start()
    case 'never':
        while True: pass
    case 'exit': os._exit(3)
""",
    "print('below', do.value)",
)
TEXT = """<img src=x onerror="window.hit=1"><b class=theirs>bold</b>"""
SHOWS = (
    "import ipywidgets as w\nname = w.Text(description='name')\nname",
    "print('printed', name.value)",
    "name.value",
    "w.Label('label ' + name.value)",
    "out = w.Output()\nwith out: print('in an output', name.value)\nout",
    "w.HTML('<i>as HTML</i> ' + name.value.replace('img', 'em'))",
    "if name.value: raise ValueError(f'refused {name.value}')",
)


@pytest.fixture(scope="module")
def worst(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    return serve_anywhere(write_notebook(tmp_path_factory.mktemp("app") / "app.ipynb", *WORST))


@pytest.fixture
def other(browser: Browser, worst: Server) -> Iterator[Page]:
    """The page of another visitor, who only looks and now and then chooses something harmless."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(worst.url)
    expect(page.get_by_text("below rest")).to_be_visible()
    yield page
    context.close()


def do(page: Page, what: str) -> None:
    page.locator("select").select_option(what)


def test_whatever_a_cell_does_the_page_stays_usable_and_so_does_the_other_one(
    worst: Server, page: Page, other: Page
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(worst.url)
    expect(page.get_by_text("below rest")).to_be_visible()
    for what, said in (
        ("print", re.compile(r"49,\d\d\d,\d\d\d characters are left out here")),
        ("show", "2,700 outputs are left out here"),
        ("recurse", "RecursionError: maximum recursion depth exceeded"),
        ("threads", ""),
        ("talk", "characters are left out here"),
    ):
        do(page, what)
        if said:
            expect(page.get_by_text(said).first).to_be_attached()
        expect(page.get_by_text("below rest" if what == "recurse" else f"below {what}")).to_be_visible()
        if what == "show":
            expect(page.get_by_text("shown 2999")).to_be_attached()
            assert page.locator(".nbapp-item").count() < 310
        do(other, "threads")
        expect(other.get_by_text("below threads")).to_be_visible()
        do(other, "rest")
        expect(other.get_by_text("below rest")).to_be_visible()
        do(page, "rest")
        expect(page.get_by_text("below rest")).to_be_visible()
    assert errors == []
    assert "its kernel ends" not in worst.output


def test_a_cell_that_never_ends_is_stopped_and_one_that_ends_the_kernel_is_told(worst: Server, page: Page) -> None:
    page.goto(worst.url)
    expect(page.get_by_text("below rest")).to_be_visible()
    do(page, "never")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("This was stopped (cell 2).")).to_be_visible()
    do(page, "exit")
    expect(page.get_by_text("This app had stopped by itself. It was started again")).to_be_visible()
    until(lambda: worst.output.count("the kernel of a page ended by itself (exit code 3)") == 1)
    expect(page.get_by_text("below rest")).to_be_visible()
    expect(page.get_by_text("This app has stopped")).to_have_count(0)


def test_a_visitors_text_is_text_wherever_it_is_ours_to_show_it(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    page.goto(serve(notebook(*SHOWS)).url)
    expect(page.get_by_text("printed")).to_be_visible()
    page.get_by_role("textbox").fill(TEXT)
    for text in (
        f"printed {TEXT}",
        f"'{TEXT}'",
        f"label {TEXT}",
        f"in an output {TEXT}",
        f"ValueError: refused {TEXT}",
    ):
        expect(page.get_by_text(text, exact=False).first).to_be_visible()
    expect(page.locator(".nbapp-item img, .widget-label img")).to_have_count(0)
    expect(page.locator("b.theirs")).to_have_count(1)  # the author's own HTML widget shows what the author gives it
    assert page.evaluate("window.hit") is None


def test_a_page_whose_connection_is_cut_comes_back_to_its_kernel_and_its_values(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    server = serve(notebook(*COUNTS))
    wire = Wire(urlsplit(server.url).port or 0)
    page.goto(f"http://localhost:{wire.port}/")
    handle = page.locator(".noUi-handle")
    handle.press("ArrowRight")
    expect(page.get_by_text("now 1")).to_be_visible()
    kernels = server.kernels()
    wire.cut()
    expect(page.get_by_text("The connection is lost. Trying again…")).to_be_visible()
    handle.press("ArrowRight")  # meanwhile
    wire.mend()
    expect(page.get_by_text("now 2")).to_be_visible()
    expect(page.get_by_text("The connection is lost.")).to_have_count(0)
    handle.press("ArrowRight")
    expect(page.get_by_text("now 3")).to_be_visible()
    assert server.kernels() == kernels
    wire.close()


def test_a_page_of_a_server_that_was_killed_and_started_anew_says_so_and_a_reload_helps(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    path = notebook(*COUNTS)
    server = serve(path)
    url = server.url
    page.goto(url)
    page.locator(".noUi-handle").press("ArrowRight")
    expect(page.get_by_text("now 1")).to_be_visible()
    server.process.kill()  # one that is stopped tells its pages, which come back by themselves
    server.process.wait(PATIENCE)
    expect(page.locator("#nbapp-notice")).to_contain_text(re.compile("lost|stopped"))
    assert serve(path, "--port", str(urlsplit(url).port)).url == url
    expect(page.get_by_text("This app has stopped.")).to_be_visible(timeout=2 * PATIENCE * 1000)
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_text("now 1")).to_be_visible()  # the address has it
