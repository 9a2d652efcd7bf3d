"""Whether a newer update overtakes the cell under way: then the cell is interrupted, once it has run for a while.

Only when the update is of the widget that this walk was started for, and when the cell was made from that widget's
value last time. So short cells finish and their pictures keep moving during a drag, a load that has nothing to do
with the dragged slider is not started over and over, and a cell's first run always ends. Walks with callbacks are not
cut short at all: callbacks must find everything in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from nbapp.core.memos.lineage import Lineage
from nbapp.core.memos.memo import Memo
from nbapp.core.notebook import CellId, Notebook
from nbapp.core.step import Step
from nbapp.kernel.widgets.state.effects import Key
from nbapp.kernel.widgets.state.user_values import family
from nbapp.kernel.widgets.widgets import Widgets
from nbapp.values.identity import IdSet

AFTER = 0.5  # seconds


@dataclass(slots=True)
class Preemption:
    """Watches one walk at a time. `interrupt` interrupts the cell under way once it has run for so many seconds."""

    widgets: Widgets
    in_place: Callable[[CellId], Memo | None]
    interrupt: Callable[[float], None]
    asked: bool = False  # for an interrupt of the cell under way
    _notebook: Notebook = ()
    _causes: IdSet[Key] = field(default_factory=IdSet)
    _executing: CellId | None = None

    def walk(self, notebook: Notebook, causes: Iterable[Key]) -> None:
        """A walk starts because of these updates."""
        self._notebook, self._causes, self._executing = notebook, IdSet(causes), None

    def executes(self, cell_id: CellId | None) -> None:
        """This cell starts to execute; None: it has ended."""
        self._executing = cell_id
        if cell_id is not None:
            self.asked = False
            self.newer()

    def ends(self, step: Step) -> bool:
        """Whether this is the step of a cell that was interrupted for a newer value: the next walk starts with it."""
        interrupted = step.error is not None and step.error.name == "KeyboardInterrupt"
        return interrupted and self.asked and bool(self.widgets.waiting())

    def newer(self) -> None:
        """An update was queued, on any thread."""
        executing, causes = self._executing, self._causes
        if executing is None or not causes or self.widgets.has_callbacks():
            return
        newer = IdSet((widget, name) for widget, name in self.widgets.waiting() if (widget, name) in causes)
        if newer and not newer.isdisjoint(self._made_from(executing)):
            self.asked = True
            self.interrupt(AFTER)

    def _made_from(self, cell_id: CellId) -> IdSet[Key]:
        """The traits that a cell's last result was made from, through the cells above."""
        memos = Lineage([cell.id for cell in self._notebook], self.in_place).made_from(cell_id)
        read = (self.widgets.trait(component) for memo in memos for component in memo.reads.components)
        return IdSet((key[0], name) for key in read if key is not None for name in family(*key))
