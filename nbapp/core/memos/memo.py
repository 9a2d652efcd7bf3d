"""What one execution of a cell found, left and showed: enough to prove that the next one may be skipped."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbapp.core.memos.unseen import Unseen
from nbapp.core.notebook import CellError, Output
from nbapp.values.digest import Digest
from nbapp.values.names import Names
from nbapp.values.survey import Inside
from nbapp.values.uses import Ran

Component = str
UNBOUND = Digest("unbound")


@dataclass(slots=True, eq=False)
class Binding:
    """A value as it was when a cell had run: the live object, its version, and what it reaches.

    `intact` turns False when a later cell changed the object in place: the version still holds for the walk, but
    the object must be made again before code may see it. `plain` are the parts of a function without state of its own.
    Nobody has looked at the value of one that is `unseen`: the first question for anything but its value and its size
    is answered by a look. Compared by identity.
    """

    value: Any
    version: Digest
    reach: tuple[int, ...] = ()
    names: Names = field(default_factory=Names)
    nbytes: int = 0
    opaque: bool = False
    intact: bool = True
    plain: tuple[object, ...] | None = None
    inside: Inside = Inside()  # noqa: RUF009 -- it never changes
    objects: frozenset[int] = field(init=False)
    unseen: Unseen | None = None

    def __post_init__(self) -> None:
        self.objects = frozenset(self.reach)

    @classmethod
    def not_seen(cls, value: Any, nbytes: int, unseen: Unseen) -> Binding:
        """A binding for a value that nobody has looked at."""
        made = cls.__new__(cls)
        made.value, made.nbytes, made.intact, made.plain, made.unseen = value, nbytes, True, None, unseen
        unseen.bindings.append(made)
        return made

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What is not there yet: look at the value, and at those that were made with it."""
            unseen = self.unseen
            if unseen is None or name not in _SEEN:
                raise AttributeError(name)
            for each in unseen.bindings:
                seen = unseen.look(each.value)
                for attribute in _SEEN:
                    setattr(each, attribute, getattr(seen, attribute))
                each.unseen = None
            return getattr(self, name)

    def may_hold(self, objects: frozenset[int]) -> bool:
        """Whether it reaches one of these objects, which are older than it; in doubt, when it is unseen."""
        if self.unseen is not None:
            return self.unseen.may_hold(objects)
        return not self.objects.isdisjoint(objects)

    def lose(self) -> None:
        """Its object was changed in place: it must be made again. What it was is not known if nobody had looked."""
        for each in self.unseen.lost() if self.unseen is not None else (self,):
            each.intact = False


_SEEN = ("version", "reach", "names", "opaque", "inside", "objects")  # what a look at a value tells


@dataclass(frozen=True, slots=True)
class HostEffects:
    """What an execution left outside the namespace, in `nbytes` of memory; only the host knows how to bring it back."""

    what: Any
    nbytes: int = 0


@dataclass(frozen=True, slots=True)
class Executed:
    """What the host saw while it executed a cell.

    `components` are the versions of everything but globals that the cell read, each at its first read.
    `effects` is what the host must bring back when the cell is skipped; None when there is nothing. `reach` are the
    objects that the effects hold, such as a callback's. `used` are the components in the Env, other than globals, that
    the cell really read; `found` those that nobody knew it would touch, as they were before; `left` are those that it
    bound, None for those it took away; the core gives a version to those without a digest. `renewed` are objects that
    it made what they were at first, without having them: what hung on a widget that it built again. `ran` tells
    which of the cell's code ran, where that is known.
    """

    outputs: tuple[Output, ...] = ()
    error: CellError | None = None
    seconds: float = 0.0
    components: Mapping[Component, Digest] = field(default_factory=dict)
    effects: HostEffects | None = None
    reach: frozenset[int] = frozenset()
    used: frozenset[Component] = frozenset()
    found: Mapping[Component, Binding] = field(default_factory=dict)
    left: Mapping[Component, Binding | None] = field(default_factory=dict)
    renewed: frozenset[int] = frozenset()
    ran: Ran | None = None


@dataclass(frozen=True, slots=True)
class ReadSet:
    """What must be known to decide whether a memo applies: names, whether more of them exist, and components."""

    names: tuple[str, ...]
    components: tuple[Component, ...]
    absent: frozenset[str]
    everything: bool

    def asked(self) -> tuple[str, ...]:
        """What it asked of the Env: what it found there, and what not."""
        return (*self.names, *self.absent)


@dataclass(frozen=True, slots=True, eq=False)
class Memo:
    """The record of one finished execution of a cell.

    `held` are the mutable values it read: code can tell which of them are the same object. `links` are the bindings
    of earlier cells that share objects with what the cell left or changed, `zone` the shared objects, `closure` all
    bindings connected to them, as they were before it. `after` is what it bound, changed or deleted (None). `unseen`:
    nobody looked at what it left, whose older objects can only be those that it read; so it applies to these very ones.
    `seconds` is what it took to execute the cell and to find what that did.
    """

    source: str
    reads: ReadSet
    versions: tuple[Digest, ...]
    held: Mapping[str, Binding]
    after: Mapping[str, Binding | None]
    links: Mapping[str, Binding]
    zone: frozenset[int]
    closure: Mapping[str, Binding]
    executed: Executed
    nbytes: int = 0
    expires: float | None = None
    unseen: bool = False
    seconds: float = 0.0

    def has_expired(self, now: float) -> bool:
        """Whether the author wants it made again by now, in seconds of the monotonic clock."""
        return self.expires is not None and now >= self.expires

    def rests_on(self) -> Collection[str]:
        """The names whose objects it may hold."""
        return self.held.keys() | self.links.keys() if self.unseen else self.links.keys()

    def is_intact(self) -> bool:
        """Whether every object that the cell left is still as it left it."""
        for binding in self.after.values():  # noqa: SIM110 -- each walk asks this of every cell, and `all` takes twice as long
            if binding is not None and not binding.intact:
                return False
        return True

    def repeats(self, other: Memo | None) -> bool:
        """Whether the other memo is of the same source on the same versions."""
        return self is other or (
            other is not None
            and (self.source, self.reads, self.versions)
            == (
                other.source,
                other.reads,
                other.versions,
            )
        )

    def by_name(self) -> dict[str, Digest]:
        """The versions that were read, by name or component."""
        return dict(zip((*self.reads.names, *self.reads.components), self.versions, strict=True))
