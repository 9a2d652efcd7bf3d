"""What methods and functions of libraries are known to do, looked up in the facts of the profiles.

An effect is the families of values that may be changed; None stands for any. Classes are looked for when their library
is there; what the author puts on one of them, or in the place of a function, is not what the facts speak of.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbapp.libraries.profile import Facts, FactTables
from nbapp.libraries.slot import is_imported
from nbapp.readonly.operations import MANY, NUMBER

Effect = frozenset[str] | None
NOTHING: Effect = frozenset()
_OPERATORS = {
    "iAdd": "__iadd__",
    "iSub": "__isub__",
    "iMult": "__imul__",
    "iDiv": "__itruediv__",
    "iMod": "__imod__",
    "iFloorDiv": "__ifloordiv__",
    "iPow": "__ipow__",
    "iMatMult": "__imatmul__",
    "iLShift": "__ilshift__",
    "iRShift": "__irshift__",
    "iBitOr": "__ior__",
    "iBitXor": "__ixor__",
    "iBitAnd": "__iand__",
}
_CONTAINERS = frozenset({"list", "dict", "set", "deque"})  # families that take no number in place
_OF_CONTAINERS = frozenset({"builtins", "collections"})


def united(effects: Iterable[Effect]) -> Effect:
    """What code may change that does all of this."""
    found = frozenset[str]()
    for effect in effects:
        if effect is None:
            return None
        found |= effect
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """A class of a library with what is known of it: how many arguments each name may be given."""

    family: str | None
    library: str
    names: frozenset[str]
    reads: Mapping[str, int]
    changes: frozenset[str]

    def effect(self, name: str, arguments: int) -> Effect:
        """What an attribute may change when it is called."""
        if name not in self.names or arguments <= self.reads.get(name, self.reads.get("*", -1)):
            return NOTHING
        return frozenset({self.family}) if name in self.changes and self.family is not None else None


class Classes:
    """Some classes of libraries together: what an attribute of an object of whichever of them may change."""

    def __init__(self, classes: Iterable[Known]) -> None:
        self._classes = tuple(classes)
        self._names = frozenset[str]().union(*(known.names for known in self._classes))
        self._effects: dict[tuple[str, int], Effect] = {}

    def has(self, name: str) -> bool:
        """Whether one of them has the attribute; an operator in place counts as one that some have."""
        return "=" in name or name in self._names

    def method(self, name: str, arguments: int) -> Effect:
        """What the attribute may change when it is called."""
        key = name, arguments
        if key not in self._effects:
            operator, _, right = name.partition("=")
            known: Iterable[Known] = self._classes
            if right == NUMBER:
                known = [each for each in known if each.family not in _CONTAINERS]
            method = _OPERATORS[operator] if "=" in name else name
            self._effects[key] = united(each.effect(method, arguments) for each in known)
        return self._effects[key]


@dataclass(frozen=True, slots=True)
class _Function:
    """A function of a library, or a class to call, that changes nothing when it is given so many arguments."""

    value: Any
    most: int
    is_fresh: bool
    is_container: bool


@dataclass(slots=True)
class Knowledge:
    """The facts of the libraries that are loaded."""

    tables: FactTables
    _classes: dict[int, Known] = field(default_factory=dict)
    _functions: dict[int, _Function] = field(default_factory=dict)
    _among: dict[frozenset[str], Classes] = field(default_factory=dict)
    _awaited: dict[str, list[tuple[str, Facts]]] = field(default_factory=dict)
    _not_yet: set[str] = field(default_factory=set)
    _ufuncs: frozenset[str] | None = None
    _loaded: int = 0
    revision: int = 0

    def __post_init__(self) -> None:
        for facts in self.tables.facts:
            for path in facts.classes.split():
                module, _, name = path.rpartition(".")
                self._awaited.setdefault(module, []).append((name, facts))
        self._not_yet = {*self._awaited, *self.tables.functions}

    def look(self) -> None:
        """Take in what has been imported since."""
        if len(sys.modules) == self._loaded:
            return
        self._loaded = len(sys.modules)
        for name in [name for name in self._not_yet if is_imported(name)]:
            self._not_yet.remove(name)
            self._among.clear()
            self.revision += 1
            self._learn(name, vars(sys.modules[name]))

    def _learn(self, module: str, there: Mapping[str, Any]) -> None:
        for name, facts in self._awaited.get(module, ()):
            reads, changes = _counts(facts.reads), frozenset(facts.changes.split())
            for kind in _named(there, name):
                self._classes[id(kind)] = Known(
                    None if facts.is_passing else facts.family, _top(kind), frozenset(dir(kind)), reads, changes
                )
        fresh, is_container = _counts(self.tables.fresh.get(module, "")), module in _OF_CONTAINERS
        counts = _counts(self.tables.functions.get(module, ""))
        own = (name for name, value in there.items() if getattr(value, "__module__", None) in (module, f"_{module}"))
        for name in own if "*" in counts else counts:
            value = there.get(name)
            if value is not None and not isinstance(value, types.ModuleType):
                most = counts.get(name, counts.get("*", MANY))
                self._functions[id(value)] = _Function(value, most, name in fresh, is_container)

    def ufuncs(self) -> frozenset[str]:
        """The names of numpy's functions for arrays: of objects in an array they call methods of the same names."""
        if self._ufuncs is None and is_imported("numpy"):
            numpy = sys.modules["numpy"]
            self._ufuncs = frozenset(name for name, value in vars(numpy).items() if type(value) is numpy.ufunc)
        return self._ufuncs or frozenset()

    def family(self, kind: type) -> str | None:
        """The family of the values of just this class; None of one that is not known, or that changes when read."""
        known = self._classes.get(id(kind))
        return None if known is None else known.family

    def method(self, kind: type, name: str, arguments: int) -> Effect:
        """What an attribute of an object of just this class may change when it is called; None also if it has none."""
        known = self._classes.get(id(kind))
        return known.effect(name, arguments) if known is not None and name in known.names else None

    def of_class(self, kind: type, attributes: Sequence[str], arguments: int) -> Effect:
        """What an attribute of a class may change that is called: `list.append(rows, 1)`."""
        known = self._classes.get(id(kind))
        return known.effect(attributes[0], arguments) if known is not None and len(attributes) == 1 else None

    def with_given(self, libraries: Iterable[str]) -> frozenset[str]:
        """These libraries, and those whose values they may give."""
        wanted, todo = set[str](), [*libraries]
        while todo:
            library = todo.pop()
            if library not in wanted:
                wanted.add(library)
                todo += self.tables.gives.get(library, ())
        return frozenset(wanted)

    def among(self, libraries: frozenset[str]) -> Classes:
        """The classes whose objects code may come by that has values of these libraries; Python's own in any case."""
        found = self._among.get(libraries)
        if found is None:
            wanted = libraries | sys.stdlib_module_names
            found = Classes(known for known in self._classes.values() if known.library in wanted)
            self._among[libraries] = found
        return found

    def function(self, value: Any, arguments: int) -> Effect:
        """What a library's function may change, or a class that is called."""
        found = self._functions.get(id(value))
        return NOTHING if found is not None and found.value is value and arguments <= found.most else None

    def makes_new(self, value: Any, *, for_methods: bool) -> bool:
        """Whether what a function gives is new and shares nothing with others, so that it may be changed."""
        found = self._functions.get(id(value))
        is_right = found is not None and found.value is value and found.is_fresh
        return is_right and (found.is_container or not for_methods)  # type: ignore[union-attr]


def _named(there: Mapping[str, Any], name: str) -> list[type]:
    """The class of a name, or with a "*" after it all that are derived from it."""
    first = there.get(name.rstrip("*"))
    if not isinstance(first, type):
        return []
    others = [kind for kind in there.values() if isinstance(kind, type)] if name.endswith("*") else []
    return [first, *(kind for kind in others if issubclass(kind, first))]


def _counts(text: str) -> Mapping[str, int]:
    """Names, each with the number of arguments by position up to which something holds."""
    pairs = [name.partition("/") for name in text.split()]
    return {name: int(count) if count else MANY for name, _, count in pairs}


def _top(kind: type) -> str:
    module = type.__dict__["__module__"].__get__(kind)
    return module.partition(".")[0] if isinstance(module, str) else ""
