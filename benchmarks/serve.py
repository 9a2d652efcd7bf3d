"""A served app beside hand-written Voila notebooks and other tools that do the same, in real Chromium, in one run.

Times are taken inside the page: from the key on the slider's handle to the new text in the DOM. The contenders take
turns, so that noise hits all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from benchmarks.contenders import BY_HAND, CONTENDERS, NBAPP, OURS, PEERS, App, missing, peer_versions, served
from benchmarks.report import beside, save, show

TABLE = sum(range(1000))  # what both stages add to
LOADED = (NBAPP, BY_HAND, *PEERS)  # whose page loads are measured: the others load like the one by hand
MEASURES = {
    "first visitor reads": "results to read, first visitor",
    "second visitor reads": "results to read, second visitor",
    "a later visitor reads": "results to read, a visitor 12 s later",
    "first visitor": "page load, first visitor",
    "second visitor": "page load, second visitor",
    "a later visitor": "page load, a visitor 12 s later",
    "b": "slider b, cheap stage",
    "a new": "slider a, a new value (0.5 s of work)",
    "a seen": "slider a, back to a seen value",
}
LATER = 12  # seconds: who comes when the visitors before have been served
PATIENCE = 60  # seconds for a page to come up
NOT_UP = "did not come up"  # as a measure: the loads that are left out
PAUSE = 0.15  # seconds between two measurements, so that none begins while the last one is being tidied up


class NotUp(Exception):
    """A page was not there in time."""


@dataclass(slots=True)
class Contender:
    """One app, one server, one open page; its times in seconds by measure."""

    name: str
    app: App
    page: Page
    times: dict[str, list[float]] = field(default_factory=lambda: {measure: [] for measure in MEASURES})
    at: dict[str, int] = field(default_factory=lambda: {"a": 0, "b": 0})

    async def press(self, slider: str, key: str, measure: str | None) -> None:
        """One step of a slider; note the time until the page shows it."""
        self.at[slider] += 1 if key == "ArrowRight" else -1
        await self.page.bring_to_front()
        await self.page.locator(self.app.handles).nth("ab".index(slider)).focus()
        await self.page.evaluate("text => window.bench.arm(text)", f"{slider} gives {TABLE + self.at[slider]}")
        await self.page.keyboard.press(key)
        try:
            taken = await asyncio.wait_for(self.page.evaluate("window.bench.armed"), timeout=30)
        except asyncio.TimeoutError:
            shown = await self.page.locator(self.app.texts).all_inner_texts()
            raise SystemExit(f"{self.name} does not follow {slider} to {self.at[slider]}: {shown}") from None
        if measure is not None:
            self.times[measure].append(taken / 1000)
        await asyncio.sleep(PAUSE)


async def visit(
    browser: Browser, app: App, url: str, network: Mapping[str, float] | None = None
) -> tuple[Page, float, float]:
    """Open a page as a new visitor; the page, and seconds until texts can be read, and until sliders are there too.

    `network`: its `latency` in milliseconds and its `throughput` in bytes a second; None is this machine's own.
    """
    # Who is far away comes by way of a proxy, which says so; a server may pack for them what it sends.
    context = await browser.new_context(
        extra_http_headers=None if network is None else {"X-Forwarded-For": "192.0.2.1"}
    )
    page = await context.new_page()
    if network is not None:
        limits = {"offline": False, "latency": network["latency"]}
        limits |= dict.fromkeys(("downloadThroughput", "uploadThroughput"), network["throughput"])
        devtools = await context.new_cdp_session(page)
        await devtools.send("Network.enable")
        await devtools.send("Network.emulateNetworkConditions", limits)
    await page.add_init_script(app.script())
    page.on("console", complain)
    await page.goto(url, wait_until="commit", timeout=60_000)
    try:
        both = page.evaluate("Promise.all([window.bench.read, window.bench.ready])")
        read, ready = await asyncio.wait_for(both, timeout=PATIENCE)
    except asyncio.TimeoutError:
        shown = await page.locator("body").inner_text()
        await context.close()
        raise NotUp(
            f"{app.command[0]}: a page did not come up within {PATIENCE} s; it showed {shown[:200]!r}"
        ) from None
    await asyncio.sleep(1)  # a page that has just come up is still fetching what it may need
    return page, read / 1000, ready / 1000


def complain(message: ConsoleMessage) -> None:
    """An error on a page makes its times worthless: say so."""
    if message.type == "error" and "net::ERR" not in message.text and "Failed to load resource" not in message.text:
        print(f"  on the page: {message.text[:300]}", file=sys.stderr)


async def measure_loads(browser: Browser, times: dict[str, dict[str, list[float]]], repeats: int, logs: Path) -> None:
    """Page loads, with a new server for each pair of visitors."""
    for _ in range(repeats):
        for name in times:
            app = CONTENDERS[name]
            async with served(app, logs / "load") as url:
                for visitor in ("first visitor", "second visitor", "a later visitor"):
                    await asyncio.sleep(LATER if visitor == "a later visitor" else 0)
                    try:
                        page, read, ready = await visit(browser, app, url)
                    except NotUp as error:
                        print(f"  {error}", file=sys.stderr)
                        times[name].setdefault(NOT_UP, []).append(PATIENCE)
                    else:
                        times[name][f"{visitor} reads"].append(read)
                        times[name][visitor].append(ready)
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
        contenders: list[Contender] = []
        for name in names:
            app = CONTENDERS[name]
            url = await stack.enter_async_context(served(app, logs / str(len(contenders))))
            contenders.append(Contender(name, app, (await visit(browser, app, url))[0]))
        await measure_sliders(contenders, repeats)
        times = {contender.name: contender.times for contender in contenders}
        await browser.close()
        await stack.aclose()
        async with await playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), chromium_sandbox=not root
        ) as fresh:
            await measure_loads(fresh, {name: times[name] for name in names if name in LOADED}, loads, logs)
    shutil.rmtree(logs)
    return times


def report(times: dict[str, dict[str, list[float]]], absent: dict[str, str]) -> None:
    """Print and write."""
    against = times.get(BY_HAND) or next(iter(times.values()))
    rows = [[words, *(beside(times[name][key], against[key]) for name in times)] for key, words in MEASURES.items()]
    notes = [
        f"Medians, with the ratio to “{BY_HAND}”. Sliders: from the key to the changed DOM.",
        "The app itself takes 2.5 s of each page load; Streamlit shares its cache between visitors.",
        *(
            f"{name}: {len(of[NOT_UP])} page loads left out: not there within {PATIENCE} s"
            for name, of in times.items()
            if NOT_UP in of
        ),
        *(f"{name}: not installed: {reason}" for name, reason in absent.items()),
    ]
    peers = peer_versions(list(times))
    notes += [", ".join(f"{package} {version}" for package, version in peers.items())] if peers else []
    show("A served app beside Voila by hand", ["", *times], rows, notes)
    written = save("serve", {"unit": "s", "times": times, "peers": peers, "not_installed": absent})
    print(f"written to {written.relative_to(Path.cwd())}")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=40, help="steps of slider b (default: %(default)s)")
    parser.add_argument("--loads", type=int, default=2, help="servers started to load pages (default: %(default)s)")
    parser.add_argument("--peers", action="store_true", help="other tools too, each in an environment of its own")
    parser.add_argument("--only", action="append", choices=list(CONTENDERS), help="these contenders only")
    asked = parser.parse_args()
    wanted = asked.only or [NBAPP, BY_HAND, *PEERS] if asked.peers else asked.only or list(OURS)
    absent = missing(wanted)
    times = asyncio.run(measure(asked.repeats, asked.loads, [name for name in wanted if name not in absent]))
    report(times, absent)


if __name__ == "__main__":
    main()
