"""Runs notebooks with a fork after their first run: `python -m tests.kernel.zygote.trapped` answers one JSON request a
line, each in a process that forks kernels and that no other request has touched.

A request: `cells`, `files`, `probes`, a `folder`, where the `answer` goes, and `steps`: lists of `["edit", cell, text]`,
`["file", path, text]` and `["set", widget, value]`, each followed by one rerun. The answer: `values` of the probes,
`shown` by all cells after each step, and `states`; or why there is no fork. With `alone` nothing is forked.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import re
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, cast

from traitlets import TraitError

from nbapp._compat.halves import Halves
from nbapp.core.notebook import Cell, CellId
from nbapp.kernel.zygote.process import forked
from nbapp.kernel.zygote.wire import Wire


def cells(sources: list[str]) -> list[Cell]:
    return [Cell(CellId(f"c{index}"), source, ()) for index, source in enumerate(sources)]


def write(files: dict[str, str]) -> None:
    for path, text in files.items():
        Path(path).write_text(text, encoding="utf-8")


async def in_copy(app: Any, request: dict[str, Any]) -> int:
    """What the copy does: the steps, each followed by a rerun; then what the probes are."""
    sources = list(request["cells"])
    shown, states = [], []
    for step in request["steps"]:
        for kind, where, what in step:
            if kind == "edit":
                sources[where] = what
            elif kind == "file":
                write({where: what})
            elif (widget := app.widgets().get(where)) is not None:
                with contextlib.suppress(TraitError):
                    app.host.widgets.set_value(widget, what)
        app.edit(tuple(cells(sources)))
        states.append([step.state for step in await app.rerun()])
        shown.append([plain(app.outputs(cell.id)) for cell in app.notebook])
    values = []
    for probe in request["probes"]:
        try:
            values.append(repr(await app.evaluate(probe)))
        except Exception as error:
            values.append(type(error).__name__)
    found = {"values": values, "shown": shown, "states": states}
    Path(request["answer"]).write_text(json.dumps(found), encoding="utf-8")
    return 0


def plain(outputs: Any) -> str:
    """Outputs without what differs from process to process: ids of widgets, addresses, numbers of processes."""
    text = json.dumps(outputs, default=str)
    return re.sub(r"\b[0-9a-f]{32}\b|0x[0-9a-f]{8,}|ipykernel_\d+", "…", text)


def answer(halves: Halves, request: dict[str, Any]) -> None:
    from nbapp.kernel.zygote.child import run_alone
    from nbapp.kernel.zygote.zygote import CannotFork, Zygote

    os.chdir(request["folder"])
    write(request["files"])
    mine, _theirs = socket.socketpair()
    zygote = Zygote(Wire(mine.detach()), halves)
    asked = [{"id": cell.id, "source": cell.source, "tags": []} for cell in cells(request["cells"])]
    try:
        zygote.start(json.dumps({"cells": asked, "settings": {}, "environment": {}, "outbox": None, "user": None}))
    except CannotFork as why:
        Path(request["answer"]).write_text(json.dumps({"refused": str(why)}), encoding="utf-8")
        return
    app, parent = cast(Any, halves.shell).nbapp, os.getpid()
    if request.get("alone"):
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        halves.watch()
        app.resume()
        loop.run_until_complete(in_copy(app, request))
        return
    number = forked()
    if number == 0:
        run_alone(halves, app, parent, [], lambda: in_copy(app, request))
    os.waitpid(number, 0)


def main() -> None:
    say = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # programs of cells print there too
    halves = Halves.instance()
    asyncio.set_event_loop(asyncio.new_event_loop())
    halves.first_half()
    for name in ("matplotlib", "numpy", "pandas"):  # traps use them: imported once
        importlib.import_module(name)
    for line in sys.stdin:
        request = json.loads(line)
        number = os.fork()
        if number == 0:
            try:
                answer(halves, request)
            except BaseException:
                os.write(2, traceback.format_exc().encode())
            os._exit(0)
        os.waitpid(number, 0)
        found = Path(request["answer"])
        say.write((found.read_text(encoding="utf-8") if found.exists() else '{"crash": true}') + "\n")
        say.flush()


if __name__ == "__main__":
    main()
