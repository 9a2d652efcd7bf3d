"""What matplotlib draws: never digested, since a figure is changed through any of its artists, and by pyplot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbapp.adapters.notes import without
from nbapp.values.types import Adapter


def _figure_of(artist: Any) -> Iterable[object]:
    """Everything drawn on a figure is one thing: any artist may change it."""
    figure = getattr(artist, "figure", None)
    return () if figure is None or figure is artist else (figure,)


def _figure_managed(manager: Any) -> Iterable[object]:
    return (manager.canvas.figure,)


_ADAPTERS = {
    "Artist": Adapter(opaque=True, reach=_figure_of),
    "Normalize": without("callbacks"),  # whom to tell of a change: other each time
    "FigureManagerBase": Adapter(opaque=True, reach=_figure_managed),  # what pyplot has of an open figure
}


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of matplotlib."""
    return _ADAPTERS.get(kind.__name__)
