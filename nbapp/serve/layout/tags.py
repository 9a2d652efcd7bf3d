"""The place that a cell's tags ask for, read word by word. Tags that are not ours are nothing to us."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nbapp.serve.layout.hiding import tags

Width = Literal["", "wide", "full"]
_HEADING = re.compile(r"\A\s*#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)")
_WIDEST = 12  # times as wide as its neighbour is a column at most
_IGNORED = "it is ignored"
Fault = tuple[str, str, str]


@dataclass(slots=True)
class Asked:
    """What the tags of one cell ask for. `source` is its text without the heading that gives a tab or expander its
    name; None: as it is. `faults`: what is wrong, what becomes of it, and the remedy.
    """

    sidebar: bool = False
    tab: str | None = None
    expander: str | None = None
    column: float | None = None
    row: bool = False
    card: bool = False
    below: bool = False
    width: Width = ""
    source: str | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        """Whether they ask for a place at all."""
        return bool(self.sidebar or self.tab or self.expander or self.column or self.card or self.below)


def wanted(cell: Mapping[str, Any]) -> Asked:
    """What the tags of a cell ask for."""
    found = Asked()
    for tag in tags(cell):
        name, equals, value = tag.partition("=")
        read = _TAGS.get(name.strip())
        if read is not None:
            read(found, tag, value.strip() if equals else None, cell)
    if found.sidebar and found.width:
        fault = f"the tag `{found.width}` in the sidebar, which has a width of its own"
        found.faults.append((fault, _IGNORED, "leave one of the two out"))
        found.width = ""
    if found.row and found.column is None:
        fault = "the tag `row` without `column`"
        found.faults.append((fault, _IGNORED, "give both to the cell that begins a new row of columns"))
    return found


def _flag(name: str) -> Callable[[Asked, str, str | None, Mapping[str, Any]], None]:
    def read(found: Asked, tag: str, value: str | None, _: Mapping[str, Any]) -> None:
        if value is not None:
            found.faults.append((f"the tag `{tag}`", _IGNORED, f"write `{name}`: it takes no value"))
        else:
            setattr(found, name, True)

    return read


def _width(width: Width) -> Callable[[Asked, str, str | None, Mapping[str, Any]], None]:
    def read(found: Asked, tag: str, value: str | None, _: Mapping[str, Any]) -> None:
        if value is not None:
            found.faults.append((f"the tag `{tag}`", _IGNORED, f"write `{width}`: it takes no value"))
        elif found.width != "full":
            found.width = width

    return read


def _named(name: Literal["tab", "expander"]) -> Callable[[Asked, str, str | None, Mapping[str, Any]], None]:
    def read(found: Asked, tag: str, value: str | None, cell: Mapping[str, Any]) -> None:
        if getattr(found, name) is not None:
            found.faults.append((f"a second tag `{tag}`", _IGNORED, f"give the cell one `{name}`"))
            return
        if not value and cell["cell_type"] == "markdown" and (heading := _HEADING.match(cell["source"])):
            value, found.source = plain(heading[1]), cell["source"][heading.end() :]
        if value:
            setattr(found, name, value)
        else:
            remedy = f"write `{name}=Name`, or begin a text cell that has the tag with a heading"
            found.faults.append((f"the tag `{tag}` has no name", _IGNORED, remedy))

    return read


def _column(found: Asked, tag: str, value: str | None, _: Mapping[str, Any]) -> None:
    if found.column is not None:
        found.faults.append((f"a second tag `{tag}`", _IGNORED, "give the cell one `column`"))
        return
    try:
        found.column = 1.0 if value is None else float(value)
    except ValueError:
        found.column = math.nan
    if not 0 < found.column <= _WIDEST:
        remedy = f"write `column`, or how many times as wide as the others it is, up to {_WIDEST}: `column=2`"
        found.faults.append((f"the tag `{tag}` gives no width", "it counts as `column`", remedy))
        found.column = 1.0


# Underscores inside a word, as in `load_data`, are no emphasis (CommonMark, rules 2 and 4 of emphasis).
_MARKUP = re.compile(r"<[^>]+>|!?\[([^\]]*)\]\([^)]*\)|[*`$]|(?<!\w)_+|_+(?!\w)")


def plain(text: str) -> str:
    """A heading without its markup."""
    return _MARKUP.sub(r"\1", text).strip()


_TAGS: Mapping[str, Callable[[Asked, str, str | None, Mapping[str, Any]], None]] = {
    "sidebar": _flag("sidebar"),
    "card": _flag("card"),
    "below": _flag("below"),
    "wide": _width("wide"),
    "full": _width("full"),
    "full-width": _width("full"),  # Jupyter Book's word
    "tab": _named("tab"),
    "expander": _named("expander"),
    "column": _column,
    "row": _flag("row"),
}
