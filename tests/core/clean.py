"""What Restart and Run All would give: the reference for every core test. It shares nothing with the walk."""

from __future__ import annotations

import collections
import contextlib
import copy
import enum
import functools
import re
import sys
import types
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from nbapp.core.notebook import CellError, CellId, Notebook
from nbapp.core.overlay import TOP, Overlay
from tests.core.host import HIDDEN, Double, evaluate, installed, new_main, run_source

GONE = type(NotImplemented)  # stands for a name that a callback deleted; a copy of a class is the class
_METHODS = (types.MethodType, types.BuiltinFunctionType, types.MethodWrapperType)
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+|(?<= at )[0-9A-F]{6,}|(?<=id=')\d+")

# By id: a metaclass may lie about equality.
_PLAIN = frozenset(map(id, (type(None), bool, int, float, complex, str, bytes, range, type(...))))


@dataclass
class Clean:
    """A fresh namespace after all cells ran top-down, up to the first that failed."""

    notebook: Notebook
    inputs: dict[str, Any] = field(default_factory=dict)
    written: Mapping[CellId, Mapping[str, Any]] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)
    error: CellError | None = None
    callbacks: list[Callable[[], object]] = field(default_factory=list)
    alive: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.main = new_main()
        self.namespace: dict[str, Any] = vars(self.main)
        self.namespace.update(
            read=lambda name: copy.deepcopy(self.inputs[name]),
            emit=lambda key, value: None,
            on_click=self.callbacks.append,
            click=lambda: [function() for function in tuple(self.callbacks)],
        )
        with installed(self.main):
            self._write(TOP)
            for cell in self.notebook:
                text, self.error = run_source(cell.source, self.namespace)
                self.printed.append(text)
                # What a cell drops lives on in earlier results, and pandas copies on a write what others share.
                self.alive.append(dict(self.namespace))
                self._write(cell.id)
                if self.error is not None:
                    return

    def _write(self, owner: CellId) -> None:
        for name, value in self.written.get(owner, {}).items():
            if value is GONE:
                self.namespace.pop(name, None)
            else:
                self.namespace[name] = value

    def value(self, expression: str) -> str:
        """The repr of an expression, or the name of the exception it raises."""
        with installed(self.main):
            return evaluate(expression, self.namespace)


def written(overlay: Overlay) -> dict[CellId, dict[str, Any]]:
    """Copies of what callbacks wrote, by the cell after which it applies; all made together, so they share what they shared."""
    values: dict[CellId, dict[str, Any]] = {
        owner: dict.fromkeys(entry, GONE) | overlay.written(owner) for owner, entry in overlay._entries.items()
    }
    return copy.deepcopy(values)


def differences(double: Double, *, namespace: bool = True) -> list[str]:
    """Where a double that has just been brought up to date is not what a clean run gives; empty when it agrees."""
    clean = Clean(double.notebook, dict(double.inputs), written(double.overlay))
    if namespace:
        double.complete()
    found = []
    for index, text in enumerate(clean.printed):
        shown = double.printed[index]
        if _ADDRESS.sub("", text) != _ADDRESS.sub("", shown):
            found.append(f"cell {index} shows {shown!r}, a clean run prints {text!r}")
    failed = [step.index for step in double.steps if step.state == "failed"]
    if failed != ([len(clean.printed) - 1] if clean.error else []):
        found.append(f"failed: {failed}, a clean run: {clean.error} in cell {len(clean.printed) - 1}")
    elif clean.error and double.errors != [clean.error.name]:
        found.append(f"failed with {double.errors}, a clean run with {clean.error.name}")
    if namespace:
        with _deep():
            found += _compared(described(double.namespace), described(clean.namespace))
    return found


