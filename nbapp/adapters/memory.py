"""Which values lie in the same memory, where no Python reference tells: libraries that wrap each other's buffers.

Arrow, Polars and Torch take a numpy array's memory without a copy and keep the array alive where Python cannot see it.
Each value notes the memory it lies in when it is followed, and learns which other values lie there too. Values are
held weakly; nothing is noted before one of those libraries is loaded.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

Span = tuple[int, int]  # an address and the address behind the last byte
_PAGE = 12  # bits
_LARGE = 1 << 20  # bytes; there are few such values, and each has many pages
_SHARERS = ("polars", "pyarrow", "torch")


@dataclass(slots=True)
class Memory:
    """The spans of memory that values of one side lie in; small values by the pages they touch, and the large ones."""

    _spans: dict[int, tuple[weakref.ref[object], tuple[Span, ...]]] = field(default_factory=dict)
    _pages: dict[int, set[int]] = field(default_factory=dict)
    _large: set[int] = field(default_factory=set)

    def note(self, value: object, spans: tuple[Span, ...]) -> None:
        """This value lies in these spans."""
        key = id(value)
        known = self._spans.get(key)
        if known is not None:
            if known[0]() is value and known[1] == spans:
                return
            self._remove(key)
        self._spans[key] = weakref.ref(value, self._forget(key)), spans
        if _is_large(spans):
            self._large.add(key)
        else:
            for page in _pages(spans):
                self._pages.setdefault(page, set()).add(key)

    def _remove(self, key: int) -> None:
        _, spans = self._spans.pop(key)
        if _is_large(spans):
            self._large.discard(key)
            return
        for page in set(_pages(spans)):  # two spans may touch one page
            keys = self._pages[page]
            keys.discard(key)
            if not keys:
                del self._pages[page]

    def _forget(self, key: int) -> Callable[[object], None]:
        def forget(gone: object) -> None:
            if key in self._spans and self._spans[key][0] is gone:
                self._remove(key)

        return forget

    def at(self, wanted: tuple[Span, ...]) -> Iterator[object]:
        """The values that lie in any of these spans."""
        if _is_large(wanted):
            near = set(self._spans)
        else:
            near = self._large.union(*(self._pages.get(page, ()) for page in _pages(wanted)))
        for key in near:
            owner, spans = self._spans.get(key, (_nobody, ()))
            value = owner()
            if value is not None and any(_overlap(one, other) for one in spans for other in wanted):
                yield value


def _nobody() -> None:
    return None


def _is_large(spans: tuple[Span, ...]) -> bool:
    return sum(end - start for start, end in spans) > _LARGE


def _pages(spans: Iterable[Span]) -> Iterator[int]:
    for start, end in spans:
        yield from range(start >> _PAGE, (end - 1 >> _PAGE) + 1)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


ARRAYS = Memory()  # owners of numpy's memory
WRAPPERS = Memory()  # what may wrap it


def is_shared() -> bool:
    """Whether a library is loaded that wraps memory of others."""
    return any(name in sys.modules for name in _SHARERS)


def array_neighbours(owner: object, start: int, nbytes: int) -> Iterable[object]:
    """What wraps the memory of a numpy array; worth asking when `is_shared`."""
    if not nbytes:
        return ()
    span = (start, start + nbytes)
    ARRAYS.note(owner, (span,))
    return WRAPPERS.at((span,))


def wrapper_neighbours(value: object, spans: Iterable[Span]) -> Iterator[object]:
    """The numpy arrays, and other libraries' values, whose memory this value wraps."""
    found = tuple(span for span in spans if span[0] < span[1])
    if found:
        WRAPPERS.note(value, found)
        yield from ARRAYS.at(found)
        yield from (other for other in WRAPPERS.at(found) if other is not value)
