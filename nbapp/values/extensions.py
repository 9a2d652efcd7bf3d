"""Objects of compiled libraries that hold others where Python cannot see it: a canvas its surface, a mesh its points.

The garbage collector knows nothing of what they hold, and pickle nothing of what is in them. So all such objects of one
library count as sharing one thing: what a cell does to one of them may show in each.
"""

from __future__ import annotations

import copyreg
import gc
import sys
from collections.abc import Callable, Container, Iterable
from typing import Any

_HAVE_GC = 1 << 14  # Py_TPFLAGS_HAVE_GC
_SWIG = "swig_runtime_data"  # what a proxy in Python holds, which pickles itself or is followed; in all libraries
_PICKLES = "__reduce__", "__reduce_ex__", "__getstate__", "__getnewargs__", "__getnewargs_ex__"


class _Library:
    """What the objects of one library may share."""

    __slots__ = ()


_LIBRARIES: dict[str, _Library] = {}


def reach_of(kind: type, known: Container[str]) -> Callable[[Any], Iterable[object]] | None:
    """What a change of an object of such a class may show in; None of any other class. `known` are the libraries, by
    top-level module, of which is known what their objects hold."""
    base = next(filter(_is_blind, type.__dict__["__mro__"].__get__(kind)), object)
    module = type.__dict__["__module__"].__get__(base)
    library = module.partition(".")[0] if isinstance(module, str) else ""
    if library in known or library in sys.stdlib_module_names or library.startswith(_SWIG) or _pickles(kind):
        return None
    return _with(_LIBRARIES.setdefault(library, _Library()))


def _pickles(kind: type) -> bool:
    """Whether pickle is told what is in its objects."""
    own = any(getattr(kind, name, None) is not getattr(object, name, None) for name in _PICKLES)
    return own or any(each is kind for each in copyreg.dispatch_table)


def _is_blind(base: type) -> bool:
    """Whether its objects have memory in which Python sees no references."""
    return not base.__flags__ & _HAVE_GC and base.__basicsize__ > object.__basicsize__


def _with(library: _Library) -> Callable[[Any], Iterable[object]]:
    return lambda value: (*gc.get_referents(value), library)
