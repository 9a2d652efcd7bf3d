"""Voila's executor, except that it never sends a cell's source: it asks the kernel's app to show the cell.

There is one engine, in the kernel. The first cell starts it and waits for the whole first walk; the source stays in
the notebook for whoever wants to see the code.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets import Dict
from voila.execute import VoilaExecutor

from nbapp.errors import UsageError
from nbapp.serve.kernels.kernels import visitor
from nbapp.serve.prepare import is_run
from nbapp.serve.visitors.links import opened_by

_SERVED = '__import__("nbapp.kernel.served", fromlist=["served"])'  # an expression: it binds nothing
_ARRIVE = f"await {_SERVED}.arrive()"
BUSY_MARK = "nbapp-busy"  # the model id of the kernel's busy mark
_NO_START = "the app did not start in its kernel"
_NO_APP = (
    '<p class="nbapp-error" role="alert">This app could not start. Reload the page to try again, or ask the author.</p>'
)


class ShowExecutor(VoilaExecutor):
    """Shows cells in the order of the notebook. `settings` are the kernel's, as JSON values.

    `progress` is what the first walks under way are at, by kernel id, as the busy mark has it.
    """

    settings: dict[str, Any] = Dict(config=True)  # type: ignore[assignment]
    progress: ClassVar[dict[str, str]] = {}

    def __init__(self, nb: NotebookNode, km: Any = None, **arguments: Any) -> None:
        super().__init__(nb, km=km, **arguments)
        self._started = False
        self._broken = False
        self._told = False
        self._link = opened_by.get()
        self._visitor = visitor.get()

    async def async_start_new_kernel_client(self, **options: Any) -> Any:
        """The client of the kernel; of one that died as it started, a client all the same: Voila waits for one."""
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.iopub_channel.socket.rcvhwm = 0  # nothing is dropped, as by `PageKernel.connect_iopub`
        try:
            await self.kc.wait_for_ready(timeout=self.startup_timeout)
            self.km.answers = True
            self.kc.allow_stdin = False
        except RuntimeError as error:
            self._fails(error)
        return self.kc

    async def execute_cell(
        self, cell: NotebookNode, resources: Any, cell_index: int, store_history: bool = True
    ) -> NotebookNode:
        """The cell with the view that the kernel keeps up to date as its only output."""
        if not is_run(cell) or self._told:
            return cell
        try:
            if not self._broken:
                if not self._started:
                    self._started = True
                    warm = self.km.is_warm
                    await self._send(_ARRIVE if warm else f"{_SERVED}.start({self._payload()!r})", cell_index)
                cell.outputs = await self._send(f"await {_SERVED}.show({cell.id!r})", cell_index)
                return cell
        except (CellExecutionError, DeadKernelError) as error:
            self._fails(error)
        finally:
            self.progress.pop(str(self.km.kernel_id), None)
        self._told = True
        cell.outputs = [new_output("display_data", {"text/html": _NO_APP, "text/plain": ""})]
        return cell

    def _fails(self, error: Exception) -> None:
        self._broken = True
        if not self.km.shutting_down:  # else the page is gone, or the server ends
            self.km.log.error("The app did not start:\n%s", error)

    async def rehearse(self) -> None:
        """Start the app and walk the notebook once.

        Raises:
            UsageError: the settings do not fit the notebook.
        """
        index = next((index for index, cell in enumerate(self.nb.cells) if is_run(cell)), None)
        if index is None:
            return
        try:
            await self._send(f"{_SERVED}.start({self._payload()!r})", index)
            await self._send(f"await {_SERVED}.check()", index)
        except CellExecutionError as error:
            asked_for_too_much = error.ename == UsageError.__name__
            raise UsageError(error.evalue if asked_for_too_much else f"{_NO_START}: {error.evalue}") from error
        except DeadKernelError as error:
            raise UsageError(f"{_NO_START}: the notebook's first run ended the kernel") from error

    async def run_ahead(self) -> None:
        """Start the app and walk the notebook, for a page that nobody has asked for so far.

        Raises:
            CellExecutionError, DeadKernelError: it does not start.
        """
        index = next((index for index, cell in enumerate(self.nb.cells) if is_run(cell)), None)
        if index is not None:
            await self._send(f"{_SERVED}.start({self._payload()!r})", index)
            await self._send(f"await {_SERVED}.ahead()", index)

    async def _send(self, code: str, cell_index: int) -> list[NotebookNode]:
        sent = NotebookNode(cell_type="code", source=code, metadata=NotebookNode(), outputs=[], execution_count=None)
        cell = self.nb.cells[cell_index]
        try:
            await self.async_execute_cell(sent, cell_index, store_history=False)
        finally:
            self.nb.cells[cell_index] = cell
        return list(sent.outputs)

    def _payload(self) -> str:
        code = (cell for cell in self.nb.cells if cell.cell_type == "code")
        cells = [
            {"id": cell.id, "source": cell.source if is_run(cell) else "", "tags": cell.metadata.get("tags", [])}
            for cell in code  # positions stay
        ]
        environment = {"VOILA_KERNEL_ID": str(self.km.kernel_id)}
        settings = {**self.settings, "link_values": self._link.values if self._link is not None else {}}
        return json.dumps({"cells": cells, "settings": settings, "environment": environment, "user": self._visitor})

    def handle_comm_msg(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int) -> None:
        """Note what the first walk is at. The server keeps no other widgets and plays no front end for them."""
        content = msg["content"]
        if content["comm_id"] == BUSY_MARK:
            self.progress[str(self.km.kernel_id)] = str(content["data"].get("state", {}).get("value", ""))
