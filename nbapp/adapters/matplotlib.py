"""What matplotlib draws: never digested, since a figure is changed through any of its artists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbapp.core.types import Adapter


def _figure_of(artist: Any) -> Iterable[object]:
    """Everything drawn on a figure is one thing: any artist may change it."""
    figure = getattr(artist, "figure", None)
    return () if figure is None or figure is artist else (figure,)


_ARTIST = Adapter(opaque=True, reach=_figure_of)


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of matplotlib."""
    return _ARTIST if kind.__name__ == "Artist" else None
