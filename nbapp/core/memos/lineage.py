"""How results rest on each other: which cells a change reaches, and what a result was made from. Executes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from nbapp.core.memos.memo import Memo
from nbapp.core.notebook import CellId


@dataclass(frozen=True, slots=True)
class Lineage:
    """The cells in order, and the memo of what each shows; None for one that shows nothing."""

    cells: Sequence[CellId]
    memo: Callable[[CellId], Memo | None]

    def reached(self, starts: Callable[[Memo], bool]) -> list[CellId]:
        """The cells whose memo `starts`, and all that read what such cells bound, directly or through others."""
        found: list[CellId] = []
        names: set[str] = set()  # bound by those cells, and by none after them
        for cell in self.cells:
            memo = self.memo(cell)
            if memo is None:
                continue
            if starts(memo) or _reads(memo, names):
                found.append(cell)
                names.update(memo.after)
            else:
                names.difference_update(memo.after)
        return found

    def made_from(self, cell: CellId) -> Iterator[Memo]:
        """The memo of a cell, and those of the cells above that bound what it was made from."""
        needed: Collection[str] | None = ()  # None: all
        for above in reversed(self.cells[: self.cells.index(cell) + 1]):
            memo = self.memo(above)
            if memo is None or not (above == cell or needed is None or not memo.after.keys().isdisjoint(needed)):
                continue
            yield memo
            needed = None if needed is None or memo.reads.everything else {*needed, *memo.reads.names}


def _reads(memo: Memo, names: set[str]) -> bool:
    return bool(names) and (memo.reads.everything or not names.isdisjoint(memo.reads.names))
