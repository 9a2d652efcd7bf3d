"""Which names an execution may have looked up: those of the code that ran, and not of functions that nobody called.

A cell that says `def go(_): rows.append(k)` and `button.on_click(go)` has not read `k`. The host tells which code ran;
where it cannot, everything counts as having run. This file does not know how a host finds out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from types import CodeType

from nbapp.values.names import Names, inner_codes, own_names

Place = tuple[str, int]  # a function, class body, lambda or the like: its name, and its first line


@dataclass(frozen=True, slots=True)
class Handed:
    """A function of the cells above, by name, in the arguments of a call on these lines that registers callbacks."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Ran:
    """What is known of an execution: the places whose code ran, and the functions that were just registered."""

    places: frozenset[Place]
    registered: frozenset[Handed] = frozenset()


@dataclass(frozen=True, slots=True)
class Uses:
    """`top` is what the cell's outermost code names but for functions that it hands over, `inside` what each piece of
    code inside names."""

    top: Names
    inside: Mapping[Place, Names] = field(default_factory=dict)
    handed: tuple[Handed, ...] = ()

    @classmethod
    def of(cls, code: CodeType, evaluators: frozenset[str], handed: tuple[Handed, ...]) -> Uses:
        """What a cell uses that was compiled without the names it hands over."""
        inside: dict[Place, Names] = {}
        for inner in inner_codes(code):
            place = place_of(inner)
            inside[place] = inside.get(place, Names()) | own_names(inner, evaluators, outermost=False)
        return cls(own_names(code, evaluators, outermost=True), inside, handed)

    def in_an_execution(self, ran: Ran | None, follow: Callable[[Names], Names]) -> Names:
        """What code may have looked up; `follow` adds what functions of the cells above look up.

        A function that was registered is read, but what it names is not.
        """
        known = ran is not None and ran.places <= self.inside.keys()
        places: Collection[Place] = ran.places if ran is not None and known else self.inside.keys()
        called = reduce(or_, (self.inside[place] for place in places), self.top)
        registered = ran.registered if ran is not None else frozenset()
        given = Names(refs=frozenset(item.name for item in self.handed))
        called |= Names(refs=frozenset(item.name for item in self.handed if item not in registered))
        return follow(called) | given


def place_of(code: CodeType) -> Place:
    """Where a piece of code stands in its cell."""
    return code.co_name, code.co_firstlineno
