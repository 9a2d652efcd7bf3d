"""Sparse matrices and arrays of scipy: their arrays, without the notes that reading them leaves."""

from __future__ import annotations

from typing import Any

from nbapp.core.types import Adapter

# What methods that only read find out about a matrix and keep.
_NOTES = frozenset({"_has_sorted_indices", "_has_canonical_format", "has_canonical_format", "has_sorted_indices"})


def _parts(matrix: Any) -> object:
    state = {name: value for name, value in vars(matrix).items() if name not in _NOTES}
    return matrix.dtype, dict(matrix.items()) if matrix.format == "dok" else None, state


_SPARSE = Adapter(parts=_parts)


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of scipy."""
    return _SPARSE if kind.__name__ == "_spbase" or kind.__name__ == "spmatrix" else None
