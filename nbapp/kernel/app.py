"""The one live object in a kernel: it wires the walk to IPython, the widgets and whoever shows the outputs.

A front end's update is queued by the widgets. `App` applies the newest values on the kernel's loop and walks the
notebook: one walk running, at most one pending. A newer value ends the walk at the next cell, or inside a long one.
"""

from __future__ import annotations

import asyncio
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from ipywidgets import Widget

from nbapp.core.failures import Failures, left_off
from nbapp.core.memos.lineage import Lineage
from nbapp.core.memos.store import Store
from nbapp.core.memos.trail import Trail
from nbapp.core.notebook import Cell, CellId, Notebook, Output
from nbapp.core.overlay import Overlay
from nbapp.core.step import Step
from nbapp.core.walk import Walk
from nbapp.kernel.common.interruptible import on_main_thread
from nbapp.kernel.foreign_requests import Asides
from nbapp.kernel.frontends.displayed import Displayed
from nbapp.kernel.frontends.observer import Observer, Silent
from nbapp.kernel.frontends.shell_channel import intake
from nbapp.kernel.host import KernelHost
from nbapp.kernel.inspection import Inspection
from nbapp.kernel.nbapp_magic import register
from nbapp.kernel.outputs.overhear import Execute
from nbapp.kernel.scheduling.debounce import quiet
from nbapp.kernel.scheduling.manual_run import ManualRuns, walk_to
from nbapp.kernel.scheduling.renewal import asks_anew
from nbapp.kernel.scheduling.staleness import behind
from nbapp.kernel.settings import Settings
from nbapp.kernel.turn import Turn
from nbapp.kernel.widgets.callbacks.feedback_guard import FeedbackGuard, blamed
from nbapp.kernel.widgets.state.effects import Key
from nbapp.kernel.widgets.updates.initial_values import InitialValues
from nbapp.kernel.widgets.updates.query_values import READS_ADDRESS, QueryValues
from nbapp.persistence.current import CURRENT

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell

MORE = 0.03  # seconds: Run All sends all its requests at once, and gets one walk when the last has been answered


class _Life(Enum):
    """Closing: a cell is run by hand, and must end first."""

    OPEN = auto()
    CLOSING = auto()
    CLOSED = auto()


