"""Process state as one component: what differs from the baseline, to be compared and put back.

Who reads an option cannot be observed, so every cell reads the whole. A library that is first imported by a cell brings
its own state along: what its import set belongs to the baseline (see `import_hook`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from nbapp.core.memos.kinds import PROCESS
from nbapp.core.memos.memo import Binding, Component
from nbapp.kernel.common.interruptible import on_main_thread
from nbapp.kernel.environment.process.memento import Memento
from nbapp.kernel.environment.process.slots import Run, call, differing, same
from nbapp.kernel.environment.provider import Provider
from nbapp.libraries.slot import GONE, Slot, Values
from nbapp.values.digest import Digest, text_digest
from nbapp.values.types import Types

COMPONENT = PROCESS.of()
Differences = Mapping[tuple[int, str], Any]  # by the slot's position and its key
ATTRIBUTES = "the attribute"  # the name of the slot of what the author sets on libraries
_STREAMS = frozenset({"stdout", "stderr"})
_PLAIN = (str, bytes, int, float, bool, type(None))


class Process(Provider):
    """The state of this process in the slots given. `run` calls a function where cells run, `look` one that changes
    nothing, on any thread: an import may be anywhere."""

    def __init__(self, slots: tuple[Slot, ...], run: Run = call, look: Run = call) -> None:
        self._slots = slots
        self._run = run
        self._look = look
        self._baseline: dict[int, Values] = {}
        self._seen: list[tuple[object, Values] | None] = [None] * len(slots)
        self._differences: dict[int, tuple[Values, Values, Values]] = {}
        self._is_fresh = False
        self._asked: tuple[Binding, bool] | None = None
        self._untouched = self._last = Binding({}, version_of({}))
        self.read()

    def read(self) -> list[Values | None]:
        """The state of each slot now; one whose library was not there before starts its baseline."""
        now: list[Values | None] = self._look(self._all_values)
        for index, values in enumerate(now):
            if values is not None:
                self._baseline.setdefault(index, values)
        return now

    def _all_values(self) -> list[Values | None]:
        return [self._values(index, slot) if slot.is_there() else None for index, slot in enumerate(self._slots)]

    def _values(self, index: int, slot: Slot) -> Values:
        if slot.raw is None:
            return slot.get()
        raw, seen = slot.raw(), self._seen[index]
        if seen is None or not same(seen[0], raw):
            seen = self._seen[index] = raw, slot.get()
        return seen[1]

    def _changes(self, index: int, values: Values) -> Values:
        """What differs from the baseline in one slot."""
        base, known = self._baseline[index], self._differences.get(index)
        if known is None or known[0] is not base or known[1] is not values:
            known = self._differences[index] = base, values, differing(base, values)
        return known[2]

    def begin(self) -> None:
        """Code that is not watched may have changed the state."""
        self._is_fresh = False

    def baseline(self, component: Component) -> Binding:
        """Nothing differs from what it was."""
        return self._untouched

    def now(self) -> Binding:
        """What differs from the baseline; the same binding as long as it is the same."""
        found: dict[tuple[int, str], Any] = {}
        for index, values in enumerate(self.read()):
            if values is not None:
                found.update(((index, key), value) for key, value in self._changes(index, values).items())
        if not _equal(found, self._last.value):
            self._last = Binding(found, self._version(found))
        self._is_fresh = True
        return self._last

    def calls_authors(self, known: Types) -> bool:
        """Whether a library may call code of the author's that no cell names: a hook, an attribute, a stream."""
        binding = self._last
        if self._asked is None or self._asked[0] is not binding:
            found = any(self._is_authors(index, key, value, known) for (index, key), value in binding.value.items())
            self._asked = binding, found
        return self._asked[1]

    def _is_authors(self, index: int, key: str, value: Any, known: Types) -> bool:
        if self._slots[index].name == ATTRIBUTES or key in _STREAMS:
            return True
        if isinstance(value, (tuple, list)):
            return any(self._is_authors(index, key, each, known) for each in value)
        if isinstance(value, dict):
            return any(self._is_authors(index, key, each, known) for each in value.values())
        function = getattr(value, "__func__", value)
        if isinstance(function, FunctionType):
            return not known.is_outside(function.__globals__) or function.__globals__ is known.namespace
        if isinstance(value, BuiltinFunctionType):
            return not isinstance(value.__self__, (ModuleType, type(None)))  # such as the `append` of a list
        return isinstance(value, partial) or known.of_notebook(type(value))

    def put(self, component: Component, binding: Binding, placed: Mapping[Component, Binding]) -> None:
        """Make the state the baseline with these differences."""
        wanted = binding
        now = self._last if self._is_fresh else self.now()
        if now is wanted or _equal(now.value, wanted.value):
            return
        for index, slot in enumerate(self._slots):
            if index in self._baseline and slot.is_there():
                target = dict(self._baseline[index])
                for (where, key), value in wanted.value.items():
                    if where == index:
                        target.update({key: value})
                target = {key: value for key, value in target.items() if value is not GONE}
                changes = differing(self._look(slot.get), target)
                if changes:
                    self._run(slot.put, changes)
        self._last = wanted

    def imported(self, before: list[Values | None]) -> None:
        """A library was imported since `before`: what that set belongs to the baseline.

        On another thread that cannot be told from what a cell set meanwhile, such as an option that it puts back soon.
        """
        for index, values in enumerate(self.read()):
            old = before[index]
            if values is not None and old is not None and on_main_thread():
                for key, value in differing(old, values).items():
                    self._rebase(index, key, old.get(key, GONE), value)

    def _rebase(self, index: int, key: str, old: Any, value: Any) -> None:
        base = self._baseline[index]
        if same(base.get(key, GONE), old):
            self._baseline[index] = {**base, key: value}
            if value is GONE:
                del self._baseline[index][key]
        elif key == "filters":  # the author set some already; those of the library come on top
            self._baseline[index] = {**base, key: (*(each for each in value if each not in old), *base[key])}

    def words(self, before: Binding, after: Binding) -> str:
        """What differs between two states, in words."""
        for (index, key), value in {**before.value, **after.value}.items():
            if not same(before.value.get((index, key), GONE), after.value.get((index, key), GONE)):
                del value
                return f"{self._slots[index].name} {key}"
        return "process state"

    def _version(self, found: Differences) -> Digest:
        return version_of({(self._slots[index].name, key): value for (index, key), value in found.items()})


def version_of(differences: Mapping[tuple[str, str], Any]) -> Digest:
    """The version of process state with these differences from the baseline."""
    return text_digest(
        "process", *(f"{slot} {key} {_token(differences[slot, key])}" for slot, key in sorted(differences))
    )


def _token(value: Any) -> str:
    """Stands for one value: its content where it cannot change, else which object it is."""
    if isinstance(value, _PLAIN) or value is GONE:
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, (tuple, list)):
        return f"{type(value).__name__} of {len(value)}: {' '.join(map(_token, value))}"
    if isinstance(value, dict):
        return f"dict {_token(list(value.items()))}"
    if isinstance(value, Memento):
        return f"memento {_token(value.parts())}"
    if isinstance(value, re.Pattern):
        return f"pattern {value.pattern!r} {value.flags}"
    if isinstance(value, type):
        return f"class {value.__module__} {value.__qualname__} {id(value)}"
    return f"{type(value).__qualname__} at {id(value)}"


def _equal(one: Differences, other: Differences) -> bool:
    return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
