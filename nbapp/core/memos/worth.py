"""What it is worth to keep memos: the seconds that each saves, by the bytes that would be free without it.

Memory is for what took long to make. Of several memos that hold a large value each counts for its part of the bytes,
so that one that took long keeps the value, whoever made it, and those beside it that are made at once do not. A value
that some cell shows counts for nothing: to forget another memo of it frees nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbapp.core.memos.memo import Binding, Memo

_LARGE = 4 * 2**20  # bytes: what takes fewer is kept while there is room, however short the time that it saves
_AT_ONCE = 2e-9  # seconds for each byte: it is made about as fast as memory is copied


@dataclass(slots=True)
class Worth:
    """The values that the memos of one store hold, each with the number of memos that do; `nbytes` is what all take."""

    nbytes: int = 0
    kept: Counter[Binding] = field(default_factory=Counter)
    _shown: Counter[Binding] = field(default_factory=Counter)

    def keep(self, memo: Memo) -> None:
        """The store keeps it."""
        self.nbytes += memo.nbytes + sum(binding.nbytes for binding in _count(self.kept, memo, 1))

    def forget(self, memo: Memo) -> None:
        """The store keeps it no longer."""
        self.nbytes -= memo.nbytes + sum(binding.nbytes for binding in _count(self.kept, memo, -1))

    def show(self, memo: Memo) -> None:
        """A cell shows it."""
        _count(self._shown, memo, 1)

    def hide(self, memo: Memo) -> None:
        """The cell shows another one, or is gone."""
        _count(self._shown, memo, -1)

    def part(self, memo: Memo) -> int:
        """How many bytes it stands for: its own and its part of each value that no cell shows."""
        hidden = (binding for binding in set(_held(memo)) if binding not in self._shown)
        return memo.nbytes + sum(binding.nbytes // max(1, self.kept[binding]) for binding in hidden)

    def saves(self, memo: Memo) -> float:
        """The seconds that it saves for each byte."""
        return memo.executed.seconds / max(1, self.part(memo))

    def is_made_at_once(self, memo: Memo) -> bool:
        """Whether it is large, and to make it again takes about as long as to copy it."""
        return self.part(memo) >= _LARGE and self.saves(memo) < _AT_ONCE


def _held(memo: Memo) -> Iterator[Binding]:
    for binding in (*memo.held.values(), *memo.after.values(), *memo.links.values(), *memo.closure.values()):
        if binding is not None:
            yield binding


def _count(counter: Counter[Binding], memo: Memo, sign: int) -> list[Binding]:
    """Count what a memo holds, up or down; what is new to the counter, or is gone from it."""
    moved = []
    for binding in set(_held(memo)):
        if sign > 0 and binding not in counter:
            moved.append(binding)
        counter[binding] += sign
        if not counter[binding]:
            del counter[binding]
            moved.append(binding)
    return moved
