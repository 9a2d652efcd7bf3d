"""A served app under load and attack: pages that come and go, drags, Stop, killed kernels, a file that is edited.

Prints counts, and times beside those of one visitor in the same run. Exit code 1 if a value was wrong, or if a process
or folder was left.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

import psutil

from benchmarks.report import save, show
from benchmarks.visitors import Dragged, Page
from tests.e2e.conftest import Server, until, write_notebook
from tests.serve.test_routes import ask

CELLS = (
    "# Version {0}",
    "import ipywidgets as w\nn = w.IntSlider(max=100_000)\nn",
    "import time\ntime.sleep(0.01)\nsquare = n.value ** 2",
    "print('seen', n.value, square)",
)
COULD_NOT = "This app could not start."
GOAL = 2.0  # times one visitor's p95


@dataclass(slots=True)
class Attack:
    """One server, what is wrong so far, and what is chosen by chance."""

    server: Server
    notebook: Path
    chance: random.Random
    wrong: list[str] = field(default_factory=list)

    def check(self, holds: bool, what: str) -> None:
        """Note what is wrong unless it holds."""
        if not holds:
            self.wrong.append(what)

    async def no_kernel_is_left(self, of: str) -> None:
        """Wait until the kernels of pages that are gone are gone too."""
        try:
            await asyncio.to_thread(until, lambda: self.server.kernels() == [])
        except AssertionError:
            self.wrong.append(f"{of}: {len(self.server.kernels())} kernels were left")


async def pages(attack: Attack, count: int) -> list[str]:
    """Pages that are closed at random moments of their load."""

    async def come_and_go(after: float) -> None:
        reader, writer = await _asked(attack.server.url)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(reader.read(-1), after)
        writer.close()

    await asyncio.gather(*(come_and_go(attack.chance.uniform(0, 4)) for _ in range(count)))
    await attack.no_kernel_is_left("pages")
    return ["pages closed as they load", str(count), f"{len(attack.server.kernels())} kernels left"]


async def drag(attack: Attack, visitors: int, drags: int) -> list[Dragged]:
    """So many visitors at once, who pause as people do and drag at 30 moves a second."""
    opened = [await Page.open(attack.server.url) for _ in range(visitors)]

    async def visit(page: Page, chance: random.Random) -> Dragged:
        whole = Dragged()
        for _ in range(drags):
            await asyncio.sleep(chance.uniform(0.5, 3))
            whole += await page.drag(chance.randrange(10, 40))
        return whole

    found = await asyncio.gather(*(visit(page, random.Random(attack.chance.random())) for page in opened))
    for page, dragged in zip(opened, found, strict=True):
        attack.check(dragged.wrong == 0, f"drags: {dragged.wrong} wrong values")
        await page.leave()
    await attack.no_kernel_is_left("drags")
    return list(found)


async def stops(attack: Attack, count: int) -> list[str]:
    """Stop at random moments of drags; afterwards the last value is shown."""
    page = await Page.open(attack.server.url)
    for _ in range(count):
        await page.move()
        await asyncio.sleep(attack.chance.uniform(0, 0.05))
        await page.stop()
    shown = await page.settled()
    attack.check(shown == page.value, f"stops: {shown} is shown after {page.value} was chosen")
    attack.check(page.wrong == 0, f"stops: {page.wrong} wrong values")
    await page.leave()
    await attack.no_kernel_is_left("stops")
    return ["Stop", str(count), f"{page.wrong} wrong values"]


async def kills(attack: Attack, count: int) -> list[str]:
    """Kernels that are killed at random moments: the page says so, or was whole already."""
    told = 0
    for _ in range(count):
        asking = asyncio.create_task(asyncio.to_thread(ask, attack.server.url))
        await asyncio.to_thread(until, lambda: attack.server.kernels() != [])
        await asyncio.sleep(attack.chance.uniform(0, 4))
        for child in psutil.Process(attack.server.process.pid).children():
            child.kill()
        status, text, _ = await asking
        told += COULD_NOT in text
        attack.check(status == 200 and "</html>" in text, f"kills: a page of status {status} ends in {text[-60:]!r}")
        await attack.no_kernel_is_left("kills")
    return ["kernels killed", str(count), f"{told} pages say so, {count - told} were whole"]


async def edits(attack: Attack, count: int) -> list[str]:
    """The notebook edited and half written all the time: a page is of the newest version if that is whole, else of one
    before it, and never of an older one than the last page."""
    whole, last, looked = 0, 0, 0
    text = attack.notebook.read_text()
    for number in range(1, count + 1):
        edited = text.replace("Version 0", f"Version {number}")
        if attack.chance.random() < 0.3:
            attack.notebook.write_text(edited[: attack.chance.randrange(len(edited))])
        else:
            attack.notebook.write_text(edited)
            whole = number
        if number % 10 == 0:
            found = await _version(attack.server.url)
            oldest = number if whole == number else last
            attack.check(oldest <= found <= whole, f"edits: version {found}, not {oldest} to {whole}, is served")
            last, looked = found, looked + 1
    attack.notebook.write_text(text)
    await attack.no_kernel_is_left("edits")
    return ["edits of the file", str(count), f"{looked} pages looked at"]


async def _version(url: str) -> int:
    """The version of the notebook whose page begins to come; -1 if there is none."""
    reader, writer = await _asked(url)
    begin = await reader.readuntil(b"</title>")
    writer.close()
    found = re.search(rb"<title>\s*Version (\d+)", begin)
    return int(found[1]) if found else -1


async def _asked(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=2**24)
    writer.write(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")  # 1.0: the answer is not cut into chunks
    return reader, writer


@contextmanager
def served(seed: int) -> Iterator[Attack]:
    """A server whose folders are in one of ours; afterwards nothing of it may be left."""
    with tempfile.TemporaryDirectory(prefix="nb-", dir="/tmp") as folder:
        runtime = Path(folder, "run")
        runtime.mkdir()
        path = write_notebook(Path(folder, "app.ipynb"), *(cell.replace("{0}", "0") for cell in CELLS))
        asked = ("--no-browser", "--port", "0", "--warm", "0", "--cache", "none")
        command = [sys.executable, "-m", "nbapp", "serve", str(path), *asked]
        environment = {**os.environ, "TMPDIR": str(runtime), "XDG_RUNTIME_DIR": str(runtime)}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        attack = Attack(Server(process), path, random.Random(seed))
        try:
            yield attack
        finally:
            try:
                code = attack.server.stop()
            except AssertionError as error:
                attack.wrong.append(str(error))
                code = 0
            attack.check(code == 0, f"the server ended with {code}")
            attack.check("Traceback" not in attack.server.output, "a traceback in the server's log")
            left = [path.name for path in runtime.iterdir()]
            attack.check(not left, f"left in the folder for temporary files: {', '.join(left[:5])}")


def times(name: str, found: list[Dragged], beside: Dragged | None = None) -> tuple[list[str], dict[str, Any]]:
    """A line of the table, and the figures. Times from a move to its value on the page."""
    whole = sum(found, Dragged())
    cuts = quantiles(whole.taken, n=100, method="inclusive")
    p50, p95, worst = cuts[49], cuts[94], max(whole.taken)
    ratio = p95 / quantiles(beside.taken, n=100, method="inclusive")[94] if beside else 1.0
    line = [f"{p50 * 1e3:.0f} ms", f"{p95 * 1e3:.0f} ms", f"{worst * 1e3:.0f} ms", f"{ratio:.2f}x", str(whole.wrong)]
    figures = {"p50": p50, "p95": p95, "worst": worst, "ratio": ratio, "wrong": whole.wrong, "moves": whole.moves}
    return [name, str(whole.moves), *line], figures


async def attacked(attack: Attack, asked: argparse.Namespace) -> dict[str, Any]:
    """Do all of it, and print."""
    alone = await drag(attack, 1, asked.drags)
    many = await drag(attack, asked.visitors, asked.drags)
    first, one = times("one visitor", alone)
    second, ten = times(f"{asked.visitors} visitors", many, alone[0])
    head = ["", "moves", "p50", "p95", "worst", "p95 beside one", "wrong"]
    met = "met" if ten["ratio"] < GOAL else "not met"
    show(
        "Drags at 30 moves a second", head, [first, second], [f"Goal: p95 under {GOAL:.0f} times one visitor's: {met}."]
    )
    others: list[tuple[Callable[[Attack, int], Awaitable[list[str]]], int]] = [
        *((pages, asked.pages), (stops, asked.stops), (kills, asked.kills), (edits, asked.edits)),
    ]
    rows = [await run(attack, count) for run, count in others if count]
    show("Attacks", ["", "how many", "found"], rows)
    return {"one": one, "many": ten, "attacks": rows}


def main() -> int:
    """Attack, count, print, write; 1 when something was wrong or left."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, count in (("pages", 30), ("visitors", 10), ("drags", 5), ("stops", 150), ("kills", 30), ("edits", 300)):
        parser.add_argument(f"--{name}", type=int, default=count, help="how many (default: %(default)d)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="repeats what had this seed")
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    with served(asked.seed) as attack:
        figures = asyncio.run(attacked(attack, asked))
    save("attack", {**figures, "wrong": attack.wrong, "seed": asked.seed})
    for what in attack.wrong:
        print(what, file=sys.stderr)
    print(json.dumps({"wrong": len(attack.wrong)}))
    return 1 if attack.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
