"""altair: which transformer of data, renderer and theme are enabled, whole; its functions know them one by one."""

from __future__ import annotations

import sys
from typing import Any

from nbapp.libraries.profile import Profile, by_name
from nbapp.libraries.slot import Slot, Values, each
from nbapp.values.types import Adapter, reaches_nothing

_REGISTRIES = ("data_transformers", "renderers", "themes")


def _registry(name: str) -> Any:
    altair: Any = sys.modules["altair"]
    if name == "themes" and hasattr(altair, "theme"):
        return altair.theme.get.__self__  # since altair 5.5, where `altair.themes` warns
    return getattr(altair, name)


def _enabled() -> Values:
    return {name: _registry(name)._get_state() for name in _REGISTRIES}


def _enable(name: str, state: Any) -> None:
    _registry(name)._set_state(state)


_UNDEFINED = Adapter(reach=reaches_nothing, shared=False)

PROFILE = Profile(
    lookups={"altair": by_name({"UndefinedType": _UNDEFINED})},
    options=(Slot("altair", _enabled, each(_enable), "altair"),),
    followed_packages=("altair",),
)
