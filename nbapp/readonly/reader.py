"""Which values a cell cannot have changed, because all that it does to what it did not make is to read it.

Theory of operation. What a cell may reach is known by class: the survey of each binding tells them. When all are plain
data of known classes, and nothing among them is code, then a cell can only change them by what its own code says:
`operations` tells what that loads, calls and stores, and every load of a library's function or method is looked up in
the facts of its profile. So the cell has an effect: the families of values that it may change, or any. A binding that
holds no value of these families is as it was. In doubt an effect is "any", and then digests tell, as ever.
"""

from __future__ import annotations

import builtins
import functools
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbapp.core.memos.env import is_global
from nbapp.core.memos.memo import Binding
from nbapp.readonly.knowledge import NOTHING, Classes, Effect, Knowledge, united
from nbapp.readonly.operations import MANY, Operations, Path
from nbapp.values.types import Types

_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
_CODE = (type, types.ModuleType, *_FUNCTIONS)
_SAFE = frozenset({"immutable", "numpy"})  # families of what a module may keep, and a cell may ask
_REMEMBERED = 500  # cells, with what they read
_ABSENT = object()
_UNKNOWN = types.ModuleType("unknown")  # has nothing, so whatever is asked of it may do anything


@dataclass(slots=True)
class ReadOnly:
    """Decides for the cells of one kernel."""

    known: Types
    knowledge: Knowledge
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
        self._knowledge, self._known = reader.knowledge, reader.known
        self._cell, self._reads = cell, reads
        self._globals = [(name, binding) for name, binding in reads.items() if is_global(name)]

    def found(self) -> Effect:
        """The families that it may have changed; None for any."""
        if self._cell.writes or any(self._strange()):
            return None
        effects = [self._unless_new(*each) for each in self._cell.unless_new]
        effects += [self._of_path(*each) for each in self._cell.paths.items()]
        return united([*effects, *(self._of_method(*each) for each in self._cell.methods.items())])

    def doubt(self) -> str | None:
        """The first reason to think that it may have changed something, in words."""
        if self._cell.writes:
            return "it defines, or stores into something that it did not make, or calls with `inplace`, `out` or `**`"
        if strange := next(self._strange(), None):
            return strange
        paths = (".".join(path) for path, count in self._cell.paths.items() if self._of_path(path, count) != NOTHING)
        methods = (f".{name}" for name, count in self._cell.methods.items() if self._of_method(name, count) != NOTHING)
        named = next((name.removeprefix("module:") for name in (*paths, *methods)), None)
        return None if named is None else f"`{named}` is not known to only read"

    def _strange(self) -> Iterator[str]:
        """The names whose values are not plain data of known classes, in words; a library's function or module is."""
        for name, binding in self._globals:
            inside, value = binding.inside, binding.value
            for kind in inside.kinds:
                if self._known.of_notebook(kind) or self._knowledge.family(kind) is None:
                    yield f"`{name}` holds a {kind.__qualname__}, which may change when it is read"
            is_library = _is(value, _CODE) and name not in self._cell.stored
            if inside.own or (not is_library and (inside.others or types.ModuleType in inside.kinds)):
                yield f"`{name}` holds code that the cell may call"

    # --- what the code does

    def _of_path(self, path: Path, arguments: int) -> Effect:
        root, *attributes = path
        return united(self._of_value(value, attributes, arguments) for value in self._roots(root))

    def _roots(self, root: str) -> Iterator[Any]:
        """All that a path may begin with: what it was before the cell, a builtin, a variable of the cell (absent)."""
        if root.startswith("module:"):
            yield _imported(root)
            return
        if root in self._reads:
            yield self._reads[root].value
        elif hasattr(builtins, root):
            yield getattr(builtins, root)
        elif root not in self._cell.stored and root in self._known.namespace:
            yield _UNKNOWN  # what the host put there
        if root in self._cell.stored:
            yield _ABSENT

    def _of_value(self, value: Any, attributes: list[str], arguments: int) -> Effect:
        if value is _ABSENT:
            return self._of_methods(attributes, arguments)
        is_member = _is(value, types.ModuleType)
        while _is(value, types.ModuleType) and attributes:
            name, *attributes = attributes
            value = vars(value).get(name, _UNKNOWN)
        if _is(value, types.ModuleType):
            return None  # a module as a value, or nothing that is there
        if _is(value, type) and attributes:
            return self._knowledge.of_class(value, attributes, arguments)
        if is_member and not callable(value):
            is_safe = self._knowledge.family(type(value)) in _SAFE
            return self._of_methods(attributes, arguments) if is_safe else None
        if callable(value):
            return None if attributes else self._knowledge.function(value, arguments)
        return self._of_methods(attributes, arguments)

    def _of_methods(self, names: list[str], arguments: int) -> Effect:
        """What attributes of an object may change; only the last one is called with the arguments."""
        counts = [*([MANY] * (len(names) - 1)), arguments]
        return united(map(self._of_method, names, counts))

    def _of_method(self, name: str, arguments: int) -> Effect:
        if self._classes.has(name):
            return self._classes.method(name, arguments)
        return NOTHING if "pandas" in self._libraries else None  # of pandas a column

    @functools.cached_property
    def _libraries(self) -> frozenset[str]:
        """The libraries whose objects this code may come by: those in reach, or of modules that it names."""
        kinds = [kind for _, binding in self._globals for kind in binding.inside.kinds]
        values = [binding.value for _, binding in self._globals]
        homes = [getattr(value, "__module__", None) for value in values if _is(value, (type, *_FUNCTIONS))]
        homes += [type.__dict__["__module__"].__get__(base) for kind in kinds for base in kind.__mro__]
        modules = [value.__name__ for value in values if _is(value, types.ModuleType)]
        imported = [path[0].split(":")[1] for path in self._cell.paths if path[0].startswith("module:")]
        names = [name for name in (*homes, *modules, *imported) if isinstance(name, str)]
        return self._knowledge.with_given({name.partition(".")[0] for name in names})

    @functools.cached_property
    def _classes(self) -> Classes:
        return self._knowledge.among(self._libraries)

    def _unless_new(self, makers: frozenset[Path], method: str | None) -> Effect:
        """What a method or a store may change whose object is new, if these calls make new ones."""
        for root, *attributes in makers:
            values = list(self._roots(root))
            value = values[0] if len(values) == 1 else _ABSENT
            for name in attributes:
                value = vars(value).get(name, _ABSENT) if _is(value, types.ModuleType) else _ABSENT
            if not self._knowledge.makes_new(value, for_methods=method is not None):
                return None if method is None else self._of_method(method, MANY)
        return NOTHING


def _imported(root: str) -> Any:
    """What a cell imported; nothing is known of what is not there."""
    _, module, *name = root.split(":")
    found = sys.modules.get(module, _UNKNOWN)
    if not name or found is _UNKNOWN:
        return found
    return vars(found).get(name[0], sys.modules.get(f"{module}.{name[0]}", _UNKNOWN))


def _is(value: object, kinds: type | tuple[type, ...]) -> bool:
    """Whether a value is of a class; `isinstance` would ask the value itself when it is not."""
    return issubclass(type(value), kinds)
