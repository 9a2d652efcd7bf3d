"""The widgets that each cell built: those on the page, and those put away until the cell builds their kind again.

A widget that no cell builds any more is put away: closed, and forgotten by everyone but the records that hold it. A
record that is brought back opens it again under its old model id; so does the cell when it executes and builds a
widget of that class. So a cell never owns more widgets of a class than it once needed at the same time. This file
closes and opens nothing.
"""

from __future__ import annotations

from collections.abc import Collection, ItemsView, Iterable, Iterator

from ipywidgets import Box, Widget

from nbapp._compat.ipywidgets import model_id
from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.state.effects import Built
from nbapp.values.identity import IdSet, WeakIdSet

Spares = dict[type, list[Built]]


class Mounts:
    """What is on the page by cell, and what was there before."""

    def __init__(self) -> None:
        self._on_page: dict[CellId, tuple[Built, ...]] = {}
        self._ever: dict[CellId, WeakIdSet[Widget]] = {}
        self._away: WeakIdSet[Widget] = WeakIdSet()
        self._maybe_gone: IdSet[Widget] = IdSet()

    def of(self, cell: CellId) -> tuple[Built, ...]:
        """What a cell has on the page, at the top."""
        return self._on_page.get(cell, ())

    def any_of(self, cells: Collection[CellId]) -> bool:
        """Whether one of these cells has anything on the page."""
        return any(map(self._on_page.get, cells))

    def items(self) -> ItemsView[CellId, tuple[Built, ...]]:
        """What is on the page, by cell."""
        return self._on_page.items()

    def put(self, cell: CellId, built: tuple[Built, ...]) -> None:
        """This is what a cell has on the page from now on."""
        before = self._on_page.get(cell, ())
        if not built and not before:
            return
        self._maybe_gone.update(_widgets(before))
        self._on_page[cell] = built
        self._away.difference_update(_widgets(built))
        self._ever.setdefault(cell, WeakIdSet()).update(_widgets(built))

    def forget(self, cell: CellId) -> None:
        """The cell left the notebook."""
        self._maybe_gone.update(_widgets(self._on_page.pop(cell, ())))
        self._ever.pop(cell, None)

    def gone(self) -> Collection[Widget]:
        """What no cell has on the page any more, each told once."""
        gone, self._maybe_gone = self._maybe_gone, IdSet[Widget]()
        return gone - self._everything() if gone else gone

    def put_away(self, widget: Widget) -> None:
        """The widget was closed because no cell has it on the page."""
        self._away.add(widget)

    def is_there(self, widget: Widget) -> bool:
        """Whether a widget is open, or would be if its cell brought it back."""
        return widget.comm is not None or widget in self._away

    def spares(self, cell: CellId) -> Spares:
        """What the cell built before and has no more on the page, by class and oldest first."""
        found: Spares = {}
        ever = tuple(self._ever.get(cell, ()))
        on_page = self._everything() if any(widget not in self._away for widget in ever) else IdSet[Widget]()
        for widget in ever:
            if self.is_there(widget) and (widget.comm is None or widget not in on_page):
                spare = Built(
                    widget, type(widget), "", (0, 0), 0, attributes=dict(vars(widget)), model_id=model_id(widget) or ""
                )
                found.setdefault(type(widget), []).append(spare)
        return found

    def _everything(self) -> IdSet[Widget]:
        return IdSet(widget for built in self._on_page.values() for widget in _widgets(built))


def _widgets(shelf: Iterable[Built]) -> Iterator[Widget]:
    return (part.widget for built in shelf for part in built.everything())


def keyed(widgets: Iterable[Widget]) -> dict[str, Widget]:
    """Those that have a key, as controls of `nbapp.ui` have, by it: "n", and "n (2)" when it comes again."""
    found: dict[str, Widget] = {}
    for widget in widgets:
        is_control = widget.comm is not None and widget.has_trait("key") and not isinstance(widget, Box)
        name = widget.key if is_control else None
        if name and isinstance(name, str):
            times = sum(1 for other in found.values() if other.key == name)
            found[f"{name} ({times + 1})" if times else name] = widget
    return found
