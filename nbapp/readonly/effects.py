"""What an execution of a cell may have changed: by its own code, and by all functions that it can come by."""

from __future__ import annotations

import builtins
import functools
import sys
import types
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from nbapp.core.memos.env import is_global
from nbapp.core.memos.memo import Binding
from nbapp.readonly import classes
from nbapp.readonly.functions import Functions
from nbapp.readonly.knowledge import NOTHING, Classes, Effect, Knowledge, united
from nbapp.readonly.operations import AUGMENTED, COPY, MANY, Operations, Path, is_private
from nbapp.values.types import Types

_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
CODE = (type, types.ModuleType, *_FUNCTIONS)
_SAFE = frozenset({"immutable", "numpy"})  # families of what a module may keep, and a cell may ask
_WRITES = "defines, or stores into something that it did not make, or calls with `inplace`, `out` or `**`"
_INSIDES = frozenset({"_mgr", "_df", "_s", "_ldf", "_inst"})  # what libraries' objects hold, which no class of them has
# What libraries call by names that no class of them has.
_OF_PROTOCOLS = frozenset({"close", "send", "throw", "write", "read", "readline", "flush", "keys", "toDict"})
_ABSENT = object()
_UNKNOWN = types.ModuleType("unknown")  # has nothing, so whatever is asked of it may do anything


