"""Whether a kernel's page is still there: the signs of life that it gave."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Presence:
    """Signs of life of a page. Times are in seconds, on `time.monotonic`."""

    seen: float | None = None  # when it gave the last one; None: the kernel is no page's so far
    was_connected: bool = False
    is_being_sent: bool = False  # the page is under way to whoever asked for it
    waits: int = 0  # its questions that wait for news
    is_unread: bool = False  # it is to end although it may be connected

    def seen_now(self) -> None:
        """The page gave a sign of life."""
        self.seen = time.monotonic()

    def seen_before(self, seconds: float) -> None:
        """The page went away: as if it had given its last sign so many seconds ago."""
        self.seen = time.monotonic() - seconds

    def is_gone(self, to_load: float, to_come_back: float) -> bool:
        """Whether nothing was heard of the page for longer than it has to load or, once it was connected, to come back.

        Who holds a request open is there. The connection itself is not looked at.
        """
        if self.seen is None or self.is_being_sent or self.waits:
            return False
        return time.monotonic() - self.seen > (to_come_back if self.was_connected else to_load)
