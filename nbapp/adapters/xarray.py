"""Datasets, arrays and variables of xarray by what they hold: to read their attributes makes an empty dict of none."""

from __future__ import annotations

from typing import Any

from nbapp.values.types import Adapter

_NOTES = frozenset({"__weakref__", "__dict__", "_cache", "_close"})
_MADE_WHEN_READ = frozenset({"_attrs", "_encoding"})


def _parts(holder: Any) -> object:
    slots = [name for kind in type(holder).__mro__ for name in vars(kind).get("__slots__", ()) if name not in _NOTES]
    held = {name: getattr(holder, name, None) for name in slots}
    held.update((name, held[name] or None) for name in _MADE_WHEN_READ & held.keys())
    return held, getattr(holder, "__dict__", None) or None, getattr(holder, "_close", None) is not None


_HOLDER = Adapter(parts=_parts)


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of xarray."""
    return _HOLDER if kind.__name__ in ("Dataset", "DataArray", "NamedArray") else None
