"""Datasets, arrays and variables of xarray by what they hold: to read their attributes makes an empty dict of none.

Beside them its options.
"""

from __future__ import annotations

from typing import Any

from nbapp.libraries.profile import Profile, by_name
from nbapp.libraries.slot import of_functions
from nbapp.values.types import Adapter

_NOTES = frozenset({"__weakref__", "__dict__", "_cache", "_close"})
_MADE_WHEN_READ = frozenset({"_attrs", "_encoding"})


def _parts(holder: Any) -> object:
    slots = [name for kind in type(holder).__mro__ for name in vars(kind).get("__slots__", ()) if name not in _NOTES]
    held = {name: getattr(holder, name, None) for name in slots}
    held.update((name, held[name] or None) for name in _MADE_WHEN_READ & held.keys())
    return held, getattr(holder, "__dict__", None) or None, getattr(holder, "_close", None) is not None


_HOLDER = Adapter(parts=_parts)


PROFILE = Profile(
    lookups={"xarray": by_name(dict.fromkeys(("Dataset", "DataArray", "NamedArray"), _HOLDER))},
    options=(of_functions("xarray", "get_options", "set_options"),),
    extended={"xarray": ("Dataset", "DataArray")},
    evaluators=("eval", "query"),
    followed_packages=("xarray",),
)
