"""Which modules are the author's, so that their content counts: those that no installer put where they are."""

from __future__ import annotations

import hashlib
import sys
import types
from pathlib import Path

import psutil

from nbapp.values.authors import is_own_file
from nbapp.values.digest import Digest, text_digest

_BEGAN = psutil.Process().create_time()  # seconds since 1970


def is_own(module: types.ModuleType) -> bool:
    """Whether a module was written by the author: it has a file, outside of where Python and its packages lie."""
    return module.__name__ == "__main__" or is_own_file(getattr(module, "__file__", None))


def modules_version() -> Digest | None:
    """The version of all modules of the author's that are loaded: code that nobody names may be called all the same.
    None when a file may differ from what is loaded, because it was written after this process began."""
    parts: list[str] = []
    for name in sorted(sys.modules.copy()):
        module: object = sys.modules.get(name)
        if name == "__main__" or not isinstance(module, types.ModuleType) or not is_own(module):
            continue
        try:
            file = Path(str(module.__file__))
            if file.stat().st_mtime >= _BEGAN:
                return None
            parts += [name, hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()]
        except OSError:
            return None
    return text_digest(*parts)


def is_own_name(name: object) -> bool:
    """Whether the module of this name is the author's."""
    module = sys.modules.get(name) if isinstance(name, str) else None
    return isinstance(module, types.ModuleType) and is_own(module)
