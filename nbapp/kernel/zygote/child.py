"""What a copy of the zygote does first: it becomes a process, and then a kernel, of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from nbapp._compat.halves import Halves
from nbapp._compat.python import forget_exit_handlers, run_exit_handlers
from nbapp.kernel.app import App
from nbapp.kernel.outputs.iopub import keep_all
from nbapp.kernel.zygote import process
from nbapp.kernel.zygote.wire import Wire


def part(parent: int, inherited: list[int]) -> None:
    """Leave the process that this one is a copy of, and whose number is given. `inherited`: the files that it reads.

    What was to be done at the end of that process, such as the removal of a folder, is not ours to do.
    """
    os.setsid()
    process.end_with(parent)
    forget_exit_handlers()
    for descriptor in inherited:
        process.reopen(descriptor)


def become_kernel(
    halves: Halves, app: App, inherited: list[int], request: dict[str, Any], wire: Wire, parent: int
) -> NoReturn:
    """Be the kernel that a server asked for, and tell it as soon as somebody can connect; ends this process."""
    try:
        part(parent, inherited)
        sys.argv[2] = request["connection_file"]
        asyncio.set_event_loop(asyncio.new_event_loop())
        halves.second_half(request["connection_file"])
        app.resume()
        keep_all(halves.kernel)
        wire.send("bound", id=request["fork"], pid=os.getpid())
        wire.close()
        halves.run()
        run_exit_handlers()
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 -- whatever it is, nobody above may go on as the zygote
        if isinstance(error, FileNotFoundError) and error.filename == request["connection_file"]:
            os._exit(1)  # the page was left meanwhile, and the server has taken it away
        os.write(2, traceback.format_exc().encode())
        os._exit(1)


def run_alone(
    halves: Halves, app: App, parent: int, inherited: list[int], run: Callable[[], Awaitable[int]]
) -> NoReturn:
    """Do something in a copy that says nothing to anybody, and end with the number that it returns."""
    log = os.dup(2)
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (1, 2):
            os.dup2(nowhere, number)
        part(parent, inherited)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        halves.watch()
        app.resume()
        os._exit(loop.run_until_complete(run()))
    except BaseException:  # noqa: BLE001 -- whatever it is, nobody above may go on as the zygote
        os.write(log, traceback.format_exc().encode())
        os._exit(1)
