"""The busy mark's clock: tells the observer when a rerun takes long, even while a cell blocks the loop."""

from __future__ import annotations

import threading
import time

from nbapp.core.notebook import Cell
from nbapp.kernel.common.ticker import Ticker
from nbapp.kernel.frontends.observer import Observer

BUSY_AFTER = 0.3  # seconds


class BusyClock:
    """Starts with the first execution of a walk, tells which cell is under way, ends with the walk."""

    def __init__(self, observer: Observer, ticker: Ticker) -> None:
        self._observer = observer
        self._ticker = ticker
        self._lock = threading.Lock()
        self._now: tuple[Cell, int, int] | None = None
        self._told = False
        self.due = 0.0

    def executing(self, cell: Cell, index: int, total: int) -> None:
        """This cell starts to execute."""
        with self._lock:
            is_first, self._now = self._now is None, (cell, index, total)
            if self._told:
                self._observer.busy(cell, index, total)
            if is_first:
                self.due = time.monotonic() + BUSY_AFTER
        if is_first:
            self._ticker.want(self)

    def tick(self) -> None:
        """The walk takes long, or another began meanwhile, or none."""
        with self._lock:
            if self._now is None or self._told:
                return
            if self.due <= time.monotonic():
                self._told = True
                self._observer.busy(*self._now)
                return
        self._ticker.want(self)

    def over(self) -> None:
        """The walk ended."""
        with self._lock:
            if self._told and self._now is not None:
                self._observer.busy(None, self._now[1], self._now[2])
            self._now, self._told = None, False

    def close(self) -> None:
        """Nothing is told from now on."""
        self.over()
        self._ticker.unwant(self)
