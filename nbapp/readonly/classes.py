"""Which of the notebook's classes are plain: nothing in them does anything but their functions."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from typing import Any

from nbapp.values.types import Types

_MADE_BY_PYTHON = frozenset({"__dict__", "__weakref__"})
_PLAIN = (str, bytes, int, float, complex, bool, type(None), types.FunctionType, types.MemberDescriptorType)
_DATA = (tuple, list, dict, set, frozenset)
_UNSEEN = frozenset({"_abc_impl", "__new__"})  # no survey follows the first; the second may give any object


def is_plain(kind: type, known: Types) -> bool:
    """Whether an object of this class does what its class's functions say, and else what any object does.

    Its metaclass is `type`, its bases are of the notebook and of this sort; it has no `__new__`; its members are
    functions, properties, plain constants and slots.
    """
    if type(kind) is not type:
        return False
    return all(base is object or (known.of_notebook(base) and _has_plain_members(base)) for base in kind.__mro__)


def _has_plain_members(kind: type) -> bool:
    if type(kind) is not type or not _UNSEEN.isdisjoint(vars(kind)):
        return False
    return all(_is_plain_member(name, member) for name, member in vars(kind).items())


def _is_plain_member(name: str, member: Any) -> bool:
    if name in _MADE_BY_PYTHON:
        return type(member) is types.GetSetDescriptorType
    if type(member) is property:
        return all(each is None or type(each) is types.FunctionType for each in (member.fget, member.fset, member.fdel))
    if type(member) in (staticmethod, classmethod):
        return type(member.__func__) is types.FunctionType
    return type(member) in _PLAIN or type(member) in _DATA


def names(kinds: Iterable[type]) -> Iterator[str]:
    """The attributes that these classes say that their objects have."""
    for kind in kinds:
        for base in kind.__mro__[:-1]:
            yield from vars(base)
            yield from vars(base).get("__annotations__", ())
