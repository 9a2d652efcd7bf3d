"""One kernel for many small notebooks: each test writes its own into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbapp.core.notebook import Output
from nbapp.testing import AppTest, Failure

FAULTS = "__import__('nbapp.kernel.common.stand_in', fromlist=['faults']).faults.seen"  # by place; `%nbapp` tells them
SLIDER = "import ipywidgets as W\nn = W.IntSlider(1, max=50)"


@contextmanager
def book_in(folder: Path) -> Iterator[Book]:
    """A kernel in this folder; nothing of ours may have failed behind the author's back in any of its notebooks."""
    with AppTest.from_cells([], cwd=folder) as app:
        yield Book(app)
        assert app.eval(FAULTS) == {}


class Book:
    """An app whose whole notebook is replaced by each test."""

    def __init__(self, app: AppTest) -> None:
        self.app = app

    def open(self, *sources: str) -> Book:
        """Write these cells in place of all others, and run them; all must succeed."""
        for _ in range(len(self.app.cells)):
            self.app.delete(0)
        for index, source in enumerate(sources):
            self.app.insert(index, source)
        self.run()
        assert self.error is None, self.error
        return self

    def run(self) -> Book:
        self.app.run()
        return self

    def set(self, name: str, value: Any) -> Book:
        self.app.set(name, value)
        return self

    def shows(self, expected: Callable[[int], str], *values: int) -> None:
        """Give `n` these values, one after the other: the last cell must show what is expected for each."""
        for value in values:
            self.set("n", value)
            assert (self.error, self.text(len(self.app.cells) - 1)) == (None, expected(value)), value

    def message(self, widget: str, data: dict[str, Any]) -> Book:
        """Send the widget a message as its front end does."""
        model_id = self.eval(f"{widget}.model_id")
        self.app._call("prepare", tuple(self.app._cells), {}, ())
        self.app._child.send(model_id, data)
        self.app._report(self.app._call("finish"))
        return self

    def edit(self, index: int, source: str) -> Book:
        self.app.edit(index, source)
        return self

    def insert(self, index: int, source: str) -> Book:
        self.app.insert(index, source)
        return self

    def delete(self, index: int) -> Book:
        self.app.delete(index)
        return self

    def move(self, index: int, to: int) -> Book:
        self.app.move(index, to)
        return self

    def eval(self, expression: str) -> Any:
        return self.app.eval(expression)

    def outputs(self, index: int) -> list[Output]:
        return self.app.outputs(index)

    def text(self, index: int) -> str:
        """What a cell shows, as plain text; errors by their names."""
        shown = []
        for output in self.outputs(index):
            data = output.get("data", {})
            shown.append(output.get("text") or output.get("ename") or data.get("text/plain", ""))
        return "".join(shown)

    @property
    def states(self) -> list[str]:
        """What the last rerun did about each cell."""
        return [step.state for step in self.app.steps]

    @property
    def reasons(self) -> list[str]:
        """Why."""
        return [step.reason for step in self.app.steps]

    @property
    def executed(self) -> tuple[int, ...]:
        """The cells that the last call executed."""
        return self.app.executed

    @property
    def error(self) -> Failure | None:
        """The cell that failed in the last rerun."""
        return self.app.error
