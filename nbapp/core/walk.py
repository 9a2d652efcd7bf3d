"""The walk: bring every cell up to date, top-down, executing only what a clean run would have done differently.

Theory of operation. An `Env` holds, for each global, the version and the object that Restart and Run All would have
at this point. For each cell we look for a `Memo` (the record of an earlier execution) whose reads all have the same
versions now. If there is one, the cell is skipped: the Env advances by what that memo says, the host gives the
cell's widgets what they had after it, and nothing is executed. Otherwise the namespace is made equal to the Env for
everything the cell can reach, the cell is executed by the host, and what it changed is found by digests before and
after.

An equal version is not the same object. A memo whose results hold or changed objects of earlier cells keeps *links*
to them. It applies when the links lead to the very same bindings, or when everything connected to them is isomorphic
(same names, versions and sharing): then the whole connected part is replaced by the memo's own objects at once.

A cell that needs an object which a later cell has since changed in place cannot have it back. The memos that made it
are discarded and the walk goes back to the first of them, which executes again. Every way back discards a memo, so
the walk ends; a walk that goes back too often executes everything once, which is the clean run itself.

To cancel, stop iterating: between two steps the records agree with what was executed. This file knows no host.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from nbapp.core.change import Change, Observation, Scope, is_as_bound
from nbapp.core.echo import Echo
from nbapp.core.execution import ONCE, Done, Execution, place
from nbapp.core.failures import Failures
from nbapp.core.host import Host, Kept, Reading
from nbapp.core.match import Found, applicable
from nbapp.core.memos.env import BASELINE, Env, is_global
from nbapp.core.memos.memo import Binding, Memo
from nbapp.core.memos.store import Store
from nbapp.core.memos.trail import Passed, Stretch
from nbapp.core.notebook import Cell, Notebook
from nbapp.core.overlay import Overlay
from nbapp.core.reasons import FAILED, RETAGGED, Cause, because, chain, remade, untouched
from nbapp.core.step import Costs, State, Step
from nbapp.values.digest import Digest
from nbapp.values.types import Types


class _GoBack(Exception):
    def __init__(self, names: list[str]) -> None:
        self.names = names


@dataclass(slots=True)
class Walk:
    """One walk over a notebook. Iterate `steps()`; then `complete()` puts every object in place."""

    notebook: Notebook
    store: Store
    overlay: Overlay
    known: Types
    host: Host
    only_callbacks: bool = False  # nothing but callbacks asks for this walk
    failures: Failures = field(default_factory=Failures)
    patience: int = 3  # ways back for each cell before everything is executed
    env: Env = field(init=False)
    memos: dict[int, Memo] = field(default_factory=dict)
    _why: dict[int, str] = field(default_factory=dict)
    _causes: dict[int, Cause] = field(default_factory=dict)
    _remade: set[int] = field(default_factory=set)
    _echo: Echo = field(init=False)
    _position: int = 0
    _ways_back: int = 0
    _clean: bool = False
    _borrowed: set[str] = field(default_factory=set)  # names with objects of another line of execution

    def __post_init__(self) -> None:
        self.env = Env(self.host.baseline, self.store.meetings)
        self._echo = Echo(self.notebook, self.overlay, self.host, self.only_callbacks, self.known)

    async def steps(self) -> AsyncIterator[Sequence[Step]]:
        """Bring the cells up to date: the step of one, or those of some that were skipped at once. A cell that was made
        again gives a second step."""
        alive = self.store.begin(self.notebook)
        self.overlay.begin(alive)
        self._lost_sight(self.store.opened.leave(alive, self.env))
        self._apply_overlay(BASELINE)
        async for steps in self._walk():
            yield steps

    async def complete(self) -> AsyncIterator[Sequence[Step]]:
        """Make the namespace exactly what the walk says: before any code outside a walk runs."""
        while True:
            scope = Scope.whole(self.env)
            broken = scope.broken()
            if not broken or self._clean:
                place(scope, self.known, self.host)
                return
            self._position = self._go_back(broken)
            async for steps in self._walk():
                yield steps

    async def _walk(self) -> AsyncIterator[Sequence[Step]]:
        while self._position < min(len(self.notebook), self.failures.end):
            if steps := self._leap():
                yield steps
                continue
            try:
                step = await self._bring(self._position)
            except _GoBack as back:
                self._position = self._go_back(back.names)
                continue
            self.failures.saw(step, self.notebook)
            self._position += 1
            yield (step,)

    async def _bring(self, index: int) -> Step:
        cell = self.notebook[index]
        self.env.mark(index)
        shown = self.store.in_place(cell.id)
        if (below := self.failures.below(index, cell, shown)) is not None:
            return below
        reading = self.host.read(cell)
        found = None if reading.always is not None or self._clean else self._earlier(index, reading, shown)
        return self._skip(index, reading, shown, found) if found is not None else await self._execute(index, reading)

    def _earlier(self, index: int, reading: Reading, shown: Memo | None) -> Found | None:
        """The earlier result that a clean run would give again; what does not count any more is discarded."""
        cell, counts = self.notebook[index], self.failures.counts
        while found := applicable(cell, self.env, self.store, self.host.version, self._held, borrowed=self._borrowed):
            memo = found[0]
            expired = memo.expires is not None and memo.has_expired(time.monotonic())
            if counts(memo, shown) and not expired and (memo.reads is not ONCE or reading.once):
                break
            self.store.discard(memo)  # also when the tag was taken away with which it ran once
            if expired:
                self._why[index] = f"its result was older than {reading.ttl:g} s"
        return found

    # --- skipping

    def _leap(self) -> Sequence[Step]:
        """Skip the cells at once that begin here and can be decided about together; their steps, none if not so."""
        stretch = self.store.trail.at(self._position)
        if stretch is None:
            return ()
        if not (self._may_leap(stretch) and self.host.pass_by(stretch.ids)):
            self.store.trail.drop(stretch)
            return ()
        self.env.leap(stretch.left)
        self.memos.update(enumerate(stretch.memos, stretch.start))
        self.store.trail.leapt(stretch)
        self._position = stretch.end
        return stretch.steps

    def _may_leap(self, stretch: Stretch) -> bool:
        """Whether each cell of a stretch would be skipped as it was the last time, with nothing left of callbacks."""
        cells = self.notebook[stretch.start : stretch.end]
        if list(cells) != stretch.cells or self.failures.may_concern(stretch.end):
            return False
        if not self.store.shows(stretch.ids, stretch.memos) or self.overlay.applies_to(stretch.ids):
            return False
        if not stretch.holds(self.env) or not self._borrowed.isdisjoint(stretch.left.after):
            return False
        borrowed = [self.env.bindings[name] for name in self._borrowed if name in self.env.bindings]
        return not stretch.may_hold_what_is_in(borrowed, self.env)

    def _skip(self, index: int, reading: Reading, before: Memo | None, found: Found) -> Step:
        cell, (memo, after) = self.notebook[index], found
        why = untouched(reading) if before is memo else f"brought back: {self._because(index, before, memo.by_name())}"
        if before is not memo:
            # To bring a result back is to execute, as far as a clean run can tell.
            self._keeps(index, reading, before)
            self._echo.spare(cell, before, memo.after, self.env)
        step = self._skipped(index, why, memo, before)
        passed = Passed(cell, memo, step)
        if passed.depends_on_the_env_alone(self.env) and not self.overlay.applies_to((cell.id,)):
            self.store.trail.passed(passed, self.env)
        if after is not memo.after or not self._borrowed.isdisjoint(memo.rests_on()):
            self._borrowed |= after.keys()
        for name, binding in after.items():
            self.env.bind(name, binding, index, makes=name in memo.after)
        self.store.put_in_place(cell, memo)
        self.memos[index] = memo
        self.host.restore(cell, memo.executed.effects)
        self._apply_overlay(index)
        return step

    def _skipped(self, index: int, why: str, memo: Memo, before: Memo | None) -> Step:
        cell, done = self.notebook[index], memo.executed
        if done.error is not None:
            why = FAILED if not done.error.is_end else why
            return Step(index, cell, "failed", why, done.seconds, done.outputs, done.error, kept=True)
        return Step(index, cell, "skipped" if before is memo else "restored", why, done.seconds, done.outputs)

    # --- executing

    async def _execute(self, index: int, reading: Reading) -> Step:
        cell, began = self.notebook[index], time.perf_counter()
        execution = self._execution(cell, reading)
        if (moved := self._seen_otherwise(index, execution.moved)) and not self._clean:
            raise _GoBack(moved)
        if (broken := execution.scope.broken()) and not self._clean:
            if not self._bring_back(broken):
                raise _GoBack(broken)
            execution = self._execution(cell, reading)
        self.overlay.protect(execution.scope.bindings.values())
        self._lost_sight(self.store.opened.close(cell.id, self.env))
        self._take_snapshot(cell, reading)
        before = self.store.in_place(cell.id)
        why = self._reason(index, cell, reading, execution.scope)
        kept = self._keeps(index, reading, before)
        try:
            done = await execution.run(kept)
        except BaseException:
            self._lost_sight(execution.scope.objects())
            raise
        self.store.opened.made(cell.id, done.change.after, self.env, self.known)
        self._saw_changes(cell, done, execution.scope)
        if done.late and not self._clean:
            raise _GoBack(done.late)
        executed = done.executed
        memo = self.memos[index] = execution.record(done)
        state: State = "ran" if executed.error is None else "failed"
        same = self.failures.is_as_before(cell, memo, before)
        rest = time.perf_counter() - began - executed.seconds - done.compared
        costs = Costs(done.compared, rest, *done.dear)
        step = Step(index, cell, state, why, executed.seconds, executed.outputs, executed.error, same, costs)
        self.store.add(cell, memo)
        self._echo.spare(cell, before, done.change.after, self.env)
        if not self._borrowed.isdisjoint(memo.rests_on()):
            self._borrowed |= done.change.after.keys()
        for name, binding in done.change.after.items():
            self.env.bind(name, binding, index)
        self._apply_overlay(index)
        return step

    def _seen_otherwise(self, index: int, moved: set[str]) -> list[str]:
        """Of what changed since the cells above looked at it, with none of them to write it again, that which the cell
        reads: they are to see it as the cell will."""
        before = self.store.in_place(self.notebook[index].id)
        read = moved.intersection(before.reads.names) if before is not None else frozenset[str]()
        above = [memo for at, memo in self.memos.items() if at < index] if read else []
        return [name for name in read if any(name in memo.reads.names for memo in above)]

    def _execution(self, cell: Cell, reading: Reading) -> Execution:
        least, mistrusts = self.store.least_look, self.store.mistrusts(cell)
        before = self.store.in_place(cell.id)
        bound = [name for name, left in before.after.items() if left is not None] if before is not None else []
        return Execution(cell, reading, self.env, self.known, self.host, least, mistrusts, bound)

    def _keeps(self, index: int, reading: Reading, before: Memo | None) -> Kept | None:
        """The cell is made again: what stays of what callbacks did to its results, None when nothing does."""
        always, again = reading.always is not None, index in self._remade
        return self._echo.keeps(self.notebook[index], before, self.env, always=always, again=again)

    def _take_snapshot(self, cell: Cell, reading: Reading) -> None:
        """Copy what the cell is about to change in place, where that is cheaper than to make it again."""
        part = self.env.connected(reading.changes | self.store.changes(cell))
        sources = {self.env.source[name] for name in part}
        seconds = sum(self.memos[source].executed.seconds for source in sources if source in self.memos)
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
        self._borrowed |= (fresh or {}).keys()
        return fresh is not None

    def _held(self) -> frozenset[int]:
        """The objects that callbacks of the cells above, or handlers of loggers, hold: a copy in the place of one would
        not be theirs."""
        logs = self.host.logged_to().reach
        return frozenset(logs).union(*(memo.executed.reach for at, memo in self.memos.items() if at < self._position))

    def _saw_changes(self, cell: Cell, done: Done, scope: Scope) -> None:
        """The cell was executed, and changed this in place."""
        self._changed_in_place(done.change, scope, done.executed.renewed)
        self.store.saw_changes(cell, done.change.of(scope))
        if done.is_in_doubt:
            self.store.mistrust(cell)
            self.env.lose_unseen(scope.reachable)

    def _changed_in_place(self, change: Change, scope: Scope, renewed: frozenset[int] = frozenset()) -> None:
        if touched := change.touched | renewed:
            kept = change.same.union(change.mutated.values(), filter(None, change.after.values()))
            self.store.changed_in_place(touched, kept | self.overlay.bindings())
            self.overlay.changed_in_place(touched, kept, lambda binding: is_as_bound(binding, self.known))
        for binding in change.mutated:
            binding.intact = False
        for binding in self.store.holding(scope.unnamed()):
            if binding.unseen is not None:
                binding.lose()
            else:
                binding.intact = is_as_bound(binding, self.known)

    def _lost_sight(self, objects: frozenset[int]) -> None:
        """These objects were closed, or an execution that could reach them was cut off: they may be anything."""
        if objects:
            self.store.changed_in_place(objects, self.overlay.bindings())
            self.overlay.changed_in_place(objects, (), lambda binding: is_as_bound(binding, self.known))

    def _reason(self, index: int, cell: Cell, reading: Reading, scope: Scope) -> str:
        if index in self._why:
            return self._why.pop(index)
        for said in (reading.always, reading.note):
            if said is not None:
                return said
        versions = {name: binding.version for name, binding in scope.reads.items()}
        return self._because(index, self.store.in_place(cell.id), versions)

    def _because(self, index: int, before: Memo | None, versions: Mapping[str, Digest]) -> str:
        cell = self.notebook[index]
        if before is not None and before.source == cell.source and self.store.was_forgotten(cell):
            cause = Cause(RETAGGED)
        else:
            names = self.host.read(cell).names
            texts = names.words - names.refs
            cause = because(before, cell.source, versions, self.env, self.host.version, self.host.tell, texts)
        words = chain(cause, self._causes)
        self._causes[index] = cause
        return words

    # --- going back

    def _go_back(self, broken: list[str]) -> int:
        """Discard the memos whose objects were changed since, and the index to go on from."""
        self._ways_back += 1
        if self._ways_back > self.patience * (len(self.notebook) + 1):
            return self._start_clean()
        back = len(self.notebook)
        theirs = self._echo.rebuild(broken, self.env)
        for name in broken:
            source = self.env.source[name]
            if name not in theirs and source in self.memos:
                self.store.discard(self.memos.pop(source))
                self._remade.add(source)
                self._why[source] = remade(name, self.env.bindings[name].nbytes)
            back = min(back, source)
        self.store.trail.forget(back)
        if back == BASELINE:
            return self._start_over()
        self.env.go_back(back)
        self.host.go_back(self.notebook[back])
        return back

    def _start_over(self) -> int:
        self.env = Env(self.host.baseline, self.store.meetings)
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
        if self.overlay:
            self._borrowed |= self._echo.apply(index, self.env)

    def before_callbacks(self) -> Observation:
        """Watch the namespace while callbacks run. Everything must be in place (`complete`)."""
        callbacks = self.host.called_back()
        scope = Scope.of(self.env, self.env.follow(callbacks.names), reach=callbacks.reach)
        self.host.begin_callbacks(self.env.bindings, self.env.made_by_cells())
        return Observation(scope, self.known.namespace, self.known, self.host.managed)

    def after_callbacks(self, observation: Observation) -> frozenset[str]:
        """Keep what the callbacks wrote as input to the next walk; the names they changed."""
        change = observation.change(self.env, self.overlay.provenance(), self.host.end_callbacks())
        self._changed_in_place(change, observation.scope)
        self.take_from_outside(change.after)
        return frozenset(change.after)

    def take_from_outside(self, changed: Mapping[str, Binding | None]) -> None:
        """Names that no cell changed: input to the next walk."""
        self._echo.take(changed, self.env)
