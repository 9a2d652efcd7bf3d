"""Which modules are the author's, so that their content counts: those that no installer put where they are."""

from __future__ import annotations

import sys
import types

from nbapp.values.authors import is_own_file


def is_own(module: types.ModuleType) -> bool:
    """Whether a module was written by the author: it has a file, outside of where Python and its packages lie."""
    return module.__name__ == "__main__" or is_own_file(getattr(module, "__file__", None))


def is_own_name(name: object) -> bool:
    """Whether the module of this name is the author's."""
    module = sys.modules.get(name) if isinstance(name, str) else None
    return isinstance(module, types.ModuleType) and is_own(module)
