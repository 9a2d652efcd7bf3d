"""Widgets that a kernel makes before the page knows any: it gets them with the states of all, and not one by one.

A page asks for all states as it connects, and what it asked for is behind what the kernel said before. A widget that
comes alone then refers to others that the page does not have: it would wait for them, the answer would wait behind it,
and it would be given up. Whatever was made before the kernel began to answer is in the answer. While it puts that
together its threads go on, and what they say then comes before the answer, which may lack it: it is said again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

WIDGET = "jupyter.widget"  # what kernels open for a widget
OPENS_KEPT = 8 * 2**20  # bytes; of these the answer lacks at most what each thread was just opening


@dataclass(frozen=True)
class Said:
    """A message of a kernel, and which message of the page it was said in answer to."""

    kind: str
    asked: str
    content: dict[str, Any]
    parts: list[Any]
    channel: str

    @property
    def opens_widget(self) -> bool:
        """Whether a page makes a widget of it."""
        return self.kind == "comm_open" and self.content["target_name"] == WIDGET

    @property
    def method(self) -> str | None:
        """What it does with the widget that it is for."""
        data = self.content.get("data")
        return data.get("method") if self.kind == "comm_msg" and isinstance(data, dict) else None

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(map(len, self.parts))


class Untold:
    """Which messages of a kernel are too early for its page: one for each connection."""

    def __init__(self) -> None:
        self.waits = True  # until the page has been told all states
        self._asked = ""  # the newest message that asks for all states
        self._is_made = False  # whether the kernel puts the answer to it together
        self._kept: set[str] = set()  # widgets that the page has not heard of, and are there
        self._opens: deque[Said] = deque()  # what opened them before the answer was begun
        self._bytes = 0  # of those
        self._since: list[Said] = []  # what was said of widgets since

    def asks(self, message: dict[str, Any]) -> None:
        """The page sends a message."""
        data = message["content"].get("data")
        if message["msg_type"] == "comm_msg" and isinstance(data, dict) and data.get("method") == "request_states":
            self._asked = message["msg_id"]
            self._is_made = False
            since, self._since = self._since, []
            for said in since:
                if said.opens_widget:
                    self._keep(said)

    def begins(self, asked: str) -> None:
        """The kernel begins to handle a message."""
        self._is_made = self._is_made or asked == self._asked

    def now(self, said: Said) -> list[Said]:
        """What the page gets as the kernel says this: not what the answer will have, or is gone before."""
        if said.method == "update_states" and said.asked == self._asked:
            return [said, *self._rest(said.content["data"]["states"])]
        name = said.content.get("comm_id", "")
        if said.opens_widget:
            self._kept.add(name)
        is_kept = name in self._kept
        if self._is_made and (is_kept or said.kind == "comm_close" or said.method == "update"):
            self._since.append(said)
        elif said.opens_widget:
            self._keep(said)
        if said.kind == "comm_close":
            self._kept.discard(name)
        return [] if is_kept else [said]

    def _keep(self, said: Said) -> None:
        """A thread of the kernel says that it opens a widget, and only then makes it known to whoever answers."""
        self._opens.append(said)
        self._bytes += said.size
        while self._bytes > OPENS_KEPT:
            self._bytes -= self._opens.popleft().size

    def _rest(self, states: dict[str, Any]) -> list[Said]:
        """What the answer with these states lacks. From now on the page gets everything as it is said."""
        said = [*self._opens, *self._since]
        rest = [each for each in said if self._is_lacking(each, is_told=each.content["comm_id"] in states)]
        self.waits = False
        self._opens.clear()
        self._since.clear()
        return rest

    def _is_lacking(self, said: Said, *, is_told: bool) -> bool:
        if said.opens_widget:
            return not is_told and said.content["comm_id"] in self._kept
        return is_told or said.kind != "comm_close"
