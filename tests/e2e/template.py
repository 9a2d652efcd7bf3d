"""The process that tests fork their servers from: it has imported what `nbapp serve` imports.

A request is the command's words, the folder and the environment, with the ends of two pipes: for what is printed, and for
the exit code. What runs in a fork is the command itself, from its arguments to its exit code.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
from typing import Any

import nbapp.serve.server
import nbapp.serve.several.front  # noqa: F401 -- both are what a server imports, by the command that was asked for
from nbapp.cli import main
from tests.e2e.fork import LONGEST


def _next_words(requests: socket.socket) -> list[str]:
    """Fork for each request and tell exit codes; returns in a fork only, which is set up, with its command's words."""
    ends: dict[int, int] = {}

    def tell(*_: object) -> None:
        while ends:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            os.write(ends[pid], str(os.waitstatus_to_exitcode(status)).encode())
            os.close(ends.pop(pid))

    signal.signal(signal.SIGCHLD, tell)
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, LONGEST, 2)
        if not request:
            raise SystemExit
        output, ended = descriptors
        # A fork may end at once: before its pipe is known nobody asks for those that have ended.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        if not (pid := os.fork()):
            requests.close()
            for end in (*ends.values(), ended):
                os.close(end)
            return _set_up(json.loads(request), output)
        ends[pid] = ended
        os.close(output)
        requests.send(str(pid).encode())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def _set_up(asked: dict[str, Any], output: int) -> list[str]:
    """Make this process what a new one would be."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w", buffering=1)  # the old ones know files, not pipes
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    words: list[str] = asked["words"]
    sys.argv = ["nbapp", *words]
    return words


if __name__ == "__main__":
    gc.freeze()
    sys.exit(main(_next_words(socket.socket(fileno=int(sys.argv[1])))))
