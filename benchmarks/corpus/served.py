"""The page that `nbapp serve` makes, beside that of plain Voila, in Chromium: what is shown there, and what went wrong.

Both pages get the same gestures: keys on sliders, clicks on buttons and boxes, the next option, a text. `Page` tells
what stands in each output: its text, its pictures, and how many controls, canvases and drawings there are. It does not
know what the pages should show.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import nbformat
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, sync_playwright
from playwright.sync_api import Error as PageError

from benchmarks.corpus.notebooks import notebook, work_in
from benchmarks.corpus.picture import Leaves, digest, plain

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PATIENCE = 60.0  # seconds until a page must show something
STILL = 5.0  # seconds without a change, after which a page is taken to be ready
LATE = 10.0  # the same, for one that is not like the other
_SEEN = """() => {
  const box = '.jp-OutputArea-output, .jp-RenderedText, .jp-RenderedHTMLCommon';
  const outermost = [...document.querySelectorAll(box)].filter(node => !node.parentElement.closest(box));
  const marks = ['input', 'select', 'button', 'canvas', 'svg', '.noUi-handle', 'table', 'progress'];
  const all = selector => outermost.flatMap(node => [...node.querySelectorAll(selector)]);
  // Where lines break is a matter of style: buttons in a row are one line here, and several there.
  const lines = outermost.flatMap(node => node.innerText.split('\\n')).map(line => line.replace(/[\\s\\u200b]+/g, ''));
  return {
    text: lines.join(''),
    pictures: all('img').map(picture => picture.src).join(' '),
    marks: marks.map(mark => `${mark} ${all(mark).length}`).join(', '),
  };
}"""
_BROKEN = "Click to show javascript error"
# What a page may say in the console, with or without nbapp.
_HARMLESS = re.compile(
    r"favicon|net::ERR|Failed to load resource|ResizeObserver|sourcemap|DevTools|font", re.IGNORECASE
)


@dataclass(slots=True)
class Shown:
    """What a page showed: at first, with the controls moved, and back; and what it complained of."""

    stages: list[Leaves] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Pages:
    """Chromium, a Voila server for each folder, and `nbapp serve` for each notebook; all ends with the stack."""

    def __init__(self, browser: Browser, stack: ExitStack) -> None:
        self._browser = browser
        self._stack = stack
        self._voila: dict[Path, tuple[Path, str]] = {}

    def beside(self, name: str, cells: Sequence[str], folder: Path) -> tuple[Shown, Shown]:
        """What plain Voila shows of a notebook, and what its page with nbapp shows."""
        place, url = self._served(folder)
        path = place / f"{name}.ipynb"
        nbformat.write(notebook(list(cells), loading=False), path)
        plainly = self._shown(f"{url}voila/render/{quote(path.name)}")
        # With a light theme figures keep the colours that they have in plain Voila.
        asked = ("--no-browser", "--port", "0", "--warm", "0", "--cache", "none", "--theme", "light")
        command = [sys.executable, "-m", "nbapp", "serve", *asked, str(path)]
        with _serving(command) as address:
            return plainly, self._shown(address, plainly)

    def again(self, name: str, folder: Path) -> Shown:
        """What plain Voila shows of it, once more."""
        return self._shown(f"{self._served(folder)[1]}voila/render/{quote(name)}.ipynb")

    def _served(self, folder: Path) -> tuple[Path, str]:
        """A place for notebooks of a folder, with all that lies beside them, and the address of a Voila for it."""
        if folder not in self._voila:
            place = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="corpus-")))
            work_in(place, folder)
            port = _free_port()
            command = [sys.executable, "-m", "voila", "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"]
            self._stack.enter_context(_serving([*command, str(place)]))
            self._voila[folder] = place, f"http://127.0.0.1:{port}/"
        return self._voila[folder]

    def _shown(self, url: str, like: Shown | None = None) -> Shown:
        context = self._browser.new_context(viewport={"width": 1280, "height": 900})
        found, page = Shown(), context.new_page()
        page.on("console", lambda message: _complains(found, message))
        page.on("pageerror", lambda error: found.errors.append(plain(str(error))))
        try:
            page.goto(url, wait_until="commit", timeout=PATIENCE * 1000)
            for stage in range(3):
                if stage:
                    _use(page, back=stage == 2)
                found.stages.append(_settled(page, like.stages[stage] if like else None))
            found.errors += [_BROKEN] * page.get_by_text(_BROKEN).count()
        finally:
            context.close()
        return found


@contextmanager
def pages() -> Iterator[Pages]:
    """Chromium of this computer."""
    with sync_playwright() as playwright, ExitStack() as stack:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        stack.callback(browser.close)
        yield Pages(browser, stack)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def _serving(command: Sequence[str]) -> Iterator[str]:
    """The address that a server announces."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines: list[str] = []
    announced = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if re.search(r"http://\S+", line):
                announced.set()
        announced.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        announced.wait(PATIENCE)
        address = re.search(r"http://\S+", "".join(lines))
        if address is None:
            raise RuntimeError(f"{' '.join(command)} announced no address:\n{''.join(lines)}")
        yield address[0]
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        reader.join()


def _complains(found: Shown, message: ConsoleMessage) -> None:
    if message.type == "error" and not _HARMLESS.search(message.text):
        found.errors.append(plain(message.text)[:300])


def _settled(page: Page, like: Leaves | None) -> Leaves:
    """What the page shows once it is `like` another, or has not changed for a while."""
    end, since, last = time.monotonic() + PATIENCE, time.monotonic(), Leaves()
    while time.monotonic() < end:
        now = _leaves(page.evaluate(_SEEN))
        if now != last or not now:
            last, since = now, time.monotonic()
        elif now == like or time.monotonic() - since > (LATE if like else STILL):
            break
        page.wait_for_timeout(100)
    return last


def _leaves(seen: Mapping[str, str]) -> Leaves:
    pictures = {"pictures": digest(seen["pictures"])} if seen["pictures"] else {}
    text = {"text": plain(seen["text"])} if seen["text"] else {}
    return {"marks": seen["marks"], **text, **pictures} if text or pictures or re.search("[1-9]", seen["marks"]) else {}


def _use(page: Page, *, back: bool) -> None:
    """Every control that can be reached, once."""
    for handle in _each(page, ".noUi-handle:visible"):
        handle.press("ArrowLeft" if back else "ArrowRight")
    for box in _each(page, "input[type=checkbox]:visible:enabled, button.jupyter-button:visible:enabled"):
        box.click()
    for choice in _each(page, "select:visible:enabled"):
        choice.press("ArrowUp" if back else "ArrowDown")
    for radio in _each(page, "input[type=radio]:visible:enabled:not(:checked)")[:1]:
        radio.click()
    for text in _each(page, ".widget-text input[type=text]:visible:enabled"):
        text.fill("back" if back else "more")
        text.press("Enter")


def _each(page: Page, selector: str) -> list[Locator]:
    found = page.locator(selector).all()
    return [each for each in found if _is_there(each)]


def _is_there(each: Locator) -> bool:
    with suppress(PageError):
        return each.is_visible()
    return False
