"""Where results are kept: one place for the process, by module and name of the function, so that it outlives its cell.

Bounded in bytes, the least recently used go first. Who computes a result is noted while it lasts, so that others wait
for it. This file does not know what a key is made of.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nbapp.values.digest import Digest

LIMIT = 1 << 30  # bytes for all functions together
_NOTES = 1000  # remembered calls of a function
Owner = tuple[str, str]  # module, qualified name
Place = tuple[Owner, Digest]


def now() -> float:
    """Seconds of a clock that never goes back."""
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class Kept:
    """One result: what is kept of it, its bytes, and when it was made."""

    result: Any
    nbytes: int
    made: float = field(default_factory=lambda: now())


@dataclass(frozen=True, slots=True)
class Note:
    """The last call with certain arguments: why it ran or did not, and the versions it read."""

    words: str
    reads: dict[str, Digest] | None


@dataclass(slots=True)
class ResultShelf:
    """Results and notes of all functions. `limit` is in bytes; every method may be called from any thread."""

    limit: int = LIMIT
    nbytes: int = 0
    _kept: OrderedDict[Place, Kept] = field(default_factory=OrderedDict)
    _notes: dict[Owner, OrderedDict[Digest, Note]] = field(default_factory=dict)
    _cleared: dict[Owner, int] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def find(self, place: Place, ttl: float | None) -> Kept | None:
        """What is kept there, unless it is older than `ttl` seconds."""
        with self._lock:
            found = self._kept.get(place)
            if found is None or (ttl is not None and now() - found.made >= ttl):
                return None
            self._kept.move_to_end(place)
            return found

    def holds(self, place: Place) -> bool:
        """Whether anything is kept there, however old."""
        return place in self._kept

    def put(self, place: Place, kept: Kept, max_bytes: int | None = None) -> bool:
        """Keep a result, if there is room for it; False when it alone is over a limit."""
        with self._lock:
            self.remove(place)
            if kept.nbytes > self.limit or (max_bytes is not None and kept.nbytes > max_bytes):
                return False
            self._kept[place] = kept
            self.nbytes += kept.nbytes
            self._make_room(place[0], max_bytes)
            return True

    def _make_room(self, owner: Owner, max_bytes: int | None) -> None:
        if max_bytes is not None:
            mine = [place for place in self._kept if place[0] == owner]
            taken = sum(self._kept[place].nbytes for place in mine)
            for place in mine:
                if taken <= max_bytes:
                    break
                taken -= self._kept[place].nbytes
                self.remove(place)
        while self.nbytes > self.limit:
            self.remove(next(iter(self._kept)))

    def remove(self, place: Place) -> None:
        """Forget a result, if there is one."""
        with self._lock:
            found = self._kept.pop(place, None)
            self.nbytes -= found.nbytes if found is not None else 0

    def clear(self, owner: Owner) -> None:
        """Forget all results of a function, also those that are being computed."""
        with self._lock:
            for place in [place for place in self._kept if place[0] == owner]:
                self.remove(place)
            notes = self._notes.get(owner, OrderedDict())
            for arguments in notes:
                notes[arguments] = Note("cleared", None)
            self._cleared[owner] = self.cleared(owner) + 1

    def clear_all(self) -> None:
        """Forget the results of all functions, and their notes."""
        with self._lock:
            for owner in {place[0] for place in self._kept} | self._notes.keys():
                self.clear(owner)

    def cleared(self, owner: Owner) -> int:
        """How often a function's results were cleared."""
        return self._cleared.get(owner, 0)

    def note(self, owner: Owner, arguments: Digest, note: Note) -> None:
        """Remember the last call with these arguments."""
        with self._lock:
            notes = self._notes.setdefault(owner, OrderedDict())
            notes[arguments] = note
            notes.move_to_end(arguments)
            if len(notes) > _NOTES:
                notes.popitem(last=False)

    def noted(self, owner: Owner, arguments: Digest) -> Note | None:
        """The last call with these arguments."""
        return self._notes.get(owner, OrderedDict()).get(arguments)


@dataclass(frozen=True, slots=True, eq=False)
class Flight:
    """A result that is being computed; `by` is the thread or task that does. `done` gives what is kept, or None."""

    by: object
    done: Future[Kept | None]


@dataclass(slots=True)
class Flights:
    """The results that are being computed."""

    _flying: dict[Place, Flight] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def board(self, place: Place, by: object) -> Flight | None:
        """The flight to wait for; None when the caller is to compute, because nobody does or it is doing so already."""
        with self._lock:
            flight = self._flying.get(place)
            if flight is None:
                self._flying[place] = Flight(by, Future())
                return None
            return None if flight.by == by else flight

    @contextmanager
    def computing(self, place: Place, by: object) -> Iterator[list[Kept]]:
        """While the caller computes; what it puts into the list is given to those who wait, else they try again."""
        landed: list[Kept] = []
        try:
            yield landed
        finally:
            with self._lock:
                flight = self._flying.get(place)
                if flight is not None and flight.by == by:
                    del self._flying[place]
                    flight.done.set_result(landed[0] if landed else None)


SHELF = ResultShelf()
FLIGHTS = Flights()
