"""Who shows what a rerun does: the page of a served app, a JupyterLab front end, or nobody."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from nbapp.core.notebook import Cell, CellError, CellId, Output
from nbapp.core.step import Step


class Observer(Protocol):
    """Told what happens, in order. `shown` and `busy` may be called on any thread, the others on the kernel's loop."""

    def step(self, step: Step) -> None:
        """A cell was brought up to date."""

    def shown(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """What a cell shows differs from what it showed."""

    def put_out(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """A front end shows this of the cell by itself, in place of what was shown."""

    def patches(self) -> bool:
        """Whether outputs change in place, so that a long cell may leave what it has not made anew as it was."""

    def busy(self, cell: Cell | None, index: int, total: int) -> None:
        """A rerun takes longer than 0.3 s: this cell, `index` from 0 of `total`, executes. None: it is over."""

    def over(self, *, is_whole: bool = True) -> None:
        """A walk ended, at the last cell or before: it was cut short by something newer, stopped, or went wrong."""

    def behind(self, cells: Collection[CellId]) -> None:
        """With nbapp off, a widget moved that these cells were made from."""

    def switched(self, on: bool) -> None:
        """Whether widgets run cells from now on."""


class Silent:
    """Shows nothing; for headless runs and tests, and for listeners that show only some of it."""

    def step(self, step: Step) -> None:
        """Nothing to show."""

    def shown(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """Nothing to show."""

    def put_out(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """Nothing is shown."""

    def patches(self) -> bool:
        """Nothing is shown."""
        return False

    def busy(self, cell: Cell | None, index: int, total: int) -> None:
        """Nothing to show."""

    def over(self, *, is_whole: bool = True) -> None:
        """Nothing to show."""

    def behind(self, cells: Collection[CellId]) -> None:
        """Nothing to show."""

    def switched(self, on: bool) -> None:
        """Nothing to show."""
