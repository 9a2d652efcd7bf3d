"""Which values lie in the same memory, where no Python reference tells: libraries that wrap each other's buffers.

Arrow, Pillow, Polars and Torch take a numpy array's memory without a copy and keep the array alive unseen by Python.
Each value notes the memory it lies in when it is first followed, and learns which values lie there already: of two, the
later one knows the earlier, which is enough to connect them, and what a value reaches does not grow when another comes.
Values are held weakly; nothing is noted before one of those libraries is loaded.
"""

from __future__ import annotations

import ctypes
import sys
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Span = tuple[int, int]  # an address and the address behind the last byte
_PAGE = 12  # bits
_LARGE = 1 << 20  # bytes; there are few such values, and each has many pages
_SHARERS = ("PIL", "polars", "pyarrow", "torch")


@dataclass(frozen=True, slots=True)
class _Noted:
    """A value, where it lies, the values that lay there when it was noted, and its pages, none if it is large."""

    value: weakref.ref[object]
    spans: tuple[Span, ...]
    pages: frozenset[int]
    neighbours: tuple[weakref.ref[object], ...]

    def lies_in(self, wanted: tuple[Span, ...]) -> bool:
        """Whether any of its bytes is in these spans."""
        return any(_overlap(one, other) for one in self.spans for other in wanted)


@dataclass(slots=True)
class Memory:
    """The spans of memory that values of one side lie in; small values by the pages they touch, and the large ones."""

    _noted: dict[int, _Noted] = field(default_factory=dict)
    _pages: dict[int, set[int]] = field(default_factory=dict)
    _large: set[int] = field(default_factory=set)

    def note(self, value: object, spans: tuple[Span, ...], *sides: Memory) -> Iterator[object]:
        """This value lies in these spans; gives those that lay there, of these sides, when it was first noted."""
        key = id(value)
        known = self._noted.get(key)
        if known is None or known.value() is not value or known.spans != spans:
            if known is not None:
                self._remove(key)
            found = tuple(weakref.ref(other) for side in sides for other in side.at(spans) if other is not value)
            pages = frozenset(() if _is_large(spans) else _pages(spans))
            known = self._noted[key] = _Noted(weakref.ref(value, self._forget(key)), spans, pages, found)
            if not pages:
                self._large.add(key)
            for page in pages:
                self._pages.setdefault(page, set()).add(key)
        return (other for neighbour in known.neighbours if (other := neighbour()) is not None)

    def _remove(self, key: int) -> None:
        """Names nothing of this module: values go as Python ends, too, when its names are gone."""
        self._large.discard(key)
        for page in self._noted.pop(key).pages:
            keys = self._pages[page]
            keys.discard(key)
            if not keys:
                del self._pages[page]

    def _forget(self, key: int) -> Callable[[object], None]:
        def forget(gone: object) -> None:
            if key in self._noted and self._noted[key].value is gone:
                self._remove(key)

        return forget

    def at(self, wanted: tuple[Span, ...]) -> Iterator[object]:
        """The values that lie in any of these spans."""
        if _is_large(wanted):
            near = set(self._noted)
        else:
            near = self._large.union(*(self._pages.get(page, ()) for page in _pages(wanted)))
        for key in near:
            known = self._noted.get(key)
            value = None if known is None else known.value()
            if known is not None and value is not None and known.lies_in(wanted):
                yield value


def _is_large(spans: tuple[Span, ...]) -> bool:
    return sum(end - start for start, end in spans) > _LARGE


def _pages(spans: Iterable[Span]) -> Iterator[int]:
    for start, end in spans:
        yield from range(start >> _PAGE, (end - 1 >> _PAGE) + 1)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


class _Piece:
    """A piece of memory that belongs to a value which cannot be held weakly."""

    __slots__ = ("__weakref__",)


ARRAYS = Memory()  # owners of numpy's memory, and pieces of it
WRAPPERS = Memory()  # what may wrap it


def is_shared() -> bool:
    """Whether a library is loaded that wraps memory of others."""
    return any(name in sys.modules for name in _SHARERS)


def array_neighbours(owner: object, start: int, nbytes: int) -> Iterable[object]:
    """What wraps the memory of a numpy array; worth asking when `is_shared`."""
    if not nbytes:
        return ()
    return ARRAYS.note(owner, ((start, start + nbytes),), WRAPPERS)


def wrapper_neighbours(value: object, spans: Iterable[Span]) -> Iterable[object]:
    """The numpy arrays, and other libraries' values, whose memory this value wraps."""
    found = tuple(span for span in spans if span[0] < span[1])
    return WRAPPERS.note(value, found, ARRAYS, WRAPPERS) if found else ()


_PIECES: OrderedDict[tuple[int, int, int], _Piece] = OrderedDict()
_MOST = 10_000


def buffer_neighbours(value: object) -> Iterable[object]:
    """The piece of memory of a buffer of Python's (`bytearray`, `array.array`, `mmap`, ctypes), and what wraps it.

    Most of these cannot be held weakly. So the piece is known by where it lies and whose it is; a value that comes to
    the same place later is not there before what wrapped the piece is gone.
    """
    span = _span(value) if is_shared() else None
    if span is None:
        return ()
    key = id(value), *span
    piece = _PIECES.pop(key, None) or _Piece()
    _PIECES[key] = piece
    if len(_PIECES) > _MOST:
        _PIECES.popitem(last=False)
    return piece, *ARRAYS.note(piece, (span,), WRAPPERS)


def _span(value: Any) -> Span | None:
    """Where a buffer lies that can be written to; an empty one, and one that was closed, lies nowhere."""
    try:
        with memoryview(value) as view:
            if view.readonly or not view.nbytes:
                return None
            start = ctypes.addressof(ctypes.c_char.from_buffer(view))
            return start, start + view.nbytes
    except (TypeError, ValueError, BufferError):
        return None
