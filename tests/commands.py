"""`nbapp` as a person calls it: in a terminal, and stopped by Ctrl-C."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60.0  # seconds
NBAPP = [sys.executable, "-m", "nbapp"]


def in_a_terminal(*arguments: str) -> bytes:
    """What a person sees of a command that succeeds."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen([*NBAPP, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    seen = b""
    while piece := _read(ours):
        seen += piece
    os.close(ours)
    assert process.wait(PATIENCE) == 0
    return seen


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def interrupted(folder: Path, *arguments: str, once: Callable[[], bool]) -> None:
    """Stop a command by Ctrl-C `once` it is under way: it says so, and leaves no temporary file behind."""
    temporary = folder / "temporary"
    temporary.mkdir()
    env = {**os.environ, "TMPDIR": str(temporary)}
    process = subprocess.Popen([*NBAPP, *arguments], stderr=subprocess.PIPE, text=True, env=env)
    end = time.monotonic() + PATIENCE
    while not once() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (130, "stopped\n")
    assert list(temporary.iterdir()) == []
