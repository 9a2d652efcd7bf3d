"""What a value reaches: the mutable objects a change could go through, and the names its code would look up.

Two names are linked when their surveys share an object. The walk follows the garbage collector's references and stops
where a value no longer belongs to the author: modules, library classes, frames, the namespace itself.
"""

from __future__ import annotations

import gc
import re
import types
import weakref
from dataclasses import dataclass, field
from typing import Any

from nbapp.values.names import Names, code_names, words_of
from nbapp.values.types import Types, stands_for

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
_TEXTS = frozenset({id(str), id(bytes)})
_PAUSED = {id(types.GeneratorType): "gi", id(types.CoroutineType): "cr", id(types.AsyncGeneratorType): "ag"}
_CLASS_NOISE = ("__dict__", "__weakref__", "_abc_impl", "__slotnames__")
_CODE_IN_TEXT = 20_000  # characters of strings that are read for names in one survey; more is text, not code
_CODE_LIKE = re.compile(r"\w\W+\w|@")  # a single word inside a container is a label, not a query


@dataclass(frozen=True, slots=True)
class Survey:
    """`reach`: ids of the mutable objects in the order they are met; `names`: what reachable code looks up."""

    reach: tuple[int, ...]
    names: Names


def survey(value: object, known: Types) -> Survey:
    """Walk everything the value reaches; a graph of any depth, each object once."""
    if type(value) is str:
        return Survey((), words_of(value) if len(value) <= _CODE_IN_TEXT else Names())
    if type(value) is bytes and b"__main__" in value[:_CODE_IN_TEXT]:
        return Survey((), words_of(value[:_CODE_IN_TEXT].decode("latin-1")))  # a pickle names its classes
    walk = _Walk(known)
    walk.follow(value)
    return Survey(tuple(walk.reach), walk.names)


@dataclass(slots=True)
class _Walk:
    known: Types
    reach: list[int] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    seen: set[int] = field(default_factory=set)
    text_left: int = _CODE_IN_TEXT

    def follow(self, value: object) -> None:
        stack = [value]
        while stack:
            item = stack.pop()
            kind = type(item)
            if id(kind) in _ATOMS or id(item) in self.seen:
                continue
            self.seen.add(id(item))
            stack.extend(reversed(self._children(item, kind)))

    def _children(self, item: Any, kind: type) -> list[object]:
        """What to follow from one object; notes the object itself when it is mutable."""
        if issubclass(kind, type):
            return self._class(item)
        adapter = self.known.adapter(kind)
        if id(kind) not in _TRANSPARENT and adapter.shared and not self.known.is_outside(item):
            self.reach.append(id(item))
        if self.known.is_declared(item):
            return []
        if adapter.words:
            self.names = self.names | Names(words=adapter.words)
        if adapter.reach is not None:
            return [*adapter.reach(item), kind]
        if kind is types.FunctionType:
            return self._function(item)
        if kind is types.ModuleType:
            return self._module(item)
        if kind is types.BuiltinFunctionType or kind is types.MethodWrapperType:
            return [] if isinstance(item.__self__, types.ModuleType) else [item.__self__]
        if issubclass(kind, weakref.ref):
            return [item()]
        if kind is weakref.ProxyType or kind is weakref.CallableProxyType:
            return _target(item)
        if id(kind) in _PAUSED:
            return self._paused(item, _PAUSED[id(kind)])
        if issubclass(kind, str) and len(item) <= self.text_left:
            self._read_text(str.__str__(item))
        if self.known.is_outside(item):
            return []
        return self._inside(item, kind)

    def _inside(self, item: Any, kind: type) -> list[object]:
        if not gc.is_tracked(item) and kind is not dict and kind is not tuple:
            return []
        children = _of_module(item) if kind is dict and "__spec__" in item else gc.get_referents(item)
        kinds = set(map(id, map(type, children)))
        if not _TEXTS.isdisjoint(kinds) and self.text_left > 0:
            self._read_texts(children)
        if kinds <= _ATOMS:
            return []
        return [child for child in children if type(child) is not dict or not self.known.is_outside(child)]

    def _read_texts(self, children: list[object]) -> None:
        for child in children:
            if isinstance(child, (str, bytes)):
                self.text_left -= len(child) + 1
                if self.text_left <= 0:
                    return
                self._read_text(child)

    def _read_text(self, text: str | bytes) -> None:
        if isinstance(text, bytes):
            text = text.decode("latin-1") if b"__main__" in text else ""  # a pickle names its classes
        if _CODE_LIKE.search(text):
            self.names = self.names | words_of(text)

    def _paused(self, item: Any, prefix: str) -> list[object]:
        """A generator or coroutine: what its code looks up, and its local variables."""
        self.names = self.names | code_names(getattr(item, f"{prefix}_code"))
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
            return [item.__globals__, item.__closure__, item.__defaults__]  # made by `exec` in a dict of its own
        if item.__globals__ is not self.known.namespace and item.__closure__ is None:
            self.reach.pop()  # a library's function is not the author's to change
            return []
        if item.__globals__ is self.known.namespace:
            self.names = self.names | code_names(item.__code__)
        parts = (item.__defaults__, item.__kwdefaults__, item.__closure__, item.__dict__ or None)
        return [part for part in parts if part is not None]

    def _class(self, item: type) -> list[object]:
        if not self.known.of_notebook(item):
            return []
        self.reach.append(id(item))
        members = [member for name, member in item.__dict__.items() if name not in _CLASS_NOISE]
        self._read_texts(members)
        return [*members, *item.__bases__, type(item)]


def _of_module(names: dict[str, Any]) -> list[object]:
    """What a module holds, without what the import system keeps there."""
    return [value for name, value in names.items() if not (name.startswith("__") and name.endswith("__"))]


def _target(proxy: Any) -> list[object]:
    """What a weak proxy stands for; it answers every question with the target's answer."""
    try:
        return [proxy.__init__.__self__]
    except ReferenceError:
        return []
