"""What belongs to a place in the notebook and not to the widget that stands there: choices, what callbacks did.

Where a record is brought back its widgets stand in the places of others, and what was done to those goes on with them.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass

from ipywidgets import Widget

from nbapp._compat.ipywidgets import trait_values
from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.closing import Closing
from nbapp.kernel.widgets.hanging import Hanging
from nbapp.kernel.widgets.identity.keys import same_places
from nbapp.kernel.widgets.identity.mounts import Mounts
from nbapp.kernel.widgets.state.effects import Built, Effects
from nbapp.kernel.widgets.state.undo_log import UndoLog


@dataclass(slots=True)
class WidgetPlaces:
    """Puts other widgets where some stood; `by_id` are all that cells use, by model id."""

    undo_log: UndoLog
    mounts: Mounts
    closing: Closing
    hanging: Hanging
    by_id: MutableMapping[str, Widget]

    def bring_back(self, cell: CellId, effects: Effects) -> None:
        """The cell has on the page again what it had after that execution."""
        for old, new in same_places(self.mounts.of(cell), effects.built):
            self.replaced(old, new)
        self.mounts.put(cell, effects.built)
        for built in effects.built:
            self._open(cell, built)

    def replaced(self, old: Widget, new: Widget) -> None:
        """Another widget stands where one stood."""
        self.undo_log.moved(old, new)
        self.closing.moved(old, new)
        self.hanging.moved(old, new)

    def _open(self, cell: CellId, built: Built) -> None:
        for part in built.inside:
            self._open(cell, part)
        widget = built.widget
        if widget.comm is None and (not built.is_open or self.closing.has(widget)):
            return
        is_closed = widget.comm is None
        if is_closed:
            trait_values(widget).update(built.values)
        for name, value in built.values.items():
            self.undo_log.put(widget, name, value)
        vars(widget).update(built.attributes)
        if is_closed:
            vars(widget).pop("_repr_mimebundle_", None)
            widget.open()
        self.undo_log.builder[widget] = cell
        self.undo_log.defaults[widget] = built.values
        self.by_id[widget.comm.comm_id] = widget
        self.undo_log.rechoose(widget)
