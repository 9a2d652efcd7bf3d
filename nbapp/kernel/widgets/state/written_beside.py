"""What Output widgets show, while a walk takes back what cells gave and gives it again: threads go on writing.

The law: a line belongs to the cell whose results it continues, whenever it comes; no line is lost, and none stays when
that cell executes again. A walk begins with everything taken back. Were that done to what a thread is writing, the
thread would add its next line to nothing, and the line would go when the walk puts the others back. So what is shown
is `kept` as long as the walk only skips cells: the thread finds it, and the walk leaves it alone when it comes to its
cell. When another cell executes before that, it is really taken back, because that cell may look; what a thread writes
then is added to what it wrote before. This file does not know who writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ipywidgets import Widget

from nbapp._compat.ipywidgets import trait_values
from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.state.current import Calling
from nbapp.kernel.widgets.state.effects import Key
from nbapp.kernel.widgets.state.entries import Entry, Written
from nbapp.values.identity import ById

_NAME = "outputs"
Put = Callable[[Widget, str, Any], None]
Overlays = dict[CellId, ById[Key, Written]]


@dataclass(slots=True)
class _Waiting:
    """What the walk has not come to yet: the `lines` of a cell, and whether they are `kept` in the widget meanwhile.

    `clean` is what a clean run has there by now; what the widget has is `seen`, unless the lines are kept.
    """

    cell: CellId
    lines: Any
    clean: Any
    kept: bool
    seen: Any


class WrittenBeside:
    """Notes in `overlays` what is written meanwhile. `put` stores a trait's value without telling anyone."""

    def __init__(self, overlays: Overlays, put: Put) -> None:
        self._overlays = overlays
        self._put = put
        self._waiting: ById[Key, _Waiting] = ById()
        self._writers: ById[Key, set[CellId]] = ById()

    # --- the walk

    def looks_at(self, log: Iterable[Entry]) -> None:
        """What these say is about to be taken back, or a part of it."""
        self._writers = ById()
        for entry in log:
            if _NAME in entry.before:
                self._writers.setdefault((entry.widget, _NAME), set()).add(entry.cell)

    def undo(self, key: Key, cell: CellId, clean: Any, *, skips: bool) -> bool:
        """What this cell gave is taken back; whether it is kept. What several cells gave together is not."""
        if key[1] != _NAME or self._holders(key) != {cell}:
            self._waiting.pop(key, None)
            return False
        lines = trait_values(key[0]).get(_NAME, clean)
        self._waiting[key] = _Waiting(cell, lines, clean, skips, clean)
        return skips

    def is_kept(self, key: Key) -> bool:
        """Whether it is in the widget, although the walk has not come to its cell."""
        waiting = self._waiting.get(key)
        return waiting is not None and waiting.kept

    def clean(self, key: Key, value: Any) -> Any:
        """What a clean run has where the widget has this value."""
        waiting = self._waiting.get(key)
        return waiting.clean if waiting is not None and waiting.kept else value

    def take_back(self) -> None:
        """A cell executes, and may look."""
        for key, waiting in list(self._waiting.items()):
            if waiting.kept:
                waiting.kept = False
                self._put(*key, waiting.clean)

    def arrive(self, cell: CellId) -> None:
        """The walk skips this cell: what it gave is there again."""
        for key in self._of(cell):
            del self._waiting[key]

    def leave(self, cell: CellId) -> None:
        """The cell gives something else, or left the notebook."""
        for key in self._of(cell):
            waiting = self._waiting.pop(key)
            if waiting.kept:
                self._put(*key, waiting.clean)

    def closed(self, widget: Widget) -> None:
        """The widget is gone."""
        self._waiting.pop((widget, _NAME), None)

    # --- the threads

    def write(self, key: Key, value: Any, by: Calling | None) -> bool:
        """The widget has this now; whether it belongs to what waits."""
        waiting = self._waiting.get(key)
        if waiting is None:
            return False
        if waiting.kept or _begins(value, waiting.lines) or not _begins(value, waiting.seen):
            waiting.lines = value
        else:
            waiting.lines = (*waiting.lines, *value[len(waiting.seen) :])
        waiting.seen = value
        self._overlays.setdefault(waiting.cell, ById())[key] = Written(waiting.lines, by)
        return True

    def _of(self, cell: CellId) -> list[Key]:
        return [key for key, waiting in self._waiting.items() if waiting.cell == cell]

    def _holders(self, key: Key) -> set[CellId]:
        """The cells to which what is shown belongs, with those for which a library or a callback shows it."""
        held = {cell for cell, overlay in self._overlays.items() if key in overlay}
        called = any(self._overlays[cell][key].by is not None for cell in held)
        return set() if called else held | self._writers.get(key, set())


def _begins(value: Any, start: Any) -> bool:
    return bool(value[: len(start)] == start)
