"""Large pieces of memory that are handed out many times, and may be written by whoever gets them.

On Linux a piece lies in a file in memory and each hand-out maps it privately: no byte is copied before it is written.
Elsewhere, and for small pieces, a hand-out is a copy.
"""

from __future__ import annotations

import mmap
import os
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_LARGE = 1 << 22  # bytes; below, copying is as fast as mapping
_MOST_MAPS = 200  # each map holds a file descriptor as long as it lives
_MAPS: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


@dataclass(eq=False)
class Buffer:
    """A copy of a piece of memory. `file` is its descriptor when it is large, else `kept` holds it."""

    nbytes: int
    readonly: bool
    kept: bytes = b""
    file: int | None = None

    @classmethod
    def of(cls, raw: memoryview, *, readonly: bool | None = None) -> Buffer:
        """A copy of this memory, which a caller may write or not; None: as this memory."""
        readonly = raw.readonly if readonly is None else readonly
        file = _file() if raw.nbytes >= _LARGE and not readonly else None
        if file is None:
            return cls(raw.nbytes, readonly, bytes(raw))
        found = cls(raw.nbytes, False, file=file)
        weakref.finalize(found, os.close, file)
        written = 0
        while written < raw.nbytes:
            written += os.write(file, raw[written:])
        return found

    @contextmanager
    def view(self) -> Iterator[memoryview]:
        """The memory, to be read for a while."""
        if self.file is None:
            yield memoryview(self.kept)
            return
        with mmap.mmap(self.file, self.nbytes, access=mmap.ACCESS_READ) as whole, memoryview(whole) as view:
            yield view

    def fresh(self) -> Any:
        """The memory as it was, to be written by one caller; the very same bytes when nobody may write them."""
        if self.file is None:
            return self.kept if self.readonly else bytearray(self.kept)
        if len(_MAPS) >= _MOST_MAPS:
            with mmap.mmap(self.file, self.nbytes, access=mmap.ACCESS_READ) as whole:
                return bytearray(whole)
        private = mmap.mmap(self.file, self.nbytes, access=mmap.ACCESS_COPY)
        _MAPS.add(private)
        return private


def _file() -> int | None:
    """A new file in memory; None where there is no such thing, or no descriptor left."""
    if sys.platform != "linux":
        return None
    try:
        return os.memfd_create("nbapp")
    except OSError:
        return None
