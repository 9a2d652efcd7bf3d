"""What methods and functions of libraries are known to do, looked up in the facts of the profiles.

An effect is the families of values that may be changed; None stands for any. Classes are looked for when their library
is there; what the author puts on one of them, or in the place of a function, is not what the facts speak of.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbapp.libraries.profile import Facts, FactTables
from nbapp.libraries.slot import is_imported
from nbapp.readonly.operations import MANY
from nbapp.values.types import Types

Effect = frozenset[str] | None
NOTHING: Effect = frozenset()
AUTHORS = "the author's"
_OPERATORS = {
    "iAdd=": "__iadd__",
    "iSub=": "__isub__",
    "iMult=": "__imul__",
    "iDiv=": "__itruediv__",
    "iMod=": "__imod__",
    "iFloorDiv=": "__ifloordiv__",
    "iPow=": "__ipow__",
    "iMatMult=": "__imatmul__",
    "iLShift=": "__ilshift__",
    "iRShift=": "__irshift__",
    "iBitOr=": "__ior__",
    "iBitXor=": "__ixor__",
    "iBitAnd=": "__iand__",
}
_SYNTAX = {**_OPERATORS, "with": "__enter__"}
OPERATORS = {method: syntax for syntax, method in _SYNTAX.items()} | {"__exit__": "with"}  # special methods
_OF_CONTAINERS = frozenset({"builtins", "collections"})
_REMEMBERED = 5_000


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
    changes: Mapping[str, str]


class Classes:
    """Some classes of libraries together: what an attribute of an object of whichever of them may change."""

    def __init__(self, classes: Iterable[Known], closed: Mapping[str, str]) -> None:
        self._classes, self._closed = tuple(classes), closed
        self.names = frozenset[str]().union(*(known.names for known in self._classes))
        self.reads = frozenset[str]().union(*(known.reads for known in self._classes))
        self._effects: dict[tuple[str, int], Effect] = {}

    def has(self, name: str) -> bool:
        """Whether one of them has the attribute."""
        return _SYNTAX.get(name, name) in self.names

    def method(self, name: str, arguments: int) -> Effect:
        """What the attribute may change when it is called."""
        key = name, arguments
        if key not in self._effects:
            name = _SYNTAX.get(name, name)
            self._effects[key] = united(self._of_class(each, name, arguments) for each in self._classes)
        return self._effects[key]

    def _of_class(self, known: Known, name: str, arguments: int) -> Effect:
        if name not in known.names or arguments <= known.reads.get(name, known.reads.get("*", -1)):
            return NOTHING
        changed = known.changes.get(name, self._closed.get(known.family or ""))
        return None if changed is None else frozenset(changed.split())


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

    known: Types
    tables: FactTables
    _classes: dict[int, Known] = field(default_factory=dict)
    _functions: dict[int, _Function] = field(default_factory=dict)
    _kinds: dict[int, tuple[type, str | None]] = field(default_factory=dict)
    _among: dict[frozenset[str], Classes] = field(default_factory=dict)
    _awaited: dict[str, list[tuple[str, Facts]]] = field(default_factory=dict)
    _not_yet: set[str] = field(default_factory=set)
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
            self._kinds.clear()
            self._among.clear()
            self.revision += 1
            self._learn(name, vars(sys.modules[name]))

    def _learn(self, module: str, there: Mapping[str, Any]) -> None:
        for name, facts in self._awaited.get(module, ()):
            reads, changes = _counts(facts.reads), _families(facts.changes, facts.family)
            for kind in _named(there, name):
                self._classes[id(kind)] = Known(
                    None if facts.is_passing else facts.family, _top(kind), frozenset(dir(kind)), reads, changes
                )
        fresh, is_container = _counts(self.tables.fresh.get(module, "")), module in _OF_CONTAINERS
        counts = _counts(self.tables.functions.get(module, ""))
        for name in there if "*" in counts else counts:
            value = there.get(name)
            if value is not None and not isinstance(value, types.ModuleType):
                most = counts.get(name, counts.get("*", MANY))
                self._functions[id(value)] = _Function(value, most, name in fresh, is_container)

    def family(self, kind: type) -> str | None:
        """The family of the values of a class; None of a class that nobody knows."""
        found = self._kinds.get(id(kind))
        if found is None:
            if len(self._kinds) > _REMEMBERED:
                self._kinds.clear()  # classes of a notebook are made again and again
            found = self._kinds[id(kind)] = kind, self._family(kind)
        return found[1]

    def _family(self, kind: type) -> str | None:
        for base in type.__dict__["__mro__"].__get__(kind):
            known, top = self._classes.get(id(base)), _top(base)
            if known is not None:
                return known.family  # None: one that is kept may change when it is asked
            if top in self.tables.closed:
                return top
            if base is object:
                return AUTHORS if self.known.of_notebook(kind) else None
            if not self.known.of_notebook(base):
                return None
        return None

    def among(self, libraries: Iterable[str]) -> Classes:
        """The classes whose objects code may come by that has values of these libraries; Python's own in any case."""
        key = frozenset(libraries)
        found = self._among.get(key)
        if found is None:
            wanted, todo = {*sys.stdlib_module_names}, [*key]
            while todo:
                library = todo.pop()
                if library not in wanted:
                    wanted.add(library)
                    todo += self.tables.gives.get(library, ())
            classes = tuple(known for known in self._classes.values() if known.library in wanted)
            found = self._among[key] = Classes(classes, self.tables.closed)
        return found

    def function(self, value: Any, arguments: int) -> Effect:
        """What a library's function may change, or a class that is called; of a number or a text, nothing."""
        found = self._functions.get(id(value))
        if found is not None and found.value is value and arguments <= found.most:
            return NOTHING
        if issubclass(type(value), (int, float, complex, str, bytes, type(None))):
            return NOTHING
        kind = value if issubclass(type(value), type) else type(value)
        is_function = issubclass(type(value), (types.FunctionType, types.BuiltinFunctionType, types.MethodType))
        top = str(getattr(value, "__module__", None)).partition(".")[0] if is_function else _top(kind)
        return frozenset(self.tables.closed[top].split()) if top in self.tables.closed else None

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


def _families(text: str, own: str) -> Mapping[str, str]:
    """Names, each with the family of what it changes."""
    pairs = [name.partition(">") for name in text.split()]
    return {name: family or own for name, _, family in pairs}


def _top(kind: type) -> str:
    module = type.__dict__["__module__"].__get__(kind)
    return module.partition(".")[0] if isinstance(module, str) else ""
