"""The busy mark's clock: tells the listener when a rerun takes long, even while a cell blocks the loop."""

from __future__ import annotations

import threading

from nbapp.core.notebook import Cell
from nbapp.kernel.listener import Listener

BUSY_AFTER = 0.3  # seconds


class BusyClock:
    """Starts with the first execution of a walk, tells which cell is under way, ends with the walk."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._now: tuple[Cell, int, int] | None = None
        self._told = False

    def executing(self, cell: Cell, index: int, total: int) -> None:
        """This cell starts to execute."""
        with self._lock:
            self._now = (cell, index, total)
            if self._told:
                self._listener.busy(cell, index, total)
            elif self._timer is None:
                self._timer = threading.Timer(BUSY_AFTER, self._tell)
                self._timer.daemon = True
                self._timer.start()

    def _tell(self) -> None:
        with self._lock:
            if self._now is not None and self._timer is not None:
                self._told = True
                self._listener.busy(*self._now)

    def over(self) -> None:
        """The walk ended."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._told and self._now is not None:
                self._listener.busy(None, self._now[1], self._now[2])
            self._timer, self._now, self._told = None, None, False
