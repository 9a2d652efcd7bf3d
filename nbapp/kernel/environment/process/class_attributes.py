"""Attributes that the notebook sets on modules, classes and settings of libraries, as a slot: `pd.DataFrame.total = f`.

Who looks them up cannot be observed, so they are process state. Only what code of the notebook says that it sets is
looked at, and what is added to the few classes that people extend: libraries set much on their own modules at any time.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeGuard

from nbapp.kernel.environment.process.slots import same
from nbapp.kernel.environment.process.state import ATTRIBUTES
from nbapp.kernel.parse.attribute_writes import Sets
from nbapp.libraries import EXTENDED
from nbapp.libraries.slot import GONE, Slot, Values, is_imported

# These have slots of their own.
_ELSEWHERE = {"sys": {"stdout", "stderr", "path", "excepthook", "displayhook"}, "warnings": {"showwarning", "filters"}}


@dataclass(frozen=True, slots=True)
class _Attribute:
    """One attribute that the notebook may set, and what it was at first."""

    place: Any
    name: str
    first: Any

    def now(self) -> Any:
        """What it is."""
        return value_of(self.place, self.name)

    def put(self, value: Any) -> None:
        """Set it, or delete it."""
        if value is not GONE:
            setattr(self.place, self.name, value)
        elif self.now() is not GONE:
            delattr(self.place, self.name)


@dataclass(frozen=True, slots=True)
class _OnMembers:
    """One attribute of all members of an enum: the one that code sets it on may be known to nobody before it runs."""

    place: Any
    name: str
    first: Any

    def now(self) -> Any:
        """What it is on each member, in their order; the same whether none has it or it was looked at too early."""
        found = tuple(getattr(member, "__dict__", {}).get(self.name, GONE) for member in _members(self.place))
        return GONE if all(value is GONE for value in found) else found

    def put(self, value: Any) -> None:
        """Set it, or delete it, on each."""
        members = _members(self.place)
        for member, each in zip(members, [GONE] * len(members) if value is GONE else value, strict=True):
            _Attribute(member, self.name, GONE).put(each)


class _Extended:
    """A class that people extend, and what has been added to it."""

    def __init__(self, owner: type) -> None:
        self.owner = owner
        self._first = frozenset(vars(owner))
        self._signature: tuple[int, str] | None = None
        self._added: tuple[str, ...] = ()

    def added(self) -> tuple[str, ...]:
        """The names; looked for again when the class has another number of members or a newer one."""
        members = vars(self.owner)
        signature = len(members), next(reversed(members))
        if signature != self._signature:
            added = (name for name in members.keys() - self._first if not name.startswith("_"))  # caches of its own
            self._signature, self._added = signature, tuple(added)
        return self._added


class Attributes:
    """The attributes that code may set. `is_own` tells the author's modules, whose attributes are content of theirs."""

    def __init__(self, is_own: Callable[[ModuleType], bool]) -> None:
        self._is_own = is_own
        self._expected: list[tuple[Sets, Mapping[str, Any]]] = []
        self._watched: dict[str, _Attribute | _OnMembers] = {}
        self._places: dict[str, Any] = {}
        self._names: set[str] = set()  # of attributes that code sets on anything
        self._extended: dict[str, _Extended] = {}
        self.slot = Slot(ATTRIBUTES, self._changed, self._put)

    def begin(self, sets: Sets, namespace: Mapping[str, Any]) -> None:
        """Code that sets these is about to run, in a cell of this namespace."""
        self._expected.clear()
        self.expect(sets, namespace)

    def expect(self, sets: Sets, namespace: Mapping[str, Any]) -> None:
        """Code that sets these is about to run as part of the cell."""
        self._expected.append((sets, namespace))
        self._look(((sets, namespace),))

    def look(self) -> None:
        """Note the first values of what can be found by now; more can when a library has been imported."""
        self._look(self._expected)

    def _look(self, expected: Iterable[tuple[Sets, Mapping[str, Any]]]) -> None:
        self._note_extended()
        before = len(self._names), len(self._places)
        for sets, namespace in expected:
            imports = dict(sets.imports)
            for dotted in sets.attributes:
                self._expect_attribute(dotted, namespace, imports)
            for dotted in sets.places:
                place = self._found(dotted, namespace, imports, inside=False)
                if _is_plain(place):
                    self._places[_label(place)] = place
        if before != (len(self._names), len(self._places)):
            for label, place in self._places.items():
                for name in self._names:
                    self._watch(label, place, name)
                    if _is_enum(place):
                        self._watch_members(place, name)

    def _note_extended(self) -> None:
        for module, names in EXTENDED.items():
            if f"{module}.{names[0]}" not in self._extended and is_imported(module):
                for name in names:
                    owner = vars(sys.modules[module]).get(name)
                    if _is_class(owner):
                        self._extended[f"{module}.{name}"] = _Extended(owner)

    def _expect_attribute(self, dotted: str, namespace: Mapping[str, Any], imports: Mapping[str, str]) -> None:
        where, _, name = dotted.rpartition(".")
        place = self._found(where, namespace, imports, inside=True)
        if _is_member(place):
            self._watch_members(type(place), name)
        elif place is None:
            self._names.add(name)
        else:
            self._watch(_label(place) if _is_plain(place) else where, place, name)

    def _watch(self, label: str, place: Any, name: str) -> None:
        known = self._watched.get(f"{label}.{name}")
        if (known is None or known.place is not place) and name not in _ELSEWHERE.get(label, ()):
            try:
                first = value_of(place, name)
            except Exception:  # noqa: BLE001 -- a property of a library's may raise: then nothing is known of it
                return
            self._watched[f"{label}.{name}"] = _Attribute(place, name, first)

    def _watch_members(self, kind: Any, name: str) -> None:
        label = f"{_label(kind)}'s members.{name}"
        if label not in self._watched and name not in vars(kind):  # else one of its own, or a property
            self._watched[label] = _OnMembers(kind, name, _OnMembers(kind, name, GONE).now())

    # --- what a dotted name stands for

    def _found(self, dotted: str, namespace: Mapping[str, Any], imports: Mapping[str, str], *, inside: bool) -> Any:
        """A module or class of a library, or with `inside` also an object that it holds; None for anything else."""
        head, *steps = dotted.split(".")
        value = _imported(imports[head]) if head in imports else namespace.get(head)
        if not self._is_of_library(value) and not (inside and self._is_kept(value)):
            return None
        for step in steps:
            value = _member(value, step)
            if not self._is_of_library(value) and (_is_plain(value) or not inside):
                return None
        return value

    def _is_of_library(self, value: Any) -> bool:
        module = sys.modules.get(value.__module__) if _is_class(value) else value
        return _is_module(module) and module.__name__ not in ("__main__", "builtins") and not self._is_own(module)

    def _is_kept(self, value: Any) -> bool:
        """Whether it is an object that its library keeps for all: `from astropy import conf`."""
        if _is_member(value):
            return self._is_of_library(type(value))
        where = type(value).__module__
        home = sys.modules.get(where)
        if where == "builtins" or not _is_module(home) or not self._is_of_library(home) or _has_traits(value):
            return False
        parents = (sys.modules.get(where.rsplit(".", cut)[0]) for cut in range(where.count(".") + 1))
        return any(held is value for module in parents if module for held in list(vars(module).values()))

    # --- the slot

    def _changed(self) -> Values:
        """Each attribute that is not what it was at first, in a tuple."""
        found: Values = {}
        for label, attribute in self._watched.items():
            value = attribute.now()
            if value is not attribute.first and not same(value, attribute.first):
                found[label] = (value,)
        for known in self._extended.values():
            for name in known.added():
                found[f"{_label(known.owner)}.{name}"] = (vars(known.owner)[name],)
        return found

    def _put(self, values: Values) -> None:
        for label, value in values.items():
            attribute = self._watched.get(label) or self._of_extended(label)
            attribute.put(attribute.first if value is GONE else value[0])

    def _of_extended(self, label: str) -> _Attribute:
        where, _, name = label.rpartition(".")
        owner = next(known.owner for known in self._extended.values() if _label(known.owner) == where)
        return _Attribute(owner, name, GONE)


