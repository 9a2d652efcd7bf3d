"""What cells change inside libraries, as a slot: templates, unit registries, dialects, named sheets and figures.

Who looks there cannot be observed, so it is process state. Only what a cell was seen to change is looked at from then
on: before a cell runs, the containers are noted that the functions it calls may change (see `library_setters`), and
compared when it has ended. Other code of a library fills containers of its own at any time, and nobody asks it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any

from nbapp.kernel.environment.process import memento
from nbapp.kernel.environment.process.library_setters import Place, grows, keeps, places_of
from nbapp.kernel.environment.process.memento import Memento, can_hold, is_container
from nbapp.kernel.environment.process.slots import same
from nbapp.kernel.parse.attribute_writes import Sets, is_setter
from nbapp.libraries import FOLLOWED_MODULES, FOLLOWED_PACKAGES
from nbapp.libraries.slot import GONE, Slot, Values

# Of Python, what has slots or components of its own; and the machinery under the notebook.
_ELSEWHERE = FOLLOWED_PACKAGES | {
    *("__main__", "builtins", "linecache", "locale", "nbapp", "os", "random", "sys", "typing", "warnings"),
}
_MODULES_ELSEWHERE = FOLLOWED_MODULES | {"decimal"}


@dataclass(frozen=True, slots=True)
class _Held:
    """A global of a module, or a member of a class, that holds something: rebound, or changed in place."""

    owner: Any
    name: str

    def now(self) -> Any:
        """What it holds: a memento of a container, or of what hangs on a widget."""
        value = vars(self.owner).get(self.name, GONE)
        return memento.of(value) if can_hold(value) else value

    def put(self, wanted: Any) -> None:
        """Let it hold this again."""
        value = wanted.container if isinstance(wanted, Memento) else wanted
        if wanted is GONE:
            if self.name in vars(self.owner):
                delattr(self.owner, self.name)
        elif vars(self.owner).get(self.name, GONE) is not value:
            setattr(self.owner, self.name, value)
        if isinstance(wanted, Memento):
            wanted.put_back()


class Libraries:
    """The places in libraries that cells were seen to change. `is_own` tells the author's modules."""

    def __init__(self, is_own: Callable[[ModuleType], bool]) -> None:
        self._is_own = is_own
        self._expected: list[tuple[Sets, Mapping[str, Any]]] = []
        self._before: dict[Place, tuple[_Held, Any]] = {}
        self._watched: dict[str, tuple[_Held, Any]] = {}
        self.slot = Slot("what the library holds in", self._changed, self._put)

    def begin(self, sets: Sets, namespace: Mapping[str, Any]) -> None:
        """Code that sets these is about to run, in a cell of this namespace."""
        self._expected, self._before = [(sets, namespace)], {}
        if sets.called:
            self._look()

    def expect(self, sets: Sets, namespace: Mapping[str, Any]) -> None:
        """Code that sets these is about to run as part of the cell."""
        self._expected.append((sets, namespace))
        self._look_at(sets, namespace)

    def end(self) -> None:
        """The code has run so far: what it changed is watched from now on."""
        for place, (held, before) in self._before.items():
            if not same(before, held.now()):
                self._watched[".".join(place)] = held, before
        self._before = {place: known for place, known in self._before.items() if ".".join(place) not in self._watched}

    def containers(self) -> frozenset[int]:
        """By id, the containers that libraries hold in these places: a copy in the place of one would not be theirs."""
        held = (vars(held.owner).get(held.name) for held, _ in self._watched.values())
        return frozenset(id(value) for value in held if is_container(value))

    def imported(self) -> None:
        """A library was imported: what that changed was no cell's doing, and there is more to look at."""
        self._before = {place: (held, held.now()) for place, (held, _) in self._before.items()}
        self._look()

    def _look(self) -> None:
        for sets, namespace in self._expected:
            self._look_at(sets, namespace)

    def _look_at(self, sets: Sets, namespace: Mapping[str, Any]) -> None:
        imports = dict(sets.imports)
        for dotted in sets.called:
            with suppress(Exception):  # what a library holds may raise what it likes when it is looked at
                for place in self._places(dotted, namespace, imports):
                    self._note(place)

    def _note(self, place: Place) -> None:
        if place in self._before or ".".join(place) in self._watched:
            return
        where, _, kind = place[0].partition(":")
        owner: Any = sys.modules.get(where)
        for step in kind.split(".") if kind else ():
            owner = vars(owner).get(step) if owner is not None else None
        if owner is not None:
            held = _Held(owner, place[1])
            self._before[place] = held, held.now()

    # --- what a dotted name may change

    def _places(self, dotted: str, namespace: Mapping[str, Any], imports: Mapping[str, str]) -> Iterator[Place]:
        head, *steps = dotted.removesuffix("()").split(".")
        value = _loaded(imports[head]) if head in imports else namespace.get(head)
        for step in steps:
            value = _member(value, step)
        if head not in imports and not steps[: -1 if callable(value) else None] and _is_plain(value):
            return  # `d['k'] = 1` and `d.update(k=1)`: a container of the notebook's own
        for place in self._changed_by(value, dotted.rpartition(".")[2]):
            top = place[0].partition(":")[0]
            is_elsewhere = top.partition(".")[0] in _ELSEWHERE or top in _MODULES_ELSEWHERE
            if not is_elsewhere and not _is_of_loggers(place):
                yield place

    def _changed_by(self, value: Any, verb: str) -> Iterator[Place]:
        if isinstance(value, (FunctionType, type)) and self._is_of_library(value):
            is_one = isinstance(value, FunctionType) and (grows(value) or keeps(value))
            if is_one or verb.endswith("()") or is_setter(verb):
                yield from places_of(value)
        elif type(value) in (MethodType, BuiltinMethodType) and not isinstance(value.__self__, ModuleType):
            bound = value.__self__
            if isinstance(bound, type) and self._is_of_library(bound):
                yield from _members(bound)
                yield from places_of(value.__func__) if isinstance(value, MethodType) else ()
            elif is_container(bound):
                yield from self._kept(bound)
        elif is_container(value):
            yield from self._kept(value)

    def _kept(self, value: Any) -> Iterator[Place]:
        """Where a library keeps a container: one of the author's own is in none of its modules."""
        kind = type(value)
        homes = {kind.__module__} if kind.__module__ != "builtins" else set(self._modules_named())
        for name in _with_parents(homes):
            module = sys.modules.get(name)
            if module is not None and not self._is_own(module):
                yield from ((name, key) for key, held in list(vars(module).items()) if held is value)

    def _modules_named(self) -> Iterator[str]:
        """The modules that the code speaks of: a plain dict does not know where it is kept."""
        for sets, namespace in self._expected:
            imports = dict(sets.imports)
            for dotted in (*sets.called, *sets.places):
                head, *steps = dotted.removesuffix("()").split(".")
                value = _loaded(imports[head]) if head in imports else namespace.get(head)
                for step in (*steps, ""):
                    if not isinstance(value, ModuleType):
                        break
                    yield value.__name__
                    value = _member(value, step)
            yield from (dotted.rpartition(".")[0] for dotted in imports.values())

    def _is_of_library(self, value: Any) -> bool:
        module = sys.modules.get(value.__module__ or "")
        return module is not None and value.__module__ != "__main__" and not self._is_own(module)

    # --- the slot

    def _changed(self) -> Values:
        """What each place holds that is not as it was at first."""
        now = {label: held.now() for label, (held, _) in self._watched.items()}
        return {label: value for label, value in now.items() if not same(value, self._watched[label][1])}

    def _put(self, values: Values) -> None:
        for label, value in values.items():
            held, first = self._watched[label]
            held.put(first if value is GONE else value)


