"""What is brought up to date: the cells as written now, in document order, and what a cell shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NewType

CellId = NewType("CellId", str)
Output = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell as written now."""

    id: CellId
    source: str


Notebook = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class CellError:
    """The exception that ended a cell: the author's, not ours."""

    name: str
    message: str
    traceback: tuple[str, ...] = ()
