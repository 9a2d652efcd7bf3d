"""What a digest meets on its way that brings reads along: the author's functions, modules and widgets.

A function is digested by what it consists of; the globals that its code looks up are for whoever reads `functions`.
"""

from __future__ import annotations

import functools
import types
from dataclasses import dataclass, field
from typing import Any

from nbapp.core.host import CALLBACKS
from nbapp.functions.own import is_own, is_own_name
from nbapp.values.digest import Digest, content
from nbapp.values.types import Types

_LRU = type(functools.lru_cache(len))
_LOOKS_OF_WIDGETS = frozenset({"layout", "style", "tooltip", "tabbable"})


@dataclass(slots=True)
class SeenReads:
    """The author's functions and modules that were met while digesting. `is_of_process`: a digest tells which object of
    this process it was, so that it means nothing to another one."""

    known: Types
    functions: list[types.FunctionType] = field(default_factory=list)
    modules: list[types.ModuleType] = field(default_factory=list)
    is_of_process: bool = False

    def digest(self, value: object) -> Digest:
        """The digest of a value; notes what it meets.

        Raises:
            Opaque: it has none.
        """
        told = self.known.handles_told
        found = content(value, self.known, self.look).digest
        self.is_of_process |= self.known.handles_told != told
        return found

    def look(self, value: Any) -> Any:
        """What is digested in place of a value: the value itself, unless it brings reads along."""
        kind = type(value)
        if kind is types.FunctionType:
            return self._function(value)
        if kind is types.ModuleType and is_own(value):
            self.modules.append(value)
            return "module", value.__name__
        if kind is _LRU:
            return "lru_cache", value.__wrapped__, value.cache_parameters()
        if CALLBACKS in self.known.adapter(kind).words:
            # Through the traits: a kernel notes who reads them, and a cell that calls a function depends on them.
            names = [name for name in sorted(value.keys) if name[0] != "_" and name not in _LOOKS_OF_WIDGETS]
            return kind.__qualname__, {name: getattr(value, name) for name in names}
        return value

    def _function(self, value: types.FunctionType) -> Any:
        home = value.__globals__
        if home is not self.known.namespace and not is_own_name(home.get("__name__")):
            return value
        self.functions.append(value)
        signature = value.__defaults__, value.__kwdefaults__, value.__annotations__ or None
        names = value.__name__, value.__qualname__, value.__module__
        return value.__code__, value.__closure__, signature, names, value.__doc__, value.__dict__ or None
