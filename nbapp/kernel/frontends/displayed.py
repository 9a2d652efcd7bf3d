"""What each cell shows: display updates folded in, late outputs appended, and only differences passed on."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from nbapp.core.notebook import Cell, CellError, CellId, Notebook, Output
from nbapp.core.step import Step
from nbapp.kernel.common import author_log
from nbapp.kernel.frontends.observer import Observer
from nbapp.kernel.outputs.outputs import fold, still, view_of

Made = tuple[tuple[Output, ...], CellError | None]


@dataclass(slots=True)
class Displayed:
    """The outputs of all cells as shown now. Any thread may tell it what a cell made."""

    observer: Observer
    _made: dict[CellId, Made] = field(default_factory=dict)
    _shown: dict[CellId, Made] = field(default_factory=dict)
    _by: dict[CellId, Step] = field(default_factory=dict)  # which shows what a cell shows: again it changes nothing
    _late: dict[CellId, tuple[Output, ...]] = field(default_factory=dict)
    _deaf: set[CellId] = field(default_factory=set)
    _updating: set[CellId] = field(default_factory=set)
    _held: bool = False  # a cell's outputs wait for the end of the walk
    _order: list[CellId] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def steps(self, steps: Sequence[Step]) -> None:
        """Cells were brought up to date, one after the other: show them, unless an update of another cell's display is
        due."""
        with self._lock:
            for step in steps:
                self.observer.step(step)
                if self._by.get(step.cell.id) is not step or self._updating:
                    self._step(step)

    def _step(self, step: Step) -> None:
        cell_id = step.cell.id
        if step.state == "restored":  # what shows is of another execution than the last, whose threads go on
            self._late.pop(cell_id, None)
            self._deaf.add(cell_id)
        if step.state != "not run":
            self._make(cell_id, self._late.get(cell_id, step.outputs), step.error)
        elif step.cleared:
            self._make(cell_id, (), None)
        elif cell_id not in self._made:
            return  # it keeps what it shows, also one that comes back by undo
        if self._updating:
            self._held = True
        else:
            self._show(cell_id, *self._made[cell_id])
            if step.state == "skipped":
                self._by[cell_id] = step

    def live(self, cell: Cell, outputs: tuple[Output, ...]) -> None:
        """A cell that takes long has made these outputs so far; where they are patched in, the rest stays a while."""
        with self._lock:
            (now,) = fold([outputs])
            rest = still(self.outputs(cell.id), now) if self.observer.patches() else ()
            self._show(cell.id, (*now, *rest), None)

    def ended(self, cell: Cell, outputs: tuple[Output, ...]) -> None:
        """A cell made these outputs without an error. Its step is still to come, once it is known what it changed:
        what depends on no other cell's display and on no widget need not wait for that."""
        with self._lock:
            if not self._updating and not any("transient" in output or view_of(output) for output in outputs):
                self._show(cell.id, outputs, None)

    def put_out(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None = None) -> None:
        """A front end shows this of the cell already, whatever the cell showed before: it ran the cell itself, or
        cleared it for a request that was not answered."""
        with self._lock:
            self._by.pop(cell_id, None)
            self._shown[cell_id] = outputs, error
            self.observer.put_out(cell_id, outputs, error)

    def late(self, cell_id: CellId, outputs: tuple[Output, ...] | None) -> None:
        """A thread or a task that outlived the cell's last execution added to its outputs; None: forget that."""
        with self._lock:
            self._by.pop(cell_id, None)
            if outputs is None:
                self._late.pop(cell_id, None)
                self._deaf.discard(cell_id)
            elif cell_id not in self._deaf:
                self._late[cell_id] = outputs
                if cell_id in self._made:
                    self._make(cell_id, outputs, self._made[cell_id][1])
                    self._fold() if self._updating else self._show(cell_id, *self._made[cell_id])

    def settle(self, notebook: Notebook) -> None:
        """The walk is over: fold display updates over all cells, forget cells that are gone."""
        with self._lock:
            self._order = [cell.id for cell in notebook]
            for gone in self._made.keys() - set(self._order):
                del self._made[gone]
                self._by.pop(gone, None)
                self._shown.pop(gone, None)
                self._late.pop(gone, None)
                self._deaf.discard(gone)
                self._updating.discard(gone)
            if self._updating or self._held:
                self._fold()
            self._held = False

    def outputs(self, cell_id: CellId) -> tuple[Output, ...]:
        """What a cell shows now."""
        with self._lock:
            return self._shown.get(cell_id, ((), None))[0]

    def aside(self, outputs: list[Output]) -> None:
        """What callbacks put out outside any Output widget: a notebook shows it nowhere, a log does."""
        lines = [output["text"] for output in outputs if output["output_type"] == "stream"]
        lines += ["\n".join([*output["traceback"], ""]) for output in outputs if output["output_type"] == "error"]
        if lines:
            author_log.write("".join(lines))

    def _make(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        made = self._made.get(cell_id)
        if made is not None and made[0] is outputs and made[1] is error:
            return
        self._made[cell_id] = outputs, error
        if any("transient" in output for output in outputs):
            self._updating.add(cell_id)
        else:
            self._updating.discard(cell_id)

    def _fold(self) -> None:
        made = [(cell_id, *self._made[cell_id]) for cell_id in self._order if cell_id in self._made]
        folded = fold([outputs for _, outputs, _ in made])
        for (cell_id, _, error), outputs in zip(made, folded, strict=True):
            self._show(cell_id, outputs, error)

    def _show(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        before = self._shown.get(cell_id)
        if before is not None and before[1] == error and (before[0] is outputs or before[0] == outputs):
            return
        self._by.pop(cell_id, None)
        self._shown[cell_id] = outputs, error
        self.observer.shown(cell_id, outputs, error)
