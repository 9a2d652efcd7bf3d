"""What is brought up to date: the cells as written now, in document order, and what a cell shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NewType

from nbapp.errors import EndOfRun

CellId = NewType("CellId", str)
Output = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell as written now, with the tags of its metadata."""

    id: CellId
    source: str
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, cell: Mapping[str, Any]) -> Cell:
        """The cell of a notebook's node; one tagged `skip-execution` keeps its place but has nothing to run."""
        tags = tuple(cell.get("metadata", {}).get("tags", ()))
        return cls(CellId(cell["id"]), "" if "skip-execution" in tags else cell["source"], tags)


Notebook = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class CellError:
    """The exception that ended a cell: the author's, not ours."""

    name: str
    message: str
    traceback: tuple[str, ...] = ()

    @property
    def is_out_of_time(self) -> bool:
        """Whether the cell was stopped because it may not run longer: one that the author raised has a traceback."""
        return self.name == TimeoutError.__name__ and not self.traceback

    @property
    def is_end(self) -> bool:
        """Whether the author ended the run there on purpose: nothing went wrong."""
        return self.name == EndOfRun.__name__
