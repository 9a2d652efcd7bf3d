"""Figures of plotly that are widgets: which one it is, and what it shows, which is in none of its traits."""

from __future__ import annotations

from typing import Any

from nbapp.core.host import HANDS
from nbapp.values.types import Adapter, reaches_nothing


def _parts(figure: Any) -> object:
    model = figure.comm.comm_id if figure.comm is not None else None
    return type(figure).__qualname__, model, figure._data, figure._layout, figure.frames


_FIGURE = Adapter(parts=_parts, reach=reaches_nothing, words=frozenset({HANDS}))


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of plotly."""
    return _FIGURE if kind.__name__ == "BaseFigureWidget" else None
