"""Cells that the author runs by hand after `%load_ext nbapp`: each joins the notebook and is recorded like any other.

This file knows neither the order of the cells nor who shows them.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbapp.core.notebook import Cell, CellId
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.common.stand_in import faults
from nbapp.kernel.frontends.document import Document
from nbapp.kernel.outputs.outputs import output_of
from nbapp.kernel.outputs.overhear import Execute

if TYPE_CHECKING:
    from ipykernel.ipkernel import IPythonKernel

    from nbapp.kernel.app import App
    from nbapp.kernel.frontends.jupyterlab import Lab

Original = Callable[..., Awaitable[dict[str, Any]]]
EXECUTE = "execute_request"


async def walk_to(app: App, cell: Cell, execute: Execute) -> dict[str, Any] | None:
    """Bring the cells above up to date, then run this one, whatever is known of it and whatever fails above."""
    app.failures.go_on()
    while not app.failures.stopped:
        app.failures.try_again(await app.apply_updates())
        if all(known.id != cell.id for known in app.notebook):  # it was deleted while it waited
            await app.complete()
            return await execute()
        with app.host.by_hand(cell.id, execute) as replies:
            await app.walk_once(app.notebook, asked=cell.id)
            await app.complete()
        if replies:
            return replies[0]
    return None


@dataclass(slots=True)
class ManualRuns:
    """The cells that the author runs by hand: those that wait, and the one under way."""

    count: int = 0
    under_way: bool = False

    @property
    def wait(self) -> bool:
        """Whether one waits for its turn."""
        return self.count > self.under_way

    @asynccontextmanager
    async def turn(self, turn: asyncio.Lock) -> AsyncIterator[None]:
        """Wait for the turn, and keep it."""
        self.count += 1
        try:
            async with turn:
                self.under_way = True
                try:
                    yield
                finally:
                    self.under_way = False
        finally:
            self.count -= 1


@dataclass(frozen=True, slots=True)
class ManualRequests:
    """What becomes of a front end's requests to execute code."""

    kernel: IPythonKernel
    app: App
    document: Document
    displayed: Lab

    async def aside(self, code: str, execute: Execute) -> dict[str, Any]:
        """Code that is no cell."""
        with faults.noted(EXECUTE):
            await self.app.at_rest()
        with self.app.asides.around(code):
            return dict(await execute())

    async def cell(self, cell_id: CellId, code: str, execute: Execute) -> dict[str, Any]:
        """A cell that the author runs by hand."""
        request = self.kernel.get_parent("shell")
        cell = Cell(cell_id, code, tuple(request.get("metadata", {}).get("tags", ())))
        self.app.edit(self.document.ran(cell))

        async def shown() -> dict[str, Any]:
            self.displayed.asked(cell.id, request)
            self.displayed.runs(cell.id)
            return await execute()

        reply = await self.app.run_by_hand(cell, shown)
        if reply is None:
            self.displayed.asked(cell.id, request)
            reply = _stopped(self.kernel)
            self.app.displayed.put_out(cell.id, (output_of("error", reply),))
        return reply


def intercept(kernel: IPythonKernel, app: App, document: Document, displayed: Lab) -> Callable[[], None]:
    """Let the cells of execute requests pass through the app; call what is returned to undo it."""
    original: Original = kernel.do_execute

    requests = ManualRequests(kernel, app, document, displayed)

    @functools.wraps(original)
    async def do_execute(code: str, silent: bool, *args: Any, **options: Any) -> dict[str, Any]:
        once = _Once(lambda: original(code, silent, *args, **options))
        cell_id = options.get("cell_id")
        try:
            if silent or not cell_id:
                return await requests.aside(code, once)
            return await requests.cell(CellId(cell_id), code, once)
        except Exception as error:
            if once.is_called and once.reply is None:
                raise
            faults.note(EXECUTE, error)
            return once.reply or await once()

    patching = Patching()
    patching.place(kernel, "do_execute", do_execute)
    return patching.undo


def _stopped(kernel: IPythonKernel) -> dict[str, Any]:
    """Answer the request under way as if its cell had been interrupted: it was, before it began."""
    words = "stopped while the cells above were brought up to date"
    error = {"ename": "KeyboardInterrupt", "evalue": words, "traceback": [f"KeyboardInterrupt: {words}"]}
    kernel.send_response(kernel.iopub_socket, "error", error)
    return {"status": "error", "execution_count": kernel.execution_count, **error}


class _Once:
    """The execution of a front end's request, which happens once, whatever becomes of us."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute
        self.is_called = False
        self.reply: dict[str, Any] | None = None

    async def __call__(self) -> dict[str, Any]:
        self.is_called = True
        self.reply = await self._execute()
        return self.reply
