"""What a zygote and its server say to each other: lines of JSON over a pair of sockets that nobody else has.

The server sends first what the app is (as `served.start` takes it), then `{"fork": id, "connection_file": path}`.
The zygote answers `{"is": "walked" | "ready" | "refused" | "forked" | "bound" | "not forked" | "ended", ...}`.
"""

from __future__ import annotations

import json
import socket
from typing import Any

_PIECE = 65536  # bytes read at once


class Wire:
    """The zygote's end. Each message is sent at once: copies of the process share it."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.set_inheritable(False)  # programs that cells start have nothing to say
        self._rest = b""

    def fileno(self) -> int:
        """The descriptor, to wait for."""
        return self._socket.fileno()

    def receive(self) -> dict[str, Any] | None:
        """The next message, as soon as there is one; None when the server wants nothing any more."""
        while b"\n" not in self._rest:
            try:
                piece = self._socket.recv(_PIECE)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return None
            self._rest += piece
        line, self._rest = self._rest.split(b"\n", 1)
        found: dict[str, Any] = json.loads(line)
        return found

    def has_more(self) -> bool:
        """Whether a message has been read already."""
        return b"\n" in self._rest

    def send(self, what: str, **more: Any) -> None:
        """Tell the server; one that is gone need not be told."""
        try:
            self._socket.sendall(json.dumps({"is": what, **more}).encode() + b"\n")
        except OSError:
            self.close()

    def close(self) -> None:
        """This process says nothing any more."""
        self._socket.close()
