"""Geometries of shapely: their coordinates, and whether they are prepared, which their pickle does not tell."""

from __future__ import annotations

import sys
from typing import Any

from nbapp.libraries.profile import Profile, by_name
from nbapp.values.types import Adapter, reaches_nothing


def _geometry(geometry: Any) -> object:
    shapely = sys.modules["shapely"]
    return shapely.to_wkb(geometry, include_srid=True), bool(shapely.is_prepared(geometry))


_GEOMETRY = Adapter(parts=_geometry, reach=reaches_nothing)


PROFILE = Profile(lookups={"shapely": by_name({"BaseGeometry": _GEOMETRY})})
