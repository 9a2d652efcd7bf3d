"""Who shows what a rerun does: the page of a served app, a JupyterLab front end, or nobody."""

from __future__ import annotations

from typing import Protocol

from nbapp.core.notebook import Cell, CellError, CellId, Output
from nbapp.core.step import Step


class Listener(Protocol):
    """Told what happens, in order. Called on the kernel's loop; `busy` may also come from another thread."""

    def step(self, step: Step) -> None:
        """A cell was brought up to date."""

    def shown(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """What a cell shows differs from what it showed."""

    def busy(self, cell: Cell | None, index: int, total: int) -> None:
        """A rerun takes longer than 0.3 s: this cell of `total` is executing. None: it is over."""


class Silent:
    """Shows nothing; for headless runs and tests."""

    def step(self, step: Step) -> None:
        """Nothing to show."""

    def shown(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """Nothing to show."""

    def busy(self, cell: Cell | None, index: int, total: int) -> None:
        """Nothing to show."""