@contextlib.contextmanager
def _deep() -> Iterator[None]:
    """Lists in lists in lists are described and compared by recursion."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(50_000)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _compared(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    return [
        f"`{name}` is {ours.get(name)}, after a clean run {theirs.get(name)}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]


def described(namespace: dict[str, Any]) -> dict[str, Any]:
    """The content of a namespace and what is the same object as what, without addresses."""
    walk = _Describe(namespace)
    return {name: walk.of(namespace[name]) for name in sorted(namespace) if name not in HIDDEN}


@dataclass
class _Describe:
    namespace: dict[str, Any]
    numbers: dict[int, int] = field(default_factory=dict)
    memories: dict[int, int] = field(default_factory=dict)
    alive: list[object] = field(default_factory=list)

    def of(self, value: Any) -> Any:
        """A comparable picture of a value; an object met again is its number."""
        kind = type(value)
        if id(kind) in _PLAIN:
            return kind.__name__, repr(value)
        if kind is tuple or kind is frozenset:
            return (kind.__name__, *map(self.of, value))
        if issubclass(kind, np.generic):
            return kind.__name__, repr(value)
        if (kind is types.ModuleType or kind is types.BuiltinFunctionType) and not self._has_self(value):
            return kind.__name__, value.__name__
        if issubclass(kind, type) and value.__module__ != "__main__":
            return "class", value.__qualname__
        if issubclass(kind, pd.Index):  # frames hand out the one that they share: outside-the-law.md
            return kind.__name__, repr(value)
        if issubclass(kind, _METHODS):  # which of two equal ones it is cannot matter: each look-up makes another
            return kind.__name__, value.__name__, self.of(value.__self__)
        if id(value) in self.numbers:
            return "again", self.numbers[id(value)]
        self.numbers[id(value)] = len(self.numbers)
        self.alive.append(value)
        return (kind.__name__, self.numbers[id(value)], *self._parts(value, kind))

    def _has_self(self, value: Any) -> bool:
        owner = getattr(value, "__self__", None)
        return owner is not None and not isinstance(owner, (types.ModuleType, type))

    def _parts(self, value: Any, kind: type) -> Iterable[Any]:
        for base, parts in _PARTS:
            if issubclass(kind, base):
                return (*parts(self, value), *self._attributes(value, kind))
        if kind.__module__ == "__main__" or kind.__name__ == "SimpleNamespace":
            return self._attributes(value, kind)
        if hasattr(value, "__length_hint__"):
            return (value.__length_hint__(),)
        try:
            return (_ADDRESS.sub("", repr(value)),)
        except Exception as error:
            return (repr(error),)

    def _attributes(self, value: Any, kind: type) -> Iterable[Any]:
        if issubclass(kind, (type, types.FunctionType, functools.partial)):
            return ()
        attributes = _slots_of(value, kind) | _dict_of(value)
        if kind.__module__ != "__main__":
            attributes = {name: item for name, item in attributes.items() if kind.__name__ == "SimpleNamespace"}
        return self.of(kind), *((name, self.of(item)) for name, item in attributes.items())

    def function(self, value: types.FunctionType) -> Iterable[Any]:
        """Code, defaults, closure and attributes."""
        code = value.__code__
        yield (
            code.co_name,
            code.co_code,
            code.co_names,
            [c for c in code.co_consts if not isinstance(c, types.CodeType)],
        )
        yield self.of(value.__defaults__)
        yield self.of(value.__kwdefaults__)
        yield from (self.of(cell) for cell in value.__closure__ or ())
        yield from ((name, self.of(item)) for name, item in value.__dict__.items())

    def klass(self, value: type) -> Iterable[Any]:
        """Members and bases of a class of the notebook."""
        yield value.__name__
        yield from map(self.of, value.__bases__)
        for name, member in value.__dict__.items():
            if name in (
                "__dict__",
                "__weakref__",
                "_abc_impl",
                "__firstlineno__",
                "__static_attributes__",
                "__slotnames__",
                "_value2member_map_",
            ):
                continue
            yield name, self.of(member)

    def array(self, value: Any) -> Iterable[Any]:
        """Content, and which memory it is a view of; not what else is there: docs/reference/outside-the-law.md."""
        owner = value
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        offset = value.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
        strides = [stride if length > 1 else 0 for stride, length in zip(value.strides, value.shape)]
        yield str(value.dtype), value.shape, strides, offset, value.flags.writeable
        self.alive.append(owner)
        yield "memory", self.memories.setdefault(id(owner), len(self.memories))
        plain = np.asarray(value)  # a masked array keeps what it fills its gaps with once somebody asked for its bytes
        yield [self.of(item) for item in plain.ravel().tolist()] if plain.dtype.hasobject else plain.tobytes()
        if isinstance(value, np.ma.MaskedArray):
            yield np.ma.getmaskarray(value).tobytes()


def _dict_of(value: Any) -> dict[str, Any]:
    try:
        return dict(object.__getattribute__(value, "__dict__"))
    except AttributeError:
        return {}


def _slots_of(value: Any, kind: type) -> dict[str, Any]:
    found = {}
    for base in kind.__mro__:
        for name, member in base.__dict__.items():
            if type(member) is types.MemberDescriptorType:
                with contextlib.suppress(AttributeError):
                    found[name] = member.__get__(value)
    return found


def _cell(walk: _Describe, cell: Any) -> Iterable[Any]:
    try:
        return (walk.of(cell.cell_contents),)
    except ValueError:
        return ("empty",)


def _generator(walk: _Describe, value: Any) -> Iterable[Any]:
    frame = value.gi_frame
    if frame is None:
        return ("finished",)
    return frame.f_lasti, *((name, walk.of(item)) for name, item in frame.f_locals.items())


def _frame(walk: _Describe, value: Any) -> Iterable[Any]:
    yield list(map(str, value.dtypes)), repr(value.columns), value.columns.names, value.index.names
    yield repr(list(value.index)), [[walk.of(item) for item in value[name].tolist()] for name in value.columns.unique()]
    yield walk.of(value.attrs)


def _series(walk: _Describe, value: Any) -> Iterable[Any]:
    yield str(value.dtype), repr(value.name), value.index.names, repr(list(value.index))
    yield [walk.of(item) for item in value.tolist()], walk.of(value.attrs)


def _items(walk: _Describe, value: Any) -> Iterable[Any]:
    return ((walk.of(key), walk.of(item)) for key, item in value.items())


def _sorted_set(walk: _Describe, value: Any) -> Iterable[Any]:
    return sorted(repr(walk.of(item)[:1]) + repr(item) for item in value)


_PARTS: list[tuple[Any, Callable[[_Describe, Any], Iterable[Any]]]] = [
    (type, lambda walk, value: walk.klass(value)),
    (types.FunctionType, lambda walk, value: walk.function(value)),
    (types.CellType, _cell),
    (types.GeneratorType, _generator),
    (weakref.ref, lambda walk, value: (walk.of(value()),)),
    (functools.partial, lambda walk, value: (walk.of(value.func), walk.of(value.args), walk.of(value.keywords))),
    (property, lambda walk, value: (walk.of(value.fget), walk.of(value.fset))),
    ((staticmethod, classmethod), lambda walk, value: (walk.of(value.__func__),)),
    (np.random.Generator, lambda walk, value: (repr(value.bit_generator.state),)),
    (np.ndarray, lambda walk, value: walk.array(value)),
    (pd.DataFrame, _frame),
    (pd.Series, _series),
    (collections.defaultdict, lambda walk, value: (walk.of(value.default_factory), *_items(walk, value))),
    ((dict, types.MappingProxyType), _items),
    ((list, tuple, collections.deque), lambda walk, value: map(walk.of, value)),
    ((set, frozenset), _sorted_set),
    ((type({}.keys()), type({}.values())), lambda walk, value: (walk.of(value.mapping),)),
    ((bytearray, bytes, str, int, float, complex), lambda walk, value: (repr(value),)),
    (enum.Enum, lambda walk, value: (value.name,)),
    (BaseException, lambda walk, value: (walk.of(value.args),)),
]
