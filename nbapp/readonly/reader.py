"""Which values a cell cannot have changed, because all that it does, and all that it can call, only reads them.

Theory of operation. What a cell may reach is known by class: the survey of each binding tells them, and which functions
of the author's are inside. `operations` tells what the cell's code loads, calls and stores; to these come the
operations of each function that it can reach under a name that it loads, until there are no more. Every load of a
library's function or method is looked up in the facts of its profile. So the cell has an effect: the families of values
that it may change, or any. A binding that holds no value of these families is as it was. In doubt an effect is "any",
and then digests tell, as ever.
"""

from __future__ import annotations

import builtins
import functools
import sys
import types
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbapp.core.memos.env import is_global
from nbapp.core.memos.memo import Binding
from nbapp.readonly.knowledge import NOTHING, OPERATORS, Classes, Effect, Knowledge, united
from nbapp.readonly.operations import ANY, Operations, Path
from nbapp.readonly.sources import Sources
from nbapp.values.types import Types

# Their functions stand in classes of the author's.
_HARMLESS = frozenset({"abc", "collections", "dataclasses", "enum", "reprlib", "typing"})
_Named = tuple[types.FunctionType, set[str | None]]
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_CODE = (type, types.ModuleType, *_FUNCTIONS)
_REMEMBERED = 500  # cells, with what they read
_SAFE = frozenset({"immutable", "numpy"})  # families of what a module may keep, and a cell may ask
_GENERATED = "<string>"  # where dataclasses say that their methods come from


@dataclass(slots=True)
class ReadOnly:
    """Decides for the cells of one kernel."""

    known: Types
    knowledge: Knowledge
    _sources: Sources = field(default_factory=Sources)
    _decided: dict[tuple[object, ...], tuple[Effect, object]] = field(default_factory=dict)

    def unchanged(self, cell: Operations, reads: Mapping[str, Binding]) -> frozenset[Binding]:
        """The bindings, of those that a cell reads, that it cannot have changed."""
        bindings = [binding for name, binding in reads.items() if is_global(name)]
        if cell.writes or not any(binding.reach for binding in bindings):
            return frozenset()
        effect = self._effect(cell, reads)
        if effect is None:
            return frozenset()
        return frozenset(binding for binding in bindings if not binding.opaque and self._is_spared(binding, effect))

    def doubt(self, cell: Operations, reads: Mapping[str, Binding]) -> str | None:
        """In words for the author, why the cell may do more than read; None when it does not."""
        self.knowledge.look()
        return _Effects(self, cell, reads).doubt()

    def _effect(self, cell: Operations, reads: Mapping[str, Binding]) -> Effect:
        """What the cell may change; the same as the last time while it reads the same code and classes."""
        self.knowledge.look()
        code = [binding.value if _is(binding.value, _CODE) else None for binding in reads.values()]
        inside = [binding.inside for binding in reads.values()]
        key = (self.knowledge.revision, id(cell), *reads, *map(id, inside), *map(id, code))
        if key not in self._decided:
            if len(self._decided) > _REMEMBERED:
                self._decided.clear()
            held = cell, inside, code  # so that no other object has one of their ids
            self._decided[key] = _Effects(self, cell, reads).found(), held
        return self._decided[key][0]

    def _is_spared(self, binding: Binding, effect: frozenset[str]) -> bool:
        return not effect or all(self.knowledge.family(kind) not in effect for kind in binding.inside.kinds)


