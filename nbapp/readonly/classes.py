"""Which of the notebook's classes are plain: nothing in them does anything but their functions."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from typing import Any

from nbapp.values.types import Types

_OF_CLASSES = frozenset({"__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__slots__"})
_OF_CLASSES |= {
    "__annotations__",
    "__annotations_cache__",
    "__firstlineno__",
    "__static_attributes__",
    "__match_args__",
}
_PLAIN = (str, bytes, int, float, complex, bool, type(None), types.FunctionType, types.MemberDescriptorType)
_DATA = (tuple, list, dict, set, frozenset)


def is_plain(kind: type, known: Types) -> bool:
    """Whether an object of this class does what its class's functions say, and else what any object does.

    Its metaclass is `type`, its bases are of the notebook and of this sort; it has no `__new__`; its members are
    functions, properties, plain constants and slots.
    """
    if type(kind) is not type:
        return False
    return all(base is object or (known.of_notebook(base) and _has_plain_members(base)) for base in kind.__mro__)


def _has_plain_members(kind: type) -> bool:
    if type(kind) is not type or "__new__" in vars(kind):
        return False
    return all(name in _OF_CLASSES or _is_plain_member(member) for name, member in vars(kind).items())


def _is_plain_member(member: Any) -> bool:
    if type(member) is property:
        return all(each is None or type(each) is types.FunctionType for each in (member.fget, member.fset, member.fdel))
    if type(member) in (staticmethod, classmethod):
        return type(member.__func__) is types.FunctionType
    return type(member) in _PLAIN or type(member) in _DATA


def names(kinds: Iterable[type]) -> Iterator[str]:
    """The attributes that objects of these classes have, as far as the classes' own code says."""
    for kind in kinds:
        for base in kind.__mro__[:-1]:
            yield from vars(base)
            yield from vars(base).get("__annotations__", ())
            for member in vars(base).values():
                function = getattr(member, "fget", None) or getattr(member, "__func__", member)
                if type(function) is types.FunctionType:
                    yield from function.__code__.co_names
