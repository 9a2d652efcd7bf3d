"""Widgets that a kernel makes before the page knows any: it gets them with the states of all, and not one by one.

A page asks for all states as it connects, and what it asked for is behind what the kernel said before. A widget that
comes alone then refers to others that the page does not have: it would wait for them, the answer would wait behind it,
and it would be given up. Whatever was made before the answer is in the answer.
"""

from __future__ import annotations

from typing import Any

WIDGET = "jupyter.widget"  # what kernels open for a widget


class Untold:
    """Which messages of a kernel are too early for its page: one for each connection."""

    def __init__(self) -> None:
        self.waits = True  # until the page has been told all states
        self._asked = ""  # the newest message that asks for all states
        self._kept: set[str] = set()  # widgets that the page has not heard of

    def asks(self, message: dict[str, Any]) -> None:
        """The page sends a message."""
        data = message["content"].get("data")
        if message["msg_type"] == "comm_msg" and isinstance(data, dict) and data.get("method") == "request_states":
            self._asked = message["msg_id"]

    def keeps(self, kind: str, parent: dict[str, Any], content: dict[str, Any]) -> bool:
        """Whether a message that the kernel sends is not for the page: the answer will have what it says, or it is
        gone before.
        """
        if kind == "comm_open" and content["target_name"] == WIDGET:
            self._kept.add(content["comm_id"])
        if kind == "comm_msg" and parent.get("msg_id") == self._asked:
            self.waits = False
            self._kept.clear()
        is_kept = content.get("comm_id") in self._kept
        if kind == "comm_close":
            self._kept.discard(content["comm_id"])
        return is_kept
