"""What a place for results must be able to do: pieces of bytes by name, and who computes one. Knows no format."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """One piece: its name, its size in bytes, and when it was last used, in seconds since 1970."""

    name: str
    nbytes: int
    used: float


class Claim(Protocol):
    """The right to compute one result, of which there is one among all processes that share a place."""

    def take(self) -> bool:
        """Take it, unless another process has it. It is free again when that process ends, however it ends."""

    def release(self) -> None:
        """Give it back."""


class Blobs(Protocol):
    """Pieces of bytes by name. A name is two words of letters and digits with a slash between: an owner and a key.

    Every method raises OSError where the place cannot be reached, is full or may not be written.
    """

    @property
    def poll(self) -> float:
        """Seconds between two looks at what another process computes."""

    def get(self, name: str, most: int, *, is_use: bool = True) -> bytes | None:
        """The piece; None when there is none, or when it is larger than `most` bytes. `is_use`: it was used now."""

    def put(self, name: str, parts: Sequence[bytes | memoryview]) -> None:
        """Write a piece: all of it or nothing, also when this process is ended meanwhile."""

    def remove(self, name: str) -> None:
        """Take a piece away, if it is there."""

    def stored(self, owner: str | None = None) -> Iterator[Stored]:
        """All pieces, or those of an owner."""

    def claim(self, name: str) -> Claim | None:
        """The right to compute this piece; None where the place knows no such thing."""

    def close(self) -> None:
        """Close what is open; who asks again opens it again."""

    def sweep(self) -> None:
        """Take away what processes left that were ended while they wrote."""


@contextlib.contextmanager
def as_os_error() -> Iterator[None]:
    """Each driver has errors of its own for a place that cannot be reached: here they are OSErrors."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error
