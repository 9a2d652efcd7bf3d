"""Objects that note on themselves what reading them found out: everything they have but these notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbapp.values.types import Adapter

_VIEWS = frozenset(
    {"adj", "nodes", "edges", "degree", "succ", "pred", "in_edges", "out_edges", "in_degree", "out_degree"}
    | {"__networkx_cache__"}
)


def without(*notes: str) -> Adapter:
    """The adapter of a class whose objects keep these attributes as notes."""
    return Adapter(parts=_without(frozenset(notes)))


def _without(notes: frozenset[str]) -> Callable[[Any], object]:
    return lambda value: {name: part for name, part in vars(value).items() if name not in notes}


_GRAPH = without(*_VIEWS)
_RESULTS = without("_cache")


def lookup_networkx(kind: type) -> Adapter | None:
    """The adapter of a class of networkx."""
    return _GRAPH if kind.__name__ == "Graph" else None


def lookup_statsmodels(kind: type) -> Adapter | None:
    """The adapter of a class of statsmodels."""
    return _RESULTS if kind.__name__ == "Results" else None
