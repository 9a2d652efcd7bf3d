"""Shows what a cell has made so far while it takes long, even when it blocks the loop. Knows nothing of cells.

The ticks run on ipykernel's IOPub thread, which also sends the streams: it is alive whenever something can be shown.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from typing import Any

EVERY = 0.1  # seconds


class Live:
    """Calls `show` when something changed: not before `after` seconds, then at most every `EVERY` seconds."""

    def __init__(self, iopub_thread: Any, show: Callable[[], None], after: float) -> None:
        self._iopub_thread = iopub_thread
        self._show = show
        self._due = time.monotonic() + after
        self._context = contextvars.copy_context()  # ipykernel 7.0 finds the parent of a comm message nowhere else
        self._lock = threading.Lock()
        self._waiting = False
        self._over = False
        self.failed: Exception | None = None

    def changed(self) -> None:
        """There is something new to show; from any thread."""
        with self._lock:
            if self._waiting or self._over:
                return
            self._waiting = True
        self._iopub_thread.schedule(self._wait)

    def _wait(self) -> None:
        seconds = max(0.0, self._due - time.monotonic())
        self._iopub_thread.io_loop.call_later(seconds, self._context.run, self._tick)

    def _tick(self) -> None:
        with self._lock:
            if self._over:
                return
            self._waiting = False
            self._due = time.monotonic() + EVERY
            try:
                self._show()
            except Exception as error:  # noqa: BLE001 - raised to whoever awaits the cell, not in a thread
                self.failed = error
                self._over = True

    def stop(self) -> None:
        """Show nothing from now on; a call under way has ended when this returns.

        Raises:
            Exception: what `show` raised.
        """
        with self._lock:
            self._over = True
        if self.failed is not None:
            raise self.failed
