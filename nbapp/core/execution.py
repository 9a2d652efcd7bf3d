"""One cell is executed: what it may touch is put in place, what it did is found by comparison, and becomes a record.

This file does not know which cells are executed, or when.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from nbapp.core.change import Change, Observation, Scope
from nbapp.core.host import HANDS, Host, Kept, Reading
from nbapp.core.memos.env import BASELINE, Env, is_global
from nbapp.core.memos.kinds import CALLED
from nbapp.core.memos.memo import Binding, Executed, Memo, ReadSet
from nbapp.core.memos.objects import Union
from nbapp.core.memos.store import output_bytes
from nbapp.core.notebook import Cell
from nbapp.values.digest import Digest, text_digest
from nbapp.values.names import NOTHING, Names
from nbapp.values.survey import Survey
from nbapp.values.types import Types

_DEAR = 0.002  # seconds to compare one value from which on an author is told why
ONCE = ReadSet((), (), frozenset(), False)  # what a cell asks that runs once: nothing


@dataclass(frozen=True, slots=True)
class Done:
    """What an execution asked, the versions it got, what it changed. `late` are the components of which it saw
    something that a clean run would not have had. `compared` are the seconds it took to find that, `dear` the name of
    the value that took longest, with its seconds, and why it was looked at."""

    executed: Executed
    asked: ReadSet
    versions: tuple[Digest, ...]
    change: Change
    late: list[str]
    compared: float
    dear: tuple[str, float, str | None]


@dataclass(slots=True)
class Execution:
    """One execution of a cell at one point of a walk. Look at `scope` first; then `run`, then `record`."""

    cell: Cell
    reading: Reading
    env: Env
    known: Types
    host: Host
    scope: Scope = field(init=False)
    _code: Names = field(init=False)
    _alone: Scope = field(init=False)  # without what callbacks reach

    def __post_init__(self) -> None:
        self._code = self.env.follow(self.reading.names)
        names = self._code | Names(refs=self._components())
        hands = self.host.called_back() if HANDS in names.words else Survey((), NOTHING)
        self.scope = Scope.of(self.env, names, self.env.follow(hands.names), hands.reach)
        self._alone = Scope.of(self.env, names) if hands.reach else self.scope

    def _components(self) -> frozenset[str]:
        """What the cell may read besides globals, found where no cell wrote it."""
        components = self.host.components(self.cell, self._code, self.env.bindings)
        self.env.want(components)
        for component in components:
            if self.env.source.get(component) == BASELINE and (present := self.host.present(component)) is not None:
                self.env.found(component, present)
        return components

    async def run(self, kept: Kept | None = None) -> Done:
        """Execute the cell and find what it did; `kept` is what callbacks did that stays."""
        place(self.scope, self.known, self.host)
        observation = Observation(self.scope, self.known.namespace, self.known, self.host.managed)
        executed = await self.host.execute(self.cell, kept)
        if not _fired(executed):
            self.scope = observation.scope = self._alone
        if self.reading.handle:
            observation.declare_handles()
        found = {name: binding for name, binding in executed.found.items() if name not in self.scope.reads}
        late = self._found(found)
        self.scope = observation.scope = self.scope.finding(found, self.env)
        asked = self._asked(executed)
        read = (self.scope.bindings[name].version for name in asked.names)
        versions = (*read, *(executed.components[component] for component in asked.components))
        origin = text_digest(self.cell.source, *asked.names, *asked.components, *versions)
        began = time.perf_counter()
        change = observation.change(self.env, origin, executed.left, self._spared(executed))
        compared = time.perf_counter() - began
        name, seconds = observation.dearest(change)
        is_dear = name in self.scope.bindings and seconds > _DEAR
        doubt = self.host.doubt(self.cell, self.scope.reads) if is_dear else None
        return Done(executed, asked, versions, change, late, compared, (name, seconds, doubt))

    def _spared(self, executed: Executed) -> frozenset[Binding]:
        """The bindings that the cell cannot have changed."""
        if _fired(executed):
            return frozenset()
        spared = frozenset(self.host.only_read(self.cell, self.scope.reads))
        own = [binding for name, binding in self.scope.reads.items() if is_global(name) and binding.reach]
        if spared and spared.issuperset(own):  # so it has changed nothing of those either that share objects with them
            others = (
                binding for name, binding in self.scope.bindings.items() if is_global(name) and not binding.opaque
            )
            return spared.union(others)
        return spared

    def _found(self, found: Mapping[str, Binding]) -> list[str]:
        """Take in what nobody knew that the cell would read; what it saw of it that a clean run would not have had."""
        late = []
        for component, binding in found.items():
            known = self.env.bindings.get(component)
            if known is None or self.env.source[component] == BASELINE:
                self.env.found(component, binding)
            elif not known.intact or known.version != binding.version:
                late.append(component)
        return late

    def _asked(self, executed: Executed) -> ReadSet:
        """What the execution turned out to depend on."""
        fired = _fired(executed)
        uses = self.reading.uses
        code = self._code if uses is None else uses.in_an_execution(executed.ran, self.env.follow)
        everything = fired or code.everything
        components = tuple(sorted(executed.components))
        asked = code.looked_up | code.defs | executed.used
        bound = self.scope.bindings if fired else self.scope.reads  # callbacks hold objects that no code names
        read = sorted(name for name in bound if name in asked or (everything and is_global(name)))
        absent = self.scope.absent if everything else self.scope.absent & code.looked_up
        return ReadSet(tuple(read), components, absent - {HANDS}, everything and self.scope.everything)

    def record(self, done: Done) -> Memo:
        """The record of this execution."""
        executed, after = done.executed, done.change.after
        weight = output_bytes(executed.outputs) + 200 * (len(done.asked.names) + len(after) + 2)
        weight += executed.effects.nbytes if executed.effects is not None else 0
        if self.reading.once and executed.error is None:
            return Memo(self.cell.source, ONCE, (), {}, after, {}, frozenset(), {}, executed, weight)
        left = (binding.objects for binding in after.values() if binding is not None)
        whole = Union.of((executed.reach, *left, *(binding.objects for binding in done.change.mutated)))
        links = self.env.sharing(whole)
        zone = Union.of(whole.common(binding.objects) for binding in links.values()).whole()
        closure = self.env.connected(links)
        held = {name: binding for name in done.asked.names if (binding := self.env.bindings[name]).reach}
        expires = None if self.reading.ttl is None else time.monotonic() + self.reading.ttl
        return Memo(
            self.cell.source, done.asked, done.versions, held, after, links, zone, closure, executed, weight, expires
        )


def _fired(executed: Executed) -> bool:
    """Whether callbacks ran in an execution."""
    return any(CALLED.owns(component) for component in executed.components)


def place(scope: Scope, known: Types, host: Host) -> None:
    """Make the namespace and everything else what a clean run would have here, for all that code may touch."""
    scope.materialise(known.namespace, host.managed)
    host.place(scope.outside(), scope.absent)
