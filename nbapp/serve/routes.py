"""What a page may ask of the server besides Voila's own routes, and the routes of Voila's that are replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tornado.web
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler, AuthenticatedFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from nbapp.serve.executor import ShowExecutor


class Page(TornadoVoilaHandler):
    """The app itself."""

    async def get(self, path: str | None = None) -> None:
        """A page with a kernel of its own."""
        self.xsrf_token  # noqa: B018 -- reading it sets the cookie that Stop and leaving the page send back
        await super().get(path)


class StopRerun(APIHandler):
    """What the Stop button calls.

    A click that came as a widget message would wait in the kernel's queue behind the very cell it is to stop.
    """

    auth_resource = "kernels"

    @tornado.web.authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self, kernel_id: str) -> None:
        """Interrupt the cell under way in a page's kernel."""
        kernels: Any = self.kernel_manager
        await kernels.interrupt_kernel(kernel_id)
        self.set_status(204)
        await self.finish()


class Progress(APIHandler):
    """What a page that is loading asks again and again: it has no connection to its kernel yet."""

    auth_resource = "kernels"

    @tornado.web.authenticated
    @authorized(action="read")  # type: ignore[untyped-decorator]
    async def get(self, kernel_id: str) -> None:
        """The cell that the first walk is at, or nothing."""
        await self.finish(ShowExecutor.progress.get(kernel_id) or "null")


class ListedFiles(AuthenticatedFileHandler):
    """The files that the notebook's texts show: a list, compared whole, so that no path can mean another file."""

    def initialize(self, path: str, listed: Callable[[], frozenset[str]]) -> None:  # type: ignore[override]
        super().initialize(path)
        self.listed = listed

    def check_xsrf_cookie(self) -> None:
        """Reading a picture changes nothing, so a link to it may come from anywhere."""

    def parse_url_path(self, url_path: str) -> str:
        """The file's path relative to the notebook's folder, if it is on the list."""
        if url_path not in self.listed():
            raise tornado.web.HTTPError(404)
        return super().parse_url_path(url_path)
