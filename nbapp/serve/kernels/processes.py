"""What a kernel started: processes of its group, and those below it that left the group. They end with the kernel."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import psutil

_PR_SET_PDEATHSIG = 1
_PRCTL: Any = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def ending_with_this_one() -> dict[str, Callable[[], None]]:
    """What `Popen` is to be told besides, so that Linux ends the process with this one, however this one ends.

    ipykernel looks for its parent itself, once it is imported and while Python code runs. One that was still importing,
    and was left to another than the first process (a user's systemd), waited for ever.
    """
    return {"preexec_fn": partial(_end_with, os.getpid())} if _PRCTL is not None else {}


def _end_with(parent: int) -> None:
    """In the new process: nothing here may need a lock that another thread of the server had as it was copied."""
    _PRCTL(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def below(pid: int) -> list[psutil.Process]:
    """The processes below a process, at this moment: once it is gone nobody knows whose they are."""
    try:
        found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return found


def end(processes: list[psutil.Process]) -> None:
    """Kill processes; some may be gone."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process.kill()  # psutil looks whether the number is another process' by now


def end_group(leader: int) -> None:
    """Kill what is left of a process group whose leader may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
