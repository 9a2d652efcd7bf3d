"""Which widget of the execution before a cell builds again: by description, by place in the code, by order.

When the same source runs again the place in the code tells, also in loops and branches. When the source was edited
a description tells, and the order what is left. This file builds nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from ipywidgets import Widget

from nbapp.core.notebook import CellId
from nbapp.kernel.effects import Built, Site
from nbapp.kernel.frames import user_frame, user_frames


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


@dataclass(slots=True)
class Making:
    """What one execution of a cell builds: `before` is what the execution before it built."""

    cell: CellId
    before: tuple[Built, ...]
    codes: Codes
    built: list[Built] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    numbers: dict[int, tuple[CodeType, int]] = field(default_factory=dict)
    made: set[Widget] = field(default_factory=set)

    def site(self, frame: FrameType) -> Site:
        """Where code is, in a form that is the same when the same source runs again."""
        code = frame.f_code
        known = self.numbers.get(id(code))
        if known is None:
            known = self.numbers[id(code)] = code, self.codes.number(code)
        return known[1], frame.f_lasti

    def place(
        self, cls: type, kwargs: dict[str, Any], around: Built | None, frame: FrameType
    ) -> tuple[Built, Built | None]:
        """A place for a widget that code in this frame builds, and what it was in the execution before."""
        frame = user_frame(frame)
        hint = kwargs.get("description") or kwargs.get("name") or ""
        built = Built(None, cls, hint if isinstance(hint, str) else "", self.site(frame), 0)
        now, pool = self.built, self.before
        if around is not None:
            now, pool = around.inside, tuple(around.before.inside) if around.before is not None else ()
        built.nth = sum(1 for other in now if other.site == built.site and other.kind == built.kind)
        old = _find(built, [other for other in pool if other.kind == built.kind], self.taken, frame)
        if old is not None:
            self.taken.add(id(old))
        return built, old

    def add(self, built: Built, around: Built | None) -> None:
        """The widget was built, inside another one or not."""
        (around.inside if around is not None else self.built).append(built)
        self.made.add(built.widget)

    def left_over(self) -> Iterator[Built]:
        """What the execution before built at the top and this one did not."""
        return (built for built in self.before if id(built) not in self.taken)


def _find(built: Built, pool: Collection[Built], taken: set[int], frame: FrameType | None) -> Built | None:
    """What was built at this place before: by its description, else by where the code is, else by its order."""
    free = [other for other in pool if id(other) not in taken]
    if built.hint and (named := next((other for other in free if other.hint == built.hint), None)):
        return named
    here = [other for other in pool if other.site == built.site]
    for other in here:
        if other in free and other.nth == built.nth:
            renamed = built.hint != other.hint and bool(built.hint and other.hint)
            return other if not renamed or len(here) == 1 else None
    if here or any(other.site[0] == built.site[0] for other in pool):
        return None
    texts = {text for above in user_frames(frame) for text in above.f_code.co_consts if isinstance(text, str)}
    return next((other for other in free if not other.hint or not built.hint or other.hint not in texts), None)
