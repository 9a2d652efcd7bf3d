"""Test a notebook as an app, without a browser: move its controls, look at its outputs, and at which cells ran.

from nbapp.testing import AppTest

with AppTest.from_file("notebook.ipynb") as app:
    app.run()
    app.set("region", "East")
    assert app.eval("total") == 1200
    assert [step.index for step in app.steps if step.state == "ran"] == [4, 5]
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from nbapp.child import Child
from nbapp.core.notebook import Cell, CellId, Output
from nbapp.core.step import Step
from nbapp.errors import NbappError
from nbapp.kernel.settings import Settings
from nbapp.serve.prepare import code_cells, read


@dataclass(frozen=True, slots=True)
class WidgetState:
    """A widget as a front end sees it: its class, and its traits by name."""

    kind: str
    traits: Mapping[str, Any]

    @property
    def value(self) -> Any:
        """The value, where the widget has one.

        Raises:
            AttributeError: it has none.
        """
        if "value" not in self.traits:
            raise AttributeError(f"a {self.kind} has no value")
        return self.traits["value"]


@dataclass(frozen=True, slots=True)
class Failure:
    """The cell that failed: its index among the code cells, and the exception's name and message."""

    index: int
    name: str
    message: str


class AppTest:
    """A notebook in a real kernel of its own. Close it, or use it as a context manager."""

    def __init__(self, cells: Iterable[Cell], cwd: Path, *, timeout: float | None = 120) -> None:
        """`cwd` is the kernel's folder. `timeout`: seconds that one rerun may take."""
        self._cells = list(cells)
        self._timeout = timeout
        self._steps: tuple[Step, ...] = ()
        self._outputs: dict[CellId, tuple[Output, ...]] = {}
        self._child = Child(cwd)
        self._child.call("start", Settings(), timeout=60)

    @classmethod
    def from_file(cls, path: str | Path, *, cwd: str | Path | None = None, timeout: float | None = 120) -> AppTest:
        """An app of a notebook file; the kernel's folder is the notebook's unless `cwd` is given.

        Raises:
            UsageError: no such file, or not a notebook.
        """
        path = Path(path)
        return cls(code_cells(read(path)), Path(cwd) if cwd else path.absolute().parent, timeout=timeout)

    @classmethod
    def from_cells(
        cls, sources: Iterable[str], *, cwd: str | Path | None = None, timeout: float | None = 120
    ) -> AppTest:
        """An app of code cells with these sources; the kernel's folder is the current one unless `cwd` is given."""
        return cls([_new(source) for source in sources], Path(cwd) if cwd else Path.cwd(), timeout=timeout)

    # --- reruns

    def run(self) -> AppTest:
        """Bring every cell up to date. Returns the app."""
        return self._take(self._child.call("rerun", tuple(self._cells), timeout=self._timeout))

    def set(self, name: str, value: Any) -> AppTest:
        """Give the widget that the global `name` holds a value, as a visitor would, and rerun.

        An option of a selection is named by its value or its label.

        Raises:
            UsageError: no widget is called so, or it has no such option.
            TraitError: the value is not of the widget's type.
        """
        return self.set_many({name: value})

    def set_many(self, values: Mapping[str, Any]) -> AppTest:
        """Give several widgets a value, with one rerun. Raises what `set` raises, before anything changed."""
        return self._send(dict(values), ())

    def click(self, name: str) -> AppTest:
        """Click the button that the global `name` holds, and rerun.

        Raises:
            UsageError: no button is called so.
        """
        return self._send({}, (name,))

    # --- editing: changes the notebook; `run` brings it up to date

    def edit(self, index: int, source: str) -> AppTest:
        """Give code cell `index` another source."""
        self._cells[index] = Cell(self._cells[index].id, source)
        return self

    def insert(self, index: int, source: str) -> AppTest:
        """Put a new code cell before code cell `index`."""
        self._cells.insert(index, _new(source))
        return self

    def delete(self, index: int) -> AppTest:
        """Remove code cell `index`."""
        del self._cells[index]
        return self

    def move(self, index: int, to: int) -> AppTest:
        """Take code cell `index` out and put it where `to` is then."""
        self._cells.insert(to, self._cells.pop(index))
        return self

    # --- what there is to see

    @property
    def steps(self) -> tuple[Step, ...]:
        """The last rerun, a step for each cell it came to: `.index .state .reason .seconds`."""
        return self._steps

    @property
    def error(self) -> Failure | None:
        """The cell that failed in the last rerun, if one did."""
        for step in self._steps:
            if step.error is not None:
                return Failure(step.index, step.error.name, step.error.message)
        return None

    def outputs(self, index: int) -> list[Output]:
        """What code cell `index` shows now, as nbformat output dicts."""
        return list(self._outputs.get(self._cells[index].id, ()))

    def eval(self, expression: str) -> Any:
        """The value of an expression in the notebook's namespace; what it raises is raised here.

        Raises:
            TypeError: the value cannot be pickled.
        """
        return self._child.call("evaluate", expression, timeout=self._timeout)

    @property
    def widgets(self) -> dict[str, WidgetState]:
        """The widgets that globals hold, by name, as they are now."""
        found = self._child.call("widgets", timeout=self._timeout)
        return {name: WidgetState(kind, traits) for name, (kind, traits) in found.items()}

    # --- the end

    def close(self) -> None:
        """End the kernel. Nothing is left behind."""
        self._child.close()

    def __enter__(self) -> AppTest:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, values: dict[str, Any], clicks: tuple[str, ...]) -> AppTest:
        if not self._steps:
            raise NbappError("the notebook has not run yet", "call run() first")
        for message in self._child.call("messages", values, clicks, timeout=self._timeout):
            self._child.send(message.comm_id, message.data, message.buffers)
        return self._take(self._child.call("settle", timeout=self._timeout))

    def _take(self, shown: Any) -> AppTest:
        self._steps, self._outputs = shown.steps, shown.outputs
        return self


def _new(source: str) -> Cell:
    return Cell(CellId(uuid.uuid4().hex[:12]), source)
