"""The wire between a browser and a server, which can be cut: every byte goes through, until it does not. What opens a
websocket can be held.
"""

from __future__ import annotations

import contextlib
import socket
import threading


class Wire:
    """Listens on a free `port` and passes on what it gets to `to`, a port of this computer."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._is_cut = False
        self._lets_sockets_open = threading.Event()
        self._lets_sockets_open.set()
        self._ends: list[socket.socket] = []
        self._listening = socket.create_server(("localhost", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection, and each new one at once."""
        self._is_cut = True
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let connections through again."""
        self._is_cut = False

    def hold(self) -> None:
        """Let no websocket open, until `let_go`: browsers ask for each on a connection of its own."""
        self._lets_sockets_open.clear()

    def let_go(self) -> None:
        """Let websockets open again, and those that waited."""
        self._lets_sockets_open.set()

    def close(self) -> None:
        """Listen no more."""
        self._listening.close()
        self.cut()
        self.let_go()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                end, _ = self._listening.accept()
                if self._is_cut:
                    end.close()
                    continue
                other = socket.create_connection(("localhost", self._to))
                self._ends += [end, other]
                for source, target in ((end, other), (other, end)):
                    threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while sent := source.recv(2**16):
                if b"Upgrade: websocket" in sent:
                    self._lets_sockets_open.wait()
                target.sendall(sent)
        _end(source, target)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
