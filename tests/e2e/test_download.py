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
)
LARGE = (
    "import numpy as np\nimport pandas as pd\nfrom nbapp import ui\n"
    "frame = pd.DataFrame(np.random.default_rng(0).integers(0, 2**62, (5_000_000, 5)), columns=list('abcde'))",
    "ui.download('Small', 'a', 'small.txt')",
    "ui.download('Large', lambda: frame, 'large.parquet')",
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
    _open(page, server)
    yield page
    page.close()


def _open(page: Page, server: Server) -> None:
    page.goto(server.url)
    expect(page.get_by_role("button").last).to_be_visible(timeout=PATIENCE * 1000)
    page.wait_for_function("window.nbapp.recorded().length === 0")


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


def test_of_a_frame_of_200_mb_no_more_than_a_piece_is_in_the_server_and_nothing_in_the_page(
    browser: Browser, serve: Serve, runtime: Path, tmp_path: Path
) -> None:
    """Its server is new: one that had more in memory before would have room for it."""
    own = runtime / "own"
    own.mkdir(mode=0o700, exist_ok=True)
    server = serve(write_notebook(tmp_path / "large.ipynb", *LARGE), environment={"XDG_RUNTIME_DIR": str(own)})
    page = browser.new_page()
    _open(page, server)
    _got(page, "Small", tmp_path)
    until(lambda: list(own.rglob("voila.*.js")))  # the server has made one script of the first page's, out of 10 MB
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    pages = [process["id"] for process in processes if process["type"] == "renderer"]
    before = {pid: _resident(pid) for pid in (server.process.pid, *pages)}
    with page.expect_download(timeout=PATIENCE * 1000) as found:
        page.get_by_role("button", name="Large").click()
    assert found.value.path().stat().st_size > 200 * 10**6
    grown = {pid: _most(pid) - was for pid, was in before.items()}
    assert grown.pop(server.process.pid) < 5 * 2**20  # a piece of 1 MiB, and what the allocator keeps for the next ones
    assert max(grown.values()) < 10 * 2**20
    until(lambda: not list(own.rglob("*.made")))
    page.close()


def _resident(pid: int) -> int:
    """The memory of a process, from which on `_most` counts."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return int(psutil.Process(pid).memory_info().rss)


def _most(pid: int) -> int:
    """The most memory that a process had since then, also for a moment."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def test_who_was_not_asked_for_it_gets_nothing(server: Server) -> None:
    kernel = kernel_of(ask(server.url)[1])
    address = f"{server.url}nbapp/download/{kernel}/{'0' * 32}"
    assert ask(address)[0] == 404
    assert ask(f"{address}?made")[1] == '{"made": null}'
    assert ask(address, "POST")[0] == 403
    assert ask(f"{server.url}nbapp/download/{kernel}/..%2f..%2fx")[0] == 302
    assert ask(f"{server.url}nbapp/download/{'0' * 8}-0-0-0-0/{'0' * 32}")[0] == 404
