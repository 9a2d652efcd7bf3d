"""What it is worth to keep memos: the seconds that each saves, by the bytes that would be free without it; and which of
those that no cell shows goes first.

The greedy-dual-size rule (P. Cao and S. Irani, Cost-aware WWW proxy caching algorithms, USENIX Symposium on Internet
Technologies and Systems, 1997): the one goes that saves the fewest seconds for each byte. What it would have saved is
added to each that is left behind later, so that what nobody goes back to grows old.

Memory is for what took long to make. Of several memos that hold a value each counts for its part of the bytes. A value
that some cell shows counts for nothing: to forget another memo of it frees nothing.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

from nbapp.core.memos.memo import Binding, Memo

_LARGE = 4 * 2**20  # bytes: what takes fewer is kept while there is room, however short the time that it saves
_RERUN = 0.005  # seconds that a cell takes that runs again, beside its own code
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
        return (memo.seconds + _RERUN) / max(1, memo.nbytes + sum(parts))

    def made_at_once(self, memo: Memo) -> set[Memo]:
        """All memos that hold a large value with this one, where to make them again takes as long as to copy it."""
        found = set[Memo]()
        for binding in self._hidden(memo):
            holders = self.kept.get(binding, set())
            seconds = sum(holder.seconds for holder in holders)
            if binding.nbytes >= _LARGE and seconds < _AT_ONCE * binding.nbytes:
                found |= holders
        return found

    def _hidden(self, memo: Memo) -> list[Binding]:
        return [binding for binding in _held(memo) if binding not in self._shown]


def _held(memo: Memo) -> set[Binding]:
    """What a memo holds, each once."""
    held = memo.held.values(), memo.after.values(), memo.links.values(), memo.closure.values()
    return {binding for bindings in held for binding in bindings if binding is not None}


@dataclass(slots=True)
class Waiting:
    """The memos that no cell shows, in the order in which they go."""

    worth: Worth
    _age: float = 0.0  # seconds for each byte that the last one that went would have saved, with its own age
    _entries: dict[Memo, tuple[float, int]] = field(default_factory=dict)  # the age when it was left behind, a number
    _queue: list[tuple[float, int]] = field(default_factory=list)  # what they save with their age, and numbers; a heap
    _memos: dict[int, Memo] = field(default_factory=dict)  # by number; what is gone from here is held by nothing
    _count: int = 0

    def __contains__(self, memo: Memo) -> bool:
        return memo in self._entries

    def add(self, memo: Memo) -> None:
        """No cell shows it any more."""
        self._put(memo, self._age)

    def remove(self, memo: Memo) -> float:
        """A cell shows it again, or it is gone; the age when it was left behind."""
        age, number = self._entries.pop(memo, (0.0, 0))
        self._memos.pop(number, None)
        return age

    def weigh(self, memo: Memo) -> None:
        """Find out what it saves: other cells may show other memos now."""
        self._put(memo, self.remove(memo))

    def _put(self, memo: Memo, age: float) -> None:
        self._count += 1
        self._entries[memo], self._memos[self._count] = (age, self._count), memo
        heapq.heappush(self._queue, (age + self.worth.saves(memo), self._count))
        if len(self._queue) > 2 * len(self._memos) + 100:
            self._queue = [entry for entry in self._queue if entry[1] in self._memos]
            heapq.heapify(self._queue)

    def first(self) -> Memo | None:
        """The one that goes, None when none waits."""
        while self._queue:
            saved, number = heapq.heappop(self._queue)
            memo = self._memos.get(number)
            if memo is None:
                continue
            now = self._entries[memo][0] + self.worth.saves(memo)
            if self._queue and now > max(saved, self._queue[0][0]):
                self.weigh(memo)
                continue
            self._age = now
            return memo
        return None
