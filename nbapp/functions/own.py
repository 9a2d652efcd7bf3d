"""Which modules are the author's, so that their content counts: those that no installer put where they are."""

from __future__ import annotations

import functools
import site
import sys
import sysconfig
import types
from pathlib import Path


def is_own(module: types.ModuleType) -> bool:
    """Whether a module was written by the author: it has a file, outside of where Python and its packages lie."""
    name = module.__name__
    if name == "__main__":
        return True
    file = getattr(module, "__file__", None)
    return name.partition(".")[0] != "nbapp" and isinstance(file, str) and _is_own_file(file)


def is_own_name(name: object) -> bool:
    """Whether the module of this name is the author's."""
    module = sys.modules.get(name) if isinstance(name, str) else None
    return isinstance(module, types.ModuleType) and is_own(module)


@functools.lru_cache(maxsize=4096)
def _is_own_file(file: str) -> bool:
    path = Path(file)
    return path.suffix == ".py" and not any(path.is_relative_to(place) for place in _installed())


@functools.lru_cache(maxsize=1)
def _installed() -> tuple[Path, ...]:
    names = "stdlib", "platstdlib", "purelib", "platlib"
    places = [sysconfig.get_path(name) for name in names] + site.getsitepackages() + [site.getusersitepackages()]
    return tuple(Path(place) for place in places if place)
