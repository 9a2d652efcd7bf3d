"""The page that a visitor looks at, taken away as a file: its kernel tells what it shows, the server writes it down.

While a cell runs the kernel tells nothing: whoever asks hears that soon, and asks again, so that no proxy loses
patience.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import tornado.web
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from nbclient.exceptions import CellExecutionError, DeadKernelError
from traitlets.config import Config

from nbapp.serve.options import Options
from nbapp.serve.page.downloads import outbox
from nbapp.serve.page.starter import Starter
from nbapp.serve.page.still import Look, still
from nbapp.serve.prepare import Prepared
from nbapp.serve.served_file import ServedFile

_SHOWN = "shown.json"
_HELD = 2  # seconds that a kernel has to answer


class TakeAway(APIHandler):
    """One page as HTML."""

    auth_resource = "kernels"

    def initialize(self, served: ServedFile, asked: Options, app_config: Config) -> None:
        self.served = served
        self.asked = asked
        self.app_config = app_config

    @tornado.web.authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def get(self, kernel_id: str) -> None:
        """The page of a kernel as it stands, in one file; 202 while one of its cells runs."""
        kernels: Any = self.kernel_manager
        if kernel_id not in kernels or kernels.get_kernel(kernel_id).first_run.state != "whole":
            raise tornado.web.HTTPError(404)
        kernel = kernels.get_kernel(kernel_id)
        prepared = self.served.version(kernel.shows)
        if prepared is None:
            raise tornado.web.HTTPError(409, reason="another version is served by now")
        presence = kernels.presence(kernel_id)
        presence.waits += 1
        try:
            shown = await self._shown(prepared, kernel)
        except (CellExecutionError, DeadKernelError, RuntimeError) as failure:
            if isinstance(failure, RuntimeError) and await kernel.is_alive():
                self.set_status(202)
                await self.finish()
                return
            raise tornado.web.HTTPError(503, f"nbapp: a page cannot be taken away: {failure}") from failure
        finally:
            presence.waits -= 1
        page = await asyncio.to_thread(still, prepared.notebook, shown, self._look(prepared))
        name = quote(f"{prepared.title}.html", safe="")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{name}")
        self.set_header("Cache-Control", "no-store")
        await self.finish(page)

    async def _shown(self, prepared: Prepared, kernel: Any) -> dict[str, Any]:
        folder = outbox(kernel) / uuid.uuid4().hex
        folder.mkdir(mode=0o700, parents=True)
        try:
            asked = {"config": self.app_config, "startup_timeout": _HELD}
            async with Starter(prepared.notebook, kernel, **asked) as starter:
                await starter.write_still(folder / _SHOWN)
            text = await asyncio.to_thread(Path(folder, _SHOWN).read_text, encoding="utf-8")
            found: dict[str, Any] = json.loads(text)
            return found
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _look(self, prepared: Prepared) -> Look:
        theme = self.asked.theme or prepared.notebook.metadata.nbapp_page.theme or "auto"
        return Look(theme, self.asked.show_code, self.asked.notebook.resolve().parent)
