"""The process of a server: its folder, what asks it to stop, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import psutil

from nbapp.errors import UsageError
from nbapp.serve.kernels import processes


def leave(code: int) -> NoReturn:
    """End this process without a last look around: sockets to kernels that died keep an interpreter from ending."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def stopping() -> asyncio.Future[None]:
    """A future that is done when this process is asked to stop, or its terminal is closed."""
    loop = asyncio.get_running_loop()
    asked: asyncio.Future[None] = loop.create_future()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            loop.add_signal_handler(number, _settle, asked)
    return asked


def _settle(asked: asyncio.Future[None]) -> None:
    if not asked.done():
        asked.set_result(None)


def folder() -> str:
    """A folder of this process for sockets, which only we can read. What a server that was killed left goes away.

    Raises:
        UsageError: none can be made.
    """
    parent = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    for left in parent.glob("nbapp-*-*"):
        number = left.name.split("-")[1]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            shutil.rmtree(left, ignore_errors=True)  # of another user: it stays
    try:
        return tempfile.mkdtemp(prefix=f"nbapp-{os.getpid()}-", dir=parent)
    except OSError as error:
        instead = "set XDG_RUNTIME_DIR or TMPDIR to a folder that you may write"
        raise UsageError(f"no folder for sockets can be made in {parent}: {error.strerror}", instead) from None


def end_children(connections: str) -> None:
    """Kill the kernels whose connection files are in a folder, with everything that they started."""
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if any(connections in argument for argument in child.cmdline()):
                below = processes.below(child.pid)
                processes.end_group(child.pid)  # each leads a group of its own
                processes.end(below)
