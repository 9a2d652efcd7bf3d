"""What an author asked of a page that makes no sense, in words for the log and for `nbapp check`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """What was found, what becomes of it, and what to do. `cell` counts code cells from 1; None: a text, or the
    notebook. `line` is what the author knows the cell by.
    """

    what: str
    why: str
    remedy: str
    cell: int | None = None
    line: str = ""

    def __str__(self) -> str:
        where = f"cell {self.cell} " if self.cell is not None else ""
        line = f"({self.line}) " if self.line else ""
        return f"{where}{line}{self.what}: {self.why}; {self.remedy}"
