"""The kernel as the core sees it: reads cells, executes them, knows versions of widget traits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from nbapp.adapters import LOOKUPS
from nbapp.core.digest import Digest, digest
from nbapp.core.host import Reading
from nbapp.core.names import Names
from nbapp.core.notebook import Cell, CellId
from nbapp.core.run import Binding, Component, Effects, Executed
from nbapp.core.survey import Survey, survey
from nbapp.core.types import Types
from nbapp.kernel.ambient import disk
from nbapp.kernel.ambient.ambient import Ambient, Trace
from nbapp.kernel.ambient.exits import Exits
from nbapp.kernel.ambient.hooks import around_showing, ipython
from nbapp.kernel.ambient.options import LIBRARIES
from nbapp.kernel.ambient.process import COMPONENT
from nbapp.kernel.ambient.settings import set_by_magics
from nbapp.kernel.ambient.slots import STANDARD
from nbapp.kernel.busy import BusyClock
from nbapp.kernel.cells import CellReader
from nbapp.kernel.execute import Executor
from nbapp.kernel.hand import Execute, overhear
from nbapp.kernel.screen import Screen
from nbapp.kernel.seen import SeenValues
from nbapp.kernel.settings import Settings
from nbapp.kernel.widgets import Widgets

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell


class KernelHost:
    """The port of the walk into IPython. `screen` hears of the outputs of cells that take long or have just ended,
    and of those after the end."""

    def __init__(self, shell: ZMQInteractiveShell, settings: Settings, busy: BusyClock, screen: Screen) -> None:
        self.known = Types(shell.user_ns, {**LOOKUPS, "nbapp": disk.lookup})
        self.executor = Executor(shell, late=screen.late)
        self._exits = Exits(shell.user_ns)
        slots = (*STANDARD, *LIBRARIES, *ipython(shell), *set_by_magics(shell), self._exits.slot)
        contexts = self.executor.contexts
        self.ambient = Ambient(slots, self.known, contexts.run, contexts.look)
        self.widgets: Widgets
        self.total = 0
        self._reader = CellReader(shell.transform_cell, cache=settings.cache)
        self._timeout = settings.timeout
        self._busy = busy
        self._screen = screen
        self._kernel = shell.kernel
        self._shell = shell
        self.index = 0
        self._seen = SeenValues(shell.user_ns, lambda component: self.widgets.trait(component))
        self._by_hand: dict[CellId, tuple[Execute, list[dict[str, Any]]]] = {}

    def install(self) -> Callable[[], None]:
        """Watch what code does outside the namespace; call what is returned to stop it."""
        figures = self.ambient.figures
        undo = self.ambient.install(), around_showing(self._shell, figures.pause, figures.go_on)

        def leave() -> None:
            for put_back in undo:
                put_back()

        return leave

    def by_hand(self, cell_id: CellId, execute: Execute) -> list[dict[str, Any]]:
        """The next walk executes this cell through a front end's request; the list gets the reply."""
        replies: list[dict[str, Any]] = []
        self._by_hand[cell_id] = execute, replies
        return replies

    def digest(self, value: object) -> Digest:
        """The digest of a widget trait's value.

        Raises:
            Opaque: the value has none.
        """
        return digest(value, self.known)

    def read(self, cell: Cell) -> Reading:
        """The names of a cell, as IPython compiles it."""
        reading = self._reader.read(cell)
        return replace(reading, always="you ran it") if cell.id in self._by_hand else reading

    def managed(self, name: str) -> bool:
        """Whether a global is the notebook's own: not IPython's, and not its history."""
        return not self.executor.history.owns(name)

    def components(self, cell: Cell, names: Names, env: Mapping[str, Binding]) -> frozenset[Component]:
        """What a cell may read besides globals and traits."""
        by_programs = self._reader.read(cell).frozen is not None
        return self.ambient.components(cell, names, self._reader.texts(cell), env, by_programs=by_programs)

    def baseline(self, component: Component) -> Binding | None:
        """What such a component is that no cell wrote."""
        if component == COMPONENT:
            self._seen.walk_begins()  # every cell reads it, so each walk asks for it, once
        return self.ambient.baseline(component)

    def present(self, component: Component) -> Binding | None:
        """What it is at this moment, where it cannot be put back."""
        return self.ambient.present(component)

    def place(self, components: Mapping[Component, Binding], absent: Collection[Component]) -> None:
        """Make these what the walk says."""
        self.ambient.place(components, absent)

    def begin_callbacks(self, env: Mapping[str, Binding]) -> None:
        """Callbacks are about to run."""
        self.ambient.begin_callbacks(env)

    def end_callbacks(self) -> Mapping[Component, Binding | None]:
        """What they changed besides globals and traits."""
        return self.ambient.end_callbacks()

    async def execute(self, cell: Cell) -> Executed:
        """Execute a cell and note what it did to widgets."""
        self._busy.executing(cell, self.index, self.total)
        ambient = self.ambient.watch(cell, self._reader.sets(cell))
        with self.widgets.cell(cell.id) as trace, ambient as seen, self._exits.watching():
            done = await self._done(cell, seen)
            trace.failed = done.error is not None
        self._seen.saw(trace.reads)
        left = trace.effects
        effects = Effects(left, left.nbytes) if left else None
        reach = frozenset(survey(left.held(), self.known).reach)
        made = done.outputs, done.error, done.seconds
        return Executed(*made, trace.reads, effects, reach, seen.used, seen.found, seen.left, trace.renewed)

    async def _done(self, cell: Cell, seen: Trace) -> Executed:
        if cell.id not in self._by_hand:
            live = partial(self._screen.live, cell)
            done = await self.executor.run(cell, live=live, timeout=self._timeout)
            if done.error is None and not seen.is_surprised():
                self._screen.ended(cell, done.outputs)
            return done
        execute, replies = self._by_hand.pop(cell.id)
        self.executor.forget(cell.id)
        with self.executor.contexts.entered():
            done, reply = await overhear(self._kernel, execute)
        replies.append(reply)
        return done

    def version(self, component: Component) -> Digest:
        """The live version of a widget trait or of a widget's callbacks, or whether a widget is open."""
        return self.widgets.version(component)

    def tell(self, component: Component) -> str | None:
        """What happened to a widget's trait, in words."""
        return self._seen.tell(component)

    def restore(self, cell: Cell, effects: Effects | None) -> None:
        """Make the widgets as a run left them."""
        self.widgets.restore(effects.what if effects is not None else None, cell.id)

    def go_back(self, cell: Cell) -> None:
        """Take back what this cell and those below assigned to widgets in this walk."""
        self.widgets.go_back(cell.id)

    def called_back(self) -> Survey:
        """What the live widget callbacks reach, and the names that they look up or bind."""
        return survey(tuple(self.widgets.callbacks()), self.known)
