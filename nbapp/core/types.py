"""What the core was taught about foreign types: how to digest and how to follow their values.

The core itself imports none of the libraries named here; a host registers an `Adapter` under the library's
top-level module name and it is looked up only when a value of that library turns up.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Adapter:
    """How values of one type are digested and followed.

    `parts` gives a plain value that is equal exactly when the contents are equal; it is digested in place of the
    value. None keeps the value's own pickle. `reach` gives the objects a mutation could go through; None follows
    the garbage collector's references. `shared` says whether the object itself is a mutable thing that two names
    may share (False for widgets, whose identity is their version, and for values that are immutable by contract).
    `opaque` values are never digested: they get a provenance version. `words` are names that code holding the value
    may look up besides its own.
    """

    parts: Callable[[Any], object] | None = None
    reach: Callable[[Any], Iterable[object]] | None = None
    shared: bool = True
    opaque: bool = False
    words: frozenset[str] = frozenset()


NO_ADAPTER = Adapter()
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE
_REMEMBERED = 2000  # classes
Lookup = Callable[[type], Adapter | None]


@dataclass(slots=True)
class Types:
    """The adapters of one kernel, by top-level module name, and the notebook's own namespace.

    What is remembered of classes goes by their ids, because a metaclass may lie about equality.
    """

    namespace: dict[str, Any]
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    _adapters: dict[int, tuple[type, Adapter]] = field(default_factory=dict)
    _by_value: dict[int, tuple[type, bool]] = field(default_factory=dict)

    def adapter(self, kind: type) -> Adapter:
        """The adapter of a type: the most specific one its classes have, or `NO_ADAPTER`."""
        found = self._adapters.get(id(kind))
        if found is None:
            _make_room(self._adapters)
            found = self._adapters[id(kind)] = kind, self._find(kind)
        return found[1]

    def _find(self, kind: type) -> Adapter:
        for base in type.__dict__["__mro__"].__get__(kind):
            module = type.__dict__["__module__"].__get__(base)
            lookup = self.lookups.get(module.partition(".")[0]) if isinstance(module, str) else None
            found = lookup(base) if lookup else None
            if found is not None:
                return found
        return NO_ADAPTER

    def of_notebook(self, kind: type) -> bool:
        """Whether a class was made by the notebook, so that its content is the author's: no module leads to it."""
        found = self._by_value.get(id(kind))
        if found is None:
            _make_room(self._by_value)
            own = self.names_notebook(type.__dict__["__dict__"].__get__(kind).get("__module__"))
            found = self._by_value[id(kind)] = kind, own or (_made_by_python(kind) and not importable(kind))
        return found[1]

    def names_notebook(self, module: object) -> bool:
        """Whether a module's name is the notebook's: it leads to whatever has the name now."""
        return type(module) is str and module == self.namespace.get("__name__", "__main__")

    def is_outside(self, item: object) -> bool:
        """Whether a dict is the notebook's namespace or a module's: reached by every function, owned by none."""
        if item is self.namespace:
            return True
        if type(item) is not dict or type(item.get("__name__")) is not str:
            return False
        module = sys.modules.get(item["__name__"])
        return module is not None and getattr(module, "__dict__", None) is item


def importable(value: Any) -> bool:
    """Whether a function or class is what its module and qualified name lead to."""
    found: Any = sys.modules.get(value.__module__)
    for part in value.__qualname__.split("."):
        found = getattr(found, "__dict__", {}).get(part)
        if isinstance(found, (staticmethod, classmethod)):
            found = found.__func__
    return found is value


def _made_by_python(kind: type) -> bool:
    """Whether a class is not one of a C extension; those have types that no name leads to."""
    module = sys.modules.get(kind.__module__)
    file = getattr(module, "__file__", None) if module is not None else "<none>.py"
    return bool(kind.__flags__ & _HEAP_TYPE) and isinstance(file, str) and file.endswith(".py")


def _make_room(memo: dict[int, Any]) -> None:
    """Classes of the notebook are made again and again; the memo must not keep them all."""
    if len(memo) >= _REMEMBERED:
        memo.clear()
