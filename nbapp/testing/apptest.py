"""`AppTest`: a notebook driven as an app, from outside its kernel and without a browser."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from nbapp.core.notebook import Cell, CellId, Output
from nbapp.core.step import Step
from nbapp.errors import UsageError
from nbapp.persistence.current import NOWHERE
from nbapp.serve.prepare import read
from nbapp.testing.child import Child, KernelDied

Folder = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Control:
    """A widget that a global name holds, as it is now. `options` are the labels, where there is a choice."""

    name: str
    kind: str
    value: Any
    description: str
    options: tuple[str, ...] | None
    disabled: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """The cell that failed in the last rerun: its position from 0, and its exception."""

    index: int
    name: str
    message: str


class AppTest:
    """A notebook as an app in a kernel of its own: change widgets and cells, and see what runs and what is shown.

    Cells are counted from 0, code cells only. The kernel is a child process of this Python; it ends with `close`,
    with the `with` block, or with this process.

    Examples:
        >>> from nbapp.testing import AppTest
        >>> with AppTest.from_cells([
        ...     "import ipywidgets; n = ipywidgets.IntSlider(3)",
        ...     "m = n.value * 2",
        ...     "print(m)",
        ... ]) as app:
        ...     app.run().outputs(2)
        ...     app.set("n", 5).eval("m")
        ...     [step.state for step in app.steps]
        [{'output_type': 'stream', 'name': 'stdout', 'text': '6\\n'}]
        10
        ['skipped', 'ran', 'ran']
    """

    def __init__(
        self, cells: Sequence[Cell], cwd: Path, *, settings: Mapping[str, Any], kernel_name: str | None = None
    ) -> None:
        if not cwd.is_dir():
            raise UsageError(f"{cwd} is no folder")
        self._cells = list(cells)
        self._settings = {"results": NOWHERE, **settings}  # a test finds nothing of another run
        self._started = False
        self._named = 0
        self._executed: tuple[int, ...] = ()
        self._steps: tuple[Step, ...] = ()
        self._child = Child(cwd, kernel_name)

    @classmethod
    def from_file(cls, path: Folder, *, cwd: Folder | None = None, timeout: float | None = None) -> AppTest:
        """The notebook in a file, which is not changed. It runs in `cwd`, else in its own folder.

        A cell that takes longer than `timeout` seconds is stopped.

        Raises:
            UsageError: no such file, or not a notebook.
        """
        path = Path(path)
        cells = [Cell.of(cell) for cell in read(path).cells if cell.cell_type == "code"]
        return cls(cells, Path(cwd or path.parent), settings={"timeout": timeout})

    @classmethod
    def from_cells(cls, sources: Sequence[str], *, cwd: Folder | None = None, timeout: float | None = None) -> AppTest:
        """A notebook of these code cells. It runs in `cwd`, else in the current folder."""
        cells = [Cell(CellId(f"cell-{index}"), source) for index, source in enumerate(sources)]
        return cls(cells, Path(cwd or Path.cwd()), settings={"timeout": timeout})

    def __enter__(self) -> AppTest:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the kernel. What was seen of the last rerun can still be asked."""
        self._child.close()

    # --- what happens

    def run(self) -> AppTest:
        """A full rerun of the cells as they are now, with the newest values.

        Raises:
            KernelDied: the kernel ended by itself; says which cell ran.
        """
        self._report(self._call("run", tuple(self._cells)))
        return self

    def set(self, name: str, value: Any) -> AppTest:
        """Give the widget that a global name holds a value, as a person would; reruns.

        Of a selection, `value` is an option's value or label. `"name.trait"` names another trait than the value.
        A `FileUpload` takes a dict of names and bytes.

        Raises:
            UsageError: no such widget, or it refuses the value.

        Examples:
            >>> app.set("region", "East")  # doctest: +SKIP
            >>> app.set("files", {"a.csv": b"x,y"})  # doctest: +SKIP
            >>> app.set("tabs.selected_index", 1)  # doctest: +SKIP
        """
        return self.set_many({name: value})

    def set_many(self, values: Mapping[str, Any]) -> AppTest:
        """Give several widgets values; one rerun. Raises as `set` does, and then changes nothing."""
        return self._gesture(values, ())

    def click(self, name: str) -> AppTest:
        """Click the button that a global name holds; reruns.

        Raises:
            UsageError: no such widget, or it is no button.
        """
        return self._gesture({}, (name,))

    def _gesture(self, values: Mapping[str, Any], clicks: Sequence[str]) -> AppTest:
        sent = self._call("prepare", tuple(self._cells), dict(values), tuple(clicks))
        try:
            for model_id, data, buffers in sent:
                self._child.send(model_id, data, buffers)
        finally:
            self._report(self._call("finish"))
        return self

    # --- the notebook

    def edit(self, index: int, source: str) -> AppTest:
        """Rewrite a cell. The next `run`, `set` or `click` uses it."""
        self._cells[index] = replace(self._cells[self._at(index)], source=source)
        return self

    def insert(self, index: int, source: str) -> AppTest:
        """Put a new cell before the cell at this position, or at the end."""
        self._named += 1
        position = index if index == len(self._cells) else self._at(index)
        self._cells.insert(position, Cell(CellId(f"inserted-{self._named}"), source))
        return self

    def delete(self, index: int) -> AppTest:
        """Remove a cell."""
        del self._cells[self._at(index)]
        return self

    def move(self, index: int, to: int) -> AppTest:
        """Move a cell; `to` is its position afterwards."""
        to = self._at(to)
        self._cells.insert(to, self._cells.pop(self._at(index)))
        return self

    @property
    def cells(self) -> tuple[str, ...]:
        """The sources of the cells as they are now."""
        return tuple(cell.source for cell in self._cells)

    def _at(self, index: int) -> int:
        if not -len(self._cells) <= index < len(self._cells):
            raise IndexError(f"there is no cell {index}: the notebook has {len(self._cells)} code cells")
        return index % len(self._cells)

    # --- what is to be seen

    @property
    def steps(self) -> tuple[Step, ...]:
        """What the last rerun did about each cell: `index`, `state`, `reason`, `seconds`, `error`."""
        return self._steps

    @property
    def executed(self) -> tuple[int, ...]:
        """The cells that the last call executed, in order; empty when it caused no rerun."""
        return self._executed

    @property
    def error(self) -> Failure | None:
        """The cell that failed in the last rerun, if one did; `ui.stop` is no failure."""
        for step in self._steps:
            if step.state == "failed" and step.error is not None and not step.error.is_end:
                return Failure(step.index, step.error.name, step.error.message)
        return None

    def outputs(self, index: int) -> list[Output]:
        """What a cell shows now, as nbformat output dicts."""
        shown: list[Output] = self._call("outputs", self._cells[self._at(index)].id)
        return shown

    def eval(self, expression: str) -> Any:
        """The value of an expression in the notebook's namespace; it comes here pickled.

        Raises:
            Exception: what the expression raised.
            NbappError: the value cannot be pickled, or not be loaded here.
        """
        return self._call("evaluate", expression)

    @property
    def widgets(self) -> dict[str, Control]:
        """The widgets that global names hold, as they are now."""
        return {name: Control(name, **now) for name, now in self._call("widgets").items()}

    # --- the kernel

    def _call(self, name: str, *arguments: Any) -> Any:
        if not self._started:
            start = tuple(self._cells), self._settings, str(self._child.folder), False
            self._started = True
            self._child.call("start", *start)
        try:
            return self._child.call(name, *arguments)
        except KernelDied as error:
            raise KernelDied(f"the kernel died {self._where()}", error.remedy) from None

    def _where(self) -> str:
        running = self._child.running
        index = next((index for index, cell in enumerate(self._cells) if cell.id[:64] == running), None)
        return "while no cell ran" if index is None else f"while cell {index} ran"

    def _report(self, report: tuple[tuple[Step, ...], tuple[int, ...]]) -> None:
        self._steps, self._executed = report