class CellEffects:
    """What one execution of a cell may have changed."""

    def __init__(
        self,
        knowledge: Knowledge,
        known: Types,
        functions: Functions,
        cell: Operations,
        reads: Mapping[str, Binding],
    ) -> None:
        self._knowledge, self._known, self._known_functions = knowledge, known, functions
        self._cell, self._reads = cell, reads
        self._globals = [(name, binding) for name, binding in reads.items() if is_global(name)]
        self._inside = [binding.inside for _, binding in self._globals]
        self._functions = {id(each): each for inside in self._inside for each in inside.functions}
        methods = {id(each): each for inside in self._inside for each in inside.methods}
        self._methods = {number: each for number, each in methods.items() if number not in self._functions}
        kinds = {id(kind): kind for inside in self._inside for kind in inside.kinds}
        self.classes = [kind for kind in kinds.values() if self._known.of_notebook(kind)]

    def found(self) -> Effect:
        """The families that it may have changed; None for any."""
        if any(self._strange()) or any(part is None or part.writes for _, part in self._parts):
            return None
        effect = united(effect for _, part in self._parts if part is not None for _, effect in self._of_part(part))
        return None if effect and self.classes else effect  # an object that goes may have a weak reference's callback

    def doubt(self) -> str | None:
        """The first reason to think that it may have changed something, in words."""
        if strange := next(self._strange(), None):
            return strange
        for name, part in self._parts:
            who = f"`{name}`" if name else "it"
            if part is None:
                return f"nobody knows what {who} does"
            if part.writes:
                return f"{who} {_WRITES}"
            for what, effect in self._of_part(part):
                if effect != NOTHING:
                    return f"{what} is not known to only read"
        return None

    def _strange(self) -> Iterator[str]:
        """The names whose values are not plain data of known classes, in words; a library's function or module is."""
        found = self._known.namespace.get("__builtins__")
        if found is not builtins and found is not vars(builtins):
            yield "`__builtins__` is yours"
        for name, binding in self._globals:
            inside, value = binding.inside, binding.value
            for kind in inside.kinds:
                is_own = self._known.of_notebook(kind)
                if not (classes.is_plain(kind, self._known) if is_own else self._knowledge.family(kind) is not None):
                    yield f"`{name}` holds a {kind.__qualname__}, which may change when it is read"
            is_library = is_of(value, CODE) and not self._is_own(value) and name not in self._cell.stored
            has_code = inside.others or types.ModuleType in inside.kinds
            if inside.strange or (has_code and not is_library):
                yield f"`{name}` holds code that the cell may call"

    def _is_own(self, value: Any) -> bool:
        """Whether a value is a function or a class of the notebook."""
        if is_of(value, types.FunctionType):
            return value.__globals__ is self._known.namespace
        return is_of(value, type) and self._known.of_notebook(value)

    # --- the author's code

    @functools.cached_property
    def _parts(self) -> list[tuple[str, Operations | None]]:
        """The code that may run, with names: the cell's own, "", and each function's; None where nobody knows it.

        A method runs if code names it, or if a library may: those are private names and names that libraries know.
        """
        parts: list[tuple[str, Operations | None]] = [("", self._cell)]
        parts += [(each.__qualname__, self._known_functions.operations(each)) for each in self._functions.values()]
        waiting, seen = list(self._of_methods_alone), set[str]()
        for _, part in parts:  # it grows meanwhile
            seen.update(name for each in (part.everything() if part is not None else ()) for name in each.names())
            called = [each for each in waiting if self._may_be_called(each[0], seen)]
            waiting = [each for each in waiting if each not in called]
            parts += [(method.__qualname__, does) for method, does in called]
        return parts

    @functools.cached_property
    def _of_methods_alone(self) -> list[tuple[types.FunctionType, Operations | None]]:
        found = []
        for method in self._methods.values():
            makes_self = self._names_of(method) == {"__init__"}
            found.append((method, self._known_functions.operations(method, makes_self=makes_self)))
        return found

    def _may_be_called(self, method: types.FunctionType, seen: set[str]) -> bool:
        names = self._names_of(method)
        seen = seen | _OF_PROTOCOLS | self._knowledge.ufuncs()
        return not names or any(is_private(name) or name in seen or self._classes.has(name) for name in names)

    def _names_of(self, method: types.FunctionType) -> set[str]:
        return {name for kind in self.classes for name, member in vars(kind).items() if member is method}

    def _of_part(self, part: Operations) -> Iterator[tuple[str, Effect]]:
        """What some code may change, one thing after another that it does, with that thing in words."""
        if part.trusts_objects and self.classes:
            yield "an operator", None
        if part.formats and (self._functions or self.classes):
            yield "`.format` with a text that is made or names a private attribute", None
        if part.uses_super and ("super" in self._reads or "super" in self._cell.stored):
            yield "`super`", None
        for makers, method in part.unless_new:
            yield f"`.{method}`" if method else "a store", self._unless_new(makers, method)
        for path, count in part.paths.items():
            yield f"`{'.'.join(path).removeprefix('module:')}`", self._of_path(path, count)
        for name, count in part.methods.items():
            yield f"`.{name}`", self._of_method(name, count)
        for path in part.expressions:
            yield f"`{'.'.join(path)}`", self._of_expression(path)
        for path in part.run:
            yield f"`{'.'.join(path)}`", self._of_run(path, part)
        for inner in part.inner:
            if inner.writes:
                yield "a function that is defined there", None
            yield from self._of_part(inner)

    # --- what the code does

    def _of_path(self, path: Path, arguments: int) -> Effect:
        root, *attributes = path
        if root.startswith("module:") or root in self._cell.imports:
            *_, name = self._cell.imports.get(root, root).split(":")
            if is_private(name):
                return None
        return united(self._of_value(value, attributes, arguments, root) for value in self._roots(root))

    def _roots(self, root: str) -> Iterator[Any]:
        """All that a path may begin with: what it was before the cell, a builtin, a variable of the cell (absent)."""
        if root.startswith("module:"):
            yield _imported(root)
            return
        if root in self._cell.imports:  # as a function finds it that was defined above
            yield _imported(self._cell.imports[root])
        if root in self._reads:
            yield self._reads[root].value
        if hasattr(builtins, root):  # also uncovered, when the name is deleted
            yield getattr(builtins, root)
        elif root not in self._cell.stored and root not in self._reads:
            yield _UNKNOWN  # what the host put there
        if root in self._cell.stored:
            yield _ABSENT

    def _of_value(self, value: Any, attributes: list[str], arguments: int, root: str) -> Effect:
        if value is _ABSENT or value is super:
            return self._of_methods(attributes, arguments)
        is_member = is_of(value, types.ModuleType) or root.startswith("module:") or root in self._cell.imports
        if self._known.of_notebook(type(value)):
            return None if is_member else self._of_object(value, attributes, arguments)
        while is_of(value, types.ModuleType) and attributes:
            name, *attributes = attributes
            if is_private(name):
                return None
            value = vars(value).get(name, _UNKNOWN)
        if is_of(value, types.ModuleType):
            return None  # a module as a value, or nothing that is there
        if self._is_own(value):
            return self._of_own(value, attributes, arguments)
        if is_of(value, type) and attributes:
            return self._knowledge.of_class(value, attributes, arguments)
        if is_member and not callable(value):
            is_safe = self._knowledge.family(type(value)) in _SAFE
            return self._of_methods(attributes, arguments) if is_safe else None
        if callable(value):
            return None if attributes else self._knowledge.function(value, arguments)
        return self._of_object(value, attributes, arguments)

    def _of_own(self, value: Any, attributes: list[str], arguments: int) -> Effect:
        """What a function or class of the notebook may change: no more than all of them, if it is one of those."""
        if is_of(value, types.FunctionType):
            is_known = id(value) in self._functions or id(value) in self._methods
            return NOTHING if is_known and not attributes else None
        if not any(value is kind for kind in self.classes):
            return None
        if attributes and is_of(vars(value).get(attributes[0]), types.FunctionType):
            return None  # a method, whose first argument may be anything then
        return self._of_methods(attributes, arguments)

    def _of_object(self, value: Any, names: list[str], arguments: int) -> Effect:
        """What attributes of this object may change; the first is its class's own."""
        if not names:
            return NOTHING
        first, *rest = names
        known = self._knowledge.method(type(value), first, MANY if rest else arguments)
        if self._known.of_notebook(type(value)):
            known = NOTHING if _is_attribute(first) or not is_private(first) else None
        elif known is None:
            known = self._of_method(first, MANY if rest else arguments)
        return united((known, self._of_methods(rest, arguments)))

    def _of_methods(self, names: list[str], arguments: int) -> Effect:
        """What attributes of an object may change; only the last one is called with the arguments."""
        counts = [*([MANY] * (len(names) - 1)), arguments]
        return united(map(self._of_method, names, counts))

    def _of_method(self, name: str, arguments: int) -> Effect:
        is_known, is_own = self._classes.has(name), name in self._own_names and name not in _INSIDES
        if is_private(name):
            return NOTHING if is_own and not is_known and _is_attribute(name) else None
        if is_known:
            return self._classes.method(name, arguments)
        return NOTHING if is_own else self._of_unknown()

    def _of_unknown(self) -> Effect:
        return NOTHING if "pandas" in self._libraries else None  # of pandas a column

    def _of_run(self, path: Path, part: Operations) -> Effect:
        """What a function may change that is handed to a method which calls it; a text would be a method's name."""
        root, *attributes = path
        if root in part.defined and root not in self._reads and not attributes:
            return NOTHING
        values = [*self._roots(root)]
        is_code = all(is_of(value, (*_FUNCTIONS, type, types.ModuleType)) for value in values)
        return self._of_path(path, MANY) if is_code and values else None

    def _of_expression(self, path: Path) -> Effect:
        """What polars' expressions may change that are handed over; what others make may be a text."""
        root, *_ = path
        is_polars = all(value is sys.modules.get("polars") for value in self._roots(root))
        return self._of_path(path, MANY) if is_polars else None

    @functools.cached_property
    def _own_names(self) -> frozenset[str]:
        set_by_init = (part.sets for _, part in self._of_methods_alone if part is not None)
        return frozenset(classes.names(self.classes)).union(*set_by_init)

    def _of_copy(self, method: str | None) -> Effect:
        """What a store into `x.copy()`, or a method of that, may change."""
        given = {id(binding.value) for _, binding in self._globals}
        hung = any(number not in given or vars(each) for number, each in self._functions.items())
        if self.classes or hung:
            return None  # a class of the notebook may give the object itself, or a function in the place of a method
        return NOTHING if method in (None, AUGMENTED) else self._of_method(str(method), MANY)

    @functools.cached_property
    def _libraries(self) -> frozenset[str]:
        """The libraries whose objects this code may come by: those in reach, or of modules that it names."""
        kinds = [kind for _, binding in self._globals for kind in binding.inside.kinds]
        values = [binding.value for _, binding in self._globals]
        homes = [getattr(value, "__module__", None) for value in values if is_of(value, (type, *_FUNCTIONS))]
        homes += [type.__dict__["__module__"].__get__(base) for kind in kinds for base in kind.__mro__]
        modules = [value.__name__ for value in values if is_of(value, types.ModuleType)]
        functions = [self._known_functions.operations(each) for each in self._functions.values()]
        parts = [self._cell, *functions, *(part for _, part in self._of_methods_alone)]
        inner = [each for part in parts if part is not None for each in part.everything()]
        heads = [path[0] for part in inner for path in part.paths]
        imported = [head.split(":")[1] for head in heads if head.startswith("module:")]
        names = [name for name in (*homes, *modules, *imported) if isinstance(name, str)]
        return self._knowledge.with_given({name.partition(".")[0] for name in names})

    @functools.cached_property
    def _classes(self) -> Classes:
        return self._knowledge.among(self._libraries)

    @functools.cached_property
    def _has_counters(self) -> bool:
        """Whether the code may come by a Counter: an operator in place adds to its values in place."""
        kinds = (kind for inside in self._inside for kind in inside.kinds)
        values = (binding.value for _, binding in self._globals)
        parts = (each for _, part in self._parts if part is not None for each in part.everything())
        named = any("Counter" in (*path, *path[0].split(":")) for part in parts for path in part.paths)
        named = named or any("Counter" in path for part in parts for makers, _ in part.unless_new for path in makers)
        return named or any(each is Counter for each in (*kinds, *values))

    def _unless_new(self, makers: frozenset[Path], method: str | None) -> Effect:
        """What a method or a store may change whose object is new, if these calls make new ones."""
        if method is AUGMENTED and self._has_counters:
            return None
        for root, *attributes in makers:
            if root == COPY:
                if (effect := self._of_copy(method)) != NOTHING:
                    return effect
                continue
            values = list(self._roots(root))
            value = values[0] if len(values) == 1 else _ABSENT
            for name in attributes:
                value = vars(value).get(name, _ABSENT) if is_of(value, types.ModuleType) else _ABSENT
            is_method = method is not None and method is not AUGMENTED
            if not self._knowledge.makes_new(value, for_methods=is_method or bool(self.classes)):
                return self._of_method(str(method), MANY) if is_method else None
        return NOTHING


def _imported(root: str) -> Any:
    """What a cell imported; nothing is known of what is not there."""
    _, module, *name = root.split(":")
    found = sys.modules.get(module, _UNKNOWN)
    if not name or found is _UNKNOWN:
        return found
    return vars(found).get(name[0], sys.modules.get(f"{module}.{name[0]}", _UNKNOWN))


def _is_attribute(name: str) -> bool:
    """Whether a private name is one that an author gives: with one underscore."""
    return name.startswith("_") and not name.startswith("__")


def is_of(value: object, kinds: type | tuple[type, ...]) -> bool:
    """Whether a value is of a class; `isinstance` would ask the value itself when it is not."""
    return issubclass(type(value), kinds)
