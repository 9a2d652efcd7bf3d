"""Values that an execution left and that nobody has looked at: what is known of them all the same.

To digest and to follow a large new value can take longer than to make it, and often nobody asks what it is: the cells
below do not read it, and the next move makes another. So it is looked at when somebody asks, and nobody else notices,
because of two rules. Nothing may change it before: a cell that only reads it, or what it is made of, is proven not to
(`nbapp/readonly`), and before any other it is asked what it reaches. And where it came from bounds what it holds: new
objects, and older ones of what its cell read. New objects nobody else has; so what it shares with other values it
shares through those that its cell read, and who has none of these has none of its objects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbapp.core.memos.objects import Meetings, Union

if TYPE_CHECKING:
    from nbapp.core.memos.memo import Binding


@dataclass(slots=True, eq=False)
class Unseen:
    """The values that one execution left unseen; they may share new objects, so they are looked at together.

    Besides new objects they hold none but some of `bound`; `look_at` says what a value is, or where it came from when
    what it was is no longer known (`is_lost`).
    """

    bound: Union
    look_at: Callable[[Any, bool], Binding]
    bindings: list[Binding] = field(default_factory=list)
    is_lost: bool = False

    def look(self, value: Any) -> Binding:
        """What a value is."""
        return self.look_at(value, self.is_lost)

    def may_hold(self, objects: frozenset[int]) -> bool:
        """Whether they may hold one of these objects, which others have."""
        return any(not part.isdisjoint(objects) for part in self.bound.parts)

    def may_share(self, parts: tuple[frozenset[int], ...], meetings: Meetings) -> bool:
        """The same of several large sets."""
        return any(meetings.meet(part, own) for part in parts for own in self.bound.parts)

    def lost(self) -> list[Binding]:
        """They may have been changed, and nobody knows what they were."""
        self.is_lost = True
        return self.bindings
