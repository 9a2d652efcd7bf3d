"""Sparse matrices and triangulations of scipy: their arrays, without the notes that reading them leaves.

Beside them what its special functions do about errors, which is kept in C.
"""

from __future__ import annotations

from typing import Any

from nbapp.libraries.profile import Profile, by_name
from nbapp.libraries.slot import of_functions
from nbapp.values.describe import Opaque
from nbapp.values.types import Adapter

# What methods that only read find out about a matrix and keep.
_NOTES = frozenset({"_has_sorted_indices", "_has_canonical_format", "has_canonical_format", "has_sorted_indices"})


def _parts(matrix: Any) -> object:
    state = {name: value for name, value in vars(matrix).items() if name not in _NOTES}
    return matrix.dtype, dict(matrix.items()) if matrix.format == "dok" else None, state


def _triangulation(found: Any) -> object:
    """What was found; what follows from it is noted when it is asked for."""
    if getattr(found, "_qhull", None) is not None:
        raise Opaque("a triangulation that can grow")
    return {name: part for name, part in vars(found).items() if not name.startswith("_")}


_ADAPTERS = dict.fromkeys(("_spbase", "spmatrix"), Adapter(parts=_parts)) | {"Delaunay": Adapter(parts=_triangulation)}


PROFILE = Profile(lookups={"scipy": by_name(_ADAPTERS)}, options=(of_functions("scipy.special", "geterr", "seterr"),))
