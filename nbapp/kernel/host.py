"""The kernel as the core sees it: reads cells, executes them, knows versions of widget traits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ipywidgets.widgets import widget as instances

from nbapp.core.digest import Digest, digest
from nbapp.core.host import Reading
from nbapp.core.notebook import Cell, CellId, Output
from nbapp.core.run import UNBOUND, Component, Effects, Executed
from nbapp.core.survey import Survey, survey
from nbapp.core.types import Types
from nbapp.kernel.busy import BusyClock
from nbapp.kernel.cells import CellReader
from nbapp.kernel.effects import Built
from nbapp.kernel.execute import Executor
from nbapp.kernel.hand import Execute, overhear
from nbapp.kernel.settings import Settings
from nbapp.kernel.values import LOOKUPS
from nbapp.kernel.widgets import Widgets

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell

_HISTORY = re.compile(r"_+|_i*|_i?\d+|_[iod]h|__\w+__")
_OWN = frozenset({"In", "Out", "get_ipython", "exit", "quit", "open"})
_OPEN, _IS_OPEN = "open:", Digest("open")
Live = Callable[[Cell, tuple[Output, ...]], None]


class KernelHost:
    """The port of the walk into IPython. `live` is told the outputs of a cell that takes long."""

    def __init__(self, shell: ZMQInteractiveShell, settings: Settings, busy: BusyClock, live: Live) -> None:
        self.known = Types(shell.user_ns, LOOKUPS)
        self.executor = Executor(shell)
        self.widgets: Widgets
        self.total = 0
        self._reader = CellReader(shell.transform_cell, cache=settings.cache)
        self._timeout = settings.timeout
        self._busy = busy
        self._live = live
        self._kernel = shell.kernel
        self._hidden = frozenset(shell.user_ns_hidden) - {"_"}
        self.index = 0
        self._by_hand: dict[CellId, tuple[Execute, list[dict[str, Any]]]] = {}

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
        return Reading(reading.names, "you ran it") if cell.id in self._by_hand else reading

    def managed(self, name: str) -> bool:
        """Whether a global is the notebook's own: not IPython's, and not its history."""
        return name not in self._hidden and name not in _OWN and not _HISTORY.fullmatch(name)

    async def execute(self, cell: Cell) -> Executed:
        """Execute a cell and note what it did to widgets."""
        self._busy.executing(cell, self.index, self.total)
        with self.widgets.cell(cell.id) as trace:
            done = await self._done(cell)
            trace.failed = done.error is not None
        left = trace.effects
        effects = Effects(left) if left.built or left.assigned or left.registered or left.consumed else None
        reads = trace.reads | self._alive(left.built)
        held = survey(tuple(registration.handler for registration in left.registered), self.known)
        return Executed(done.outputs, done.error, done.seconds, reads, effects, frozenset(held.reach))

    def _alive(self, built: Iterable[Built]) -> dict[Component, Digest]:
        """A run that built widgets applies only as long as they are open: what it shows are views of them."""
        widgets = (each.widget for each in built)
        return {f"{_OPEN}{widget.comm.comm_id}": _IS_OPEN for widget in widgets if widget.comm is not None}

    async def _done(self, cell: Cell) -> Executed:
        if cell.id not in self._by_hand:
            return await self.executor.run(cell, live=lambda outputs: self._live(cell, outputs), timeout=self._timeout)
        execute, replies = self._by_hand.pop(cell.id)
        done, reply = await overhear(self._kernel, execute)
        replies.append(reply)
        return done

    def version(self, component: Component) -> Digest:
        """The live version of a widget trait or of a widget's callbacks, or whether a widget is open."""
        if component.startswith(_OPEN):
            return _IS_OPEN if component.removeprefix(_OPEN) in instances._instances else UNBOUND
        return self.widgets.version(component)

    def restore(self, effects: Effects) -> None:
        """Make the widgets as a run left them."""
        self.widgets.restore(effects.what)

    def go_back(self, cell: Cell) -> None:
        """Take back what this cell and those below assigned to widgets in this walk."""
        self.widgets.go_back(cell.id)

    def called_back(self) -> Survey:
        """What the live widget callbacks reach, and the names that they look up or bind."""
        return survey(tuple(self.widgets.callbacks()), self.known)
