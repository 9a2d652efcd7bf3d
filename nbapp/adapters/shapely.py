"""Geometries of shapely: their coordinates, and whether they are prepared, which their pickle does not tell."""

from __future__ import annotations

import sys
from typing import Any

from nbapp.values.types import Adapter, reaches_nothing


def _geometry(geometry: Any) -> object:
    shapely = sys.modules["shapely"]
    return shapely.to_wkb(geometry, include_srid=True), bool(shapely.is_prepared(geometry))


_GEOMETRY = Adapter(parts=_geometry, reach=reaches_nothing)


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of shapely."""
    return _GEOMETRY if kind.__name__ == "BaseGeometry" else None
