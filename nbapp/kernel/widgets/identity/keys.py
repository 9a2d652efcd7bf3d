"""Which widget of the execution before a cell builds again: by key or description, by place in the code, by order.

When the same source runs again the place in the code tells, also in loops and branches. When the source was edited
a description tells, and the order what is left. Where there is none, one that the cell built in an earlier execution
and no longer has on the page serves as an empty vessel. This file builds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from ipywidgets import Widget

from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.identity.mounts import Spares
from nbapp.kernel.widgets.state.callers import user_frame, user_frames
from nbapp.kernel.widgets.state.effects import Built, Site
from nbapp.values.identity import IdSet


class Codes:
    """Numbers for code objects: equal code has the same number as long as it is among the last ones seen."""

    LIMIT = 256

    def __init__(self) -> None:
        self._numbers: dict[CodeType, int] = {}
        self._next = 0

    def number(self, code: CodeType) -> int:
        """The number of a code object."""
        number = self._numbers.pop(code, None)
        if number is None:
            number = self._next = self._next + 1
        self._numbers[code] = number
        if len(self._numbers) > self.LIMIT:
            del self._numbers[next(iter(self._numbers))]
        return number


class Pool:
    """What the execution before built at one level, found quickly."""

    def __init__(self, items: Iterable[Built]) -> None:
        self.by_kind: dict[tuple[str, str], list[Built]] = {}
        self.by_site: dict[tuple[tuple[str, str], Site], list[Built]] = {}
        self.codes: set[int] = set()
        self.counts: dict[tuple[tuple[str, str], Site], int] = {}
        for item in items:
            self.by_kind.setdefault(item.kind, []).append(item)
            self.by_site.setdefault((item.kind, item.site), []).append(item)
            self.codes.add(item.site[0])

    def count(self, built: Built) -> int:
        """How many of this kind were built at this place in this execution, before this one."""
        key = built.kind, built.site
        self.counts[key] = self.counts.get(key, -1) + 1
        return self.counts[key]

    def find(self, built: Built, frame: FrameType) -> Built | None:
        """What was built at this place before: by its description, else by where the code is, else by its order."""
        free = self.by_kind.get(built.kind, [])
        if built.hint:
            named = next((item for item in free if item.hint == built.hint), None)
            if named is not None:
                return named
        here = self.by_site.get((built.kind, built.site), [])
        at_place = next((item for item in here if item.nth == built.nth), None)
        if at_place is not None:
            renamed = bool(built.hint and at_place.hint) and built.hint != at_place.hint
            return at_place if at_place in free and (not renamed or len(here) == 1) else None
        if built.site[0] in self.codes:
            return None
        texts = {text for above in user_frames(frame) for text in above.f_code.co_consts if isinstance(text, str)}
        return next((item for item in free if not item.hint or not built.hint or item.hint not in texts), None)

    def take(self, item: Built) -> None:
        """It is built again."""
        self.by_kind[item.kind].remove(item)

    def give_back(self, item: Built) -> None:
        """Building it again failed."""
        self.by_kind[item.kind].append(item)

    def left_over(self) -> list[Built]:
        """What was not built again."""
        return [item for items in self.by_kind.values() for item in items]


def same_places(before: Iterable[Built], now: Iterable[Built]) -> Iterator[tuple[Widget, Widget]]:
    """Different widgets that two executions of a cell built at the same place."""
    there = {(item.kind, item.site, item.nth): item for item in before}
    for item in now:
        old = there.get((item.kind, item.site, item.nth))
        if old is not None:
            if old.widget is not item.widget:
                yield old.widget, item.widget
            yield from same_places(old.inside, item.inside)


@dataclass(slots=True)
class Making:
    """What one execution of a cell builds: `before` is what the execution before it built, `spares` tells the rest."""

    cell: CellId
    before: tuple[Built, ...]
    spares: Callable[[], Spares]
    codes: Codes
    built: list[Built] = field(default_factory=list)
    made: IdSet[Widget] = field(default_factory=IdSet)
    renewed: set[int] = field(default_factory=set)  # stand for what hung on widgets that are built again
    _numbers: dict[int, tuple[CodeType, int]] = field(default_factory=dict)
    _pools: dict[int, Pool] = field(default_factory=dict)
    _spares: Spares | None = None

    def place(
        self, cls: type, kwargs: dict[str, Any], around: Built | None, frame: FrameType
    ) -> tuple[Built, Built | None]:
        """A place for a widget that code in this frame builds, and what it was in the execution before."""
        frame = user_frame(frame)
        hint = kwargs.get("key") or kwargs.get("description") or kwargs.get("name") or ""
        built = Built(None, cls, hint if isinstance(hint, str) else "", self._site(frame), 0)
        pool = self._pools.get(id(around))
        if pool is None:
            before = self.before if around is None else () if around.before is None else around.before.inside
            pool = self._pools[id(around)] = Pool(before)
        built.nth = pool.count(built)
        old = pool.find(built, frame)
        if old is None:
            return built, self._spare(cls)
        pool.take(old)
        return built, old

    def add(self, built: Built, around: Built | None) -> None:
        """The widget was built, inside another one or not."""
        (around.inside if around is not None else self.built).append(built)
        self.made.add(built.widget)
        self._pools.pop(id(built), None)

    def failed(self, built: Built, old: Built | None, around: Built | None) -> None:
        """The widget could not be built."""
        self._pools.pop(id(built), None)
        if old is not None and old.model_id and self._spares is not None:
            self._spares.setdefault(old.cls, []).append(old)
        elif old is not None:
            self._pools[id(around)].give_back(old)

    def left_over(self) -> list[Built]:
        """What the execution before built at the top and this one did not."""
        pool = self._pools.get(id(None))
        return list(self.before) if pool is None else pool.left_over()

    def _spare(self, cls: type) -> Built | None:
        if self._spares is None:
            self._spares = self.spares()
        left = self._spares.get(cls)
        return left.pop(0) if left else None

    def _site(self, frame: FrameType) -> Site:
        """Where code is, in a form that is the same when the same source runs again."""
        code = frame.f_code
        known = self._numbers.get(id(code))
        if known is None:
            known = self._numbers[id(code)] = code, self.codes.number(code)
        return known[1], frame.f_lasti
