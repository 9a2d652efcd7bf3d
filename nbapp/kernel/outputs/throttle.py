"""Shows what a cell has made so far while it takes long, even when it blocks the loop."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable

from nbapp.kernel.common.ticker import Ticker

EVERY = 0.1  # seconds
LATEST = 2.0  # seconds by which what is heavy comes later
PIECES = 0.01  # seconds in which the pieces of one line come


class Throttle:
    """Calls `show` when something changed: not before `after` seconds, then at most every `EVERY` seconds, and later
    by what a page needs to show it: `weight`, in seconds."""

    def __init__(
        self, ticker: Ticker, show: Callable[[], None], after: float, weight: Callable[[], float] = float
    ) -> None:
        self._ticker = ticker
        self._show = show
        self._weight = weight
        self.due = time.monotonic() + after
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
            self.due = max(self.due, time.monotonic() + PIECES)
        self._ticker.want(self)

    def tick(self) -> None:
        """It is due: show it."""
        self._context.run(self._tick)

    def _tick(self) -> None:
        with self._lock:
            if self._over:
                return
            self._waiting = False
            self.due = time.monotonic() + EVERY + min(self._weight(), LATEST)
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
        self._ticker.unwant(self)
        if self.failed is not None:
            raise self.failed
