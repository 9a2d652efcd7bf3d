"""What each cell shows: display updates folded in, and only differences passed on."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from nbapp.core.notebook import Cell, CellError, CellId, Notebook, Output
from nbapp.core.step import Step
from nbapp.kernel.listener import Listener
from nbapp.kernel.outputs import fold


@dataclass(slots=True)
class Screen:
    """The outputs of all cells as shown now."""

    listener: Listener
    _made: dict[CellId, tuple[tuple[Output, ...], CellError | None]] = field(default_factory=dict)
    _shown: dict[CellId, tuple[tuple[Output, ...], CellError | None]] = field(default_factory=dict)
    _updating: set[CellId] = field(default_factory=set)

    def step(self, step: Step) -> None:
        """A cell was brought up to date: show it, unless an update of another cell's display is due."""
        self.listener.step(step)
        self._made[step.cell.id] = step.outputs, step.error
        if any("transient" in output for output in step.outputs):
            self._updating.add(step.cell.id)
        else:
            self._updating.discard(step.cell.id)
        if not self._updating:
            self._show(step.cell.id, step.outputs, step.error)

    def live(self, cell: Cell, outputs: tuple[Output, ...]) -> None:
        """A cell that takes long has made these outputs so far."""
        self._show(cell.id, outputs, None)

    def settle(self, notebook: Notebook) -> None:
        """The walk is over: fold display updates over all cells, forget cells that are gone."""
        alive = {cell.id for cell in notebook}
        for gone in self._made.keys() - alive:
            del self._made[gone]
            self._shown.pop(gone, None)
            self._updating.discard(gone)
        if self._updating:
            made = [(cell.id, *self._made[cell.id]) for cell in notebook if cell.id in self._made]
            folded = fold([outputs for _, outputs, _ in made])
            for (cell_id, _, error), outputs in zip(made, folded, strict=True):
                self._show(cell_id, outputs, error)

    def outputs(self, cell_id: CellId) -> tuple[Output, ...]:
        """What a cell shows now."""
        return self._shown.get(cell_id, ((), None))[0]

    def aside(self, outputs: list[Output]) -> None:
        """What callbacks printed outside any Output widget: a notebook shows it nowhere, a log does."""
        for output in outputs:
            if output["output_type"] == "stream":
                sys.__stderr__.write(str(output["text"])) if sys.__stderr__ else None

    def _show(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        before = self._shown.get(cell_id)
        if before is not None and before[1] == error and (before[0] is outputs or before[0] == outputs):
            return
        self._shown[cell_id] = outputs, error
        self.listener.shown(cell_id, outputs, error)
