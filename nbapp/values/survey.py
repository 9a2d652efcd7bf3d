"""What a value reaches: the mutable objects a change could go through, and the names its code would look up.

Two names are linked when their surveys share an object. The walk follows the garbage collector's references and stops
where a value no longer belongs to the author: modules, library classes, frames, the namespace itself.
"""

from __future__ import annotations

import gc
import re
import types
import weakref
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import compress, islice, repeat
from operator import is_
from typing import Any

from nbapp.values.names import Names, code_names, names_from_afar, words_of
from nbapp.values.types import NO_ADAPTER, TooDear, Types, stands_for

_ATOM_TYPES = (
    {type(None), bool, int, float, complex, str, bytes, range, slice, type(Ellipsis), type(NotImplemented)}
    | {types.CodeType, types.FrameType, types.TracebackType}
    | {types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType, types.MethodDescriptorType}
    | {types.ClassMethodDescriptorType}
)
_TRANSPARENT_TYPES = {
    tuple,
    frozenset,
    types.MethodType,
    types.BuiltinFunctionType,
    types.MethodWrapperType,
    types.ModuleType,
} | {property, staticmethod, classmethod}
# By id: a class whose metaclass lies about equality or cannot be hashed is not one of these.
_ATOMS = frozenset(map(id, _ATOM_TYPES))
_TRANSPARENT = frozenset(map(id, _TRANSPARENT_TYPES))
# Atoms, but code, or a way to it.
_CODE_ATOM_TYPES = (types.FrameType, types.TracebackType, types.WrapperDescriptorType, types.MethodDescriptorType)
_CODE_ATOMS = {id(kind): kind for kind in (*_CODE_ATOM_TYPES, types.ClassMethodDescriptorType)}
_TEXTS = frozenset({id(str), id(bytes)})
_PAUSED = {id(types.GeneratorType): "gi", id(types.CoroutineType): "cr", id(types.AsyncGeneratorType): "ag"}
_SPECIAL_TYPES = {types.FunctionType, types.ModuleType, types.BuiltinFunctionType, types.MethodWrapperType} | {
    weakref.ProxyType,
    weakref.CallableProxyType,
}
_SPECIAL = frozenset(map(id, _SPECIAL_TYPES)) | _PAUSED.keys()
_CLASS_NOISE = ("__dict__", "__weakref__", "_abc_impl", "__slotnames__")
_CODE_IN_TEXT = 20_000  # characters of strings that are read for names in one survey; more is text, not code
_ATOMS_PER_STEP = 8
_CODE_LIKE = re.compile(r"\w\W+\w|@")  # a single word inside a container is a label, not a query


@dataclass(frozen=True, slots=True)
class Inside:
    """What a value consists of: the classes of the objects in it, but for numbers and the like, and the author's
    classes; the notebook's functions, as `methods` those that stand in its classes and nowhere else; and whether other
    functions are among them, of libraries (`others`), or of the author's modules or made by `exec` (`strange`)."""

    kinds: tuple[type, ...] = ()
    functions: tuple[types.FunctionType, ...] = ()
    methods: tuple[types.FunctionType, ...] = ()
    others: bool = False
    strange: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """`reach`: ids of the mutable objects in the order they are met; `names`: what reachable code looks up."""

    reach: tuple[int, ...]
    names: Names
    inside: Inside = Inside()


def survey(value: object, known: Types, steps: int | None = None) -> Survey:
    """Walk everything the value reaches; a graph of any depth, each object once. `steps` is how many it may meet.

    Raises:
        TooDear: it would meet more.
    """
    if type(value) is str:
        return Survey((), words_of(value) if len(value) <= _CODE_IN_TEXT else Names())
    if type(value) is bytes and b"__main__" in value[:_CODE_IN_TEXT]:
        return Survey((), words_of(value[:_CODE_IN_TEXT].decode("latin-1")))  # a pickle names its classes
    walk = _Walk(known, steps)
    walk.follow(value)
    return Survey(tuple(walk.reach), walk.names, walk.inside())


