"""How values of other libraries are digested and followed: the `Adapter` of a type.

`nbapp/libraries` gives them by the library's top-level module, and authors by `nbapp.register`; one is looked up when a
value of that library turns up, and none of the libraries is imported.
"""

from __future__ import annotations

import sys
import types
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbapp.values import extensions


class TooDear(Exception):
    """To digest or to follow a value takes longer than was asked for."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """How values of one type are digested and followed.

    `parts` gives a plain value that is equal exactly when the contents are equal; it is digested in place of the
    value. None keeps the value's own pickle. `reach` gives the objects a mutation could go through; None follows
    the garbage collector's references. `shared` says whether the object itself is a mutable thing that two names
    may share (False for widgets, whose identity is their version, and for values that are immutable by contract).
    `opaque` values are never digested: they get a provenance version. A `handle` (a connection, a pool, a lock) stands
    for something outside: its version is which object it is, so a cell that touched it has not changed it. `words` are
    names that code holding the value may look up besides its own. `files` gives the paths that a use of it will read.
    `close` ends what it stands for outside, where that may be open once (see `core/memos/opened.py`). `items` tells
    how many objects are looked at one by one when `parts` or `reach` are asked, `nbytes` how much memory it has that
    Python knows nothing of, `holds` the objects that it keeps and the garbage collector does not tell of. `memos`
    are, for a metaclass, the members of its classes that these fill as they are used. `is_unread` says whether a value
    has its content yet to read, so that to copy it would read it.
    """

    parts: Callable[[Any], object] | None = None
    reach: Callable[[Any], Iterable[object]] | None = None
    shared: bool = True
    opaque: bool = False
    handle: bool = False
    words: frozenset[str] = frozenset()
    files: Callable[[Any], Iterable[str]] | None = None
    close: Callable[[Any], object] | None = None
    items: Callable[[Any], int] | None = None
    nbytes: Callable[[Any], int] | None = None
    holds: Callable[[Any], tuple[object, ...]] | None = None
    memos: frozenset[str] = frozenset()
    is_unread: Callable[[Any], bool] | None = None


def reaches_nothing(value: Any) -> Iterable[object]:
    """The `reach` of a value that nothing can be changed through."""
    return ()


NO_ADAPTER = Adapter()
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE
STANDINS = "nbapp.kernel.common.stand_in"  # the module whose functions stand for others
_REMEMBERED = 2000  # classes
_HANDLES = 2000
_KEPT_HANDLES = 16  # those that cannot be referred to weakly, such as SQLite's connections
Lookup = Callable[[type], Adapter | None]
EVERY = "*"  # the key in `Types.lookups` of the `AdapterRegistry` that is asked first, about classes of any module


@dataclass(slots=True)
class AdapterRegistry:
    """What the author taught while the process runs.

    `revision` moves with each lesson, so that what was remembered of classes is asked anew. `handles` are single
    objects that count as handles whatever their class is, by id; whoever adds one takes it away before it is gone.
    """

    find: Lookup
    revision: int = 0
    handles: dict[int, object] = field(default_factory=dict)

    def __call__(self, kind: type) -> Adapter | None:
        """The adapter that was registered for just this class."""
        return self.find(kind)


def _teaches_nothing(kind: type) -> Adapter | None:
    return None


def _is_not(module: types.ModuleType) -> bool:
    return False


@dataclass(slots=True)
class Types:
    """The adapters of one kernel, by top-level module name, and the notebook's own namespace.

    `evaluators` are the functions of libraries that look up the names in a string.
    `is_own` tells whether a module is the author's, so that its content is data of the notebook;
    `held_by_libraries` which containers, by id, libraries hold that cells were seen to change.

    What is remembered of classes goes by their ids, because a metaclass may lie about equality.
    """

    namespace: dict[str, Any]
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    evaluators: frozenset[str] = frozenset()
    is_own: Callable[[types.ModuleType], bool] = _is_not
    held_by_libraries: Callable[[], frozenset[int]] = frozenset
    _adapters: dict[int, tuple[type, Adapter]] = field(default_factory=dict)
    _by_value: dict[int, tuple[type, bool]] = field(default_factory=dict)
    _handles: dict[int, tuple[Any, int]] = field(default_factory=dict)
    _registry: AdapterRegistry = field(init=False)
    _revision: int = 0
    _count: int = 0
    handles_told: int = 0

    def __post_init__(self) -> None:
        registry = self.lookups.get(EVERY)
        self._registry = registry if isinstance(registry, AdapterRegistry) else AdapterRegistry(_teaches_nothing)

    def adapter(self, kind: type) -> Adapter:
        """The adapter of a type: the most specific one its classes have, or `NO_ADAPTER`."""
        if self._revision != self._registry.revision:
            self._adapters.clear()
            self._revision = self._registry.revision
        found = self._adapters.get(id(kind))
        if found is None:
            _make_room(self._adapters)
            found = self._adapters[id(kind)] = kind, self._find(kind)
        return found[1]

    def _find(self, kind: type) -> Adapter:
        for base in type.__dict__["__mro__"].__get__(kind):
            found = self._registry(base) or _own_digest(base) or self._known(base)
            if found is not None:
                return found
        reach = extensions.reach_of(kind, self.lookups)
        return NO_ADAPTER if reach is None else Adapter(reach=reach)

    def _known(self, base: type) -> Adapter | None:
        module = type.__dict__["__module__"].__get__(base)
        lookup = self.lookups.get(module.partition(".")[0]) if isinstance(module, str) else None
        return lookup(base) if lookup else None

    def is_handle(self, value: object) -> bool:
        """Whether a value is versioned by which object it is, because of its class or as this one object."""
        return self.is_declared(value) or self.adapter(type(value)).handle

    def is_declared(self, value: object) -> bool:
        """Whether just this object was declared a handle."""
        return id(value) in self._registry.handles

    def declares_any(self, numbers: Iterable[int]) -> bool:
        """Whether any of these objects, by id, was declared a handle."""
        return bool(self._registry.handles) and not self._registry.handles.keys().isdisjoint(numbers)

    def declare(self, value: object) -> None:
        """Let this object count as a handle as long as it lives; values that cannot change have no use for it."""
        if isinstance(value, (int, float, complex, str, bytes, tuple, frozenset, type, types.ModuleType, type(None))):
            return
        handles = self._registry.handles
        handles[id(value)] = value
        try:
            weakref.finalize(value, handles.pop, id(value), None)
            handles[id(value)] = weakref.ref(value)
        except TypeError:
            return  # it cannot be referred to weakly, so it stays

    def handle(self, value: object) -> int:
        """The number of a handle: no two objects of this process have the same one, even after the first is gone."""
        self.handles_told += 1
        found = self._handles.get(id(value))
        if found is None or (found[0]() if isinstance(found[0], weakref.ref) else found[0]) is not value:
            self._count += 1
            found = self._handles[id(value)] = _weakly(value), self._count
            self._forget_handles(value)
        return found[1]

    def _forget_handles(self, newest: object) -> None:
        """Those that are gone; and all but a few of those that would not go because they are in here."""
        kept = [key for key, (held, _) in self._handles.items() if not isinstance(held, weakref.ref)]
        for key in kept[:-_KEPT_HANDLES]:
            del self._handles[key]
        if len(self._handles) > _HANDLES:
            held = self._handles.items()
            gone = [key for key, (each, _) in held if isinstance(each, weakref.ref) and each() is None]
            for key in gone or [key for key in self._handles if key != id(newest)]:
                del self._handles[key]

    def of_notebook(self, kind: type) -> bool:
        """Whether a class was made by the notebook, so that its content is the author's: no module leads to it."""
        found = self._by_value.get(id(kind))
        if found is None:
            _make_room(self._by_value)
            module = type.__dict__["__dict__"].__get__(kind).get("__module__")
            own = self.names_notebook(module) or self.names_own(module)
            found = self._by_value[id(kind)] = kind, own or (_made_by_python(kind) and not importable(kind))
        return found[1]

    def names_notebook(self, module: object) -> bool:
        """Whether a module's name is the notebook's: it leads to whatever has the name now."""
        return type(module) is str and module == self.namespace.get("__name__", "__main__")

    def names_own(self, module: object) -> bool:
        """Whether a module's name is that of a module of the author's."""
        found = sys.modules.get(module) if type(module) is str else None
        return isinstance(found, types.ModuleType) and self.is_own(found)

    def is_outside(self, item: object) -> bool:
        """Whether a dict is the notebook's namespace or a module's: reached by every function, owned by none."""
        if item is self.namespace:
            return True
        if type(item) is not dict or type(item.get("__name__")) is not str:
            return False
        module = sys.modules.get(item["__name__"])
        if module is None or getattr(module, "__dict__", None) is not item:
            return False
        return not self.is_own(module)


def stands_for(function: Any) -> Any:
    """What a function of the host's stands for, put in the place of a library's; of any other the function itself."""
    is_standin = function.__globals__.get("__name__") == STANDINS
    return getattr(function, "__wrapped__", function) if is_standin else function


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


def _own_digest(kind: type) -> Adapter | None:
    """What a class says about itself; its subclasses may say more."""
    if "__nbapp_digest__" not in type.__dict__["__dict__"].__get__(kind):
        return None
    return Adapter(parts=lambda value: type(value).__nbapp_digest__(value))


def _weakly(value: object) -> Any:
    try:
        return weakref.ref(value)
    except TypeError:
        return value


def _make_room(memo: dict[int, Any]) -> None:
    """Classes of the notebook are made again and again; the memo must not keep them all."""
    if len(memo) >= _REMEMBERED:
        memo.clear()
