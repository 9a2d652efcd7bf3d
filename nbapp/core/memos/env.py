"""The bindings a clean run would have at one point of the walk, and the way back to any earlier point.

A key is a component: the name of a global, or a kind and a colon before it, such as `file:` and a path, for what a
host watches besides globals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from nbapp.core.memos.memo import UNBOUND, Binding
from nbapp.core.memos.objects import Meetings, Union
from nbapp.values.digest import Digest
from nbapp.values.names import Names

_ESCAPE = "\x1b"
_Undo = tuple[str, "Binding | None", int, int]  # a name, and the binding, source and maker that it had
BASELINE = -1  # the source of bindings that no cell of this walk made


def is_global(component: str) -> bool:
    """Whether a component is a global name."""
    return ":" not in component


def component_of(name: str) -> str:
    """The component of a global name. Code may give one any text as its name, also one with a colon: that is written
    in another way, and no two names alike."""
    if ":" in name or _ESCAPE in name:
        return name.replace(_ESCAPE, f"{_ESCAPE}e").replace(":", f"{_ESCAPE}c")
    return name


def name_of(component: str) -> str:
    """The global name of a component."""
    return component.replace(f"{_ESCAPE}c", ":").replace(f"{_ESCAPE}e", _ESCAPE)


def _nothing(component: str) -> Binding | None:
    return None


@dataclass(slots=True)
class Left:
    """What cells from position `start` on leave, one after the other, and how to undo it: the undo log of an Env that
    binds none of the names above; `first` is where a name comes first in it. None of the values is without a digest or
    unseen, so that every cell is the maker of what it binds."""

    start: int
    after: dict[str, Binding | None] = field(default_factory=dict)
    bound: dict[str, Binding] = field(default_factory=dict)
    source: dict[str, int] = field(default_factory=dict)
    undo: list[_Undo] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)
    offsets: list[int] = field(default_factory=list)

    def add(self, after: Mapping[str, Binding | None]) -> None:
        """The next cell leaves this."""
        index = self.start + len(self.offsets)
        self.offsets.append(len(self.undo))
        for name, binding in after.items():
            self.first.setdefault(name, len(self.undo))
            before, source = self.bound.get(name), self.source.get(name, BASELINE)
            self.undo.append((name, before, source, source))
            self.after[name] = binding
            if binding is None:
                self.bound.pop(name, None)
                self.source.pop(name, None)
            else:
                self.bound[name], self.source[name] = binding, index


@dataclass(slots=True)
class Env:
    """Component -> binding. `baseline` tells what a component is that no cell wrote.

    `source` tells which cell, by position, put the binding there; `maker` which one bound or really changed the value:
    to use a value without a digest gives it a new version, but does not make it.
    """

    baseline: Callable[[str], Binding | None] = _nothing
    meetings: Meetings = field(default_factory=Meetings)
    bindings: dict[str, Binding] = field(default_factory=dict)
    source: dict[str, int] = field(default_factory=dict)
    maker: dict[str, int] = field(default_factory=dict)
    _shared: dict[str, Binding] = field(default_factory=dict)
    _undo: list[_Undo] = field(default_factory=list)
    _marks: list[int] = field(default_factory=list)

    def mark(self, index: int) -> None:
        """Remember this point as the one before cell `index`."""
        del self._marks[index:]
        self._marks.append(len(self._undo))

    def go_back(self, index: int) -> None:
        """Undo every binding made by cell `index` and those below it."""
        while len(self._undo) > self._marks[index]:
            self._set(*self._undo.pop())

    def bind(self, name: str, binding: Binding | None, source: int, *, makes: bool = True) -> None:
        """Bind a name, or unbind it with None; `makes` is False when an equal value takes the place of another."""
        before = self.bindings.get(name)
        if before is None:
            self._undo.append((name, None, BASELINE, BASELINE))
            self._set(name, binding, source, source if makes else BASELINE)
            return
        maker = self.maker[name]
        self._undo.append((name, before, self.source[name], maker))
        was_used = binding is not None and binding.value is before.value and binding.opaque
        self._set(name, binding, source, maker if was_used or not makes else source)

    def leap(self, left: Left) -> None:
        """What `mark` and `bind` would do for these cells, one after the other."""
        undo = left.undo
        if above := self.bindings.keys() & left.after.keys():
            undo = undo.copy()
            for name in above:
                undo[left.first[name]] = name, self.bindings[name], self.source[name], self.maker[name]
        end = len(self._undo)
        self._marks[left.start :] = [end + offset for offset in left.offsets]
        self._undo += undo
        self.bindings.update(left.bound)
        self.source.update(left.source)
        self.maker.update(left.source)
        for name, binding in left.after.items():
            if binding is None:
                self._set(name, None, BASELINE, BASELINE)
            elif binding.reach:
                self._shared[name] = binding
            else:
                self._shared.pop(name, None)

    def found(self, component: str, binding: Binding) -> None:
        """What a component is that no cell wrote; there is no way back before it."""
        self._set(component, binding, BASELINE, BASELINE)

    def want(self, components: Iterable[str]) -> None:
        """Find out what these components are, where no cell wrote them."""
        for component in components:
            if component not in self.bindings and not is_global(component):
                binding = self.baseline(component)
                if binding is not None:
                    self.found(component, binding)

    def _set(self, name: str, binding: Binding | None, source: int, maker: int) -> None:
        if binding is None:
            self.bindings.pop(name, None)
            self.source.pop(name, None)
            self.maker.pop(name, None)
            self._shared.pop(name, None)
            return
        self.bindings[name] = binding
        self.source[name] = source
        self.maker[name] = maker
        if binding.unseen is not None or binding.reach:
            self._shared[name] = binding
        else:
            self._shared.pop(name, None)

    def version(self, name: str) -> Digest:
        """The version of a name; being unbound is a version too."""
        binding = self.bindings.get(name)
        return UNBOUND if binding is None else binding.version

    def made_by_cells(self) -> set[str]:
        """The components that cells, or callbacks after them, gave their value."""
        return {name for name, maker in self.maker.items() if maker != BASELINE}

    def has_unseen(self) -> bool:
        """Whether there is a value that nobody has looked at."""
        return any(binding.unseen is not None for binding in self._shared.values())

    def lose_unseen(self, objects: Union) -> None:
        """Code had these objects, and may have changed what nobody had looked at."""
        for binding in self._shared.values():
            if binding.unseen is not None and binding.unseen.may_share(objects.parts, self.meetings):
                binding.lose()

    def sharing(self, objects: frozenset[int] | Union, *, seen: bool = False) -> dict[str, Binding]:
        """The bindings that reach any of these objects; `seen`: without those that nobody has looked at."""
        if not objects:
            return {}
        reached = objects if isinstance(objects, Union) else Union((objects,))
        meets = self.meetings.meeting(reached)
        return {
            name: binding
            for name, binding in self._shared.items()
            if (binding.unseen is None or (not seen and binding.unseen.may_share(reached.parts, self.meetings)))
            and meets(binding.objects)
        }

    def connected(self, names: Iterable[str], *, seen: bool = False) -> dict[str, Binding]:
        """The bindings of these names and all that are linked to them, directly or through others; `seen`: as above."""
        found = {name: self._shared[name] for name in names if name in self._shared}
        frontier = Union.of(binding.objects for binding in found.values())
        while frontier:
            shared = self.sharing(frontier, seen=seen)
            new = {name: binding for name, binding in shared.items() if name not in found}
            found.update(new)
            frontier = Union.of(binding.objects for binding in new.values())
        return found

    def follow(self, names: Names) -> Names:
        """Everything that code with these names may look up, through the functions it can call."""
        found = names
        todo = set(names.looked_up)
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            seen.add(name)
            binding = self.bindings.get(name)
            if binding is not None:
                found = found | binding.names
                todo |= (binding.names.looked_up | binding.names.defs) - seen
        return found


def pattern(bindings: Mapping[str, Binding]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """How bindings share objects, whatever the objects' addresses: two equal patterns with equal versions are
    isomorphic, because equal contents are walked in the same order."""
    numbers: dict[int, int] = {}
    return tuple(
        (name, tuple(numbers.setdefault(item, len(numbers)) for item in bindings[name].reach))
        for name in sorted(bindings)
    )
