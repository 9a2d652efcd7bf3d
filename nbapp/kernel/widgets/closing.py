"""Which widgets callbacks have closed: they stay closed until the cell that builds them gives new results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import Widget

from nbapp.core.notebook import CellId
from nbapp.kernel.common.patching import Patching
from nbapp.values.identity import WeakById, WeakIdSet


class Closing:
    """What was closed by code that is no cell's, by the cell that built it. `in_cell`: whether a cell's code runs."""

    def __init__(self, builder: WeakById[Widget, CellId], in_cell: Callable[[], bool]) -> None:
        self._builder = builder
        self._in_cell = in_cell
        self._closed: dict[CellId, WeakIdSet[Widget]] = {}
        self._close: Callable[[Widget], Any] = Widget.close

    def install(self, patches: Patching) -> None:
        """Take over closing."""

        def close(widget: Widget) -> None:
            """Close method."""
            if widget in self._builder and widget.comm is not None and not self._in_cell():
                self._closed.setdefault(self._builder[widget], WeakIdSet()).add(widget)
            original(widget)

        original = self._close = patches.put(Widget, "close", close)

    def put_away(self, widget: Widget) -> None:
        """Close a widget that no cell has on the page; that is nobody's doing."""
        self._close(widget)

    def has(self, widget: Widget) -> bool:
        """Whether a callback closed it."""
        return any(widget in closed for closed in self._closed.values())

    def moved(self, old: Widget, new: Widget) -> None:
        """Another widget takes the place of one."""
        for closed in self._closed.values():
            if old in closed:
                closed.discard(old)
                closed.add(new)

    def again(self, cell: CellId) -> None:
        """The cell was made again, and callbacks have closed some of what it builds."""
        for widget in list(self._closed.get(cell, ())):
            self._close(widget)

    def forget(self, cell: CellId) -> None:
        """The cell gives new results, open as a clean run has them."""
        self._closed.pop(cell, None)
