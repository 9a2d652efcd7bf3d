"""What a kernel started: processes of its group, and those below it that left the group. They end with the kernel."""

from __future__ import annotations

import contextlib
import os
import signal

import psutil


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
