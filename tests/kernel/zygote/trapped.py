"""Runs notebooks with a fork after their first run: `python -m tests.kernel.zygote.trapped` answers one JSON request a
line, each in a process that forks kernels and that no other request has touched.

A request: `cells`, `files`, `steps` as the traps have them, `probes`, a `folder`; the answer: `values`, and how many
cells the copy did not execute; or why there is no fork.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, cast

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
    sources, skipped = list(request["cells"]), 0
    for step in request["steps"]:
        for kind, where, text in step:
            if kind == "edit":
                sources[where] = text
            else:
                write({where: text})
        app.notebook = tuple(cells(sources))
        skipped += sum(step.state in ("skipped", "restored") for step in await app.rerun())
    values = []
    for probe in request["probes"]:
        try:
            values.append(repr(await app.evaluate(probe)))
        except Exception as error:
            values.append(type(error).__name__)
    Path(request["answer"]).write_text(json.dumps({"values": values, "skipped": skipped}), encoding="utf-8")
    return 0


def answer(halves: Halves, request: dict[str, Any]) -> None:
    from nbapp.kernel.zygote.child import run_alone
    from nbapp.kernel.zygote.zygote import CannotFork, Zygote

    os.chdir(request["folder"])
    write(request["files"])
    mine, _theirs = socket.socketpair()
    zygote = Zygote(Wire(mine.detach()), halves)
    asked = [{"id": cell.id, "source": cell.source, "tags": []} for cell in cells(request["cells"])]
    try:
        zygote.start(json.dumps({"cells": asked, "settings": {}, "environment": {}, "user": None}))
    except CannotFork as why:
        Path(request["answer"]).write_text(json.dumps({"refused": str(why)}), encoding="utf-8")
        return
    app, parent = cast(Any, halves.shell).nbapp, os.getpid()
    number = forked()
    if number == 0:
        run_alone(halves, app, parent, [], lambda: in_copy(app, request))
    os.waitpid(number, 0)


def main() -> None:
    say = os.fdopen(os.dup(1), "w")
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
