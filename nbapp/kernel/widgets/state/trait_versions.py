"""TraitVersions of trait values: digests, kept as long as the same immutable value stays.

A value without a digest has a version of its own, new at each assignment. This file does not know cells or walks.
"""

from __future__ import annotations

import datetime
import itertools
import pickle
from collections.abc import Callable
from typing import Any

from ipywidgets import Widget
from traitlets import Bunch

from nbapp.values.digest import Digest, Opaque
from nbapp.values.identity import WeakById

GONE = Digest("gone")  # of every trait of a widget that is closed, or was never known
_ATOMS = frozenset(
    {type(None), bool, int, str, bytes, complex}
    | {datetime.date, datetime.time, datetime.datetime, datetime.timedelta, datetime.timezone}
)
_NEVER = object()


class TraitVersions:
    """The versions of widget traits, by a `digest` that raises `Opaque` where a value has none."""

    def __init__(self, digest: Callable[[object], Digest]) -> None:
        self._digest = digest
        self._kept: WeakById[Widget, dict[str, tuple[object, Digest]]] = WeakById()
        self._serial = itertools.count(1)

    def of(self, widget: Widget, name: str) -> Digest:
        """The version of a trait as it is now."""
        if widget.comm is None:
            return GONE
        return self.of_value(widget, name, getattr(widget, name))

    def of_value(self, widget: Widget, name: str, value: object) -> Digest:
        """The version of a value that the trait has, or had."""
        kept = self._kept.setdefault(widget, {})
        known = kept.get(name, (_NEVER, GONE))
        if known[0] is value:
            return known[1]
        try:
            version = self._digest(plain(value))
        except Opaque:
            version = Digest(f"opaque {next(self._serial)}")
        else:
            if not is_immutable(value):
                return version
        kept[name] = value, version
        return version

    def assigned(self, widget: Widget, name: str) -> None:
        """The trait was assigned: a value without a digest may have changed inside."""
        kept = self._kept.get(widget)
        if kept and name in kept and kept[name][1].startswith("opaque"):
            del kept[name]

    def of_parts(self, *parts: object) -> Digest:
        """The version of things that belong to no trait.

        Raises:
            Opaque: one of them has no digest.
        """
        return self._digest(parts)

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values of a trait are equal: by type and content, NaN equal to NaN."""
        if one is other:
            return True
        kind = type(one)
        if kind is not type(other) or isinstance(one, Widget):
            return False
        if kind is float:
            return bool(one.hex() == other.hex())
        if kind in _ATOMS:
            return bool(one == other)
        try:
            return self._digest(plain(one)) == self._digest(plain(other))
        except Opaque:
            return False

    def forget(self, widget: Widget) -> None:
        """The widget is closed."""
        self._kept.pop(widget, None)


def is_immutable(value: object) -> bool:
    """Whether a trait's value cannot change inside, so that its identity tells its content.

    The files of an upload count: they are dicts, but nobody writes to them and they may be large.
    """
    kind = type(value)
    if kind in _ATOMS or kind is float:
        return True
    if kind is tuple or kind is frozenset:
        return all(is_immutable(item) for item in value)  # type: ignore[attr-defined]
    if kind is Bunch:
        return all(isinstance(item, memoryview) or is_immutable(item) for item in value.values())  # type: ignore[attr-defined]
    return isinstance(value, memoryview) and value.readonly


def plain(value: Any) -> Any:
    """The value with its widgets named by their model and its memory in a form that can be digested without a copy."""
    kind = type(value)
    if isinstance(value, Widget):
        return "widget", id(value) if value.comm is None else value.comm.comm_id
    if kind is memoryview:
        return "memoryview", value.format, value.shape, pickle.PickleBuffer(value)
    if kind is tuple or kind is list:
        return kind(map(plain, value))
    if kind is dict or kind is Bunch:
        return kind.__name__, {name: plain(item) for name, item in value.items()}
    return value