def _is_of_loggers(place: Place) -> bool:
    """Whether a place holds loggers or handlers, which have a slot; names of levels and a class are not among them."""
    where, name = place
    return where.startswith("logging:") or (
        where == "logging" and not isinstance(vars(sys.modules["logging"]).get(name), (dict, type))
    )


def _is_plain(value: Any) -> bool:
    """Whether a value is a container that Python itself has, or a method of one."""
    bound = value.__self__ if type(value) is BuiltinMethodType else value
    return type(bound) in (dict, list, set)


def _members(kind: type) -> Iterator[Place]:
    """What a class holds for all, and what its library's bases do: a setting, in one of its attributes."""
    for base in kind.__mro__:
        if base.__module__ == "builtins":
            continue
        for name, value in list(vars(base).items()):
            if not name.startswith("__") and not callable(value) and not hasattr(value, "__get__"):
                yield f"{base.__module__}:{base.__qualname__}", name


def _with_parents(names: set[str]) -> set[str]:
    return {name.rsplit(".", cut)[0] for name in names for cut in range(name.count(".") + 1)}


def _loaded(dotted: str) -> Any:
    """What an import statement gives, or is about to give: a module that was executed just now is not done yet."""
    module, _, name = dotted.rpartition(".")
    return sys.modules.get(dotted) or vars(sys.modules.get(module, sys)).get(name)


def _member(value: Any, name: str) -> Any:
    """What an attribute is; of a class, bound to it. Nothing is imported to find it."""
    if isinstance(value, ModuleType):
        return vars(value).get(name, sys.modules.get(f"{value.__name__}.{name}"))
    try:
        return getattr(value, name, None)
    except Exception:  # noqa: BLE001 -- it may raise what it likes: then it is nothing that code changes
        return None
