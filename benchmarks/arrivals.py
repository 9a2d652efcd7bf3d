"""How long visitors wait who come one after the other, on this machine and over a network, beside other tools.

Each visitor is a new browser profile: nothing is in its cache. Times are taken inside the page, from the navigation
until both results can be read, and until both sliders are there too. Over the network Chromium itself delays and limits
what it loads (20 Mbit/s, 40 ms); websockets it delays as well. What the third visitor costs is the processor time of
the server and of all that it started, from the request until a second after the page is live.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from playwright.async_api import Browser, async_playwright

from benchmarks.contenders import ARRIVALS, BY_HAND, App, missing, peer_versions, served
from benchmarks.report import beside, save, show
from benchmarks.serve import NotUp, visit

NETWORKS = {"here": None, "20 Mbit/s, 40 ms": {"latency": 40.0, "throughput": 20e6 / 8}}
VISITORS = {1: "first", 2: "second", 10: "tenth"}
WEIGHED = 3  # the visitor whose page is paid for once everything is cached
BETWEEN = 2.0  # seconds between one visitor's live page and the next visitor: a small app, not a crowd
Times = dict[str, list[float]]


@dataclass(slots=True)
class Arrivals:
    """Seconds by measure: network, visitor, and `reads` or `live`."""

    times: Times = field(default_factory=dict)
    lost: int = 0
    costs: list[float] = field(default_factory=list)  # seconds

    def note(self, network: str, visitor: int, read: float, live: float) -> None:
        """One visitor's times."""
        for what, seconds in (("reads", read), ("live", live)):
            self.times.setdefault(f"{network}, {VISITORS[visitor]} visitor {what}", []).append(seconds)


async def arrive(browser: Browser, app: App, url: str, network: str, found: Arrivals) -> None:
    """Ten visitors of one server, each of whom leaves before the next one comes."""
    for visitor in range(1, max(VISITORS) + 1):
        before = processor_time(url)
        try:
            page, read, live = await visit(browser, app, url, NETWORKS[network])
        except NotUp as error:
            found.lost += 1
            print(f"  {error}")
            continue
        if visitor == WEIGHED and NETWORKS[network] is None:
            found.costs.append(processor_time(url) - before)
        if visitor in VISITORS:
            found.note(network, visitor, read, live)
        await page.context.close()
        await asyncio.sleep(BETWEEN)


def processor_time(url: str) -> float:
    """Seconds that the server at an address has taken, with everything that it started."""
    port = str(urlsplit(url).port)
    found = 0.0
    for server in psutil.Process().children():
        if any(port in argument for argument in server.cmdline()):
            for process in (server, *server.children(recursive=True)):
                with suppress(psutil.Error):  # it ends at this moment
                    found += sum(process.cpu_times()[:4])  # its own, and those of its children that have ended
    return found


async def measure(names: Sequence[str], rounds: int) -> dict[str, Arrivals]:
    """All times, the contenders taking turns, each with a server of its own for each network and round."""
    found = {name: Arrivals() for name in names}
    logs = Path(tempfile.mkdtemp(prefix="bench-"))
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), chromium_sandbox=not root
        )
        for _ in range(rounds):
            for network in NETWORKS:
                for name in names:
                    async with served(ARRIVALS[name], logs / "server") as url:
                        await arrive(browser, ARRIVALS[name], url, network, found[name])
        await browser.close()
    shutil.rmtree(logs)
    return found


def report(found: dict[str, Arrivals], absent: dict[str, str]) -> None:
    """Print and write."""
    against = BY_HAND if BY_HAND in found else next(iter(found))
    first = found[against]
    rows = [
        [measure, *(beside(of.times.get(measure, []), first.times.get(measure, [])) for of in found.values())]
        for measure in next(iter(found.values())).times
    ]
    rows.append(["processor time, third visitor", *(beside(of.costs, first.costs) for of in found.values())])
    notes = [
        f"Medians, with the ratio to “{against}”. The app itself takes 2.5 s of the first visitor's page.",
        *(f"{name}: {of.lost} pages did not come up" for name, of in found.items() if of.lost),
        *(f"{name}: not installed: {reason}" for name, reason in absent.items()),
    ]
    show("Visitors one after the other", ["", *found], rows, notes)
    peers = peer_versions(list(found))
    times = {name: {**of.times, "processor time, third visitor": of.costs} for name, of in found.items()}
    written = save("arrivals", {"unit": "s", "times": times, "peers": peers})
    print(f"written to {written.relative_to(Path.cwd())}")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1, help="servers of each for each network (default: %(default)s)")
    parser.add_argument("--only", action="append", choices=list(ARRIVALS), help="these contenders only")
    asked = parser.parse_args()
    wanted = asked.only or list(ARRIVALS)
    absent = missing(wanted)
    found = asyncio.run(measure([name for name in wanted if name not in absent], asked.rounds))
    report(found, absent)


if __name__ == "__main__":
    main()