class _Effects:
    """What one execution of a cell may have changed."""

    def __init__(self, reader: ReadOnly, cell: Operations, reads: Mapping[str, Binding]) -> None:
        self._knowledge, self._known, self._sources = reader.knowledge, reader.known, reader._sources
        self._cell, self._reads = cell, reads
        self._globals = [(name, binding) for name, binding in reads.items() if is_global(name)]
        self._harmless = _HARMLESS.union(reader.knowledge.tables.closed)
        self._all: list[Operations] = [cell]
        self._paths: dict[Path, int] = {}
        self._methods: dict[str, int] = {}
        self._generated: set[types.CodeType] = set()

    def found(self) -> Effect:
        """The families that it may have changed; None for any."""
        kinds = self._kinds()
        if kinds is None or not self._collect():
            return None
        if any(operations.writes for operations in self._all):
            return None
        rebound = set[str]().union(*(operations.rebound for operations in self._all))
        if not rebound.isdisjoint(self._cell.new):
            return None
        effects = [kinds, *map(self._of_path, self._paths.items())]
        effects += [self._unless_new(*each) for operations in self._all for each in operations.unless_new]
        return united([*effects, *map(self._of_method, self._methods.items())])

    def doubt(self) -> str | None:
        """The first reason to think that it may have changed something, in words."""
        if self._kinds() is None:
            return next(self._strange(), "it may call functions that its data hold")
        if not self._collect():
            return "it calls a function whose source cannot be had"
        if any(operations.writes for operations in self._all):
            return "it stores into something that it did not make itself, or calls with `inplace`, `out` or `**`"
        paths = (".".join(path) for path, count in self._paths.items() if self._of_path((path, count)) != NOTHING)
        methods = (f".{name}" for name, count in self._methods.items() if self._of_method((name, count)) != NOTHING)
        named = next((name.removeprefix("module:") for name in (*paths, *methods)), None)
        return None if named is None else f"`{named}` is not known to only read"

    def _strange(self) -> Iterator[str]:
        for name, binding in self._globals:
            for kind in binding.inside.kinds:
                if self._knowledge.family(kind) is None:
                    yield f"`{name}` holds a {kind.__qualname__}, which may change when it is read"

    def _kinds(self) -> Effect:
        """What merely handling the values may change: nothing, if all their classes are known."""
        for name, binding in self._globals:
            if any(self._knowledge.family(kind) is None for kind in binding.inside.kinds):
                return None
            is_root = _is(binding.value, _FUNCTIONS) and name not in self._cell.stored
            if not is_root and not binding.inside.foreign <= self._harmless:
                return None
            is_module = _is(binding.value, types.ModuleType)
            if types.ModuleType in binding.inside.kinds and (not is_module or name in self._cell.stored):
                return None  # a module among the data: whose function is called, nobody can tell
        return NOTHING

    # --- which code of the author's may run

    def _collect(self) -> bool:
        """Take in the operations of every function that may be called; whether all of them are known."""
        functions, members = self._functions()
        done: set[int] = set()
        while True:
            self._unite()
            loaded = {None, *(path[0] for path in self._paths)}
            due = [function for function, names in functions if not names.isdisjoint(loaded)]
            attributes = self._methods.keys() | {name for path in self._paths for name in path[1:]}
            attributes |= {name for operations in self._all for name in operations.operators}
            attributes |= self._classes.reads - {ANY}  # libraries ask for these
            due += [member for name, member in members if _may_run(name, attributes)]
            new = {id(function): function for function in due if id(function) not in done}
            if not new:
                return True
            done |= new.keys()
            for function in new.values():
                operations = self._operations(function)
                if operations is None:
                    return False
                self._all.append(operations)

    def _unite(self) -> None:
        for operations in self._all:
            for path, count in operations.paths.items():
                self._paths[path] = max(count, self._paths.get(path, 0))
            for name, count in operations.methods.items():
                self._methods[name] = max(count, self._methods.get(name, 0))

    def _functions(self) -> tuple[list[_Named], list[tuple[str, types.FunctionType]]]:
        """The author's functions in reach, each with the names that lead to it (None: something else does too); and the
        members of classes."""
        members: list[tuple[str, types.FunctionType]] = []
        functions: dict[int, tuple[types.FunctionType, set[str | None]]] = {}
        for name, binding in self._globals:
            for kind in filter(self._known.of_notebook, binding.inside.kinds):
                found = [(member, part) for member, part in _members(kind) if self._is_code_of_authors(part)]
                members += found
                if "__dataclass_params__" in vars(kind):
                    codes = [function.__code__ for _, function in found]
                    self._generated.update(code for code in codes if code.co_filename == _GENERATED)
            for function in binding.inside.functions:
                names = functions.setdefault(id(function), (function, set()))[1]
                names.add(name if function is binding.value else None)
        of_classes = {id(member) for _, member in members}
        return [each for number, each in functions.items() if number not in of_classes], members

    def _operations(self, function: types.FunctionType) -> Operations | None:
        if function.__qualname__.startswith("__create_fn__") or function.__code__ in self._generated:
            return Operations()  # a dataclass wrote it: it reads the fields, or fills a new object
        if self._known.names_own(function.__module__):
            return None
        return self._sources.operations(function.__code__)

    # --- what they do

    def _of_path(self, loaded: tuple[Path, int]) -> Effect:
        path, arguments = loaded
        root, *attributes = path
        found, is_there = self._root(root)
        if not is_there:
            is_variable = root in self._cell.stored or root not in self._known.namespace
            return self._of_methods(attributes, arguments) if is_variable else None
        is_member = root.startswith("module:") or _is(found, types.ModuleType)
        while _is(found, types.ModuleType) and attributes:
            name, *attributes = attributes
            there = vars(found)
            if name not in there:
                return None
            found = there[name]
        if _is(found, types.ModuleType):
            return None
        if is_member and not callable(found) and self._knowledge.family(type(found)) not in _SAFE:
            return None  # what a library keeps for all
        if not is_member and self._is_authors(found, root):
            return self._of_methods(attributes, arguments)
        of_root = self._knowledge.function(found, 0 if attributes else arguments)
        return united([of_root, self._of_methods(attributes, arguments)])

    def _root(self, root: str) -> tuple[Any, bool]:
        """What a path begins with, if that is anything but a variable."""
        if root.startswith("module:"):
            _, module, *name = root.split(":")
            found = sys.modules.get(module)
            if name and found is not None:
                inner = vars(found).get(name[0], sys.modules.get(f"{module}.{name[0]}"))
                return inner, True
            return found, True
        if root in self._reads:
            return self._reads[root].value, True
        if root in self._cell.stored:
            return None, False
        return getattr(builtins, root, None), hasattr(builtins, root)

    def _is_authors(self, found: Any, root: str) -> bool:
        """Whether it is a value or code of the notebook: its class is known, and its code is looked at."""
        if _is(found, types.FunctionType):
            return self._is_code_of_authors(found)
        if _is(found, type):
            return self._known.of_notebook(found)
        return root in self._reads and (not callable(found) or self._known.of_notebook(type(found)))

    def _is_code_of_authors(self, function: types.FunctionType) -> bool:
        return function.__globals__ is self._known.namespace or not self._known.is_outside(function.__globals__)

    def _of_methods(self, names: list[str], arguments: int) -> Effect:
        """What attributes of an object may change; only the last one is called with the arguments."""
        counts = [*([0] * (len(names) - 1)), arguments]
        return united(map(self._of_method, zip(names, counts, strict=False)))

    def _of_method(self, loaded: tuple[str, int]) -> Effect:
        name, arguments = loaded
        if name == ANY:
            return NOTHING
        if self._classes.has(name):
            return self._classes.method(name, arguments)
        return self._closed_families  # one of the author's, a column, or one of a family of which less is known

    @functools.cached_property
    def _classes(self) -> Classes:
        """The classes of libraries whose objects this code may come by: those in reach, or of modules that it names."""
        kinds = (kind for _, binding in self._globals for kind in binding.inside.kinds)
        values = [binding.value for _, binding in self._globals]
        homes = [getattr(value, "__module__", None) for value in values if _is(value, (type, *_FUNCTIONS))]
        homes += [type.__dict__["__module__"].__get__(kind) for kind in kinds]
        modules = [value.__name__ for value in values if _is(value, types.ModuleType)]
        imported = [path[0].split(":")[1] for path in self._paths if path[0].startswith("module:")]
        names = [name for name in (*homes, *modules, *imported) if isinstance(name, str)]
        return self._knowledge.among({name.partition(".")[0] for name in names})

    @functools.cached_property
    def _closed_families(self) -> frozenset[str]:
        kinds = [kind for _, binding in self._globals for kind in binding.inside.kinds]
        return frozenset(filter(None, map(self._knowledge.family, kinds))) & frozenset(self._knowledge.tables.closed)

    def _unless_new(self, makers: frozenset[Path], method: str | None) -> Effect:
        """What a method or a store may change whose object is new, if these calls make new ones."""
        for path in makers:
            root, *attributes = path
            found, is_there = self._root(root)
            for name in attributes:
                found = vars(found).get(name) if _is(found, types.ModuleType) else None
            if not is_there or not self._knowledge.makes_new(found, for_methods=method is not None):
                return None if method is None else self._of_method((method, 99))
        return NOTHING


def _is(value: object, kinds: type | tuple[type, ...]) -> bool:
    """Whether a value is of a class; `isinstance` would ask the value itself when it is not."""
    return issubclass(type(value), kinds)


def _may_run(member: str, loaded: Collection[str]) -> bool:
    """Whether a function of a class may run where these attributes are loaded."""
    if member in OPERATORS:
        return OPERATORS[member] in loaded
    is_special = member.startswith("__") and member.endswith("__")
    return is_special or member.startswith(("_repr_", "_ipython_")) or member in loaded or ANY in loaded


def _members(kind: type) -> Iterator[tuple[str, types.FunctionType]]:
    """The functions of a class, by the name that makes them run."""
    for name, member in vars(kind).items():
        parts: list[object] = [member]
        if type(member) is property:
            parts = [member.fget, member.fset]
        elif type(member) in (staticmethod, classmethod):
            parts = [member.__func__]
        for part in parts:
            if type(part) is types.FunctionType:
                yield name, part
