"""What visitors asked for in vain, in the server's log: a line and then a count, however often it was."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError

PAUSE = 10.0  # seconds between two lines
_OF_REQUESTS = ("tornado.general", "tornado.application")
_SAID_OF_REFUSED = frozenset({"%d %s: %s", "wrote error: %r"})  # by tornado and Jupyter, of requests that are counted
_LEFT = (StreamClosedError, WebSocketClosedError)  # whoever asked went away before the answer was written
_WHY = ("Blocking ", "Invalid cookie", "Expired cookie", "Cookie timestamp", "Tampered cookie")


@dataclass(slots=True)
class Refusals:
    """Tells of the first refusal at once, and of those that follow how many they were. `one` and `many` say of what."""

    log: logging.Logger
    pause: float = PAUSE
    one: str = "A message from a page was"
    many: str = "messages from pages were"
    _waits: bool = False
    _count: int = 0
    _last: str = ""

    def refuse(self, what: str) -> None:
        """Something was refused."""
        self._count += 1
        self._last = what
        if not self._waits:
            self._tell()

    def _tell(self) -> None:
        self._waits = bool(self._count)
        if not self._count:
            return
        several = self.one if self._count == 1 else f"{self._count} {self.many}"
        self.log.warning("%s refused: %r", several, self._last)
        self._count = 0
        asyncio.get_running_loop().call_later(self.pause, self._tell)


class Requests:
    """The log of HTTP requests: those that were refused are counted, and those that failed have a line each."""

    def __init__(self, log: logging.Logger, pause: float = PAUSE) -> None:
        self._log = log
        self._refusals = Refusals(log, pause, "A request was", "requests were")
        self._why = ""
        self.counts: Counter[str] = Counter()  # answers by status

    def watch(self) -> None:
        """Say nothing else of refused requests; what else is said of one is told with it."""
        for name in _OF_REQUESTS:
            logging.getLogger(name).addFilter(self._is_said)

    def handled(self, handler: Any) -> None:
        """A request was answered; what tornado calls."""
        status, request = handler.get_status(), handler.request
        self.counts[str(status)] += 1
        if status < 400:
            return
        asked = f"{status} {request.method} {request.path:.200} ({request.remote_ip})"  # the query may hold a token
        if status >= 500 and status != 503:  # of a page that waits
            self._log.error("%r failed after %.1f s", asked, request.request_time())
            return
        self._refusals.refuse(f"{asked}: {self._why}" if self._why else asked)
        self._why = ""

    def _is_said(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if said.startswith(_WHY):
            self._why = said
            return False
        if record.exc_info and isinstance(record.exc_info[1], _LEFT):
            return False
        return record.msg not in _SAID_OF_REFUSED
