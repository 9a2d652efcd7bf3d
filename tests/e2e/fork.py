"""A server for tests: a fork of one process that has imported what `nbapp serve` imports, more than half of its start."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

LONGEST = 1 << 20  # bytes of a request: an environment has some thousands


class Fork:
    """A server that the template forked; what tests use of `subprocess.Popen`, which can only wait for its own children."""

    def __init__(self, words: list[str]) -> None:
        printed, output = os.pipe()
        self._ended, ended = os.pipe()
        request = json.dumps({"words": words, "folder": str(Path.cwd()), "environment": dict(os.environ)}).encode()
        socket.send_fds(_template(), [request], [output, ended])
        os.close(output)
        os.close(ended)
        self.pid = int(_template().recv(LONGEST))
        self.stdout = os.fdopen(printed)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self._waited(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it ended; raises `subprocess.TimeoutExpired`."""
        if self._waited(timeout) is None:
            raise subprocess.TimeoutExpired("nbapp serve", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _waited(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], timeout)[0]:
            self.returncode = int(os.read(self._ended, 16))
            os.close(self._ended)
        return self.returncode


@cache
def _template() -> socket.socket:
    """The socket of the process that forks, tests/e2e/template.py, which ends when this process does."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its, Path(os.devnull).open() as nothing:
        its.set_inheritable(True)
        command = [sys.executable, "-m", "tests.e2e.template", str(its.fileno())]
        os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nothing.fileno(), 0)])
    return ours
