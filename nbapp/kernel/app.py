"""The one live object in a kernel: it wires the walk to IPython, the widgets and whoever shows the outputs.

A front end's update is queued by the widgets. `App` applies the newest values on the kernel's loop and walks the
notebook: one walk running, at most one pending. A newer value ends the walk at the next cell, or inside a long one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from ipywidgets import Widget

from nbapp.core.change import bind
from nbapp.core.notebook import Cell, CellId, Notebook, Output
from nbapp.core.overlay import TOP, Overlay
from nbapp.core.rerun import Rerun
from nbapp.core.step import Step
from nbapp.core.store import Store
from nbapp.kernel.behind import behind
from nbapp.kernel.busy import BusyClock
from nbapp.kernel.effects import Key
from nbapp.kernel.hand import Execute, Hands
from nbapp.kernel.host import KernelHost
from nbapp.kernel.intake import intake
from nbapp.kernel.listener import Listener, Silent
from nbapp.kernel.magics import register
from nbapp.kernel.overtaken import Overtaken
from nbapp.kernel.pingpong import PingPong, blamed
from nbapp.kernel.presets import Presets
from nbapp.kernel.quiet import quiet
from nbapp.kernel.screen import Screen
from nbapp.kernel.settings import Settings
from nbapp.kernel.widgets import Widgets

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell

MORE = 0.03  # seconds: Run All sends all its requests at once, and gets one walk when the last has been answered


class App:
    """A notebook being kept up to date in this kernel."""

    def __init__(
        self, shell: ZMQInteractiveShell, notebook: Notebook, settings: Settings, listener: Listener | None = None
    ) -> None:
        listener = listener or Silent()
        self.notebook = notebook
        self.settings = settings
        self.steps: tuple[Step, ...] = ()
        self.store = Store(settings.limit)
        self.overlay = Overlay()
        self.screen = Screen(listener)
        self.listener = listener
        self._shell = shell
        self._busy = BusyClock(listener)
        self._host = KernelHost(shell, settings, self._busy, self.screen)
        self._widgets = self._host.widgets = Widgets(self._host.digest, self._touch)
        self._host.executor.owner = self._widgets.owner
        self._overtaken = Overtaken(self._widgets, self.store.in_place, self._host.executor.interrupt)
        self._host.executor.under_way = self._overtaken.executes
        self._ping_pong = PingPong()
        self.presets = Presets(settings.values, self._widgets.set_value)
        self._loop = asyncio.get_event_loop()
        self._context = copy_context()  # a walk has none of the thread on which an update came
        self._driver: asyncio.Task[None] | None = None
        self._walk: Rerun | None = None
        self._wanted = False
        self._stopped = False
        self._cut_short = False
        self.reactive = True
        self.turn = asyncio.Lock()  # who holds it walks, or keeps walks from starting
        self._hands = Hands()
        self._closing = False
        self._undo: list[Callable[[], object]] = []

    @classmethod
    def attach(
        cls, shell: ZMQInteractiveShell, notebook: Notebook, settings: Settings, listener: Listener | None = None
    ) -> App:
        """Install an app in a kernel; `shell.nbapp` is the app until it is closed."""
        app = cls(shell, notebook, settings, listener)
        app._widgets.install()
        app._undo = [register(shell, app), app._widgets.uninstall, app._host.executor.close]
        app._undo += [app._host.install(), intake(shell.kernel)]
        shell.nbapp = app  # type: ignore[attr-defined]
        return app

    def close(self) -> None:
        """Leave nothing behind; while a cell is run by hand, once it has ended."""
        self._closing = bool(self._hands.count)
        if self._closing:
            return
        if self._driver is not None:
            self._driver.cancel()
        self._busy.over()
        self._busy.close()
        while self._undo:
            self._undo.pop()()
        if getattr(self._shell, "nbapp", None) is self:
            del self._shell.nbapp

    def hold(self, undo: Callable[[], object]) -> None:
        """Something to take away when the app is closed."""
        self._undo.append(undo)

    # --- what a front end or a test asks

    async def rerun(self) -> tuple[Step, ...]:
        """Walk the notebook with the newest values; the last step of each cell, in document order."""
        self._wanted = True
        self._wake()
        await self.settled()
        return self.steps

    async def run_by_hand(self, cell: Cell, execute: Execute) -> dict[str, Any]:
        """Run one cell through the front end's own request; the rest follows when no other request waits."""
        async with self._hands.turn(self.turn):
            reply = await self._walk_to(cell, execute)
        if self._closing:
            self.close()
            return reply
        self._wanted = self.reactive
        self._loop.call_later(MORE, self._wake)
        return reply

    async def _walk_to(self, cell: Cell, execute: Execute) -> dict[str, Any]:
        """Bring the cells above up to date, then run this one whatever is known of it."""
        await self._apply_updates()
        replies = self._host.by_hand(cell.id, execute)
        end = [known.id for known in self.notebook].index(cell.id) + 1
        await self._walk_once(self.notebook[:end])
        await self._complete()
        return replies[0] if replies else await execute()

    async def at_rest(self) -> None:
        """What front ends sent is applied, and every name has its newest value: for a request that is no cell."""
        if self.reactive:
            self._wake()
            await self.settled()
        async with self.turn:
            self._wanted |= await self._apply_updates() and self.reactive
            if self.reactive:
                await self._complete()

    def take_as_given(self, namespace: dict[str, Any]) -> None:
        """Names bound before the app came have no cell that made them: they are input, as what callbacks wrote."""
        for name, value in list(namespace.items()):
            if self._host.managed(name):
                self.overlay.write(TOP, name, bind(value, self._host.known, self.overlay.provenance()))

    async def settled(self) -> None:
        """Wait until no walk is under way or pending."""
        while (driver := self._driver) is not None and not driver.done():
            await asyncio.wait([driver])
            driver.result()  # not of `self._driver`: a new one may have begun

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression in the notebook's namespace, with everything in place."""
        await self.settled()
        await self._complete()
        return eval(expression, self._shell.user_ns)

    def widgets(self) -> dict[str, Widget]:
        """The widgets that globals hold, by name, as the last walk left them."""
        bindings = self._walk.env.bindings if self._walk is not None else {}
        return {name: binding.value for name, binding in bindings.items() if isinstance(binding.value, Widget)}

    def outputs(self, cell_id: CellId) -> tuple[Output, ...]:
        """What a cell shows now."""
        return self.screen.outputs(cell_id)

    def raised_in(self, widget: Widget) -> CellId | None:
        """The cell whose code raised last in the block of an Output widget."""
        return self._host.executor.raised_in(widget)

    def switch(self, on: bool) -> None:
        """Whether widgets run cells from now on; what changed meanwhile is caught up with."""
        self.reactive = on
        self.listener.switched(on)
        self._wanted |= on
        self._wake()

    async def reset(self) -> tuple[Step, ...]:
        """Give all widgets the values that the notebook gave them."""
        async with self.turn:
            await self._apply_updates()
            self._widgets.reset()
        return await self.rerun()

    def stop(self) -> None:
        """End the walk under way; from any thread. The next change starts a new one."""
        self._stopped = True
        self._host.executor.interrupt()

    # --- driving

    def _touch(self) -> None:
        """An update was queued; on any thread."""
        self._loop.call_soon_threadsafe(self._wake, context=self._context)
        self._overtaken.newer()

    def _wake(self) -> None:
        if self._undo and (self._driver is None or self._driver.done()):  # nothing to undo: it is closed
            self._driver = self._loop.create_task(self._drive())

    async def _drive(self) -> None:
        while (self._wanted or self._widgets.waits()) and not self._hands.count:
            await quiet(self._widgets, self.settings.debounce)
            async with self.turn:
                await self._turn_once()
            await asyncio.sleep(0)

    async def _turn_once(self) -> None:
        """Apply the newest values and walk."""
        wanted, self._wanted, self._stopped = self._wanted, False, False
        updates = self._widgets.waiting()
        if self._ping_pong.is_endless(updates):
            self._widgets.drop(updates)
            for step in blamed(self.steps, updates, self.widgets(), self._widgets.giver):
                self.steps = tuple(step if step.index == other.index else other for other in self.steps)
                self._show(step)
            return
        matters = await self._apply_updates() or wanted
        if matters and self.reactive:
            await self._walk_once(self.notebook, updates)
        elif matters:
            self.listener.behind(behind(self.notebook, self.store.in_place, self._widgets.trait, updates))
        if updates:
            self._ping_pong.applied(updates)

    async def _apply_updates(self) -> bool:
        """Give the front end's newest values to the widgets; the author's callbacks run here. Whether any matters."""
        if self._walk is None or not self._widgets.has_callbacks() or not self._widgets.waits():
            return self._widgets.apply()
        if self._cut_short:
            await self._walk_once(self.notebook)  # a callback may use what the cells below make
        await self._complete()
        observation = self._walk.before_callbacks()
        with self._host.executor.capture() as outputs:
            matters = self._widgets.apply()
        self._walk.after_callbacks(observation)
        self.screen.aside(outputs)
        return matters

    async def _walk_once(self, notebook: Notebook, causes: Iterable[Key] = ()) -> None:
        self._host.total, self._cut_short = len(notebook), False
        self._overtaken.walk(notebook, causes)
        self._widgets.begin_walk()
        self._walk = Rerun(notebook, self.store, self.overlay, self._host.known, self._host)
        last: dict[int, Step] = {}
        try:
            async for step in self._walk.steps():
                if self._overtaken.ends(step) and not self._stopped:
                    self._cut_short = True
                    break
                last[step.index] = step
                self._show(step)
                if step.state in ("ran", "failed"):
                    self._wanted |= self.presets.give(self._shell.user_ns)
                    await asyncio.sleep(0)
                    if self._is_over() and not (self._stopped and step.state == "failed"):
                        break  # between two steps memory and records agree; below a stopped cell nothing runs
        finally:
            self._end_walk()
            self.listener.over()
            self.steps = tuple(last[index] for index in sorted(last))

    def _end_walk(self) -> None:
        self._busy.over()
        self._widgets.end_walk({cell.id for cell in self.notebook})
        self.screen.settle(self.notebook)

    def _is_over(self) -> bool:
        """Whether the walk ends here: stopped, a cell run by hand waits, or a newer value came.

        With callbacks a walk goes on to its end, because they must find everything in place.
        """
        newer = self._widgets.pending() and not self._widgets.has_callbacks()
        self._cut_short = self._stopped or self._hands.wait or newer
        return self._cut_short

    def _show(self, step: Step) -> None:
        self._host.index = step.index + 1
        self.screen.step(step)

    async def _complete(self) -> None:
        if self._walk is None:
            return
        self._overtaken.walk((), ())
        async for step in self._walk.complete():
            self._show(step)
        self._end_walk()
