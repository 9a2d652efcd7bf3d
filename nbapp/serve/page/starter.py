"""Starts the app in a kernel and runs the notebook there, with nbclient's messages, and hears what cells show.

Cells are executed in the kernel only: no cell's source is sent to be executed here.
"""

from __future__ import annotations

import contextlib
import json
import queue
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.session import Session
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from traitlets import Dict, Integer
from voila.execute import VoilaExecutor

from nbapp.errors import UsageError
from nbapp.serve.kernels.connection import RECORD
from nbapp.serve.kernels.first_run import FirstRun
from nbapp.serve.kernels.kernels import visitor
from nbapp.serve.page.downloads import outbox
from nbapp.serve.page.markup import markup
from nbapp.serve.prepare import is_run
from nbapp.serve.visitors.address import asked_by_address
from nbapp.serve.visitors.links import opened_by

_SERVED = '__import__("nbapp.kernel.served", fromlist=["served"])'  # an expression: it binds nothing
BUSY_MARK = "nbapp-busy"  # the model id of the kernel's busy mark
_GREETING = 1.0  # seconds
_TO_BE_HEARD = 0.2  # seconds within which what a kernel publishes is there once it has replied
_NO_START = "the app did not start in its kernel"


def settings_of(notebook: NotebookNode, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The kernel's settings for this notebook. Its page has the theme that it names, unless another is asked for."""
    theme = settings.get("theme") or notebook.metadata.get("nbapp_page", {}).get("theme") or "auto"
    return {**settings, "theme": theme}


def cells(notebook: NotebookNode) -> list[dict[str, Any]]:
    """The code cells as the kernel gets them; positions stay."""
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    return [
        {"id": cell.id, "source": cell.source if is_run(cell) else "", "tags": cell.metadata.get("tags", [])}
        for cell in code
    ]


class Starter(VoilaExecutor):
    """Talks to one kernel, `km`, for a notebook. `settings` are the kernel's, as JSON values."""

    settings: dict[str, Any] = Dict(config=True)  # type: ignore[assignment]
    # What a kernel publishes comes on another socket than its reply, and may be far behind on a busy machine. nbclient
    # gives it four seconds; what is missed is what cells show, and which of it is of this moment only.
    iopub_timeout = Integer(86400)

    def __init__(self, notebook: NotebookNode, km: Any, **arguments: Any) -> None:
        super().__init__(new_notebook(cells=[new_code_cell()]), km=km, **arguments)  # nbclient notes outputs in a cell
        self._notebook = notebook
        self._first_run: FirstRun = km.first_run
        self._link = opened_by.get()
        self._visitor = visitor.get()
        self._query = dict(asked_by_address.get())

    async def __aenter__(self) -> Starter:
        await self.km.is_there()
        self.kc = self.km.client(session=self._session())
        self.kc.start_channels()
        self.kc.iopub_channel.socket.rcvhwm = 0  # nothing is dropped, as by `PageKernel.connect_iopub`
        self.kc.allow_stdin = False
        try:
            if not (self.km.is_fork and await self._is_heard()):
                await self._is_answered()
        except BaseException:
            self.kc.stop_channels()
            raise
        self.km.has_answered()
        return self

    def _session(self) -> Session:
        """One of its own: of two who talk to a kernel under one name, ZeroMQ hears only the first."""
        session: Session = self.km.session.clone()
        session.session = uuid.uuid4().hex
        return session

    async def _is_answered(self) -> None:
        """Wait until the kernel answers, and is heard. jupyter_client then waits until it says nothing for a fifth of a
        second, which one that goes on talking, as about a control that plays, never does.

        Raises:
            RuntimeError: it ended, or has been busy for long.
        """
        latest = time.monotonic() + self.startup_timeout
        while True:
            self.kc.kernel_info()
            with contextlib.suppress(queue.Empty):
                await self.kc.shell_channel.get_msg(timeout=1)
                await self.kc.iopub_channel.get_msg(timeout=_TO_BE_HEARD)
                return
            if not await self.kc.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > latest:
                raise RuntimeError(f"Kernel didn't respond in {self.startup_timeout} seconds")

    async def _is_heard(self) -> bool:
        """Whether a fork's kernel greets who listens to it, soon: it answers already, and to make sure of it in
        jupyter_client's way takes a fifth of a second.
        """
        with contextlib.suppress(queue.Empty):
            greeting = await self.kc.iopub_channel.get_msg(timeout=_GREETING)
            return bool(greeting["msg_type"] == "iopub_welcome")
        return False

    async def __aexit__(self, *_: object) -> None:
        self.kc.stop_channels()

    async def run(self) -> None:
        """Run the notebook for the page that is asked for; what has run ahead is only brought up to date.

        Raises:
            CellExecutionError, DeadKernelError: the app does not start.
        """
        if self.km.is_fork:
            await self._call("await {}.arrive({!r})", json.dumps(self._of_page()))
        elif self.km.is_warm:
            await self._call("await {}.arrive({!r})", json.dumps({"query": self._query}))
        else:
            await self._start("run")

    async def run_ahead(self) -> None:
        """Run the notebook for a page that nobody has asked for so far.

        Raises:
            CellExecutionError, DeadKernelError: the app does not start.
        """
        await self._start("ahead")

    async def tell_shown(self) -> None:
        """Hear what cells show now, for a page that comes back.

        Raises:
            CellExecutionError, DeadKernelError: the kernel does not tell.
        """
        await self._call("{}.comes_back()")

    async def edit(self, version: str) -> None:
        """Go on with this version of the notebook.

        Raises:
            CellExecutionError, DeadKernelError: it did not get there.
        """
        await self._call("await {}.edit({!r})", json.dumps({"cells": self._cells(), "version": version}))

    async def tell_broken(self, error: str) -> None:
        """Tell the page that what was saved cannot be run, and why."""
        await self._call("{}.broken({!r})", error)

    async def write_still(self, path: Path) -> None:
        """Have what cells show written into a file.

        Raises:
            CellExecutionError, DeadKernelError: it was not.
        """
        await self._call("{}.write_still({!r})", str(path))

    async def rehearse(self) -> None:
        """Run the notebook once to see whether its settings fit.

        Raises:
            UsageError: they do not.
        """
        try:
            await self._start("check")
        except CellExecutionError as error:
            asked_for_too_much = error.ename == UsageError.__name__
            raise UsageError(error.evalue if asked_for_too_much else f"{_NO_START}: {error.evalue}") from error
        except DeadKernelError as error:
            raise UsageError(f"{_NO_START}: the notebook's first run ended the kernel") from error

    async def _start(self, then: str) -> None:
        """Start the app; then call a function of `nbapp.kernel.served`."""
        await self._call("{}.start({!r})", self._payload())
        await self._call(f"await {{}}.{then}()")

    async def _call(self, code: str, *arguments: str) -> None:
        sent = new_code_cell(code.format(_SERVED, *arguments))
        await self.async_execute_cell(sent, 0, store_history=False)

    def _cells(self) -> list[dict[str, Any]]:
        return cells(self._notebook)

    def _payload(self) -> str:
        own = self._of_page()
        of_link = {"link_values": own.pop("link_values"), "query": own.pop("query")}
        settings = {**settings_of(self._notebook, self.settings), **of_link}
        return json.dumps({"cells": self._cells(), "settings": settings, **own})

    def _of_page(self) -> dict[str, Any]:
        """What is this page's own."""
        environment = {"VOILA_KERNEL_ID": str(self.km.kernel_id)}
        visit = self.km.visit
        before = visit.before if visit is not None else None
        values = {**(self._link.values if self._link is not None else {}), **(before.values if before else {})}
        query = {} if before else self._query  # it is in the values, or was left behind
        about = {"environment": environment, "outbox": str(outbox(self.km)), "user": self._visitor}
        return {**about, "link_values": values, "query": query, "told": [before.told()] if before else []}

    def handle_comm_msg(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int) -> None:
        """Note what the first run is at and what its cells show. The server keeps no widgets and is no front end: it
        answers nothing, and so sends nothing on the socket on which it waits for the reply, which it would miss.
        """
        content = msg["content"]
        if content["comm_id"] == BUSY_MARK:
            value = content["data"].get("state", {}).get("value")
            self._first_run.is_at(json.loads(value) if value else None)
        elif content["comm_id"] == RECORD:
            shown: dict[str, Any] = content["data"].get("shown", {})  # nothing as it opens and closes
            self._first_run.shows({cell_id: markup(outputs) for cell_id, outputs in shown.items()})
            if "state" in content["data"]:
                self.km.hears(content["data"]["state"])
            self._first_run.of_the_moment |= frozenset(content["data"].get("of_the_moment", ()))
