"""What holds at and below a cell that failed: a walk ends there, but for the cells that their author ran by hand since.

A failure is kept as a record too. While nothing that the cell read changes it need not fail a second time only because
another cell was run; a walk that tries `again` executes it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from nbapp.core.memos.memo import Memo
from nbapp.core.notebook import Cell, CellId, Notebook
from nbapp.core.step import Step

GOES_ON = "raises-exception"  # the tag with which Run All goes on below a cell that raises
STOPPED = "the rerun was stopped above it"


@dataclass(slots=True)
class Failures:
    """The failures of one notebook. `again`: the next walk executes cells again that failed. `asked` is the cell that
    the walk under way is to run by hand, `end` the position that it goes to, `stopped` whether its author ended it."""

    again: bool = True
    asked: CellId | None = None
    stopped: bool = False
    end: int = sys.maxsize
    _by_hand: set[CellId] = field(default_factory=set)  # cells that were run since those above them failed
    _first: int | None = None
    _ended: bool = False  # the first did on purpose
    _again: bool = True  # in the walk under way

    def try_again(self, wanted: bool) -> None:
        """Whether the next walk executes cells again that failed; once that is wanted it stays so until then."""
        self.again |= wanted

    def stop(self) -> None:
        """The author ends the walk under way."""
        self.stopped = True

    def go_on(self) -> None:
        """The author lets walks begin again."""
        self.stopped = False

    def begin(self, notebook: Notebook, asked: CellId | None = None) -> Failures:
        """A walk begins; it ends with the cell that is run by hand."""
        self.asked, self._first = asked, None
        places = [cell.id for cell in notebook]
        self.end = len(places) if asked is None else places.index(asked) + 1
        self._again, self.again = self.again, False
        return self

    def below(self, index: int, cell: Cell, in_place: Memo | None) -> Step | None:
        """The step of a cell that is not run because of one above it; it shows what it showed."""
        if self._first is not None and index <= self._first:
            self._first = None  # the walk went back
        if self._first is None or cell.id == self.asked or cell.id in self._by_hand:
            return None
        if self._ended:
            return Step(index, cell, "not run", f"below cell {self._first + 1}, which ended the run", cleared=True)
        outputs = in_place.executed.outputs if in_place else ()
        return Step(index, cell, "not run", f"below cell {self._first + 1}, which failed", 0.0, outputs)

    def may_concern(self, end: int) -> bool:
        """Whether a cell above position `end` may be one that a failure is above, or that the walk does not go to."""
        return self._first is not None or end > self.end

    def saw(self, step: Step, notebook: Notebook) -> None:
        """A cell was brought up to date: below one that has just failed nobody ran anything yet."""
        if step.cell.id == self.asked:
            self._by_hand.add(step.cell.id)
        if step.state != "failed" or GOES_ON in step.cell.tags:
            return
        if self._first is None:
            self._first, self._ended = step.index, step.error is not None and step.error.is_end
        if not step.kept:
            self._by_hand.intersection_update(cell.id for cell in notebook[: step.index + 1])
            self.stopped |= self.asked not in (None, step.cell.id) and was_stopped(step)

    def counts(self, memo: Memo, in_place: Memo | None) -> bool:
        """Whether a record is one to go by: of a failure only what the cell did last, and only without trying again."""
        error = memo.executed.error
        return error is None or error.is_end or (memo is in_place and not self._again)

    def is_as_before(self, cell: Cell, memo: Memo, before: Memo | None) -> bool:
        """Whether a cell failed again for nothing but objects that were made again."""
        return memo.executed.error is not None and memo.repeats(before) and not self._again and cell.id != self.asked


def was_stopped(step: Step) -> bool:
    """Whether the cell was interrupted."""
    return step.error is not None and step.error.name == "KeyboardInterrupt"


def left_off(last: int, notebook: Notebook) -> list[Step]:
    """The steps of the cells below the last one that a walk came to before its author stopped it."""
    return [Step(index, notebook[index], "not run", STOPPED) for index in range(last + 1, len(notebook))]
