"""Values of the standard library whose pickle says too much, or nothing."""

from __future__ import annotations

from typing import Any

from nbapp.values.types import Adapter, reaches_nothing


def _partial(partial: Any) -> object:
    """A call that is half made; to ask for its attributes leaves an empty dict, which is no content."""
    return partial.func, partial.args, partial.keywords, vars(partial) or None


_PARTIAL = Adapter(parts=_partial)
_STRUCT = Adapter(parts=lambda struct: (struct.format, struct.size), reach=reaches_nothing, shared=False)


def lookup_functools(kind: type) -> Adapter | None:
    """The adapter of a class of functools."""
    return _PARTIAL if kind.__name__ == "partial" else None


def lookup_struct(kind: type) -> Adapter | None:
    """The adapter of a class of struct."""
    return _STRUCT if kind.__name__ == "Struct" else None