@dataclass(slots=True)
class _Walk:
    """Goes breadth first and takes the plain objects of a layer at once: no step of Python for each of them."""

    known: Types
    steps: int | None = None
    reach: list[int] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    seen: dict[int, object] = field(default_factory=dict)  # held, for an id stands for one object while that lives
    kinds: dict[int, type] = field(default_factory=dict)
    functions: dict[int, types.FunctionType] = field(default_factory=dict)
    methods: dict[int, types.FunctionType] = field(default_factory=dict)
    others: bool = False
    strange: bool = False
    text_left: int = _CODE_IN_TEXT

    def inside(self) -> Inside:
        """What has been met."""
        methods = [each for number, each in self.methods.items() if number not in self.functions]
        functions = tuple(self.functions.values())
        return Inside(tuple(self.kinds.values()), functions, tuple(methods), self.others, self.strange)

    def follow(self, value: object) -> None:
        layer = [value]
        while layer:
            self._spend(len(layer) // _ATOMS_PER_STEP)
            kinds = _kinds(layer)
            self.kinds.update({number: kind for number, kind in _CODE_ATOMS.items() if number in kinds})
            if kinds <= _ATOMS:
                return
            if not kinds.isdisjoint(_ATOMS):
                layer = list(compress(layer, map((kinds - _ATOMS).__contains__, map(id, map(type, layer)))))
            self._spend(len(layer))
            items, layer = self._new(layer), []
            for kind, group in _by_kind(items):
                self.kinds[id(kind)] = kind
                if self._is_plain(kind):
                    layer += self._inside(group, kind)
                else:
                    for item in group:
                        layer += self._children(item, kind)

    def _spend(self, steps: int) -> None:
        if self.steps is not None:
            self.steps -= steps
            if self.steps < 0:
                raise TooDear

    def _new(self, layer: list[object]) -> list[object]:
        """The objects of a layer that were not seen before, each once."""
        before = len(self.seen)
        self.seen.update(zip(map(id, layer), layer, strict=True))
        count = len(self.seen) - before
        return layer if count == len(layer) else list(islice(reversed(self.seen.values()), count))[::-1]

    def _is_plain(self, kind: type) -> bool:
        """Whether what an object of this class leads to is what the garbage collector says."""
        return (
            id(kind) not in _SPECIAL
            and not issubclass(kind, (type, str, bytes, weakref.ref))
            and self.known.adapter(kind) is NO_ADAPTER
        )

    def _inside(self, items: list[Any], kind: type) -> list[object]:
        """What to follow from plain objects of one class; notes them when they are mutable."""
        modules: list[dict[str, Any]] = []
        if kind is dict and any("__name__" in item or "__spec__" in item for item in items):
            items = [item for item in items if not self.known.is_outside(item)]  # that belongs to all
            modules = [item for item in items if "__spec__" in item]
        if id(kind) not in _TRANSPARENT:
            self.reach.extend(map(id, items))
        if self.known.declares_any(map(id, items)):
            self.strange = True  # what it leads to is not told
            items = [item for item in items if not self.known.is_declared(item)]
        if modules:
            items = [_of_module(item) if "__spec__" in item else item for item in items]
        return self._referents(items)

    def _referents(self, items: list[Any]) -> list[object]:
        """What the garbage collector sees in these; texts in them are read for names."""
        children = gc.get_referents(*items)
        if self.text_left > 0:
            self._read_texts(children)
        return children

    def _children(self, item: Any, kind: type) -> list[object]:
        """What to follow from one object; notes the object itself when it is mutable."""
        if issubclass(kind, type):
            return self._class(item)
        if id(item) in self.methods:
            self.functions[id(item)] = item
            return []
        adapter = self.known.adapter(kind)
        if id(kind) not in _TRANSPARENT and adapter.shared and not self.known.is_outside(item):
            self.reach.append(id(item))
        if self.known.is_declared(item):
            self.strange = True
            return []
        if adapter.words:
            self.names = self.names | Names(words=adapter.words)
        if adapter.items is not None and self.steps is not None:
            self._spend(adapter.items(item))
        if adapter.reach is not None:
            return [*adapter.reach(item), kind]
        if kind is types.FunctionType:
            return self._function(item)
        if kind is types.ModuleType:
            return self._module(item)
        if kind is types.BuiltinFunctionType or kind is types.MethodWrapperType:
            self.others = True
            return [] if isinstance(item.__self__, types.ModuleType) else [item.__self__]
        if issubclass(kind, weakref.ref):
            return [item()]
        if kind is weakref.ProxyType or kind is weakref.CallableProxyType:
            return _target(item)
        if id(kind) in _PAUSED:
            return self._paused(item, _PAUSED[id(kind)])
        if issubclass(kind, (str, bytes)) and len(item) <= self.text_left:
            self._read_text(str.__str__(item) if issubclass(kind, str) else bytes(item))
        return self._referents([item])

    def _read_texts(self, children: list[object]) -> None:
        texts: Iterable[Any] = compress(children, map(_TEXTS.__contains__, map(id, map(type, children))))
        for text in texts:
            self.text_left -= len(text) + 1
            if self.text_left <= 0:
                return
            self._read_text(text)

    def _read_text(self, text: str | bytes) -> None:
        if isinstance(text, bytes):
            text = text.decode("latin-1") if b"__main__" in text else ""  # a pickle names its classes
        if _CODE_LIKE.search(text):
            self.names = self.names | words_of(text)

    def _paused(self, item: Any, prefix: str) -> list[object]:
        """A generator or coroutine: what its code looks up, and its local variables."""
        self.names = self.names | code_names(getattr(item, f"{prefix}_code"), self.known.evaluators)
        frame = getattr(item, f"{prefix}_frame")
        waits_for = getattr(item, "gi_yieldfrom" if prefix == "gi" else f"{prefix}_await")
        return [waits_for, *(frame.f_locals.values() if frame is not None else ())]

    def _module(self, item: types.ModuleType) -> list[object]:
        if vars(item) is self.known.namespace:
            self.names = self.names | Names(everything=True)
        return [] if self.known.is_outside(vars(item)) else [vars(item)]

    def _function(self, item: types.FunctionType) -> list[object]:
        if stands_for(item) is not item:
            return [stands_for(item)]
        if not self.known.is_outside(item.__globals__):
            self.strange = True
            self.names = self.names | names_from_afar(item.__code__)
            return [item.__globals__, item.__closure__, item.__defaults__]  # an own module's, or made by `exec`
        if item.__globals__ is self.known.namespace:
            if id(item) not in self.methods:
                self.functions[id(item)] = item
            self.names = self.names | code_names(item.__code__, self.known.evaluators)
            self._read_annotations(item.__annotations__)
        else:
            self.others = True
        if item.__globals__ is not self.known.namespace and item.__closure__ is None:
            self.reach.pop()  # a library's function is not the author's to change
            return []
        parts = (item.__defaults__, item.__kwdefaults__, item.__closure__, item.__dict__ or None)
        return [part for part in parts if part is not None]

    def _read_annotations(self, annotations: Any) -> None:
        """Those that are texts: whoever asks for the types looks up what they name."""
        if type(annotations) is dict:
            for text in annotations.values():
                if type(text) is str:
                    self.names = self.names | words_of(text)

    def _class(self, item: type) -> list[object]:
        if not self.known.of_notebook(item):
            self.others = self.others or id(item) not in self.kinds  # none that an object had: it is there to be called
            return []
        self.kinds[id(item)] = item
        self.reach.append(id(item))
        noise = self.known.adapter(type(item)).memos.union(_CLASS_NOISE)
        members = [member for name, member in item.__dict__.items() if name not in noise]
        self._read_texts(members)
        self._read_annotations(vars(item).get("__annotations__"))
        others = (member for member in members if type(member) is not types.FunctionType)
        parents = (each for each in (*item.__bases__, type(item)) if self.known.of_notebook(each))
        return [*others, *self._methods(members), *parents]

    def _methods(self, members: list[Any]) -> Iterable[object]:
        """What the functions among a class's members lead to; they are noted, also where data lead to them as well."""
        for item in members:
            if type(item) is types.FunctionType and id(item) not in self.methods:
                self.methods[id(item)] = item
                if id(item) not in self.seen:
                    self.reach.append(id(item))
                    yield from () if self.known.is_declared(item) else self._function(item)


def _kinds(items: list[object]) -> set[int]:
    """The classes of objects, by id."""
    try:
        return set(map(id, set(map(type, items))))  # three times as fast as without the inner set
    except Exception:  # noqa: BLE001 -- a metaclass of the author's may refuse to be hashed
        return set(map(id, map(type, items)))


def _by_kind(items: list[object]) -> Iterable[tuple[type, list[object]]]:
    """Objects by their class, in an order of the classes that another object in the layer does not change: what a
    value shares must be met in one order, whether it has come by something of its own or not."""
    groups: dict[int, tuple[type, list[object]]] = {}
    if items and all(map(is_, map(type, items), repeat(type(items[0])))):
        return [(type(items[0]), items)]
    for item in items:
        kind = type(item)
        groups.setdefault(id(kind), (kind, []))[1].append(item)
    return [groups[number] for number in sorted(groups)]


def _of_module(names: dict[str, Any]) -> list[object]:
    """What a module holds, without what the import system keeps there."""
    return [value for name, value in names.items() if not (name.startswith("__") and name.endswith("__"))]


def _target(proxy: Any) -> list[object]:
    """What a weak proxy stands for; it answers every question with the target's answer."""
    try:
        return [proxy.__init__.__self__]
    except ReferenceError:
        return []
