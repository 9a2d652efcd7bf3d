"""What callbacks left hanging on widgets: attributes that are no traits, such as a list of handlers.

It stays while the cell that made it is made again only because of what callbacks did. This file does not know when.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ipywidgets import Widget

from nbapp.core.notebook import CellId
from nbapp.libraries.ipywidgets import attributes
from nbapp.values.identity import ById, WeakById

_CONTAINERS = (list, dict, set)


class Hanging:
    """The attributes of widgets as callbacks left them, by the cell that made them what they were before."""

    def __init__(self) -> None:
        self._kept: dict[CellId, ById[Widget, dict[str, tuple[Any, Any]]]] = {}
        self._heirs: WeakById[Widget, Widget] = WeakById()

    def keep(self, owner: CellId, widget: Widget) -> None:
        """Callbacks have changed what hangs on a widget."""
        now: dict[str, Any] = {name: value for name, value in attributes(widget).items() if name != "__class__"}
        kept = {name: (value, value.copy() if type(value) in _CONTAINERS else None) for name, value in now.items()}
        self._kept.setdefault(owner, ById())[widget] = kept

    def give_back(self, owner: CellId) -> None:
        """Hang it on the widgets again, lists and the like with what was in them."""
        for widget, kept in self._kept.get(owner, ById()).items():
            for name in attributes(widget).keys() - kept.keys() - {"__class__"}:
                vars(widget).pop(name, None)
            for name, (value, inside) in kept.items():
                vars(widget)[name] = value
                if inside is not None:
                    value.clear()
                    (value.extend if type(value) is list else value.update)(inside)

    def any_of(self, cells: Collection[CellId]) -> bool:
        """Whether there is anything to give back that one of these cells made."""
        return not self._kept.keys().isdisjoint(cells)

    def moved(self, old: Widget, new: Widget) -> None:
        """Another widget takes the place of one."""
        self._heirs[old] = new
        self._heirs.pop(new, None)
        for kept in self._kept.values():
            if old in kept:
                kept[new] = kept.pop(old)

    def heir(self, widget: Widget) -> Widget:
        """The widget that has its place now."""
        while (heir := self._heirs.get(widget)) is not None:
            widget = heir
        return widget

    def forget(self, owner: CellId) -> None:
        """The cell gives new results."""
        self._kept.pop(owner, None)
