"""The walk: bring every cell up to date, top-down, executing only what a clean run would have done differently.

Theory of operation. An `Env` holds, for each global, the version and the object that Restart and Run All would have
at this point. For each cell we look for a `Run` (the record of an earlier execution) whose reads all have the same
versions now. If there is one, the cell is skipped: the Env advances by what that run left, and nothing in memory is
touched. Otherwise the namespace is made equal to the Env for everything the cell can reach, the cell is executed by
the host, and what it changed is found by digests before and after.

An equal version is not the same object. A run whose results hold or changed objects of earlier cells keeps *links*
to them. It applies when the links lead to the very same bindings, or when everything connected to them is isomorphic
(same names, versions and sharing): then the whole connected part is replaced by the run's own objects at once.

A cell that needs an object which a later cell has since changed in place cannot have it back. The runs that made it
are discarded and the walk goes back to the first of them, which executes again. Every way back discards a run, so
the walk ends; a walk that goes back too often executes everything once, which is the clean run itself.

To cancel, stop iterating: between two steps the records agree with what was executed. This file knows no host.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from nbapp.core.change import Change, Observation, Scope, bind, is_as_bound
from nbapp.core.digest import Digest
from nbapp.core.env import BASELINE, Env, is_global
from nbapp.core.execution import ONCE, Execution, place
from nbapp.core.host import Host, Reading
from nbapp.core.match import applicable
from nbapp.core.names import Names
from nbapp.core.notebook import Cell, Notebook
from nbapp.core.overlay import TOP, Overlay
from nbapp.core.reasons import Cause, because, chain, remade, untouched
from nbapp.core.run import Binding, Run
from nbapp.core.step import Step
from nbapp.core.store import Store
from nbapp.core.types import Types


class _GoBack(Exception):
    def __init__(self, names: list[str]) -> None:
        self.names = names


@dataclass(slots=True)
class Rerun:
    """One walk over a notebook. Iterate `steps()`; then `complete()` puts every object in place."""

    notebook: Notebook
    store: Store
    overlay: Overlay
    known: Types
    host: Host
    patience: int = 3  # ways back for each cell before everything is executed
    env: Env = field(init=False)
    _used: dict[int, Run] = field(default_factory=dict)
    _why: dict[int, str] = field(default_factory=dict)
    _causes: dict[int, Cause] = field(default_factory=dict)
    _remade: set[int] = field(default_factory=set)
    _position: int = 0
    _ways_back: int = 0
    _clean: bool = False
    _borrowed: bool = False

    def __post_init__(self) -> None:
        self.env = Env(self.host.baseline)

    async def steps(self) -> AsyncIterator[Step]:
        """Bring the cells up to date. A cell that was made again gives a second step."""
        alive = frozenset(cell.id for cell in self.notebook)
        self.store.forget_places(alive)
        for cell in self.notebook:
            self.store.adopt(cell, alive)
        self._apply_overlay(BASELINE)
        async for step in self._walk():
            yield step

    async def complete(self) -> AsyncIterator[Step]:
        """Make the namespace exactly what the walk says: before any code outside a walk runs."""
        everything = Names(everything=True)
        while True:
            scope = Scope.of(self.env, everything)
            broken = scope.broken()
            if not broken or self._clean:
                place(scope, self.known, self.host)
                return
            self._position = self._go_back(broken)
            async for step in self._walk():
                yield step

    async def _walk(self) -> AsyncIterator[Step]:
        while self._position < len(self.notebook):
            try:
                step = await self._bring(self._position)
            except _GoBack as back:
                self._position = self._go_back(back.names)
                continue
            self._position += 1
            yield step
            if step.state == "failed":
                for index in range(self._position, len(self.notebook)):
                    yield self._not_run(index, step.index)
                self._position = len(self.notebook)

    async def _bring(self, index: int) -> Step:
        cell = self.notebook[index]
        self.env.mark(index)
        reading = self.host.read(cell)
        if reading.always is None and not self._clean:
            found = applicable(cell, self.env, self.store, self.host.version, self._held, borrowed=self._borrowed)
            if found is not None and found[0].question == ONCE and not reading.once:
                self.store.discard(found[0])  # its tag was taken away
            elif found is not None and found[0].has_expired(time.monotonic()):
                self.store.discard(found[0])
                self._why[index] = f"its result was older than {reading.ttl:g} s"
            elif found is not None:
                return self._skip(index, reading, *found)
        return await self._execute(index, reading)

    # --- skipping

    def _skip(self, index: int, reading: Reading, run: Run, after: Mapping[str, Binding | None]) -> Step:
        cell = self.notebook[index]
        before = self.store.in_place(cell.id)
        why = untouched(reading) if before is run else f"brought back: {self._because(index, before, run.versions())}"
        self._borrowed = self._borrowed or after is not run.after
        for name, binding in after.items():
            self.env.bind(name, binding, index, makes=name in run.after)
        self.store.put_in_place(cell, run)
        self._used[index] = run
        self.host.restore(cell, run.executed.effects)
        if index not in self._remade and not run.repeats(before):
            self.overlay.drop(cell.id)  # to bring an earlier result back is to execute, as far as a clean run can tell
        self._apply_overlay(index)
        executed = run.executed
        return Step(index, cell, "skipped" if before is run else "restored", why, executed.seconds, executed.outputs)

    # --- executing

    async def _execute(self, index: int, reading: Reading) -> Step:
        cell = self.notebook[index]
        execution = Execution(cell, reading, self.env, self.known, self.host)
        if (broken := execution.scope.broken()) and not self._clean:
            if not self._bring_back(broken):
                raise _GoBack(broken)
            execution = Execution(cell, reading, self.env, self.known, self.host)
        self.overlay.protect(execution.scope.bindings.values())
        self._take_snapshot(cell, reading)
        before = self.store.in_place(cell.id)
        why = self._reason(index, cell, reading, execution.scope)
        try:
            done = await execution.run()
        except BaseException:
            self._lost_sight(execution.scope)
            raise
        self._changed_in_place(done.change, execution.scope, done.executed.renewed)
        changed = frozenset(name for name, old in execution.scope.bindings.items() if old in done.change.mutated)
        self.store.saw_changes(cell, changed)
        if done.late and not self._clean:
            raise _GoBack(done.late)
        executed = done.executed
        step = Step(index, cell, "ran", why, executed.seconds, executed.outputs)
        if executed.error is not None:
            step = Step(index, cell, "failed", why, executed.seconds, executed.outputs, executed.error)
        else:
            self._used[index] = execution.record(done)
            self.store.add(cell, self._used[index])
        for name, binding in done.change.after.items():
            self.env.bind(name, binding, index)
        repeats = executed.error is None and reading.always is None and self._used[index].repeats(before)
        if index not in self._remade and not repeats:
            self.overlay.drop(cell.id)
        self._apply_overlay(index)
        return step

    def _take_snapshot(self, cell: Cell, reading: Reading) -> None:
        """Copy what the cell is about to change in place, where that is cheaper than to make it again."""
        part = self.env.connected(reading.changes | self.store.changes(cell))
        sources = {self.env.source[name] for name in part}
        seconds = sum(self._used[source].executed.seconds for source in sources if source in self._used)
        if part and all(map(is_global, part)) and self.store.snapshots.is_worth(part, seconds):
            self.store.snapshots.take(part, self.known)

    def _bring_back(self, broken: list[str]) -> bool:
        """Put copies in the place of objects that were changed since; whether there were any."""
        part = self.env.connected(broken)
        if any(not self._held().isdisjoint(binding.objects) for binding in part.values()):
            return False
        fresh = self.store.snapshots.restored(part, self.known)
        for name, binding in (fresh or {}).items():
            self.env.bind(name, binding, self.env.source[name], makes=False)
        self._borrowed = self._borrowed or fresh is not None
        return fresh is not None

    def _held(self) -> frozenset[int]:
        """The objects that callbacks of the cells above hold: a copy in the place of one would not be theirs."""
        return frozenset[int]().union(*(run.executed.reach for at, run in self._used.items() if at < self._position))

    def _changed_in_place(self, change: Change, scope: Scope, renewed: frozenset[int] = frozenset()) -> None:
        if touched := change.touched | renewed:
            kept = change.same.union(change.mutated.values(), filter(None, change.after.values()))
            self.store.changed_in_place(touched, kept)
            self.overlay.changed_in_place(touched, kept)
        for binding in change.mutated:
            binding.intact = False
        for binding in self.store.holding(scope.unnamed()):
            binding.intact = is_as_bound(binding, self.known)

    def _lost_sight(self, scope: Scope) -> None:
        """The execution was cut off: whatever it could reach may have changed."""
        objects = frozenset[int]().union(*(binding.objects for binding in scope.bindings.values()))
        self.store.changed_in_place(objects, ())
        self.overlay.changed_in_place(objects, ())

    def _reason(self, index: int, cell: Cell, reading: Reading, scope: Scope) -> str:
        if index in self._why:
            return self._why.pop(index)
        if reading.always is not None:
            return reading.always
        if reading.note is not None:
            return reading.note
        versions = {name: binding.version for name, binding in scope.reads.items()}
        return self._because(index, self.store.in_place(cell.id), versions)

    def _because(self, index: int, before: Run | None, versions: Mapping[str, Digest]) -> str:
        cause = because(before, self.notebook[index].source, versions, self.env, self.host.version, self.host.tell)
        words = chain(cause, self._causes)
        self._causes[index] = cause
        return words

    def _not_run(self, index: int, failed: int) -> Step:
        run = self.store.in_place(self.notebook[index].id)
        outputs = run.executed.outputs if run else ()
        return Step(index, self.notebook[index], "not run", f"below cell {failed + 1}, which failed", 0.0, outputs)

    # --- going back

    def _go_back(self, broken: list[str]) -> int:
        """Discard the runs whose objects were changed since, and the index to go on from."""
        self._ways_back += 1
        if self._ways_back > self.patience * (len(self.notebook) + 1):
            return self._start_clean()
        back = len(self.notebook)
        for name in broken:
            source = self.env.source[name]
            owner = self.overlay.owner(self.env.bindings[name])
            if owner is not None:
                self.overlay.rebuild(owner, lambda value: bind(value, self.known, self.overlay.provenance()))
            elif source in self._used:
                self.store.discard(self._used.pop(source))
                self._remade.add(source)
                self._why[source] = remade(name, self.env.bindings[name].nbytes)
            back = min(back, source)
        if back == BASELINE:
            return self._start_over()
        self.env.go_back(back)
        self.host.go_back(self.notebook[back])
        return back

    def _start_over(self) -> int:
        self.env = Env(self.host.baseline)
        if self.notebook:
            self.host.go_back(self.notebook[0])
        self._apply_overlay(BASELINE)
        return 0

    def _start_clean(self) -> int:
        self.store.clear()
        self._clean = True
        self._why = dict.fromkeys(range(len(self.notebook)), "everything is made again: objects are changed in circles")
        return self._start_over()

    # --- callbacks

    def _apply_overlay(self, index: int) -> None:
        if not self.overlay:
            return
        owner = TOP if index == BASELINE else self.notebook[index].id
        for name, binding in self.overlay.of(owner).items():
            self.env.bind(name, binding, index)
            self._borrowed = True

    def before_callbacks(self) -> Observation:
        """Watch the namespace while callbacks run. Everything must be in place (`complete`)."""
        hands = self.host.called_back()
        scope = Scope.of(self.env, self.env.follow(hands.names), reach=hands.reach)
        self.host.begin_callbacks(self.env.bindings)
        return Observation(scope, self.known.namespace, self.known, self.host.managed)

    def after_callbacks(self, observation: Observation) -> frozenset[str]:
        """Keep what the callbacks wrote as input to the next walk; the names they changed."""
        change = observation.change(self.env, self.overlay.provenance(), self.host.end_callbacks())
        self._changed_in_place(change, observation.scope)
        for name, binding in change.after.items():
            maker = self.env.maker.get(name, BASELINE)
            self.overlay.write(TOP if maker == BASELINE else self.notebook[maker].id, name, binding)
            self.env.bind(name, binding, self.env.source.get(name, BASELINE))
        return frozenset(change.after)
