"""Which strings and paths in a cell, or in what it reads, may name a file or folder.

For libraries that open files by themselves: Arrow, Polars, DuckDB, HDF5.
"""

from __future__ import annotations

import glob
import os
import re
import sys
import types
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from nbapp.core.memos.kinds import MODULE
from nbapp.core.memos.memo import Binding
from nbapp.values.names import Names
from nbapp.values.types import Types

_LONGEST = 300  # characters of a path
_LONGEST_SQL = 20_000
_SUFFIX = re.compile(r"\.[A-Za-z]\w{0,7}$")
_QUOTED = re.compile(r"(?<=['\"`])[^'\"`\n]+(?=['\"`])")
# Modules of the standard library through which files are opened behind Python's back.
_OPENING = frozenset(
    {"asyncio", "concurrent", "ctypes", "dbm", "importlib", "multiprocessing", "sqlite3", "subprocess"}
)
_LOOKING = frozenset(sys.stdlib_module_names) - _OPENING
_VALUES = str, bytes, int, float, bool, type(None)


@dataclass(frozen=True, slots=True)
class PathLiterals:
    """What a cell names that may be paths; `is_seen` when it cannot open any of them unseen."""

    paths: tuple[str | PurePath, ...] = ()
    is_seen: bool = True


@lru_cache(maxsize=4096)
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


def named(texts: Iterable[str], bindings: Iterable[Binding], known: Types) -> Iterator[str | PurePath]:
    """What may be a path among the strings of a cell and the values that it reads: those of functions that it calls
    and of lazy plans too. A string is one if it `is_path`."""
    for text in texts:
        yield from _pieces(text)
    for binding in bindings:
        value = binding.value
        if type(value) is str:
            yield from _split(value)  # it may be another each time, and long: not to be remembered
        elif type(value) is types.FunctionType and value.__globals__ is known.namespace:
            yield from named(texts_of(value.__code__), (), known)
        elif issubclass(type(value), PurePath):  # asking the value for its class could run code of the author's
            yield value
        elif (files := known.adapter(type(value)).files) is not None:
            yield from map(PurePath, files(value))


def _split(text: str) -> tuple[str, ...]:
    """A text, and what stands in it between quotes: SQL names files so."""
    quoted = _QUOTED.findall(text) if len(text) <= _LONGEST_SQL else ()
    return tuple(piece for piece in (text, *quoted) if _could_be_a_path(piece))


_pieces = lru_cache(maxsize=4096)(_split)  # of the texts of cells, which every walk asks for


def _could_be_a_path(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and "\n" not in text and "://" not in text and "\0" not in text


def is_path(text: str | PurePath, folders: Container[str]) -> bool:
    """Whether a string has the form of a path, or is one; `folders` are the single words that are."""
    if not isinstance(text, str):
        return True
    if _SUFFIX.search(text):
        return True
    return text in folders or (os.sep in text and (glob.has_magic(text) or os.path.exists(text)))


def opens_by_python_alone(names: Names, bindings: Iterable[Binding]) -> bool:
    """Whether a cell with these names has nothing but values and the standard library: each file that it opens is
    seen to be opened, and a folder that it names is at most listed."""
    modules = {MODULE.name(name) for name in names.refs if MODULE.owns(name)}
    return not names.everything and modules <= _LOOKING and all(_is_of_python(binding.value) for binding in bindings)


def _is_of_python(value: Any) -> bool:
    kind = type(value)
    if kind is types.ModuleType:
        return str(vars(value).get("__name__")).partition(".")[0] in _LOOKING
    if kind is type:
        return issubclass(value, PurePath)
    if kind is types.FunctionType:
        return bool(value.__globals__.get("__name__") == "glob")
    return kind in _VALUES or issubclass(kind, PurePath)
