"""Objects that note on themselves what reading them found out: everything they have but these notes."""

from __future__ import annotations

from nbapp.values.types import Adapter


def without(*notes: str) -> Adapter:
    """The adapter of a class whose objects keep these attributes as notes."""
    return Adapter(parts=lambda value: {name: part for name, part in vars(value).items() if name not in notes})
