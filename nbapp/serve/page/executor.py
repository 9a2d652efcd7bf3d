"""What Voila takes for its executor: the page is written at once, and the notebook's first run goes on behind it.

A cell's only output is the view of the box that shows it, whose model id is made of the cell's: so a page is right for
its kernel before there is one. The page's script connects when the first run is over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets.config import Config

from nbapp.serve.kernels.kernels import page_of
from nbapp.serve.page.recordings import Like, like
from nbapp.serve.page.starter import Starter
from nbapp.serve.prepare import is_run
from nbapp.serve.visitors.links import opened_by

CELL = "nbapp-cell-"  # with a cell's id, the model id of its box
# Seconds that a page which comes back waits for what its cells show: an idle kernel tells it as soon as it has heard
# the question, also on a busy machine; one whose cells compute may take as long as they do.
_SOON, _AT_ONCE = 1.5, 0.3
_VIEW = "application/vnd.jupyter.widget-view+json"


class _NoClient:
    """What Voila closes when it has written the page."""

    def stop_channels(self) -> None:
        """The first run closes what it has opened."""


class PageExecutor:
    """Starts the first run of a page and gives its cells their outputs."""

    def __init__(self, nb: NotebookNode, km: Any = None, config: Config | None = None, **_: Any) -> None:
        self.kc = _NoClient()
        self._notebook, self._kernel, self._config = nb, km, config
        self._kernels = km.parent
        self._like: Like | None = None  # None: no other page is
        self._before: Mapping[str, str] = {}
        if km.under_way is None:
            self._before = self._known()
            km.first_run.expects(self._before)

    def _known(self) -> Mapping[str, str]:
        """What cells of such a page showed before: in this kernel, if it has run ahead, or in another."""
        if self._kernel.is_plain:
            self._like = like(self._notebook.metadata.nbapp_version, self._kernel.passed)
        if self._like is None:
            return {}
        if self._kernel.is_warm and not self._kernel.is_fork:  # of a fork nothing is heard before it is asked
            self._kernels.recordings.keep(self._like, self._kernel.first_run.lasting())
        found: Mapping[str, str] = self._kernels.recordings.of(self._like)
        return found

    async def async_start_new_kernel_client(self, **_: Any) -> _NoClient:
        """Begin the first run; of a page that asks for itself anew, or comes back, it is over."""
        if self._kernel.under_way is not None:
            if page_of.get() is None:
                await self._come_back()
            return self.kc
        link = opened_by.get()
        is_pinned = link is not None and link.pinned
        self._kernel.shows_version(self._notebook.metadata.nbapp_version, is_pinned=is_pinned)
        self._kernel.works_on(self._first_run())
        return self.kc

    async def _come_back(self) -> None:
        """Write the page with what its cells show now, if the kernel tells that soon; else it hears of it later."""
        if self._kernel.first_run.state == "whole":
            is_busy = self._kernel.visit is not None and self._kernel.visit.is_busy
            await asyncio.wait([self._kernel.tells_again(self._shown_now())], timeout=_AT_ONCE if is_busy else _SOON)
        self._before = dict(self._kernel.first_run.shown)
        self._kernel.first_run.expects(self._before)

    async def _shown_now(self) -> None:
        run = self._kernel.first_run
        while True:
            try:
                async with Starter(self._notebook, self._kernel, config=self._config) as starter:
                    await starter.tell_shown()
            except (CellExecutionError, DeadKernelError, RuntimeError) as error:
                if self._kernel.kernel_id in self._kernels and not self._kernel.shutting_down:
                    if isinstance(error, RuntimeError):
                        continue  # it is busy, and has not answered for long
                    self._kernel.log.error("A page that came back was not told what its cells show:\n%s", error)
                run.ends("failed")
            else:
                run.ends("whole")
            return

    async def execute_cell(self, cell: NotebookNode, *_: Any, **__: Any) -> NotebookNode:
        """The cell with its view, and with what it showed to others before."""
        if is_run(cell):
            view = {"version_major": 2, "version_minor": 0, "model_id": f"{CELL}{cell.id}"}
            cell.outputs = [new_output("display_data", {_VIEW: view, "text/plain": ""})]
            cell.metadata.nbapp_before = self._before.get(cell.id, "")
        return cell

    async def _first_run(self) -> None:
        began, run = time.monotonic(), self._kernel.first_run
        try:
            await self._run()
        except (CellExecutionError, DeadKernelError, RuntimeError) as error:
            run.ends("failed")
            if not self._kernel.shutting_down:  # else the page is gone, or the server ends
                self._kernel.log.error("The app did not start:\n%s", error)
        except Exception:
            run.ends("failed")
            self._kernel.log.exception("The app did not start")
        else:
            run.ends("whole")
            if self._like is not None:
                self._kernels.recordings.keep(self._like, run.lasting())
            self._kernels.page_is_whole(self._kernel.kernel_id, time.monotonic() - began)

    async def _run(self) -> None:
        """Run the notebook; again, in a kernel that is started, when one that was forked ends of it: a library may not
        stand to be copied.

        Raises:
            CellExecutionError, DeadKernelError, RuntimeError, OSError: it did not run to its end.
        """
        try:
            await self._run_once()
        except (DeadKernelError, RuntimeError):
            kernel = self._kernel
            if not kernel.is_untried or kernel.shutting_down or kernel.kernel_id not in self._kernels:
                raise
            how = kernel.how_it_ended()
            kernel.log.warning("nbapp: a forked kernel ended in its first run (%s): pages get started ones", how)
            await kernel.is_started_instead()
            await self._run_once()
        finally:
            self._kernel.is_tried()

    async def _run_once(self) -> None:
        async with Starter(self._notebook, self._kernel, config=self._config) as starter:
            self._kernels.runs(self._kernel.kernel_id)
            await starter.run()
