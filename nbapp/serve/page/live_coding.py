"""Live coding: a notebook that is saved, in whatever editor, is what all open pages show, and their values stay.

Each page's kernel gets the new cells and runs what changed and what reads it; then the page asks for itself anew and
takes over what differs (nbapp-saved.js). A file that is no notebook is told to its author; the version before goes on.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

from nbclient.exceptions import CellExecutionError, DeadKernelError
from traitlets.config import Config

from nbapp.serve.page.starter import Starter
from nbapp.serve.prepare import Prepared
from nbapp.serve.served_file import ServedFile
from nbapp.share.digest import digest

EVERY = 0.5  # seconds between two looks at the file


@dataclass(slots=True)
class LiveCoding:
    """Brings the kernels of open pages up to date. `tells_errors`: whether whoever looks at a page is its author."""

    served: ServedFile
    kernels: Any
    config: Config
    tells_errors: bool
    log: logging.Logger
    _newest: tuple[Prepared | None, str] = None, ""  # a version of the notebook, and its digest
    _told: dict[str, str] = field(default_factory=dict)  # by kernel: the error that its page shows
    _busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)  # by kernel: what is being told to it

    def look(self) -> None:
        """Tell each open page what it does not know yet."""
        newest = self.served.newest()
        if newest is not self._newest[0]:
            self._newest = newest, digest(newest.notebook)
        version, error = self._newest[1], self.served.error if self.tells_errors else ""
        for kernel_id in [name for name, task in self._busy.items() if task.done()]:
            del self._busy[kernel_id]
        for kernel_id in self.kernels.list_kernel_ids():
            kernel = self.kernels.get_kernel(kernel_id)
            is_open = kernel.version and kernel.first_run.state == "whole" and kernel_id not in self._busy
            if is_open and (kernel.version != version or self._told.get(kernel_id, "") != error):
                self._busy[kernel_id] = asyncio.get_running_loop().create_task(self._update(kernel, version, error))

    async def _update(self, kernel: Any, version: str, error: str) -> None:
        notebook = self.served.newest().notebook
        kernel_id = kernel.kernel_id
        try:
            async with Starter(notebook, kernel, config=self.config) as starter:
                if kernel.version != version or self._told.get(kernel_id):
                    await starter.edit(version)
                if error:
                    await starter.tell_broken(error)
        except (CellExecutionError, DeadKernelError) as failure:
            if kernel_id in self.kernels and not kernel.shutting_down:  # else the page is gone
                self.log.warning("nbapp: an open page stays at the version before: %s", failure)
        except RuntimeError:
            return  # a cell has been running for long, or the kernel is gone: the next look tries again, or finds none
        kernel.shows_version(version)
        self._told = {known: told for known, told in self._told.items() if known in self.kernels}
        self._told[kernel_id] = error