def value_of(place: Any, name: str) -> Any:
    """An attribute as it was set; of a class or module what it holds itself."""
    return vars(place).get(name, GONE) if _is_plain(place) else getattr(place, name, GONE)


def _has_traits(value: Any) -> bool:
    return any(base.__name__ == "HasTraits" for base in type(value).__mro__)


def _is_enum(value: Any) -> bool:
    """Whether a value is a class of constants, each of which is one object for all."""
    return issubclass(type(value), enum.EnumMeta)


def _is_member(value: Any) -> bool:
    return _is_enum(type(value))


def _members(kind: Any) -> list[Any]:
    """The constants of an enum, each once."""
    return list({id(member): member for member in kind.__members__.values()}.values())


def _is_class(value: Any) -> TypeGuard[type]:
    return issubclass(type(value), type)


def _is_module(value: Any) -> TypeGuard[ModuleType]:
    return issubclass(type(value), ModuleType)


def _is_plain(value: Any) -> bool:
    """Whether it is a class or a module, without properties of its own."""
    return _is_class(value) or type(value) is ModuleType


def _label(place: Any) -> str:
    return f"{place.__module__}.{place.__qualname__}" if _is_class(place) else str(place.__name__)


def _imported(dotted: str) -> Any:
    """What an import statement gives, if it is loaded."""
    if is_imported(dotted):
        return sys.modules[dotted]
    module, _, name = dotted.rpartition(".")
    return vars(sys.modules[module]).get(name) if is_imported(module) else None


def _member(value: Any, name: str) -> Any:
    """What an attribute is; nothing is imported to find it."""
    if _is_module(value):
        return vars(value).get(name, sys.modules.get(f"{value.__name__}.{name}"))
    if _is_enum(value) and name in value.__members__:
        return value.__members__[name]
    if _is_class(value):
        return next((vars(base)[name] for base in value.__mro__ if name in vars(base)), None)
    try:
        return getattr(value, name, None)
    except Exception:  # noqa: BLE001 -- it may raise what it likes: then it is nothing that code sets attributes of
        return None
