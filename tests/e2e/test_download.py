"""`ui.download` in a page: the file arrives, made when it was clicked, and nothing of it stays."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import PATIENCE, Serve, Server, until, write_notebook
from tests.e2e.controls import expect
from tests.serve.test_routes import ask, kernel_of

pytestmark = pytest.mark.browser
CELLS = (
    "import ipywidgets as w\nfrom nbapp import ui\nn = w.IntSlider(3, description='n')\nn",
    "button = ui.download('Get it', lambda: 'rows ' + str(n.value), 'Übersicht 1.csv')\nbutton",
    "ui.download('Fails', lambda: 1 / 0, 'never.csv')",
    "ui.download('Large', lambda: (bytes(10**6) for _ in range(200)), 'large.bin')",
)


@pytest.fixture(scope="module")
def runtime() -> Iterator[Path]:
    """Where the server keeps what lasts as long as it does; a socket's path must not be long."""
    with tempfile.TemporaryDirectory(prefix="nb-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def server(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory, runtime: Path) -> Server:
    path = write_notebook(tmp_path_factory.mktemp("app") / "app.ipynb", *CELLS)
    return serve_anywhere(path, environment={"XDG_RUNTIME_DIR": str(runtime)})  # ends before that folder does


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(server.url)
    expect(page.get_by_role("button", name="Get it")).to_be_visible(timeout=PATIENCE * 1000)
    page.wait_for_function("window.nbapp.recorded().length === 0")
    yield page
    page.close()


def _got(page: Page, button: str, tmp_path: Path) -> tuple[str, bytes]:
    with page.expect_download(timeout=PATIENCE * 1000) as found:
        page.get_by_role("button", name=button).click()
    found.value.save_as(tmp_path / "got")
    return found.value.suggested_filename, (tmp_path / "got").read_bytes()


def test_the_file_is_made_when_it_is_clicked(page: Page, tmp_path: Path) -> None:
    assert _got(page, "Get it", tmp_path) == ("Übersicht 1.csv", b"rows 3")
    handle = page.locator(".noUi-handle")
    handle.focus()
    handle.press("ArrowRight")
    expect(page.locator(".widget-readout")).to_have_text("4")
    assert _got(page, "Get it", tmp_path) == ("Übersicht 1.csv", b"rows 4")
    page.get_by_role("button", name="Get it").focus()
    with page.expect_download(timeout=PATIENCE * 1000):
        page.keyboard.press("Enter")


def test_one_that_cannot_be_made_is_told_and_the_page_goes_on(page: Page, tmp_path: Path) -> None:
    page.get_by_role("button", name="Fails").click()
    expect(page.get_by_text("“Fails”: the file could not be made.")).to_be_visible(timeout=PATIENCE * 1000)
    assert _got(page, "Get it", tmp_path)[1] == b"rows 3"


def test_a_large_file_goes_through_the_server_in_pieces(
    page: Page, server: Server, runtime: Path, tmp_path: Path
) -> None:
    _got(page, "Get it", tmp_path)
    process, most = psutil.Process(server.process.pid), 0
    before = process.memory_info().rss
    with page.expect_download(timeout=PATIENCE * 1000) as found:
        page.get_by_role("button", name="Large").click()
    for _ in range(200):
        most = max(most, process.memory_info().rss - before)
        if (tmp_path / "large").exists():
            break
        found.value.save_as(tmp_path / "large")
    assert (tmp_path / "large").stat().st_size == 200 * 10**6
    assert most < 50 * 10**6
    until(lambda: not list(runtime.rglob("*.made")))


def test_who_was_not_asked_for_it_gets_nothing(server: Server) -> None:
    kernel = kernel_of(ask(server.url)[1])
    address = f"{server.url}nbapp/download/{kernel}/{'0' * 32}"
    assert ask(address)[0] == 404
    assert ask(f"{address}?made")[1] == '{"made": null}'
    assert ask(address, "POST")[0] == 403
    assert ask(f"{server.url}nbapp/download/{kernel}/..%2f..%2fx")[0] == 302
    assert ask(f"{server.url}nbapp/download/{'0' * 8}-0-0-0-0/{'0' * 32}")[0] == 404
