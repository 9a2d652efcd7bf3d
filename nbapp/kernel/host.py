"""The kernel as the core sees it: reads cells, executes them, knows versions of widget traits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ipywidgets import Widget

from nbapp.core.host import Kept, Reading
from nbapp.core.memos.memo import Binding, Component, Executed, HostEffects, Memo
from nbapp.core.notebook import Cell, CellId, Notebook
from nbapp.kernel.common.context_vars import Contexts
from nbapp.kernel.common.ticker import Ticker
from nbapp.kernel.environment.environment import Environment
from nbapp.kernel.environment.process.exit_handlers import Exits
from nbapp.kernel.environment.process.ipython_hooks import around_showing, ipython
from nbapp.kernel.environment.process.ipython_settings import set_by_magics
from nbapp.kernel.environment.process.slots import STANDARD, handlers
from nbapp.kernel.environment.process.state import COMPONENT
from nbapp.kernel.environment.trace import EnvironmentTrace
from nbapp.kernel.execution.background_code import BackgroundCode
from nbapp.kernel.execution.code_marks import compiled
from nbapp.kernel.execution.executor import Executor
from nbapp.kernel.execution.parameters import Parameters
from nbapp.kernel.execution.sigint import Sigint
from nbapp.kernel.frontends.displayed import Displayed
from nbapp.kernel.frontends.observer import Observer
from nbapp.kernel.outputs.overhear import Execute, overhear
from nbapp.kernel.parse.cell_reader import CellReader
from nbapp.kernel.scheduling.busy_clock import BusyClock
from nbapp.kernel.scheduling.preemption import Preemption
from nbapp.kernel.settings import Settings
from nbapp.kernel.widgets.given_values import gives_objects
from nbapp.kernel.widgets.last_values import LastValues
from nbapp.kernel.widgets.widgets import Widgets
from nbapp.libraries import OPTIONS, TABLES
from nbapp.readonly.knowledge import Knowledge
from nbapp.readonly.reader import ReadOnly
from nbapp.values.digest import Digest, digest
from nbapp.values.names import Names
from nbapp.values.survey import Survey, survey
from nbapp.values.uses import Ran

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell


class KernelHost:
    """The port of the walk into IPython. `displayed` hears of the outputs of cells that take long or have just ended,
    and of those after the end. `touch` is called on any thread when an update was queued; `in_place` tells the record
    of what a cell shows now.
    """

    def __init__(
        self,
        shell: ZMQInteractiveShell,
        settings: Settings,
        observer: Observer,
        displayed: Displayed,
        touch: Callable[[], None],
        in_place: Callable[[CellId], Memo | None],
    ) -> None:
        self._ticker = ticker = Ticker(shell.kernel.iopub_thread)
        self.busy = BusyClock(observer, ticker)
        self.sigint, self._contexts, self._exits = Sigint(), Contexts(), Exits(shell.user_ns)
        slots = (*STANDARD, *OPTIONS, *ipython(shell), *set_by_magics(shell), self._exits.slot)
        self.environment = Environment(slots, shell.user_ns, self._contexts.run, self._contexts.look)
        self.known = self.environment.known
        self.widgets = Widgets(self.digest, touch, self.environment.is_importing)
        self.preemption = Preemption(self.widgets, in_place, self.sigint.interrupt)
        self.executor = Executor(
            shell,
            self.sigint,
            self._contexts,
            ticker,
            late=displayed.late,
            bounds=settings.bounds,
            owner=self.widgets.owner,
            under_way=self.preemption.executes,
        )
        self._notebook: Notebook = ()
        self._indices: dict[CellId, int] = {}
        self._reader = CellReader(shell.transform_cell, cache=settings.cache)
        self._timeout = settings.timeout
        self._only_reads = ReadOnly(self.known, Knowledge(TABLES), self._reader.functions)
        self._background = BackgroundCode()
        self._looks_at_all = settings.looks_at_all
        self._displayed = displayed
        self._kernel = shell.kernel
        self._shell = shell
        self._seen = LastValues(shell.user_ns, self.widgets.trait)
        self.parameters = Parameters(shell)
        self._by_hand: dict[CellId, tuple[Execute, list[dict[str, Any]]]] = {}

    def install(self) -> Callable[[], None]:
        """Watch what code does outside the namespace; call what is returned to stop it."""
        figures = self.environment.figures
        undo = self.environment.install(), around_showing(self._shell, figures.pause, figures.go_on)

        def leave() -> None:
            for put_back in undo:
                put_back()

        return leave

    def pause(self) -> None:
        """Nothing waits for the thread that publishes: it is about to be another one."""
        self.busy.over()
        self._ticker.forget()

    def resume(self) -> None:
        """This may be another process, with threads of its own."""
        self.executor.resume()
        self._background.resume()

    def acts_at_exit(self) -> bool:
        """Whether a cell registered something for the end of the process."""
        return self._exits.are_there()

    def begin(self, notebook: Notebook) -> None:
        """A walk over these cells begins."""
        if notebook is not self._notebook:
            self._notebook, self._indices = notebook, {cell.id: index for index, cell in enumerate(notebook)}
        self.environment.begin(notebook)

    @contextmanager
    def by_hand(self, cell_id: CellId, execute: Execute) -> Iterator[list[dict[str, Any]]]:
        """A walk inside executes this cell through a front end's request; the list gets the reply."""
        replies: list[dict[str, Any]] = []
        self._by_hand[cell_id] = execute, replies
        try:
            yield replies
        finally:
            self._by_hand.pop(cell_id, None)

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
        return self.environment.components(cell, names, self._reader.texts(cell), env, by_programs=by_programs)

    def baseline(self, component: Component) -> Binding | None:
        """What such a component is that no cell wrote."""
        if component == COMPONENT:
            self._seen.walk_begins()  # every cell reads it, so each walk asks for it, once
        return self.environment.baseline(component)

    def present(self, component: Component) -> Binding | None:
        """What it is at this moment, where it cannot be put back."""
        return self.environment.present(component)

    def place(self, components: Mapping[Component, Binding], absent: Collection[Component]) -> None:
        """Make these what the walk says."""
        self.environment.place(components, absent)

    def begin_callbacks(self, env: Mapping[str, Binding], made: Collection[Component]) -> None:
        """Callbacks are about to run."""
        self.environment.begin_callbacks(env, made)

    def end_callbacks(self) -> Mapping[Component, Binding | None]:
        """What they changed besides globals and traits."""
        return self.environment.end_callbacks()

    async def execute(self, cell: Cell, kept: Kept | None = None) -> Executed:
        """Execute a cell and note what it did to widgets."""
        self.busy.executing(cell, self._indices[cell.id], len(self._indices))
        self._background.was_there()
        environment = self.environment.watch(cell, self._reader.sets(cell))
        widgets = self.widgets.cell(cell.id, self._hold(kept))
        shell, controls = self._shell, self.parameters.controls(cell)
        with widgets as trace, environment as seen, self._exits.watching(), compiled(shell) as code, controls:
            done = await self._done(cell, seen)
            trace.failed = done.error is not None
        self._seen.saw(trace.reads)
        left = trace.effects
        effects = HostEffects(left, left.nbytes) if left else None
        reach = frozenset(survey(left.held(), self.known).reach)
        made = done.outputs, done.error, done.seconds
        places, uses = code.ran(), self._reader.read(cell).uses
        handed = uses.handed if uses is not None else ()
        registered = frozenset(item for item in handed if trace.saw_registered(item, self._shell.user_ns))
        ran = None if places is None else Ran(places, registered)
        return Executed(*made, trace.reads, effects, reach, seen.used, seen.found, seen.left, trace.renewed, ran)

    def _hold(self, kept: Kept | None) -> Callable[[object], bool] | None:
        """Whether callbacks of a cell go on with what a registered function holds, though the cell is made again."""
        if kept is None:
            return None

        def holds(handler: object) -> bool:
            return kept(frozenset(survey(handler, self.known).reach) - {id(handler)})

        return holds

    async def _done(self, cell: Cell, seen: EnvironmentTrace) -> Executed:
        if cell.id not in self._by_hand:
            live = partial(self._displayed.live, cell)
            number = self._indices[cell.id] + 1
            done = await self.executor.run(cell, number, live=live, timeout=self._timeout)
            if done.error is None and not self.environment.surprised(seen):
                self._displayed.ended(cell, done.outputs)
            return done
        execute, replies = self._by_hand.pop(cell.id)
        self.executor.forget(cell.id)
        with self._contexts.entered():
            done, reply = await overhear(self._kernel, execute)
        replies.append(reply)
        self._displayed.put_out(cell.id, done.outputs, done.error)
        return done

    def only_read(self, cell: Cell, reads: Mapping[str, Binding]) -> Collection[Binding]:
        """Which of the bindings that the cell reads it cannot have changed when it was executed just now."""
        operations = self._reader.operations(cell)
        if self._background.was_there() or self._looks_at_all or operations is None or self.environment.calls_authors():
            return ()
        return self._only_reads.unchanged(operations, reads)

    def gives_objects(self, components: Iterable[Component]) -> bool:
        """Whether code that reads these may get objects from them that others have as well."""
        return gives_objects(components, self.widgets.trait)

    def doubt(self, cell: Cell, reads: Mapping[str, Binding]) -> str | None:
        """Why all that the cell reads was compared, in words."""
        operations = self._reader.operations(cell)
        if self._looks_at_all:
            return "NBAPP_COST=full"
        if operations is None:
            return "magics of the cell may change anything"
        if self._background.was_there():
            return "threads, tasks, timers or hooks of yours may have been at work"
        if self.environment.calls_authors():
            return "hooks, or attributes set on libraries, may call your code"
        return self._only_reads.doubt(operations, reads)

    def version(self, component: Component) -> Digest:
        """The live version of a widget trait or of a widget's callbacks, or whether a widget is open."""
        return self.widgets.version(component)

    def tell(self, component: Component) -> str | None:
        """What happened to a widget's trait, in words."""
        return self._seen.tell(component)

    def is_of_callbacks(self, component: Component, echoes: Collection[CellId]) -> bool:
        """Whether callbacks, or one of these cells, changed a trait or the like last."""
        return self.widgets.is_of_callbacks(component, echoes)

    def keep(self, owner: CellId, value: object) -> bool:
        """Callbacks have changed what hangs on a widget."""
        if isinstance(value, Widget):
            self.widgets.hanging.keep(owner, value)
        return isinstance(value, Widget)

    def heir(self, value: object) -> object:
        """The widget that was built where this one stood."""
        return self.widgets.hanging.heir(value) if isinstance(value, Widget) else value

    def give_back(self, owner: CellId) -> None:
        """What hangs on widgets is as callbacks left it."""
        self.widgets.hanging.give_back(owner)

    def forget_callbacks(self, cell: Cell) -> None:
        """What callbacks did to the widgets of a cell does not hold any more."""
        self.widgets.forget_callbacks(cell.id)

    def restore(self, cell: Cell, effects: HostEffects | None) -> None:
        """Make the widgets as a run left them."""
        self.environment.passes(cell.id)
        self.widgets.restore(effects.what if effects is not None else None, cell.id)

    def pass_by(self, cells: Collection[CellId]) -> bool:
        """Cells that left nothing on widgets are skipped. How one is read is remembered, but for one run by hand."""
        if not self._by_hand.keys().isdisjoint(cells) or not self.widgets.pass_by(cells):
            return False
        self.environment.passes(*cells)
        return True

    def go_back(self, cell: Cell) -> None:
        """Take back what this cell and those below assigned to widgets in this walk."""
        self.widgets.go_back(cell.id)

    def called_back(self) -> Survey:
        """What the live widget callbacks reach, and the names that they look up or bind."""
        return survey(tuple(self.widgets.callbacks()), self.known)

    def logged_to(self) -> Survey:
        """What the handlers of loggers reach."""
        return survey(handlers(), self.known)
