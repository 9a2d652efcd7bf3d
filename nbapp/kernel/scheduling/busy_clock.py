"""The busy mark's clock: tells the listener when a rerun takes long, even while a cell blocks the loop."""

from __future__ import annotations

import threading
import time

from nbapp.core.notebook import Cell
from nbapp.kernel.frontends.observer import Observer

BUSY_AFTER = 0.3  # seconds


class BusyClock:
    """Starts with the first execution of a walk, tells which cell is under way, ends with the walk.

    One thread waits beside the cells, from the first execution until `close`. It is woken when something executes
    after a pause, and not again by the walks that follow closely, as in a drag.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._changed = threading.Condition(threading.Lock())
        self._thread: threading.Thread | None = None
        self._now: tuple[Cell, int, int] | None = None
        self._due = 0.0
        self._told = False
        self._sleeps = False
        self._closed = False

    def executing(self, cell: Cell, index: int, total: int) -> None:
        """This cell starts to execute."""
        with self._changed:
            if self._now is None:
                self._due = time.monotonic() + BUSY_AFTER
            self._now = (cell, index, total)
            if self._told:
                self._observer.busy(cell, index, total)
            elif self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._watch, name="nbapp-busy", daemon=True)
                self._thread.start()
            elif self._sleeps:
                self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                left = self._due - time.monotonic()
                if self._now is None or self._told:
                    self._sleeps = True
                    self._changed.wait()
                    self._sleeps = False
                elif left > 0:
                    self._changed.wait(left)
                else:
                    self._told = True
                    self._observer.busy(*self._now)

    def over(self) -> None:
        """The walk ended."""
        with self._changed:
            if self._told and self._now is not None:
                self._observer.busy(None, self._now[1], self._now[2])
            self._now, self._told = None, False

    def close(self) -> None:
        """End the thread; nothing is told from now on."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
