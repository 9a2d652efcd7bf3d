"""One cell is executed: what it may touch is put in place, what it did is found by comparison, and becomes a record.

This file does not know which cells are executed, or when.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from nbapp.core.change import Change, Observation, Scope
from nbapp.core.host import CALLBACKS, LOGS, Host, Kept, Reading
from nbapp.core.memos.env import BASELINE, Env, is_global
from nbapp.core.memos.kinds import CALLED
from nbapp.core.memos.memo import Binding, Executed, Memo, ReadSet
from nbapp.core.memos.objects import Union
from nbapp.core.memos.store import output_bytes
from nbapp.core.notebook import Cell
from nbapp.values.digest import Digest, text_digest
from nbapp.values.names import NOTHING, Names, module_component
from nbapp.values.survey import Survey
from nbapp.values.types import Types

_STEPS_PER_SECOND = 100_000  # of an execution: a look at a new value that takes this many takes about an eighth of it
_LOGGING = frozenset({"logging", module_component("logging")})  # bound above, or by the cell itself
_DEAR = 0.002  # seconds to compare one value from which on an author is told why
ONCE = ReadSet((), (), frozenset(), False)  # what a cell asks that runs once: nothing


@dataclass(frozen=True, slots=True)
class Done:
    """What an execution asked, the versions it got, what it changed. `late` are the components of which it saw
    something that a clean run would not have had. `compared` are the seconds it took to find that, `dear` the name of
    the value that took longest, with its seconds, and why it was looked at. `is_in_doubt`: before it ran the cell
    seemed to do nothing but read, and values were left unseen for that, but nobody can tell. `took` are the seconds
    of the execution without those in which the system gave it memory: the next one gets memory that is there."""

    executed: Executed
    asked: ReadSet
    versions: tuple[Digest, ...]
    change: Change
    late: list[str]
    compared: float
    dear: tuple[str, float, str | None]
    is_in_doubt: bool = False
    took: float = 0.0


@dataclass(slots=True)
class Execution:
    """One execution of a cell at one point of a walk. Look at `scope` first; then `run`, then `record`."""

    cell: Cell
    reading: Reading
    env: Env
    known: Types
    host: Host
    least: int  # steps that a look at a new value may take in any case
    mistrusts: bool = False  # it seemed before that the cell would only read, and then nobody could tell
    bound: Collection[str] = ()  # the names that it bound when it ran before
    scope: Scope = field(init=False)
    moved: set[str] = field(default_factory=set)  # what no cell above wrote, and what is not as they found it
    _code: Names = field(init=False)
    _alone: Scope = field(init=False)  # without what callbacks reach
    _logs: bool = False  # it may log, and what it says may be kept
    _trusted: bool = False  # to do nothing but read, and for that it may leave values unseen

    def __post_init__(self) -> None:
        self._code = self.env.follow(self.reading.names)
        names = self._code | Names(refs=self._components())
        callbacks = self.host.called_back() if CALLBACKS in names.words else Survey((), NOTHING)
        may_log = LOGS in names.words or not _LOGGING.isdisjoint(names.refs)
        logs = self.host.logged_to() if may_log else Survey((), NOTHING)
        self._logs = bool(logs.reach)
        only_reads = None if callbacks.reach or logs.reach or self.mistrusts else self._only_reads
        told = self.env.follow(logs.names)
        called, reach = self.env.follow(callbacks.names) | told, (*callbacks.reach, *logs.reach)
        self.scope = Scope.of(self.env, names, called, reach, only_reads, self.bound)
        alone = Scope.of(self.env, names, told, logs.reach, before=self.bound) if callbacks.reach else self.scope
        self._alone = alone

    def _components(self) -> frozenset[str]:
        """What the cell may read besides globals, found where no cell wrote it."""
        components = self.host.components(self.cell, self._code, self.env.bindings)
        self.env.want(components)
        for component in components:
            if self.env.source.get(component) == BASELINE and (present := self.host.present(component)) is not None:
                if self.env.version(component) != present.version:
                    self.moved.add(component)
                self.env.found(component, present)
        return components

    async def run(self, kept: Kept | None = None) -> Done:
        """Execute the cell and find what it did; `kept` is what callbacks did that stays."""
        place(self.scope, self.known, self.host)
        observation = Observation(self.scope, self.known.namespace, self.known, self.host.managed)
        system = os.times().system
        executed = await self.host.execute(self.cell, kept)
        took = max(0.0, executed.seconds - (os.times().system - system))
        if executed.error is not None:
            observation.failed()
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
        spared = self._spared(executed)
        steps = self._steps(executed) if self._leaves_all(self.scope.reads, spared) else None
        change = observation.change(self.env, origin, executed.left, spared, steps)
        compared = time.perf_counter() - began
        name, seconds = observation.dearest(change)
        is_dear = name in self.scope.bindings and seconds > _DEAR
        doubt = self.host.doubt(self.cell, self.scope.reads) if is_dear else None
        in_doubt = self._trusted and not self._leaves_all(self.scope.reads, spared)
        return Done(executed, asked, versions, change, late, compared, (name, seconds, doubt), in_doubt, took)

    def _only_reads(self, reads: Mapping[str, Binding]) -> bool:
        """Whether the cell is about to do nothing but read."""
        self._trusted = self._leaves_all(reads, self.host.only_read(self.cell, reads))
        return self._trusted

    def _leaves_all(self, reads: Mapping[str, Binding], spared: Collection[Binding]) -> bool:
        own = [binding for name, binding in reads.items() if is_global(name) and binding.reach]
        return bool(spared) and frozenset(spared).issuperset(own)

    def _steps(self, executed: Executed) -> int | None:
        """How much a look at a new value may take: little, or little beside what it takes to make the value; None for
        whatever it takes, because it may hold objects of which nobody knows."""
        if executed.reach or self.reading.handle or self.host.gives_objects(executed.components):
            return None
        return max(self.least, int(executed.seconds * _STEPS_PER_SECOND)) if self.least else 0

    def _spared(self, executed: Executed) -> frozenset[Binding]:
        """The bindings that the cell cannot have changed."""
        if _fired(executed) or self._logs:
            return frozenset()
        spared = frozenset(self.host.only_read(self.cell, self.scope.reads))
        if self._leaves_all(
            self.scope.reads, spared
        ):  # so it has changed nothing of those either that share objects with them
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
        return ReadSet(tuple(read), components, absent - {CALLBACKS, LOGS}, everything and self.scope.everything)

    def record(self, done: Done) -> Memo:
        """The record of this execution."""
        executed, after = done.executed, done.change.after
        weight = output_bytes(executed.outputs) + 200 * (len(done.asked.names) + len(after) + 2)
        weight += executed.effects.nbytes if executed.effects is not None else 0
        took = done.took + done.compared
        if self.reading.once and executed.error is None:
            return Memo(self.cell.source, ONCE, (), {}, after, {}, frozenset(), {}, executed, weight, seconds=took)
        bound = [binding for binding in after.values() if binding is not None]
        left = (binding.objects for binding in bound if binding.unseen is None)
        whole = Union.of((executed.reach, *left, *(binding.objects for binding in done.change.mutated)))
        links = self.env.sharing(whole, seen=True)  # those that it did not see it shares things with through others
        zone = Union.of(whole.common(binding.objects) for binding in links.values()).whole()
        closure = self.env.connected(links, seen=True)
        held = {name: binding for name in done.asked.names if (binding := self.env.bindings[name]).reach}
        expires = None if self.reading.ttl is None else time.monotonic() + self.reading.ttl
        asked, unseen = (done.asked, done.versions), any(binding.unseen is not None for binding in bound)
        source = self.cell.source
        return Memo(source, *asked, held, after, links, zone, closure, executed, weight, expires, unseen, took)


def _fired(executed: Executed) -> bool:
    """Whether callbacks ran in an execution."""
    return any(CALLED.owns(component) for component in executed.components)


def place(scope: Scope, known: Types, host: Host) -> None:
    """Make the namespace and everything else what a clean run would have here, for all that code may touch."""
    scope.materialise(known.namespace, host.managed)
    host.place(scope.outside(), scope.absent)
