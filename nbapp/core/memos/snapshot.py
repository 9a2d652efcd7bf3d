"""Copies taken before a cell changes objects in place, so that they need not be made again for its next execution.

A copy is of a whole connected part at once, because copies of single names would break what they share. It is kept only
when it has the same content, shares inside what the original shares, and shares nothing with the original: what copies
by reference, such as a function or a view of memory, is never brought back from here.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbapp.core.memos.env import pattern
from nbapp.core.memos.memo import Binding
from nbapp.values.digest import Opaque, content
from nbapp.values.survey import survey
from nbapp.values.types import Types

Part = Mapping[str, Binding]
_BYTES_PER_SECOND = 1e9  # of a deep copy, with the digest that proves it; a cautious figure
_WORTH = 3.0  # times that making the objects again must take longer than copying them
_HOOKS = (
    *("__copy__", "__deepcopy__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__"),
    *("__getnewargs__", "__getnewargs_ex__", "__new__", "__setattr__", "__getattribute__"),
)
_QUICK = 0.005  # seconds; what is made faster is not worth the memory


@dataclass(frozen=True, slots=True)
class _Copy:
    originals: Part
    values: dict[str, Any]
    nbytes: int


@dataclass(slots=True)
class Snapshots:
    """The copies of one notebook, at most `limit` bytes of them; `eager` copies whatever it costs, for tests."""

    limit: int
    eager: bool = False
    nbytes: int = 0
    _copies: OrderedDict[frozenset[tuple[str, int]], _Copy] = field(default_factory=OrderedDict)

    def is_worth(self, part: Part, seconds: float) -> bool:
        """Whether copying a part beats executing again the cells that made it, which took so many seconds."""
        if self.eager:
            return True
        nbytes = _nbytes(part)
        if seconds < _QUICK or nbytes > self.limit or any(binding.opaque for binding in part.values()):
            return False
        return seconds > _WORTH * nbytes / _BYTES_PER_SECOND

    def take(self, part: Part, known: Types) -> bool:
        """Copy a part that is in place; whether there is a copy now."""
        key = _key(part)
        if _is_held_elsewhere(part, known):
            return False
        if key not in self._copies:
            originals = {name: binding.value for name, binding in part.items()}
            copies = _copied(originals, part, known) if _copies_as_usual(originals, known) else None
            if copies is None:
                return False
            values = {name: binding.value for name, binding in copies.items()}
            self._copies[key] = _Copy(dict(part), values, _nbytes(part))
            self.nbytes += _nbytes(part)
            self._make_room()
        return True

    def restored(self, part: Part, known: Types) -> dict[str, Binding] | None:
        """Fresh bindings of a part as it was; None when there is no copy of just this part."""
        found = self._copies.get(_key(part))
        if found is None or _is_held_elsewhere(part, known):
            return None
        self._copies.move_to_end(_key(part))
        return _copied(found.values, found.originals, known)

    def clear(self) -> None:
        """Forget every copy."""
        self._copies.clear()
        self.nbytes = 0

    def _make_room(self) -> None:
        while self.nbytes > self.limit and self._copies:
            _, gone = self._copies.popitem(last=False)
            self.nbytes -= gone.nbytes


def _is_held_elsewhere(part: Part, known: Types) -> bool:
    """Whether a library holds some of it too, in a container that cells change: it would keep the original."""
    held = known.held_by_libraries()
    return bool(held) and any(not held.isdisjoint(binding.objects) for binding in part.values())


def _key(part: Part) -> frozenset[tuple[str, int]]:
    return frozenset((name, id(binding)) for name, binding in part.items())


def _nbytes(part: Part) -> int:
    return sum(binding.nbytes for binding in set(part.values()))


def _copies_as_usual(values: dict[str, Any], known: Types) -> bool:
    """Whether copying runs no code of the author's, for none of the classes inside says how it is copied or pickled,
    and reads nothing that nobody read."""

    def look(value: Any) -> Any:
        bases = type.__dict__["__mro__"].__get__(type(value))
        if any(name in vars(base) for base in bases if known.of_notebook(base) for name in _HOOKS):
            raise Opaque(f"{type(value).__name__} says how it is copied")
        is_unread = known.adapter(type(value)).is_unread
        if is_unread is not None and is_unread(value):
            raise Opaque(f"a copy would read this {type(value).__name__}")
        return value

    try:
        for value in values.values():
            content(value, known, look)
    except Opaque:
        return False
    return True


def _copied(values: dict[str, Any], originals: Part, known: Types) -> dict[str, Binding] | None:
    """The bindings of a deep copy that nobody could tell from the original; None when there is none."""
    try:
        copies = copy.deepcopy(values)
        same = all(content(copies[name], known).digest == binding.version for name, binding in originals.items())
    except Opaque:
        return None
    except Exception:  # noqa: BLE001 -- anything may refuse to be copied; then its cells run again
        return None
    if not same:
        return None
    fresh = _bindings(copies, originals, known)
    held = frozenset[int]().union(*(survey(value, known).reach for value in values.values()))
    shares = any(not binding.objects.isdisjoint(held) for binding in fresh.values())
    return None if shares or pattern(fresh) != pattern(originals) else fresh


def _bindings(values: dict[str, Any], originals: Part, known: Types) -> dict[str, Binding]:
    made: dict[int, Binding] = {}
    found = {}
    for name, binding in originals.items():
        value = values[name]
        if id(value) not in made:
            seen = survey(value, known)
            inside = seen.inside
            made[id(value)] = Binding(value, binding.version, seen.reach, seen.names, binding.nbytes, inside=inside)
        found[name] = made[id(value)]
    return found
