"""Which strings and paths in a cell, or in what it reads, may name a file.

For libraries that open files by themselves: Arrow, Polars, DuckDB, HDF5.
"""

from __future__ import annotations

import os
import re
import types
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from nbapp.core.run import Binding
from nbapp.core.types import Types

_LONGEST = 300  # characters of a path
_SUFFIX = re.compile(r"\.[A-Za-z]\w{0,7}$")


def texts_of(code: types.CodeType) -> frozenset[str]:
    """The strings that code and all code nested in it load."""
    found: set[str] = set()
    for constant in code.co_consts:
        if isinstance(constant, str):
            found.add(constant)
        elif isinstance(constant, types.CodeType):
            found |= texts_of(constant)
        elif isinstance(constant, (tuple, frozenset)):
            found.update(item for item in constant if isinstance(item, str))
    return frozenset(found)


def named(texts: Iterable[str], bindings: Iterable[Binding], known: Types) -> Iterator[str]:
    """The paths among the strings of a cell and the values that it reads, and those of lazy plans among these."""
    yield from filter(_may_be_a_path, texts)
    for binding in bindings:
        value = binding.value
        if type(value) is str and _may_be_a_path(value):
            yield value
        elif issubclass(type(value), PurePath):  # asking the value for its class could run code of the author's
            yield str(value)
        elif (files := known.adapter(type(value)).files) is not None:
            yield from files(value)


def _may_be_a_path(text: str) -> bool:
    """Whether a string has the form of a path, or is one."""
    if not 0 < len(text) <= _LONGEST or "\n" in text or "://" in text or "\0" in text:
        return False
    return bool(_SUFFIX.search(text)) or (os.sep in text and os.path.exists(text))
