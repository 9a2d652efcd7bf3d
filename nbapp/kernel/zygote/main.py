"""`main`: what a zygote's process does before it imports anything of ipywidgets'."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from importlib.metadata import version
from importlib.util import find_spec

from nbapp._compat.halves import Halves
from nbapp.kernel.zygote import process
from nbapp.kernel.zygote.wire import Wire

_OLDEST = (7, 1)  # of ipykernel


def main(descriptor: int, server: int) -> None:
    """Be a zygote for the server whose number is given, and which has the other end of a socket."""
    process.end_with(server)
    launcher = find_spec("ipykernel_launcher")
    sys.argv[:] = [str(launcher and launcher.origin), "-f", ""]  # as a kernel that is started has it
    wire = Wire(descriptor)
    installed = version("ipykernel")
    if tuple(map(int, re.findall(r"\d+", installed)[:2])) < _OLDEST:
        wire.send("refused", why=f"ipykernel {installed} cannot be forked; 7.1 can")
        return
    halves = Halves.instance()
    asyncio.set_event_loop(asyncio.new_event_loop())
    halves.first_half()
    # ipywidgets registers its comm targets as it is imported, with the kernel that is there.
    from nbapp.kernel.zygote.zygote import CannotFork, Zygote  # noqa: PLC0415

    zygote = Zygote(wire, halves)
    asked = wire.receive()  # the first page's own kernel may still be running the notebook
    if asked is None:
        return
    try:
        zygote.start(json.dumps(asked))
    except CannotFork as why:
        wire.send("refused", why=str(why))
        return
    wire.send("ready")
    zygote.serve()
