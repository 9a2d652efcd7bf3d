"""Cells that the author runs by hand after `%load_ext nbapp`: each joins the notebook and is recorded like any other.

This file knows neither the order of the cells nor who shows them.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from nbapp.core.notebook import Cell, CellError, CellId, Notebook
from nbapp.core.run import Executed
from nbapp.kernel.document import Document
from nbapp.kernel.outputs import KINDS, Growing, output_of
from nbapp.kernel.streams import drain

if TYPE_CHECKING:
    from ipykernel.ipkernel import IPythonKernel

Execute = Callable[[], Awaitable[dict[str, Any]]]
Original = Callable[..., Awaitable[dict[str, Any]]]


class RunsCells(Protocol):
    """What this file asks of the app."""

    notebook: Notebook

    async def run_by_hand(self, cell: Cell, execute: Execute) -> dict[str, Any]:
        """Run one cell through the front end's own request."""

    async def at_rest(self) -> None:
        """Wait until names and widgets have their newest values."""


class Shows(Protocol):
    """What this file asks of whoever shows outputs."""

    def runs(self, cell_id: CellId, parent: dict[str, Any]) -> None:
        """The front end runs this cell with this request, and gets its outputs by itself."""


@dataclass(slots=True)
class Hands:
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


def intercept(kernel: IPythonKernel, app: RunsCells, document: Document, screen: Shows) -> Callable[[], None]:
    """Let the cells of execute requests pass through the app; call what is returned to undo it."""
    original: Original = kernel.do_execute

    @functools.wraps(original)
    async def do_execute(code: str, silent: bool, *args: Any, **options: Any) -> dict[str, Any]:
        cell_id = options.get("cell_id")
        if silent or not cell_id:
            await app.at_rest()
            return dict(await original(code, silent, *args, **options))
        request = kernel.get_parent("shell")
        cell = Cell(CellId(cell_id), code, tuple(request.get("metadata", {}).get("tags", ())))
        app.notebook = document.ran(cell)
        screen.runs(cell.id, request)
        return await app.run_by_hand(cell, lambda: original(code, silent, *args, **options))

    kernel.do_execute = do_execute  # type: ignore[method-assign]

    def undo() -> None:
        if kernel.do_execute is do_execute:
            del kernel.do_execute

    return undo


async def overhear(kernel: IPythonKernel, execute: Execute) -> tuple[Executed, dict[str, Any]]:
    """Let a front end's request run, and note the outputs that pass by on their way to it."""
    session: Any = kernel.session
    send = session.send
    request = kernel.get_parent("shell")["header"]["msg_id"]
    seen = Growing()

    def passing(stream: Any, kind: Any, content: Any = None, parent: Any = None, *args: Any, **more: Any) -> Any:
        header = parent.get("header", parent) if parent else {}
        what, said = kind, content
        if isinstance(kind, Mapping):  # as streams send
            what, said, header = kind["header"]["msg_type"], kind["content"], kind["parent_header"]
        if header.get("msg_id") == request and what in KINDS:
            seen.add(output_of(what, said))
        elif header.get("msg_id") == request and what == "clear_output":
            seen.clear(wait=bool(said.get("wait")))
        return send(stream, kind, content, parent, *args, **more)

    started = time.perf_counter()
    session.send = passing
    try:
        reply = await execute()
        drain((sys.stdout, sys.stderr))
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # text waits in its stream for a while
    finally:
        session.send = send
    seconds = time.perf_counter() - started
    error = None
    if reply["status"] == "error":
        error = CellError(reply["ename"], reply["evalue"], tuple(reply["traceback"]))
    return Executed(seen.outputs(), error, seconds), reply
