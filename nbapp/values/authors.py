"""Which files and modules are the author's: those that no installer put where they are."""

from __future__ import annotations

import functools
import os
import site
import sys
import sysconfig

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # the folder of nbapp


def is_own_file(file: object) -> bool:
    """Whether a module's file is the author's: Python code outside of where Python, its packages and nbapp lie."""
    return isinstance(file, str) and file.endswith(".py") and _is_outside(file)


@functools.lru_cache(maxsize=4096)
def _is_outside(file: str) -> bool:
    path = os.path.realpath(file)
    return not path.startswith(_installed()) and f"{os.sep}site-packages{os.sep}" not in path


def is_authors(module: str) -> bool:
    """Whether the code of a module, by its name, is the notebook's or the author's."""
    return module == "__main__" or is_own_file(getattr(sys.modules.get(module), "__file__", None))


@functools.lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    places = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    places += [*site.getsitepackages(), site.getusersitepackages(), PACKAGE]
    return tuple(os.path.realpath(place) + os.sep for place in places if place)
