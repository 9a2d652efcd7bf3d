"""The one way from a visitor's page into a kernel: messages of widgets, and nothing else.

Everything not listed here is dropped, on every channel. A page of ours speaks the newest framing; the older ones
are dropped whole. A message that passes is built anew from what was understood, so that the kernel reads exactly
what was judged.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from traitlets import Bool

V1 = "v1.kernel.websocket.jupyter.org"
ALLOWED = frozenset({"comm_close", "comm_info_request", "comm_msg", "comm_open", "kernel_info_request"})
# What a page opens to ask for the state of all widgets. Every other comm is the notebook's to open.
OPENED_BY_PAGES = frozenset({"jupyter.widget.control"})
_HEADER = ("msg_id", "msg_type", "session", "username", "date", "version")
_MALFORMED = (AttributeError, IndexError, KeyError, RecursionError, TypeError, UnicodeError, ValueError)


class PageConnection(ZMQChannelsWebsocketConnection):
    """A page's websocket to its kernel, which carries widgets and cannot carry code."""

    limit_rate = Bool(False, help="Dropping an update of a widget would leave the page wrong for good.")

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._opened: set[str] = set()

    def handle_incoming_message(self, incoming_msg: str | bytes) -> None:
        """Pass a message on to the kernel's shell channel if it is one of a page's."""
        if not self.channels:
            return
        try:
            channel, message = _decoded(incoming_msg, self.subprotocol)
            if channel == "shell" and self._allows(message):
                self.session.send(self.channels["shell"], message)
            else:
                self.log.warning("A message from a page was dropped: %.60r", message["msg_type"])
        except _MALFORMED as error:
            self.log.warning("A malformed message from a page was dropped: %.200r", error)

    def _allows(self, message: dict[str, Any]) -> bool:
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "comm_open":
            allowed = content["target_name"] in OPENED_BY_PAGES
            if allowed:
                self._opened.add(content["comm_id"])
            return allowed
        if kind == "comm_close":
            return content["comm_id"] in self._opened
        return kind in ALLOWED


def _decoded(frame: str | bytes, framing: str | None) -> tuple[str, dict[str, Any]]:
    """The channel and the message of a frame: only the fields that the protocol has, and no subshell."""
    if framing != V1 or isinstance(frame, str):
        raise ValueError(f"framing {framing}")
    if int.from_bytes(frame[:8], "little") > len(frame) // 8:
        raise ValueError("more parts than the frame can hold")  # Jupyter would count to any number it is told
    channel, *parts = _parts(frame)
    header, _, metadata, content = (json.loads(part) for part in parts[:4])
    header = {key: header[key] for key in _HEADER}
    if not all(isinstance(value, str) for value in header.values()):
        raise TypeError("header")
    if not (isinstance(metadata, dict) and isinstance(content, dict)):
        raise TypeError("metadata or content")
    message = {"header": header, "parent_header": {}, "metadata": metadata, "content": content, "buffers": parts[4:]}
    return channel.decode(), {**message, "msg_id": header["msg_id"], "msg_type": header["msg_type"]}


def _parts(frame: bytes) -> list[bytes]:
    """The channel and the parts of a message: a count, as many offsets as it says, then what lies between them.

    Jupyter's own function believes the count, and eight bytes are enough to keep the server busy for ever.
    """
    count = int.from_bytes(frame[:8], "little")
    if not 6 <= count <= len(frame) // 8 - 1:
        raise ValueError("count of offsets")
    offsets = [int.from_bytes(frame[8 * index : 8 * index + 8], "little") for index in range(1, count + 1)]
    if offsets != sorted(offsets) or offsets[0] != 8 * (count + 1) or offsets[-1] != len(frame):
        raise ValueError("offsets")
    return [frame[start:end] for start, end in pairwise(offsets)]