class App:
    """A notebook being kept up to date in this kernel, which may have names that no cell made."""

    def __init__(
        self,
        shell: ZMQInteractiveShell,
        notebook: Notebook,
        settings: Settings,
        observer: Observer | None = None,
        *,
        has_earlier_names: bool = False,
    ) -> None:
        observer = observer or Silent()
        self.notebook, self.settings = notebook, settings
        self.steps: tuple[Step, ...] = ()
        self._last_ran: dict[CellId, Step] = {}
        self.store = Store(settings.limit, trail=Trail(asks_each=settings.looks_at_all))
        self.displayed, self.observer = Displayed(observer), observer
        self._shell = shell
        self.host = KernelHost(shell, settings, observer, self.displayed, self._touch, self.store.in_place)
        self.host.parameters.edit(notebook)
        self._widgets, self._preemption = self.host.widgets, self.host.preemption
        self.overlay, self.chosen = Overlay(self._widgets.all), self._widgets.chosen
        self._feedback_guard = FeedbackGuard()
        given = settings.values, self._widgets.set_value, settings.link_values
        self.initial_values = InitialValues(*given, self.of_query(settings.query))
        self._loop = asyncio.get_event_loop()
        self._context = copy_context()  # a walk has none of the thread on which an update came
        self._driver: asyncio.Task[None] | None = None
        self._walk: Walk | None = None
        self._wanted = self._cut_short = False
        self._life = _Life.OPEN
        self.failures, self.reactive = Failures(), True
        self.turn = Turn(self.host, self.overlay, lambda: self._walk)
        self.asides = Asides(self.host, self.overlay, lambda: self._walk, self.catch_up, self.turn, has_earlier_names)
        self._by_hand = ManualRuns()
        self._intake: Callable[[], None] = lambda: None
        self._undo: list[Callable[[], object]] = []

    def attach(self) -> App:
        """Install the app in its kernel; `shell.nbapp` is the app until it is closed."""
        shell, host = self._shell, self.host
        self._widgets.install()
        self._undo = [register(shell, self), self._widgets.uninstall, host.executor.close, host.install()]
        self._take_in()
        self._undo += [lambda: self._intake(), host.sigint.stand(shell.kernel)]
        shell.nbapp = self  # type: ignore[attr-defined]
        return self

    def close(self) -> None:
        """Leave nothing behind; while a cell is run by hand, once it has ended."""
        if self._by_hand.count:
            self._life = _Life.CLOSING
            return
        self._life = _Life.CLOSED
        if self._driver is not None:
            self._driver.cancel()
        self.host.busy.close()
        while self._undo:
            self._undo.pop()()
        if getattr(self._shell, "nbapp", None) is self:
            del self._shell.nbapp

    def _take_in(self) -> None:
        self._intake = intake(self._shell.kernel, lambda: bool(self.notebook))

    def pause(self) -> None:
        """Before the loop is closed and the process forked, with no walk under way: nothing here waits for either."""
        self._driver = None
        del self._loop  # until `resume`, nobody may ask for anything
        self.host.pause()
        CURRENT.pause()

    def resume(self) -> None:
        """Go on with the loop of this thread, in this process or as the copy of it that a fork made."""
        self._loop = asyncio.get_event_loop()
        self._intake()
        self._take_in()
        self.host.resume()

    def hold(self, undo: Callable[[], object]) -> None:
        """Something to take away when the app is closed."""
        self._undo.append(undo)

    # --- what a front end or a test asks

    def edit(self, notebook: Notebook) -> None:
        """The notebook is this from now on; the next walk finds what changed."""
        self.notebook = notebook
        for cell in self.host.parameters.edit(notebook):
            self.store.forget(cell)

    async def rerun(self, *, again: bool = True) -> tuple[Step, ...]:
        """Walk with the newest values; the steps. `again`: also what failed, and reads nothing new, is executed."""
        self._wanted = True
        self.failures.try_again(again)
        self._wake()
        await self.settled()
        return self.steps

    async def renew(
        self,
        link_values: Mapping[str, object] | None = None,
        query: Mapping[str, Sequence[str]] | None = None,
        *,
        is_fork: bool = False,
    ) -> tuple[Step, ...]:
        """Walk as for somebody who comes now: what asked the clock or the network asks again; the steps.

        `link_values` and `query`: what the visitor's link and address ask for, the first move. `is_fork`: what asked
        which process this is asks again as well.
        """
        for cell in asks_anew(self.notebook, self.host.read, self.store.in_place, self.host.known, is_fork=is_fork):
            if (memo := self.store.in_place(cell.id)) is not None:
                self.store.discard(memo)
        if link_values or query:
            self.initial_values.come(link_values or {}, self.of_query(query or {}), self.named())
        return await self.rerun()

    def of_query(self, query: Mapping[str, Sequence[str]]) -> QueryValues:
        """The values that an address asks for, as texts by global name."""
        is_read = any(READS_ADDRESS.search(cell.source) for cell in self.notebook)
        return QueryValues(query, self._widgets.set_value, is_read=is_read)

    def of_the_moment(self) -> list[CellId]:
        """The cells that may show something else now, or to somebody else: those that ask the clock, the network or
        fresh randomness, what reads what they bound, and what has no record."""
        asking = asks_anew(self.notebook, self.host.read, self.store.in_place, self.host.known, is_fork=True)
        memos = {id(self.store.in_place(cell.id)) for cell in asking}
        lineage = Lineage([cell.id for cell in self.notebook], self.store.in_place)
        unrecorded = [cell.id for cell in self.notebook if self.store.in_place(cell.id) is None]
        return [*lineage.reached(lambda memo: id(memo) in memos), *unrecorded]

    def follow(self) -> None:
        """Walk soon, also where nothing has changed: the observer is told how things are. On any thread."""
        self._wanted = True
        self._touch()

    async def run_by_hand(self, cell: Cell, execute: Execute) -> dict[str, Any] | None:
        """Run one cell through the front end's own request; the rest follows. None: stopped in a cell above."""
        async with self._by_hand.turn(self.turn):
            reply = await walk_to(self, cell, execute)
        if self._life is _Life.CLOSING:
            self.close()
        elif reply is not None:
            self.catch_up()
        return reply

    def catch_up(self) -> None:
        """Walk once no request has come for a while."""
        self._wanted = self.reactive
        self._loop.call_later(MORE, self._wake)

    async def at_rest(self) -> None:
        """What front ends sent is applied, and every name has its newest value: for a request that is no cell."""
        if self.reactive:
            self._wake()
            await self.settled()
        async with self.turn:
            matters = await self.apply_updates()
            self.failures.try_again(matters)
            self._wanted |= matters and self.reactive
            if self.reactive:
                await self.complete()

    async def settled(self) -> None:
        """Wait until no walk is under way or pending."""
        while (driver := self._driver) is not None and not driver.done():
            await asyncio.wait([driver])
            driver.result()  # not of `self._driver`: a new one may have begun

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression in the notebook's namespace, with everything in place."""
        await self.settled()
        async with self.turn:
            await self.complete()
        return eval(expression, self._shell.user_ns)

    def widgets(self) -> dict[str, Widget]:
        """The widgets that globals hold, by name, as the last walk left them; controls that none holds by their key."""
        found = self._walk.env.bindings.items() if self._walk is not None else ()
        return self._widgets.by_key() | {name: bound.value for name, bound in found if isinstance(bound.value, Widget)}

    def named(self) -> Mapping[str, Any]:
        """The notebook's names; where one holds no widget, the control whose key it is."""
        names = self._shell.user_ns
        keyed = {name: one for name, one in self._widgets.by_key().items() if not isinstance(names.get(name), Widget)}
        return ChainMap(keyed, names)

    def outputs(self, cell_id: CellId) -> tuple[Output, ...]:
        """What a cell shows now."""
        return self.displayed.outputs(cell_id)

    def raised_in(self, widget: Widget) -> CellId | None:
        """The cell whose code raised last in the block of an Output widget."""
        return self.host.executor.raised_in(widget)

    def inspect(self) -> Inspection:
        """What the last walk rests on."""
        return Inspection.of(self._widgets.inspect(), self._walk)

    def switch(self, on: bool) -> None:
        """Whether widgets run cells from now on; what changed meanwhile is caught up with."""
        self.reactive = on
        self.observer.switched(on)
        self._wanted |= on
        self.failures.try_again(on)
        self._wake()

    async def reset(self) -> tuple[Step, ...]:
        """Give all widgets the values that the notebook gave them."""
        async with self.turn:
            await self.apply_updates()
            self._widgets.reset()
        return await self.rerun()

    def stop(self) -> None:
        """End the walk under way; from any thread. The next change starts a new one."""
        self.failures.stop()
        self.host.sigint.interrupt()

    # --- driving

    def _touch(self) -> None:
        """An update was queued; on any thread."""
        if self.notebook or not on_main_thread():
            self._loop.call_soon_threadsafe(self._wake, context=self._context)
            self._preemption.newer()
        else:
            self._widgets.apply()  # without a notebook a message is answered as ipywidgets does: at once

    def _wake(self) -> None:
        if self._life is not _Life.CLOSED and (self._driver is None or self._driver.done()):
            self._driver = self._loop.create_task(self._drive())

    async def _drive(self) -> None:
        while (self._wanted or self._widgets.waits()) and not self._by_hand.count:
            await quiet(self._widgets, self.settings.debounce)
            async with self.turn:
                await self._turn_once()
            await asyncio.sleep(0)

    async def _turn_once(self) -> None:
        """Apply the newest values and walk."""
        wanted, self._wanted = self._wanted, False
        self.failures.go_on()
        updates = self._widgets.waiting()
        if self._feedback_guard.is_endless(updates):
            self._widgets.drop(updates)
            for step in blamed(self.steps, updates, self.widgets(), self._widgets.giver):
                self.steps = tuple(step if step.index == other.index else other for other in self.steps)
                self._show(step)
            return
        matters = await self.apply_updates()
        self.failures.try_again(matters)
        if (matters or wanted) and self.reactive and self.notebook:
            only_callbacks = not wanted and self._widgets.only_called_back()
            await self.walk_once(self.notebook, updates, only_callbacks=only_callbacks)
        elif matters or wanted:
            lineage = Lineage([cell.id for cell in self.notebook], self.store.in_place)
            self.observer.behind(behind(lineage, self._widgets.trait, updates))
        if updates:
            self._feedback_guard.applied(updates)

    async def apply_updates(self) -> bool:
        """With the turn: give the front end's newest values to the widgets; the author's callbacks run here. Whether
        any matters."""
        if self._walk is None or not self._widgets.may_call_back():
            return self._widgets.apply()
        if self._cut_short:
            await self.walk_once(self.notebook)  # a callback may use what the cells below make
        await self.complete()
        observation = self._walk.before_callbacks()
        with self.host.executor.capture() as outputs:
            matters = self._widgets.apply()
        matters |= bool(self._walk.after_callbacks(observation)) or self._widgets.were_written()
        self.displayed.aside(outputs)
        return matters

    async def walk_once(
        self,
        notebook: Notebook,
        causes: Iterable[Key] = (),
        asked: CellId | None = None,
        *,
        only_callbacks: bool = False,
    ) -> None:
        """With the turn: one walk because of `causes`, to the cell run by hand that is `asked` for, if one is."""
        self._cut_short = False
        self.asides.walk_begins()
        self.host.begin(notebook)
        self._preemption.walk(notebook, causes)
        self._widgets.begin_walk()
        failures, known = self.failures.begin(notebook, asked), self.host.known
        self._walk = Walk(notebook, self.store, self.overlay, known, self.host, only_callbacks, failures)
        last: dict[int, Step] = {}
        try:
            async for steps in self._walk.steps():
                step = steps[-1]  # those before it were only skipped
                if self._preemption.ends(step) and not failures.stopped:
                    self._cut_short = True
                    break
                last |= self._show(*steps)
                if step.state in ("ran", "failed") and not step.kept:
                    if self.initial_values:
                        self._wanted |= self.initial_values.give(self.named())
                    await asyncio.sleep(0)
                    if self._is_over():
                        break  # between two steps memory and records agree
        except Exception:
            self._walk = None  # it knows only a part, and names that it does not know must stay
            raise
        finally:
            if failures.stopped:
                last |= self._show(*left_off(max(last, default=-1), self.notebook))
            self._end_walk()
            self.observer.over(is_whole=not failures.stopped and max(last, default=-1) == len(notebook) - 1)
            self.steps = tuple(last[index] for index in sorted(last))

    def _end_walk(self) -> None:
        self.host.busy.over()
        self._widgets.end_walk({cell.id for cell in self.notebook})
        self.displayed.settle(self.notebook)

    def _is_over(self) -> bool:
        """Whether the walk ends here: stopped, a cell run by hand waits, or a newer value came. With callbacks, which
        must find everything in place, it goes on to its end."""
        newer = self._widgets.pending() and not self._widgets.has_callbacks()
        self._cut_short = self.failures.stopped or self._by_hand.wait or newer
        return self._cut_short

    def last_ran(self) -> list[Step]:
        """For each cell of the notebook that has run, the step in which it last did."""
        ran = ((index, self._last_ran.get(cell.id)) for index, cell in enumerate(self.notebook))
        return [replace(step, index=index) for index, step in ran if step is not None]

    def _show(self, *steps: Step) -> dict[int, Step]:
        """Hand these on; by position."""
        for step in steps:
            if step.costs is not None:
                self._last_ran[step.cell.id] = replace(step, outputs=())
        self.displayed.steps(steps)
        return {step.index: step for step in steps}

    async def complete(self) -> None:
        """With the turn: bring every object into its place, as after a walk to the end."""
        if self._walk is None:
            return
        self._preemption.walk((), ())
        async for steps in self._walk.complete():
            self._show(*steps)
        self._end_walk()
