"""Cells become a tree of regions: sidebar and body, and in them tabs, expanders, rows of columns and cards.

Pure: it reads tags and gives places. Each cell stands in the tree once, and its box knows nothing of where.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nbapp.serve.layout.hiding import Hiding, hiding, tags
from nbapp.serve.layout.remark import Remark
from nbapp.serve.layout.tags import Asked, Width, wanted

Kind = Literal["sidebar", "body", "tabs", "tab", "expander", "row", "column", "card"]
_MERGED = frozenset({"tabs", "tab", "expander", "row"})  # neighbours share them; each column and card is its own
_CONTROLS = frozenset({"parameters", "controls"})  # both: the cell shows controls in place of what it assigns
_WIDTHS: tuple[Width, ...] = ("", "wide", "full")


@dataclass(slots=True)
class Leaf:
    """A cell in the tree. `number` counts code cells from 1; None for a text. `aside`: it parts no neighbours, as
    nothing is seen of it. `source`: its text, where that is not the cell's.
    """

    cell_id: str
    number: int | None
    hiding: Hiding
    width: Width = ""
    aside: bool = False
    source: str | None = None


@dataclass(slots=True)
class Region:
    """A part of the page with what is in it. `title` is that of a tab or expander, `weight` the width of a column."""

    kind: Kind
    title: str = ""
    weight: float = 1.0
    width: Width = ""
    inner: list[Region | Leaf] = field(default_factory=list)

    def leaves(self) -> Iterable[Leaf]:
        """The cells in it, in their order."""
        for each in self.inner:
            if isinstance(each, Leaf):
                yield each
            else:
                yield from each.leaves()

    @property
    def first(self) -> str:
        """The id of its first cell, by which it is known again in the next version of a page; empty without one."""
        return next((leaf.cell_id for leaf in self.leaves()), "")


@dataclass(frozen=True, slots=True)
class Layout:
    """The page of a notebook. `sidebar` and `body` hold each cell that a page has once."""

    sidebar: Region
    body: Region
    remarks: tuple[Remark, ...] = ()


def arrange(cells: Sequence[Mapping[str, Any]]) -> Layout:
    """The layout that the tags of a notebook's cells ask for. Tags with values that make no sense are told in
    `remarks`, and count as if they were not there.
    """
    building = _Building()
    for cell in cells:
        building.add(cell)
    building.look_at_rows(building.sidebar)
    building.look_at_rows(building.body)
    return Layout(building.sidebar, building.body, tuple(building.remarks))


@dataclass(slots=True)
class _Building:
    sidebar: Region = field(default_factory=lambda: Region("sidebar"))
    body: Region = field(default_factory=lambda: Region("body"))
    remarks: list[Remark] = field(default_factory=list)
    _code: int = 0  # code cells so far
    _last: list[Region] = field(default_factory=list)  # where the cell before stands, outermost first
    _lines: dict[str, tuple[int | None, str]] = field(default_factory=dict)  # by id, what the author knows a cell by

    def add(self, cell: Mapping[str, Any]) -> None:
        """Give a cell its place."""
        is_code = cell["cell_type"] == "code"
        self._code += is_code
        hidden = hiding(cell)
        if cell["cell_type"] == "raw" or (hidden.whole == "removed" and not is_code):
            return
        number = self._code if is_code else None
        self._lines[cell["id"]] = number, _line(cell["source"])
        asked = wanted(cell)
        for what, why, remedy in asked.faults:
            self._tell(cell["id"], what, why, remedy)
        if is_code and (hidden.removed or (not asked.anything and _shows_nothing(cell))):
            self.body.inner.append(Leaf(cell["id"], number, hidden, aside=True))
            return
        self._last = path = self._below(cell["id"], asked) if asked.below else self._path(asked)
        leaf = Leaf(cell["id"], number, hidden, asked.width, source=asked.source)
        path[-1].inner.append(leaf)
        if len(path) > 1 or asked.sidebar:
            leaf.width = ""
        if path[0] is self.body and len(path) > 1:
            path[1].width = max(path[1].width, asked.width, key=_WIDTHS.index)

    def _below(self, cell_id: str, asked: Asked) -> list[Region]:
        """Where the cell before stands."""
        if len(self._last) > 1 or (self._last and self._last[0] is self.sidebar):
            return self._last
        remedy = "give it to a cell that follows one with `column`, `card`, `tab` or `expander`"
        self._tell(cell_id, "the tag `below`", "the cell before stands in no column, card, tab or expander", remedy)
        return self._path(asked)

    def _path(self, asked: Asked) -> list[Region]:
        """The regions around a cell, outermost first; those that are not there yet are made."""
        steps: list[Region] = []
        if asked.tab is not None:
            steps += [Region("tabs"), Region("tab", asked.tab)]
        if asked.expander is not None:
            steps.append(Region("expander", asked.expander))
        if asked.column is not None:
            steps += [Region("row"), Region("column", weight=asked.column)]
        if asked.card:
            steps.append(Region("card"))
        path = [self.sidebar if asked.sidebar else self.body]
        for step in steps:
            known = None if asked.row and step.kind == "row" else _known(path[-1], step)
            if known is None:
                path[-1].inner.append(step)
            path.append(known or step)
        return path

    def look_at_rows(self, region: Region) -> None:
        """Tell of columns that stand alone."""
        for each in region.inner:
            if isinstance(each, Region):
                self.look_at_rows(each)
        if region.kind == "row" and sum(isinstance(each, Region) for each in region.inner) == 1:
            why = "a cell between it and the next one shows something, or may"
            remedy = "give `column` to neighbouring cells, and `remove-output` or `below` to a cell between them"
            self._tell(region.first, "a `column` without a neighbour", why, remedy)

    def _tell(self, cell_id: str, what: str, why: str, remedy: str) -> None:
        number, line = self._lines[cell_id]
        self.remarks.append(Remark(what, why, remedy, number, line))


def _known(region: Region, step: Region) -> Region | None:
    """The region that a cell shares with its neighbours."""
    if step.kind not in _MERGED:
        return None
    inner = [each for each in region.inner if not (isinstance(each, Leaf) and each.aside)]
    candidates = inner if region.kind == "tabs" else inner[-1:]
    alike = (
        each for each in candidates if isinstance(each, Region) and (each.kind, each.title) == (step.kind, step.title)
    )
    return next(alike, None)


def _shows_nothing(cell: Mapping[str, Any]) -> bool:
    """Whether code ends without a value to show and calls nothing for its own sake: it imports, defines, assigns."""
    if _CONTROLS.issubset(tags(cell)):
        return False
    try:
        module = ast.parse(cell["source"])
    except (SyntaxError, ValueError):  # a magic, which may show something
        return False
    silent = (
        ast.Import,
        ast.ImportFrom,
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.Assign,
        ast.AnnAssign,
    )
    return all(isinstance(each, (*silent, ast.AugAssign, ast.Delete, ast.Pass)) for each in module.body)


def _line(source: str) -> str:
    """What shows an author which cell is meant."""
    return next((line.strip() for line in source.splitlines() if line.strip()), "")
