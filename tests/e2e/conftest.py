"""A real `nbapp serve` in its own process, and real Chromium: what the end-to-end tests drive."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.e2e.fork import Fork

PATIENCE = 60.0  # seconds until something that must happen is taken as not happening
SIZE: ViewportSize = {"width": 1280, "height": 800}
# Since 2026 each window of Chromium loads the popup of its address bar as a page, a fifth of what a test with a browser costs.
# Of several such lists Chromium takes the last one, so it begins with Playwright's.
NOT_IN_CHROMIUM = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
)
CHROMIUM = [
    f"--disable-features={','.join(NOT_IN_CHROMIUM)}",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def until(holds: Callable[[], object], what: str = "") -> None:
    """Wait until something holds; fail when it does not within a minute."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what or "it never held"
        time.sleep(0.02)


@dataclass
class Server:
    """A running `nbapp serve`. `lines` are what it printed on stdout and stderr so far."""

    process: subprocess.Popen[str] | Fork
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            print(line, end="")  # pytest shows it with a test that fails
        self.process.stdout.close()

    @property
    def output(self) -> str:
        """Everything printed so far."""
        return "".join(self.lines)

    @property
    def url(self) -> str:
        """The address that was announced."""
        until(lambda: "http://" in self.output or self.process.poll() is not None, "no address was announced")
        found = re.search(r"http://\S+", self.output)
        assert found, self.output
        return found[0]

    def kernels(self) -> list[str]:
        """The ids of the kernels that it runs."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        found: list[str] = re.findall(r"kernel-([\w-]+)\.json", "\n".join(map(command_line, children)))
        return list(dict.fromkeys(found))  # a kernel that starts a program is there twice for a moment

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code, once it and every process it started are gone."""
        if self.process.poll() is None:
            family = psutil.Process(self.process.pid).children(recursive=True)
            self.process.send_signal(number)
            code = self.process.wait(PATIENCE)
            until(lambda: not any(is_running(child) for child in family), "a process was left behind")
        else:
            code = self.process.wait()
        self._reader.join(PATIENCE)
        return code


def command_line(process: psutil.Process) -> str:
    """The command line of a process; empty once it is gone."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def is_running(process: psutil.Process) -> bool:
    """Whether a process is alive; one that nobody waited for is not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


Serve = Callable[..., Server]


@pytest.fixture(scope="module")
def serve_anywhere() -> Iterator[Serve]:
    """`serve` for fixtures that outlive a test; ended with the file."""
    yield from _serving()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts `nbapp serve NOTEBOOK ...` on a free port; ended with the test.

    It opens no browser unless the environment that it is given names one in BROWSER.
    """
    yield from _serving()


def _serving() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(notebook: Path | str, *arguments: str, environment: dict[str, str] | None = None) -> Server:
        browser = () if "BROWSER" in (environment or {}) else ("--no-browser",)
        port = () if "--port" in arguments else ("--port", "0")
        ahead = () if "--warm" in arguments else ("--warm", "0")  # tests count kernels
        kept = () if "--cache" in arguments else ("--cache", "none")  # nothing of one test is there in another
        words = ["serve", str(notebook), *browser, *port, *ahead, *kept, *arguments]
        servers.append(Server(Fork(words) if environment is None else _started(words, environment)))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def _started(words: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    """A process of its own: what is imported may ask the environment."""
    return subprocess.Popen(
        [sys.executable, "-m", "nbapp", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment},
    )


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """Writes a notebook of code cells; a text that starts with `#` and a space or `$` is a Markdown cell."""

    def write(*sources: str, name: str = "app.ipynb") -> Path:
        return write_notebook(tmp_path / name, *sources)

    return write


def write_notebook(path: Path, *sources: str) -> Path:
    """Write a notebook; a source that starts with a heading is a Markdown cell."""
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell(text) if text.startswith("# ") else v4.new_code_cell(text) for text in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of this computer."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh visitor's page, 1280 by 800."""
    page = fresh(browser)
    yield page
    page.context.close()


def fresh(browser: Browser) -> Page:
    """A page in a context of its own."""
    context = browser.new_context(viewport=SIZE)
    context.set_default_timeout(PATIENCE * 1000)
    return context.new_page()
