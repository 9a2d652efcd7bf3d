"""Sets of objects, by id, that are as large as the data: to ask whether two of them meet, nobody makes a union.

Whether two large sets meet is remembered as long as both live: a rerun asks it of the same ones each time. Small ones
are joined first: of many, each with each would be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from nbapp.values.identity import WeakById

_LARGE = 1_000  # objects


@dataclass(slots=True)
class Meetings:
    """Which large sets have an object in common."""

    _known: WeakById[frozenset[int], WeakById[frozenset[int], bool]] = field(default_factory=WeakById)

    def meet(self, one: frozenset[int], other: frozenset[int]) -> bool:
        """Whether two sets have an object in common."""
        if one is other:
            return bool(one)
        if min(len(one), len(other)) < _LARGE:
            return not one.isdisjoint(other)
        known = self._known.setdefault(one, WeakById())
        found = known.get(other)
        if found is None:
            found = known[other] = not one.isdisjoint(other)
        return found

    def meeting(self, objects: Union) -> Callable[[frozenset[int]], bool]:
        """Whether a set has an object in common with these."""
        small = frozenset[int]().union(*(part for part in objects.parts if len(part) < _LARGE))
        large = [part for part in objects.parts if len(part) >= _LARGE]
        if not large:
            return lambda other: not small.isdisjoint(other)
        return lambda other: not small.isdisjoint(other) or any(self.meet(part, other) for part in large)


@dataclass(frozen=True, slots=True)
class Union:
    """The union of some sets, in its parts."""

    parts: tuple[frozenset[int], ...] = ()

    @classmethod
    def of(cls, parts: Iterable[frozenset[int]]) -> Union:
        """Each set once, without the empty ones."""
        return cls((*{id(part): part for part in parts if part}.values(),))

    def __bool__(self) -> bool:
        return bool(self.parts)

    def has(self, item: object) -> bool:
        """Whether this object is among them."""
        return any(id(item) in part for part in self.parts)

    def common(self, objects: frozenset[int]) -> frozenset[int]:
        """Those of these objects that it has."""
        if any(part is objects for part in self.parts):
            return objects
        return frozenset[int]().union(*(part & objects for part in self.parts))

    def whole(self) -> frozenset[int]:
        """All of it, as one set."""
        return self.parts[0] if len(self.parts) == 1 else frozenset[int]().union(*self.parts)
