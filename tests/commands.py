"""`nbapp` as a person calls it: what it prints and returns, in a terminal, and stopped by Ctrl-C."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from nbapp.cli import main

PATIENCE = 60.0  # seconds
NBAPP = [sys.executable, "-m", "nbapp"]


def called(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What `nbapp ARGUMENTS` prints and returns, called in this process: one of its own takes a second only to load.

    The tests of `in_a_terminal` and `interrupted`, and some of each command, have the process.
    """
    command = [*map(str, arguments)]
    before = Path.cwd()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        os.chdir(cwd or before)
        try:
            with _into(1, "stdout", out), _into(2, "stderr", err):
                code = _code(command)
        finally:
            os.chdir(before)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


def _code(command: list[str]) -> int:
    try:
        return main(command)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1


@contextmanager
def _into(descriptor: int, name: str, file: TextIO) -> Iterator[None]:
    """Lead what is written to a stream, here and in processes that are started, into a file."""
    kept, stream = os.dup(descriptor), getattr(sys, name)
    os.dup2(file.fileno(), descriptor)
    try:
        with open(descriptor, "w", closefd=False) as written:
            setattr(sys, name, written)
            yield
    finally:
        setattr(sys, name, stream)
        os.dup2(kept, descriptor)
        os.close(kept)


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
