"""What is shown of cells while a walk is under way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from nbapp.core.notebook import Cell, CellError, CellId, Output
from nbapp.core.step import Step
from nbapp.kernel.frontends.displayed import Displayed
from nbapp.kernel.frontends.observer import Silent
from nbapp.kernel.outputs.outputs import UPDATE, VIEW

CELL = Cell(CellId("one"), "1")


@dataclass
class Shown(Silent):
    in_place: bool = True
    last: tuple[Output, ...] = field(default_factory=tuple)

    def patches(self) -> bool:
        return self.in_place

    def shown(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        self.last = outputs


def text(said: str) -> Output:
    return {"output_type": "stream", "name": "stdout", "text": said}


def view(model_id: str) -> Output:
    return {"output_type": "display_data", "data": {"text/plain": "w", VIEW: {"model_id": model_id}}, "metadata": {}}


def display(said: str, kind: str = "display_data") -> Output:
    return {
        "output_type": kind,
        "data": {"text/plain": said},
        "metadata": {},
        "transient": {"display_id": "bar"},
    }


def long_cell(observer: Shown, before: list[Output], now: list[Output]) -> tuple[Output, ...]:
    """What is shown of a cell that showed `before` and has made `now` so far."""
    displayed = Displayed(observer)
    displayed.steps([Step(0, CELL, "ran", "first run", 0.0, tuple(before))])
    displayed.settle((CELL,))
    displayed.live(CELL, tuple(now))
    return observer.last


@pytest.mark.parametrize(
    ("before", "now", "shown"),
    [
        ([view("s")], [text("loading")], [text("loading"), view("s")]),
        ([text("a"), view("s"), text("b")], [text("A")], [text("A"), view("s"), text("b")]),
        ([view("s"), text("a")], [text("x"), text("y")], [text("x"), text("y"), view("s")]),
        ([view("s"), text("a")], [view("s"), text("A")], [view("s"), text("A")]),
        ([text("a"), text("b")], [text("x"), text("y"), text("z")], [text("x"), text("y"), text("z")]),
        ([], [text("a")], [text("a")]),
    ],
)
def test_what_a_long_cell_has_not_come_to_stays(before: list[Any], now: list[Any], shown: list[Any]) -> None:
    assert list(long_cell(Shown(), before, now)) == shown


def test_a_front_end_that_clears_cells_gets_what_was_made() -> None:
    assert long_cell(Shown(in_place=False), [text("a"), view("s")], [text("A")]) == (text("A"),)


def test_updates_of_displays_are_applied_while_the_cell_runs() -> None:
    assert long_cell(Shown(), [], [display("half"), display("half", UPDATE)]) == (display("half"),)


@pytest.mark.parametrize(
    ("made", "is_shown"),
    [
        ([text("now")], True),
        ([text("now"), view("s")], False),
        ([display("now")], False),
        ([display("now", UPDATE)], False),
    ],
)
def test_a_cell_that_has_ended_is_shown_at_once_unless_it_concerns_displays_and_widgets(
    made: list[Any], is_shown: bool
) -> None:
    observer = Shown()
    displayed = Displayed(observer)
    displayed.ended(CELL, tuple(made))
    assert list(observer.last) == (made if is_shown else [])


def test_a_cell_that_has_ended_waits_while_another_one_updates_displays() -> None:
    observer = Shown()
    displayed = Displayed(observer)
    other = Cell(CellId("other"), "2")
    displayed.steps([Step(0, other, "ran", "first run", 0.0, (display("half"),))])
    observer.last = ()
    displayed.ended(CELL, (text("now"),))
    assert observer.last == ()


@pytest.mark.parametrize("between", ["live", "ended", "late", "put_out", "gone"])
def test_a_step_that_comes_again_shows_what_else_was_shown_meanwhile(between: str) -> None:
    """A walk gives the very same step again for a cell that it skips as the last one did."""
    observer = Shown()
    displayed = Displayed(observer)
    skipped = Step(0, CELL, "skipped", "nothing changed", 0.0, (text("made"),))
    displayed.steps([skipped])
    displayed.steps([skipped])
    assert observer.last == (text("made"),)
    if between == "live":
        displayed.live(CELL, (text("half"),))
    elif between == "ended":
        displayed.ended(CELL, (text("other"),))
    elif between == "late":
        displayed.late(CELL.id, (text("made"), text("late")))
    elif between == "put_out":
        displayed.put_out(CELL.id, (text("by hand"),))
    else:
        displayed.settle(())
        observer.last = ()
    displayed.steps([skipped])
    made = (text("made"), text("late")) if between == "late" else (text("made"),)
    assert observer.last == displayed.outputs(CELL.id) == made


def test_a_step_that_comes_again_lets_a_cell_that_begins_to_run_forget_what_its_threads_added() -> None:
    observer = Shown()
    displayed = Displayed(observer)
    skipped = Step(0, CELL, "skipped", "nothing changed", 0.0, (text("made"),))
    displayed.steps([skipped])
    displayed.late(CELL.id, (text("made"), text("late")))
    displayed.steps([skipped])
    displayed.late(CELL.id, None)
    displayed.steps([skipped])
    assert observer.last == (text("made"),)
