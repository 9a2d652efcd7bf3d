"""Cells that the author runs by hand after `%load_ext nbapp`: each joins the notebook and is recorded like any other.

Without a front end's help the order of cells comes from the saved file, where there is one, and from the order of
execution otherwise; both may be behind what the author sees.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nbapp.core.notebook import Cell, CellError, CellId, Notebook
from nbapp.core.run import Executed
from nbapp.kernel.outputs import KINDS, Growing, output_of
from nbapp.kernel.plain import Plain
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


def intercept(kernel: IPythonKernel, app: RunsCells, screen: Plain) -> Callable[[], None]:
    """Let the cells of execute requests pass through the app; call what is returned to undo it."""
    original: Original = kernel.do_execute
    order = SavedOrder()

    @functools.wraps(original)
    async def do_execute(code: str, silent: bool, *args: Any, **options: Any) -> dict[str, Any]:
        cell_id = options.get("cell_id")
        if silent or not cell_id:
            await app.at_rest()
            return dict(await original(code, silent, *args, **options))
        request = kernel.get_parent("shell")
        cell = Cell(CellId(cell_id), code, tuple(request.get("metadata", {}).get("tags", ())))
        app.notebook = order.place(cell, app.notebook)
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


class SavedOrder:
    """The order of cells in the notebook file this kernel was started for; read again when it was saved."""

    def __init__(self, path: str | None = None) -> None:
        self._path = Path(path or os.environ.get("JPY_SESSION_NAME") or "")
        self._saved: tuple[int, int] | None = None
        self._rank: dict[str, int] = {}

    def place(self, cell: Cell, notebook: Notebook) -> Notebook:
        """The notebook with this cell in it: replaced, or put where the file has it, or at the end."""
        self._refresh()
        if any(known.id == cell.id for known in notebook):
            cells = [cell if known.id == cell.id else known for known in notebook]
        else:
            cells = [*notebook, cell]
        if all(known.id in self._rank for known in cells):
            cells.sort(key=lambda known: self._rank[known.id])
        return tuple(cells)

    def _refresh(self) -> None:
        try:
            stat = self._path.stat()
            if self._path.suffix != ".ipynb" or self._saved == (stat.st_mtime_ns, stat.st_size):
                return
            cells = json.loads(self._path.read_text("utf-8")).get("cells", [])
            self._saved = stat.st_mtime_ns, stat.st_size
        except (OSError, ValueError):
            return  # not saved yet, or half-way through being saved: the order known so far stands
        self._rank = {cell["id"]: index for index, cell in enumerate(cells) if "id" in cell}
