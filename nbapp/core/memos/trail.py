"""Cells next to each other that walks skip at once: those that nothing but the Env decides about.

A walk that skips a cell one by one asks whether its record is still the one in place, kept and intact, whether what it
read has the same versions and shares objects as before, and whether anything holds objects that it made. For the cells
of a stretch the answers cannot differ while these hold, which `Stretch.holds` and `Walk._may_leap` ask of all at once:

- The cells, how the host reads them and their records are the same ones, kept and intact.
- What they ask from above the stretch has the same versions and reaches the very same objects, if any. What they ask
  of each other is then the same too, because each leaves what its record says.
- A cell is in a stretch only if that is all: it read no widget's trait and not "everything", shares no object with the
  cells above that it did not just read, left nothing outside the namespace, did not fail and does not expire.

This file decides only what a record and the Env can tell; the walk adds what it knows of callbacks and failures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter

from nbapp.core.memos.env import Env, Left, is_global
from nbapp.core.memos.memo import Binding, Component, Memo
from nbapp.core.notebook import Cell, CellId
from nbapp.core.step import Step

_LONGEST = 64  # cells: where one changes the others of its stretch are asked one by one
_is_intact = attrgetter("intact")


@dataclass(frozen=True, slots=True)
class Passed:
    """A cell that a walk skipped: the record that it shows, and the step that it gives."""

    cell: Cell
    memo: Memo
    step: Step

    def depends_on_the_env_alone(self, env: Env) -> bool:
        """Whether nothing else decided that it was skipped. The Env is as the cell found it."""
        memo, reads = self.memo, self.memo.reads
        if self.step.state != "skipped" or not memo.is_intact() or memo.expires is not None:
            return False
        if reads.components or reads.everything or memo.links or memo.unseen or memo.executed.effects is not None:
            return False
        if not all(is_global(name) and (left is None or not left.opaque) for name, left in memo.after.items()):
            return False
        return len(memo.held) < 2 or all(
            (now := env.bindings[name]) is held or (now.reach == held.reach and not is_global(name))
            for name, held in memo.held.items()
        )


@dataclass(slots=True)
class Stretch:
    """Such cells from position `start` on. `asks` are the bindings that they read from above, None where there must be
    none; those `outside` are no globals."""

    start: int
    cells: list[Cell] = field(default_factory=list)
    ids: list[CellId] = field(default_factory=list)
    memos: list[Memo] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    asks: dict[Component, Binding | None] = field(default_factory=dict)
    outside: list[Component] = field(default_factory=list)
    left: Left = field(init=False)
    made: list[Binding] = field(default_factory=list)  # by any of its cells

    def __post_init__(self) -> None:
        self.left = Left(self.start)

    @property
    def end(self) -> int:
        """The position below its last cell."""
        return self.start + len(self.cells)

    def fits(self, passed: Passed, env: Env) -> bool:
        """Whether the cell found what those before it left and, for the rest, what they found."""
        if self.end != passed.step.index or len(self.cells) == _LONGEST:
            return False
        now = env.bindings.get
        return all(
            now(name) is (self.left.after[name] if name in self.left.after else self.asks.get(name, now(name)))
            for name in passed.memo.reads.asked()
        )

    def add(self, passed: Passed, env: Env) -> None:
        """The next cell; the Env is as the cell found it."""
        for name in passed.memo.reads.asked():
            if name not in self.left.after and name not in self.asks:
                binding = self.asks[name] = env.bindings.get(name)
                if binding is not None and not is_global(name):
                    self.outside.append(name)
        self.cells.append(passed.cell)
        self.ids.append(passed.cell.id)
        self.memos.append(passed.memo)
        self.steps.append(passed.step)
        self.left.add(passed.memo.after)
        self.made.extend(filter(None, passed.memo.after.values()))

    def holds(self, env: Env) -> bool:
        """Whether the records are intact, and all that they ask is as it was; the Env is as the first cell finds it."""
        env.want(self.outside)
        now = list(map(env.bindings.get, self.asks))
        if now != list(self.asks.values()):  # bindings are compared by identity
            if not all(map(_is_the_same, self.asks.values(), now)):
                return False
            self.asks = dict(zip(self.asks, now, strict=True))
        return all(map(_is_intact, self.made))

    def may_hold_what_is_in(self, others: list[Binding], env: Env) -> bool:
        """Whether what the cells made may be among the objects of these bindings."""
        made = [binding.objects for binding in self.made if binding.reach]
        return any(env.meetings.meet(objects, other.objects) for other in others for objects in made)


def _is_the_same(was: Binding | None, now: Binding | None) -> bool:
    """Whether no code can tell two bindings apart, and no record either: objects of which both are alive have one
    address only if they are the same."""
    if was is now:
        return True
    return was is not None and now is not None and was.version == now.version and was.reach == now.reach


@dataclass(slots=True)
class Trail:
    """The stretches of one notebook, none over another. `asks_each`: there are none, for comparison."""

    asks_each: bool = False
    _stretches: dict[int, Stretch] = field(default_factory=dict)
    _last: Stretch | None = None  # that this walk came through, while no other cell follows it

    def begin(self, count: int) -> None:
        """A walk over so many cells begins."""
        self._last = None
        for start in [start for start, stretch in self._stretches.items() if stretch.end > count]:
            del self._stretches[start]

    def at(self, position: int) -> Stretch | None:
        """The stretch that begins there."""
        return self._stretches.get(position)

    def leapt(self, stretch: Stretch) -> None:
        """The walk skipped it."""
        self._last = stretch

    def passed(self, passed: Passed, env: Env) -> None:
        """The walk skipped a cell that depends on the Env alone, which is as the cell found it."""
        if self.asks_each:
            return
        if self._last is None or not self._last.fits(passed, env):
            self._last = self._stretches[passed.step.index] = Stretch(passed.step.index)
        self._last.add(passed, env)

    def forget(self, position: int) -> None:
        """The walk goes back to this cell: it and those below are asked one by one, and those that were skipped with
        one of them. Without that new stretches would lie over old ones, and these would keep what is of no use."""
        self._last = None
        for start in [start for start, stretch in self._stretches.items() if stretch.end > position]:
            del self._stretches[start]

    def drop(self, stretch: Stretch) -> None:
        """Its cells are asked one by one."""
        del self._stretches[stretch.start]

    def clear(self) -> None:
        """Forget all."""
        self._stretches.clear()
        self._last = None
