"""Who serves the small app, each as its own documentation says: commands, addresses, and where a page has what.

An expensive load (2 s), a slow stage (0.5 s) that reads slider `a`, a cheap stage that reads slider `b`.
It measures nothing.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.envs import NotInstalled, environment, program, versions

NOTEBOOKS = Path(__file__).parent / "notebooks"
SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class App:
    """The small app made with one tool. The command may name `{port}`; selectors find texts and slider handles."""

    command: tuple[str, ...]
    package: str = ""  # what its own environment needs; "" for what runs in ours
    path: str = ""
    texts: str = ".jp-RenderedText, .jp-RenderedHTMLCommon, .widget-html-content"
    handles: str = ".noUi-handle"

    def script(self) -> str:
        """What a page runs before its own scripts."""
        found = json.dumps({"texts": self.texts, "handles": self.handles})
        return f"window.benchPage = {found};\n{SCRIPT}"

    def arguments(self, port: int) -> list[str]:
        """The command line.

        Raises:
            NotInstalled: its environment cannot be made.
        """
        if not self.package:
            start = [sys.executable, "-m"]
        else:
            folder = environment(self.package, [self.package])
            start = [str(program(folder, self.command[0]))]
        command = self.command[1:] if self.package else self.command
        return [*start, *(part.format(port=port) for part in command)]


def _ours(notebook: str, *command: str) -> App:
    return App((*command, f"{notebook}.ipynb", "--no-browser", "--port={port}"))


NBAPP, BY_HAND = "nbapp", "observe, Output widget"
OURS = {
    NBAPP: _ours("nbapp", "nbapp", "serve", "--cache=none"),  # the first visitor finds nothing
    BY_HAND: _ours("observe_output", "voila"),
    "observe, HTML widget": _ours("observe_html", "voila"),
    "observe, naive": _ours("observe_naive", "voila"),
}
PEERS = {
    "Streamlit, st.cache_data": App(
        (
            *("streamlit", "run", "streamlit_app.py", "--server.headless=true", "--server.port={port}"),
            *("--server.fileWatcherType=none", "--browser.gatherUsageStats=false"),
        ),
        "streamlit",
        texts=".stText",
        handles=".stSlider input[type=range]",
    ),
    "marimo, mo.cache": App(
        ("marimo", "run", "marimo_app.py", "--headless", "--port={port}"),
        "marimo",
        texts="pre",
        handles="[role=slider]",
    ),
    "Mercury, functools.cache": App(
        ("mercury", "--no-browser", "--port={port}", "--allow-root"),
        "mercury",
        path="mercury/mercury.ipynb",
        texts=".jp-RenderedText",
        handles="input[type=range]",
    ),
}
PREHEATED = "observe, preheated kernels"
CONTENDERS = {**OURS, PREHEATED: _ours("observe_output", "voila", "--preheat_kernel=True"), **PEERS}
ARRIVALS = {name: CONTENDERS[name] for name in (NBAPP, BY_HAND, PREHEATED, *PEERS)}


def missing(names: Sequence[str]) -> dict[str, str]:
    """Of these contenders those that cannot be installed, with the reason."""
    found = {}
    for name in names:
        try:
            CONTENDERS[name].arguments(0)
        except NotInstalled as error:
            found[name] = str(error)
    return found


def peer_versions(names: Sequence[str]) -> dict[str, str]:
    """The versions of the peers among these contenders."""
    found: dict[str, str] = {}
    for package in (CONTENDERS[name].package for name in names):
        if package:
            found |= versions(environment(package, [package]), [package])
    return found


@asynccontextmanager
async def served(app: App, log: Path) -> AsyncIterator[str]:
    """Start a server of an app; its URL once it listens."""
    port = _free_port()
    with log.open("wb") as sink:
        server = await asyncio.create_subprocess_exec(
            *app.arguments(port), stdout=sink, stderr=sink, stdin=asyncio.subprocess.DEVNULL, cwd=NOTEBOOKS
        )
        try:
            await _listening(server, port, log)
            yield f"http://localhost:{port}/{app.path}"
        finally:
            if server.returncode is None:
                server.terminate()
                await server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _listening(server: asyncio.subprocess.Process, port: int, log: Path) -> None:
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
