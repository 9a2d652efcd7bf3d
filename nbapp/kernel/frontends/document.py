"""The notebook as its author edits it: the cells that have run in this kernel, in the order of the document.

A cell counts as it was when it last ran: one that was edited since, or never ran, waits for its author. The order
comes from the front end when it has our extension. Without, it comes from the saved file, where there is one, and
from the order of execution otherwise; both may be behind what the author sees. This file runs nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbapp.core.notebook import Cell, CellId, Notebook
from nbapp.kernel.frontends.protocol import CellNow


@dataclass(slots=True)
class Document:
    """What has run, and where it stands."""

    saved: SavedOrder
    _ran: dict[CellId, Cell] = field(default_factory=dict)
    _now: dict[CellId, CellNow] | None = None
    _inserted: dict[CellId, None] = field(default_factory=dict)

    def ran(self, cell: Cell) -> Notebook:
        """The author runs this cell: it counts from now on, as it is."""
        self._ran[cell.id] = cell
        if self._now is None:
            self._ran = {known.id: known for known in self.saved.sort(tuple(self._ran.values()))}
        elif cell.id in self._now:
            self._now[cell.id] = {"id": cell.id, "source": cell.source, "tags": list(cell.tags)}
        else:
            self._inserted[cell.id] = None  # the front end will say where
        return self.notebook()

    def arrange(self, cells: Sequence[CellNow]) -> Notebook:
        """The front end says which code cells there are."""
        self._now, self._inserted = {CellId(cell["id"]): cell for cell in cells}, {}
        return self.notebook()

    def notebook(self) -> Notebook:
        """The cells that count."""
        if self._now is None:
            return tuple(self._ran.values())
        known = [
            Cell(cell_id, self._ran[cell_id].source, tuple(now["tags"]))
            for cell_id, now in self._now.items()
            if cell_id in self._ran
        ]
        return (*known, *(self._ran[cell_id] for cell_id in self._inserted))

    def edited(self) -> frozenset[CellId]:
        """The cells that ran, and say something else by now."""
        now = self._now or {}
        return frozenset(
            cell_id for cell_id, cell in self._ran.items() if cell_id in now and now[cell_id]["source"] != cell.source
        )


@dataclass(slots=True)
class SavedOrder:
    """The order of cells in the notebook file that this kernel was started for; read again when it was saved."""

    path: Path
    _saved: tuple[int, int] | None = None
    _rank: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of_this_kernel(cls) -> SavedOrder:
        """Of the file that the server names to the kernels that it starts."""
        return cls(Path(os.environ.get("JPY_SESSION_NAME") or ""))

    def sort(self, cells: Notebook) -> Notebook:
        """The cells in the file's order, when it has them all; as they are otherwise."""
        self._refresh()
        if all(cell.id in self._rank for cell in cells):
            return tuple(sorted(cells, key=lambda cell: self._rank[cell.id]))
        return cells

    def _refresh(self) -> None:
        try:
            stat = self.path.stat()
            if self.path.suffix != ".ipynb" or self._saved == (stat.st_mtime_ns, stat.st_size):
                return
            cells = json.loads(self.path.read_text("utf-8")).get("cells", [])
            self._saved = stat.st_mtime_ns, stat.st_size
        except (OSError, ValueError):
            return  # not saved yet, or half-way through being saved: the order known so far stands
        self._rank = {cell["id"]: index for index, cell in enumerate(cells) if "id" in cell}
