"""The wire between a browser and a server, which can be cut: every byte goes through, until it does not."""

from __future__ import annotations

import contextlib
import socket
import threading


class Wire:
    """Listens on a free `port` and passes on what it gets to `to`, a port of this computer."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._is_cut = False
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

    def close(self) -> None:
        """Listen no more."""
        self._listening.close()
        self.cut()

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
                    threading.Thread(target=_pass_on, args=(source, target), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while sent := source.recv(2**16):
            target.sendall(sent)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
