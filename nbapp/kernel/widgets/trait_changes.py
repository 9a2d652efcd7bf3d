"""What a change of a trait means: a cell's, a callback's, the user's, or that of code beside the cells."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ipywidgets import Widget
from traitlets import Bunch

from nbapp.kernel.widgets.state.callers import is_under_author
from nbapp.kernel.widgets.state.current import CurrentActivity
from nbapp.kernel.widgets.state.frontend_state import FrontendState
from nbapp.kernel.widgets.state.under_way import UnderWay
from nbapp.kernel.widgets.state.undo_log import UNLOGGED, UndoLog


class TraitChanges:
    """Notes each change with whoever made it.

    `delivered` is told what did not come from a cell; `beside` takes what code beside the cells did, and says whether
    it did.
    """

    def __init__(
        self,
        current: CurrentActivity,
        undo_log: UndoLog,
        frontend_state: FrontendState,
        under_way: UnderWay,
        delivered: Callable[[Widget, str, Any], None],
        beside: Callable[[Widget, str], bool],
    ) -> None:
        self._current = current
        self._undo_log = undo_log
        self._frontend_state = frontend_state
        self._under_way = under_way
        self._delivered = delivered
        self._beside = beside

    def changed(self, widget: Widget, event: Bunch) -> None:
        """A trait has another value now."""
        name = event.name
        if name in UNLOGGED or self._current.constructs(widget):
            return
        if self._frontend_state.is_silent(widget):
            self._frontend_state.note(widget, name, event.old)
        if self._current.muted:
            if self._undo_log.replaying is not None:
                self._undo_log.before(self._undo_log.replaying, widget, name, event.old)
            return
        recording = self._under_way.here()
        if recording is not None:
            self._undo_log.before(recording.cell, widget, name, event.old)
            return
        if self._current.calling is not None or name == "outputs":
            self.written(widget, name, event.new)  # of a thread, line by line: too many to walk for each
        elif self._current.applying and not is_under_author(sys._getframe(1)):
            self._undo_log.edited(widget, name, event.new, self._current.roots)
            self._delivered(widget, name, event.new)
        elif self._current.applying:
            self.written(widget, name, event.new)
        else:
            if self._under_way.recording is not None:
                self._under_way.recording.disturbed(widget, name)
            if not self._beside(widget, name):
                self.written(widget, name, event.new)

    def written(self, widget: Widget, name: str, value: Any) -> None:
        """A callback, or code beside the cells, has set a trait."""
        self._undo_log.written(widget, name, value)
        self._delivered(widget, name, value)
