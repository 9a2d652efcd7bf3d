"""The execution of a cell that is under way, and which code belongs to it, threads that it started too."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from ipywidgets import Widget

from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.state.current import CurrentActivity

if TYPE_CHECKING:
    from nbapp.kernel.widgets.identity.keys import Making
    from nbapp.kernel.widgets.recorder import Recorder

_here: ContextVar[Recorder | None] = ContextVar("nbapp_recording", default=None)


class UnderWay:
    """Knows the one execution. What a library makes while it `is_importing` is its own."""

    def __init__(self, current: CurrentActivity, is_importing: Callable[[], bool]) -> None:
        self.recording: Recorder | None = None
        self._current = current
        self._is_importing = is_importing
        self._older_threads: dict[int | None, threading.Thread] = {}

    @contextmanager
    def executes(self, recording: Recorder) -> Iterator[None]:
        """An execution is under way inside."""
        if self.recording is not None:
            raise RuntimeError(f"cell {recording.cell} cannot execute inside cell {self.recording.cell}")
        self.recording = recording
        self._older_threads = {thread.ident: thread for thread in threading.enumerate()}
        token = _here.set(recording)
        try:
            yield
        finally:
            _here.reset(token)
            self.recording = None

    def here(self) -> Recorder | None:
        """The execution that the present code belongs to; None outside cells."""
        recording = self.recording
        if recording is None or self._current.muted or self._is_importing():
            return None
        return recording if _here.get() is recording or not self._is_older() else None

    def _is_older(self) -> bool:
        """Whether the present thread was there before the execution; one that has ended leaves its number to others."""
        older = self._older_threads.get(threading.get_ident())
        return older is not None and threading.Thread.is_alive(older)

    def making(self) -> Making | None:
        """What the present code builds widgets for."""
        recording = self.here()
        return recording.making if recording is not None else None

    def owner(self) -> CellId | None:
        """The cell whose code is running, in an execution or in one of its callbacks."""
        recording = self.here()
        if recording is not None:
            return recording.cell
        calling = None if self._is_importing() else self._current.calling
        return calling.owner if calling is not None else None

    def fired(self, widget: Widget) -> None:
        """Callbacks of a widget run."""
        recording = self.here()
        if recording is not None:
            recording.fired(widget)

    def asked(self, widget: Widget) -> CellId | None:
        """It matters to the code which callbacks a widget has; the cell that executes, if one does."""
        recording = self.here()
        if recording is None:
            return None
        recording.asked(widget)
        return recording.cell
