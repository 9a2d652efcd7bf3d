"""A served app beside hand-written Voila notebooks that do the same, in real Chromium, in one run.

An expensive load (2 s), a slow stage (0.5 s) that reads slider `a`, a cheap stage that reads slider `b`. Times are
taken inside the page: from the key on the slider's handle to the new text in the DOM. The contenders take turns, so
that noise hits all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from benchmarks.report import beside, save, show

NOTEBOOKS = Path(__file__).parent / "notebooks"
SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
TABLE = sum(range(1000))  # what both stages add to
NBAPP, BY_HAND = "nbapp", "observe, Output widget"
CONTENDERS = {
    NBAPP: ("nbapp", ["nbapp", "serve"]),
    BY_HAND: ("observe_output", ["voila"]),
    "observe, HTML widget": ("observe_html", ["voila"]),
    "observe, naive": ("observe_naive", ["voila"]),
}
MEASURES = {
    "first visitor": "page load, first visitor",
    "second visitor": "page load, second visitor",
    "b": "slider b, cheap stage",
    "a new": "slider a, a new value (0.5 s of work)",
    "a seen": "slider a, back to a seen value",
}
PAUSE = 0.15  # seconds between two measurements, so that none begins while the last one is being tidied up


@dataclass(slots=True)
class Contender:
    """One notebook, one server, one open page; its times in seconds by measure."""

    name: str
    page: Page
    times: dict[str, list[float]] = field(default_factory=lambda: {measure: [] for measure in MEASURES})
    at: dict[str, int] = field(default_factory=lambda: {"a": 0, "b": 0})

    async def press(self, slider: str, key: str, measure: str | None) -> None:
        """One step of a slider; note the time until the page shows it."""
        self.at[slider] += 1 if key == "ArrowRight" else -1
        await self.page.bring_to_front()
        handle = self.page.locator(".widget-inline-hbox", has_text=slider).locator(".noUi-handle")
        await handle.focus()
        await self.page.evaluate("text => window.bench.arm(text)", f"{slider} gives {TABLE + self.at[slider]}")
        await self.page.keyboard.press(key)
        taken = await asyncio.wait_for(self.page.evaluate("window.bench.armed"), timeout=30)
        if measure is not None:
            self.times[measure].append(taken / 1000)
        await asyncio.sleep(PAUSE)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def served(notebook: str, command: list[str], log: Path) -> AsyncIterator[str]:
    """Start a server of a notebook; its URL once it listens."""
    port = free_port()
    with log.open("wb") as sink:
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *command, str(NOTEBOOKS / f"{notebook}.ipynb"), "--no-browser", f"--port={port}"),
            stdout=sink,
            stderr=sink,
            stdin=asyncio.subprocess.DEVNULL,
        )
        try:
            await listening(server, port, log)
            yield f"http://localhost:{port}/"
        finally:
            if server.returncode is None:
                server.terminate()
                await server.wait()


async def listening(server: asyncio.subprocess.Process, port: int, log: Path) -> None:
    """Wait until the server listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_connection("localhost", port)
        except OSError:
            if server.returncode is not None:
                raise SystemExit(f"a server ended:\n{log.read_text(encoding='utf-8')}") from None
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise SystemExit(f"a server does not listen:\n{log.read_text(encoding='utf-8')}")


async def visit(browser: Browser, url: str) -> tuple[Page, float]:
    """Open a page as a new visitor; the page, and seconds until texts and sliders are there."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.add_init_script(SCRIPT)
    page.on("console", complain)
    await page.goto(url, wait_until="commit", timeout=60_000)
    taken = await asyncio.wait_for(page.evaluate("window.bench.ready"), timeout=60)
    await asyncio.sleep(1)  # a page that has just come up is still fetching what it may need
    return page, taken / 1000


def complain(message: ConsoleMessage) -> None:
    """An error on a page makes its times worthless: say so."""
    if message.type == "error" and "net::ERR" not in message.text and "Failed to load resource" not in message.text:
        print(f"  on the page: {message.text[:300]}", file=sys.stderr)


async def measure_loads(browser: Browser, times: dict[str, dict[str, list[float]]], repeats: int, logs: Path) -> None:
    """Page loads, with a new server for each pair of visitors."""
    for _ in range(repeats):
        for name in times:
            notebook, command = CONTENDERS[name]
            async with served(notebook, command, logs / notebook) as url:
                for visitor in ("first visitor", "second visitor"):
                    page, taken = await visit(browser, url)
                    times[name][visitor].append(taken)
                    await page.context.close()


async def measure_sliders(contenders: list[Contender], repeats: int) -> None:
    """Slider steps, the contenders taking turns; `b` often, `a` less often as it takes half a second."""
    for contender in contenders:
        for slider in ("b", "b", "b", "a"):
            await contender.press(slider, "ArrowRight", None)
    for number in range(repeats):
        for contender in contenders:
            await contender.press("b", "ArrowRight", "b")
        if number % 4 == 0:
            for contender in contenders:
                await contender.press("a", "ArrowRight", "a new")
                await contender.press("a", "ArrowLeft", "a seen")
                await contender.press("a", "ArrowRight", "a seen")


async def measure(repeats: int, loads: int, names: list[str]) -> dict[str, dict[str, list[float]]]:
    """All times in seconds, by contender and measure."""
    logs = Path(tempfile.mkdtemp(prefix="bench-"))
    async with async_playwright() as playwright, AsyncExitStack() as stack:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), chromium_sandbox=not root
        )
        stack.push_async_callback(browser.close)
        contenders = []
        for name in names:
            notebook, command = CONTENDERS[name]
            url = await stack.enter_async_context(served(notebook, command, logs / notebook))
            contenders.append(Contender(name, (await visit(browser, url))[0]))
        await measure_sliders(contenders, repeats)
        times = {contender.name: contender.times for contender in contenders}
        await stack.aclose()
        async with await playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), chromium_sandbox=not root
        ) as fresh:
            await measure_loads(fresh, {name: times[name] for name in names if name in (NBAPP, BY_HAND)}, loads, logs)
    shutil.rmtree(logs)
    return times


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=40, help="steps of slider b (default: %(default)s)")
    parser.add_argument("--loads", type=int, default=3, help="servers started to load pages (default: %(default)s)")
    parser.add_argument("--only", action="append", choices=list(CONTENDERS), help="these contenders only")
    asked = parser.parse_args()
    times = asyncio.run(measure(asked.repeats, asked.loads, asked.only or list(CONTENDERS)))
    against = times.get(BY_HAND) or next(iter(times.values()))
    rows = [[words, *(beside(times[name][key], against[key]) for name in times)] for key, words in MEASURES.items()]
    notes = [
        f"Medians, with the ratio to “{BY_HAND}”. Sliders: from the key to the changed DOM.",
        "The notebook itself takes 2.5 s of each page load.",
    ]
    show("A served app beside Voila by hand", ["", *times], rows, notes)
    print(f"written to {save('serve', {'unit': 's', 'times': times}).relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
