"""The comm between the kernel and JupyterLab's extension: opens it, and does what the extension asks.

A message may come on a thread of its own, while a cell runs. Stop acts at once; the rest waits for the kernel's loop.
A page that is loaded again finds the open comm by its target, and says hello.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from comm import create_comm, get_comm_manager
from IPython.core.getipython import get_ipython

from nbapp import __version__
from nbapp._compat import ipykernel as private
from nbapp.core.notebook import CellId
from nbapp.kernel.frontends.document import Document
from nbapp.kernel.frontends.jupyterlab import Lab
from nbapp.kernel.frontends.protocol import PROTOCOL, TARGET, CellNow, FromFrontEnd, FromKernel, ValueNow
from nbapp.kernel.widgets.updates.current_values import chosen
from nbapp.kernel.widgets.updates.link_values import text

if TYPE_CHECKING:
    from ipykernel.ipkernel import IPythonKernel

    from nbapp.kernel.app import App

_log = logging.getLogger(__name__)


class ControlComm:
    """The comm of one kernel."""

    def __init__(self, kernel: IPythonKernel) -> None:
        self._kernel = kernel
        self._context = contextvars.copy_context()  # what a thread of a cell sends has this request as its parent
        self._comm: Any = create_comm(target_name=TARGET, primary=False)  # not opened before it is served
        self._comm.primary = True
        private.answer_at_once(self._comm)

    def send(self, message: FromKernel) -> None:
        """Tell every page; from any thread. A kernel that reruns is busy, also for JupyterLab's own mark."""
        context = self._context.copy()
        if message["kind"] == "busy":
            context.run(private.publish_status, self._kernel, "busy" if message["cell"] else "idle")
        context.run(self._comm.send, dict(message))

    def serve(self, app: App, document: Document, lab: Lab) -> Callable[[], None]:
        """Open the comm and answer its messages; call what is returned to close it."""
        asked = _Asked(app, document, lab, asyncio.get_event_loop())
        self._comm.on_msg(lambda message: asked.take(message["content"]["data"]))
        self._comm.on_close(lambda _: self._stays_open())
        self._comm.open({"protocol": PROTOCOL, "version": __version__})
        close: Callable[[], None] = self._comm.close
        return close

    def _stays_open(self) -> None:
        """A client without our extension answers a comm that it does not know by closing it, also for the others."""
        private.reopen(self._comm)
        get_comm_manager().register_comm(self._comm)


class _Asked:
    """What a front end may ask."""

    def __init__(self, app: App, document: Document, lab: Lab, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._document = document
        self._lab = lab
        self._loop = loop
        self._context = contextvars.copy_context()
        self._tasks: set[asyncio.Task[Any]] = set()

    def take(self, message: FromFrontEnd) -> None:
        """One message, on any thread."""
        if message["kind"] == "stop":
            self._app.stop()
        else:
            self._loop.call_soon_threadsafe(self._answer, message, context=self._context)

    def _answer(self, message: FromFrontEnd) -> None:
        if message["kind"] == "hello":
            if message["protocol"] != PROTOCOL:
                _log.warning("nbapp's extension speaks protocol %s, this kernel %s", message["protocol"], PROTOCOL)
            self._arrange(message["cells"])
            self._lab.hello(message["client"])
        elif message["kind"] == "cells":
            self._lab.heard_from(message["client"])
            self._arrange(message["cells"])
        elif message["kind"] == "reactive":
            self._app.switch(message["on"])
        elif message["kind"] == "reset":
            self._start(self._app.reset())
        elif message["kind"] == "current":
            self._start(self._tell_values(message["client"]))
        else:
            _log.warning("nbapp does not know the message %r", message["kind"])

    def _arrange(self, cells: list[CellNow]) -> None:
        before = self._app.notebook
        self._app.edit(self._document.arrange(cells))
        self._lab.arranged([CellId(cell["id"]) for cell in cells], self._document.edited())
        if self._app.reactive and self._app.notebook != before:
            self._start(self._app.rerun(again=False))

    async def _tell_values(self, client: str) -> None:
        await self._app.at_rest()
        shell: Any = get_ipython()
        found = chosen(self._app, shell.user_ns)
        values: list[ValueNow] = [{"name": name, "text": text(value)} for name, value in found.values.items()]
        left, unnamed = list(found.left), found.unnamed
        self._lab.send({"kind": "values", "client": client, "values": values, "left": left, "unnamed": unnamed})

    def _start(self, coroutine: Any) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.result()
