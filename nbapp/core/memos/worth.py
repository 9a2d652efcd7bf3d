"""What it is worth to keep memos: the seconds that each saves, by the bytes that would be free without it.

Memory is for what took long to make. Of several memos that hold a value each counts for its part of the bytes. A value
that some cell shows counts for nothing: to forget another memo of it frees nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from nbapp.core.memos.memo import Binding, Memo

_LARGE = 4 * 2**20  # bytes: what takes fewer is kept while there is room, however short the time that it saves
_AT_ONCE = 2e-9  # seconds for each byte: it is made about as fast as memory is copied


@dataclass(slots=True)
class Worth:
    """The values that the memos of one store hold, each with the memos that do; `nbytes` is what all take."""

    nbytes: int = 0
    kept: dict[Binding, set[Memo]] = field(default_factory=dict)
    _shown: Counter[Binding] = field(default_factory=Counter)

    def keep(self, memo: Memo) -> None:
        """The store keeps it."""
        self.nbytes += memo.nbytes
        for binding in _held(memo):
            if binding not in self.kept:
                self.nbytes += binding.nbytes
            self.kept.setdefault(binding, set()).add(memo)

    def forget(self, memo: Memo) -> None:
        """The store keeps it no longer."""
        self.nbytes -= memo.nbytes
        for binding in _held(memo):
            self.kept[binding].remove(memo)
            if not self.kept[binding]:
                del self.kept[binding]
                self.nbytes -= binding.nbytes

    def show(self, memo: Memo) -> None:
        """A cell shows it."""
        self._shown.update(_held(memo))

    def hide(self, memo: Memo) -> None:
        """The cell shows another one, or is gone."""
        for binding in _held(memo):
            self._shown[binding] -= 1
            if not self._shown[binding]:
                del self._shown[binding]

    def saves(self, memo: Memo) -> float:
        """The seconds that it saves for each byte: of its own, and of its part of each value that no cell shows."""
        parts = (binding.nbytes // max(1, len(self.kept.get(binding, ()))) for binding in self._hidden(memo))
        return memo.executed.seconds / max(1, memo.nbytes + sum(parts))

    def takes(self, memo: Memo) -> int:
        """The most bytes that may be free without it."""
        return memo.nbytes + sum(binding.nbytes for binding in self._hidden(memo))

    def made_at_once(self, memo: Memo) -> set[Memo]:
        """All memos that hold a large value with this one, where to make them again takes as long as to copy it."""
        found = set[Memo]()
        for binding in self._hidden(memo):
            holders = self.kept.get(binding, set())
            seconds = sum(holder.executed.seconds for holder in holders)
            if binding.nbytes >= _LARGE and seconds < _AT_ONCE * binding.nbytes:
                found |= holders
        return found

    def _hidden(self, memo: Memo) -> list[Binding]:
        return [binding for binding in _held(memo) if binding not in self._shown]


def _held(memo: Memo) -> set[Binding]:
    """What a memo holds, each once."""
    held = memo.held.values(), memo.after.values(), memo.links.values(), memo.closure.values()
    return {binding for bindings in held for binding in bindings if binding is not None}
