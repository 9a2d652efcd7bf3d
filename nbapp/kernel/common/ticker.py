"""Calls what is due, also while a cell blocks the loop: on ipykernel's IOPub thread, which also sends the streams.

That thread is alive whenever something can be shown. To wake it costs a cell more than most cells take, so it is left
awake until the next call is due.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol


class Ticking(Protocol):
    """Something that waits for its time. `due` may be moved later while it waits."""

    due: float  # of `time.monotonic`

    def tick(self) -> None:
        """It is due."""


class Alarm:
    """Rings once, so many seconds from now."""

    def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
        self.due = time.monotonic() + seconds
        self.tick = ring


class Ticker:
    """Calls `tick` once of each that wants it, when it is due."""

    def __init__(self, iopub_thread: Any) -> None:
        self._iopub_thread = iopub_thread
        self._lock = threading.Lock()
        self._wanted: set[Ticking] = set()
        self._next: float | None = None  # when the thread looks again
        self._timer: Any = None

    def want(self, item: Ticking) -> None:
        """Tick when it is due; from any thread."""
        with self._lock:
            self._wanted.add(item)
            if self._next is not None and self._next <= item.due:
                return
            self._next = item.due
        self._iopub_thread.schedule(self._look)

    def unwant(self, item: Ticking) -> None:
        """It wants no tick any more."""
        with self._lock:
            self._wanted.discard(item)

    def forget(self) -> None:
        """Nothing is wanted any more, and the thread has no timer of ours."""
        with self._lock:
            self._wanted.clear()
            self._next = self._timer = None

    def _look(self) -> None:
        now, loop = time.monotonic(), self._iopub_thread.io_loop
        if self._timer is not None:
            loop.remove_timeout(self._timer)
            self._timer = None
        with self._lock:
            due = [item for item in self._wanted if item.due <= now]
            self._wanted.difference_update(due)
            self._next = min((item.due for item in self._wanted), default=None)
            if self._next is not None:
                self._timer = loop.call_later(self._next - now, self._look)
        for item in due:
            item.tick()
