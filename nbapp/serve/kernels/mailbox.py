"""What a page sends to its kernel, one update of a widget at a time: while one is under way, only the newest waits.

A kernel that is behind would work off a drag value by value, and whoever floods it keeps others waiting. Messages keep
their order: an update is merged only into one of the same widget that comes right after it.

A few bytes ask for all states, which may be megabytes: a page asks one such thing at a time.
"""

from __future__ import annotations

import asyncio
import time
from asyncio import Future
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
LATEST = 2.0  # seconds after which an answer is taken as lost
ASKS = ("request_state", "request_states")  # what a comm message may ask


class Mailbox:
    """`send` takes a message to the kernel; `answered_for` tells the page that one is done which never gets there."""

    def __init__(
        self,
        send: Callable[[Message], None],
        answered_for: Callable[[Message], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._answered_for = answered_for
        self._clock = clock
        self._under_way: dict[str, tuple[str, float]] = {}  # by widget: the message, and when it was sent
        self._held: Message | None = None
        self._question = ""  # the newest message that asks
        self._answer: Future[None] | None = None

    def put(self, message: Message) -> Awaitable[object] | None:
        """A message from the page. What it gives is to be awaited before the next one is taken."""
        if not _asks(message):
            self._post(message)
            return None
        self._question, self._answer = message["msg_id"], asyncio.get_running_loop().create_future()
        self._post(message)
        return asyncio.wait([self._answer], timeout=LATEST)

    def _post(self, message: Message) -> None:
        widget = _updated(message)
        if widget is None:
            self._release()
            self._send(message)
            return
        if self._held is not None and _updated(self._held) != widget:
            self._release()
        if self._held is not None:
            older = self._held["content"]["data"]["state"]
            self._answered_for(self._held["header"])
            message["content"]["data"]["state"] = {**older, **message["content"]["data"]["state"]}
            self._held = message
        elif self._is_under_way(widget):
            self._held = message
        else:
            self._pass(widget, message)
        if self._held is not None and not self._is_under_way(widget):
            self._release()

    def answered(self, msg_id: str) -> None:
        """The kernel has taken a message."""
        if self._answer is not None and msg_id == self._question:
            self._answer.set_result(None)
            self._answer = None
        widget = next((widget for widget, (sent, _) in self._under_way.items() if sent == msg_id), None)
        if widget is None:
            return
        del self._under_way[widget]
        if self._held is not None and _updated(self._held) == widget:
            self._release()

    def waits(self) -> bool:
        """Whether the kernel has not taken everything so far."""
        return self._held is not None or any(map(self._is_under_way, self._under_way))

    def closes(self) -> None:
        """The page is gone: the kernel gets what waited."""
        self._release()

    def _release(self) -> None:
        message, self._held = self._held, None
        if message is not None:
            self._pass(_updated(message) or "", message)

    def _pass(self, widget: str, message: Message) -> None:
        self._under_way[widget] = message["msg_id"], self._clock()
        self._send(message)

    def _is_under_way(self, widget: str) -> bool:
        sent = self._under_way.get(widget)
        return sent is not None and self._clock() - sent[1] < LATEST


def _updated(message: Message) -> str | None:
    """The widget whose traits a message sets, if it can be merged into another one."""
    content = message["content"]
    data = content.get("data")
    if message["msg_type"] != "comm_msg" or message["buffers"] or not isinstance(data, dict):
        return None
    if data.get("method") != "update" or data.get("buffer_paths") or not isinstance(data.get("state"), dict):
        return None
    comm_id = content["comm_id"]
    return comm_id if isinstance(comm_id, str) else None


def _asks(message: Message) -> bool:
    """Whether the answer may be far longer than the message."""
    if message["msg_type"] == "comm_info_request":
        return True
    data = message["content"].get("data")
    return message["msg_type"] == "comm_msg" and isinstance(data, dict) and data.get("method") in ASKS
