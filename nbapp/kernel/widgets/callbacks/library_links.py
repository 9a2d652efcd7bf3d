"""Traits whose values a library used for a cell and observes since: `link`, `interact`, `interactive_output`.

Such a cell does not depend on the value as long as the library's callback is told every change: it depends on it when
the value changed silently. This file does not know how changes are noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ipywidgets import Widget

from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.state.effects import Consumed, Key
from nbapp.values.digest import Digest
from nbapp.values.identity import ById


class LibraryLinks:
    """What each cell's libraries consumed. `same` compares two values of a trait; `is_told` tells whether a cell's
    callbacks on a trait are called now."""

    def __init__(self, same: Callable[[Any, Any], bool], is_told: Callable[[CellId, Widget, str], bool]) -> None:
        self._same = same
        self._is_told = is_told
        self._items: ById[Key, dict[CellId, Consumed]] = ById()

    def set(self, cell: CellId, items: Iterable[Consumed] = ()) -> None:
        """From now on these are what was consumed for a cell."""
        for key in [key for key, cells in self._items.items() if cell in cells]:
            del self._items[key][cell]
            if not self._items[key]:
                del self._items[key]
        for item in items:
            self._items.setdefault((item.widget, item.name), {})[cell] = item

    def delivered(self, widget: Widget, name: str, value: Any) -> None:
        """Callbacks of the cells that are there were told a value."""
        for cell, item in self._items.get((widget, name), {}).items():
            if self._is_told(cell, widget, name):
                item.delivered = value

    def is_delivered(self, items: Iterable[Consumed]) -> bool:
        """Whether callbacks were told the values as they are; from now on they count as told."""
        whole = True
        for item in items:
            now = getattr(item.widget, item.name)
            whole = self._same(item.delivered, now) and whole
            item.delivered = now
        return whole

    def version(self, cell: CellId, widget: Widget, name: str) -> Digest | None:
        """The version that was consumed, while everything since was delivered; None when it was not."""
        item = self._items.get((widget, name), {}).get(cell)
        return item.version if item is not None and self._same(item.delivered, getattr(widget, name)) else None

    def closed(self, widget: Widget) -> None:
        """The widget is gone."""
        for key in [key for key in self._items if key[0] is widget]:
            del self._items[key]
