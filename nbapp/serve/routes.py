"""What a page may ask of the server besides Voila's own routes, and the routes of Voila's that are replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import tornado.web
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler, AuthenticatedFileHandler
from voila.static_file_handler import TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from nbapp.serve.kernels.kernels import page_of, started_for
from nbapp.serve.visitors.arrival import ByLink
from nbapp.serve.visitors.links import LinkVisitor, opened_by
from nbapp.share.registry import Link

OF_KERNEL = "X-Nbapp-Kernel"  # the header by which a page asks for itself anew, with its kernel
_HELD = 10.0  # seconds that a question waits for news: less than a proxy's patience, and than that with a page


class PageHandler(TornadoVoilaHandler, ByLink):
    """The app itself."""

    _kernel_id: str | None = None
    _left = False

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """A page with a kernel of its own, or, while too many are open, one that waits and tries again."""
        self.xsrf_token  # noqa: B018 -- reading it sets the cookie that Stop and leaving the page send back
        known = self.request.headers.get(OF_KERNEL)
        if known is not None and (known not in self._kernels or self._kernels.get_kernel(known).under_way is None):
            raise tornado.web.HTTPError(404)
        page_of.set(known)
        if not path and known is None and not self._kernels.has_room():
            self.set_status(503)
            self.set_header("Retry-After", "5")
            await self.finish(self.settings["jinja2_env"].get_template("waiting.html").render())
            return
        link = self._link() if not path else None
        gone = not path and link is None and isinstance(self.current_user, LinkVisitor)  # since the door was passed
        state = "revoked" if gone else "open" if link is None else link.state()
        if state != "open":
            self.tell(state, link)
            return
        opened_by.set(link)
        started_for.set(self._started)
        try:
            await TornadoVoilaHandler.get(self, path)
        finally:
            if self._kernel_id is not None:
                self._kernels.being_sent.discard(self._kernel_id)
                self._kernels.seen(self._kernel_id)

    def _link(self) -> Link | None:
        """The link by which the page is opened: the one that its address names, or the newest of who needs one."""
        name = self.get_query_argument("link", None)
        if name is None and not isinstance(self.current_user, LinkVisitor):
            return None
        return self.links.asked(self, name)

    @property
    def _kernels(self) -> Any:
        kernels: Any = self.kernel_manager
        return kernels

    def _started(self, kernel_id: str) -> None:
        self._kernel_id = kernel_id
        self._kernels.being_sent.add(kernel_id)
        self._end_if_left()

    def on_connection_close(self) -> None:
        """Whoever asked went away before the page was whole: nobody will look at its kernel."""
        super().on_connection_close()
        self._left = True
        self._end_if_left()

    def _end_if_left(self) -> None:
        if self._left and self._kernel_id is not None:
            self._kernels.being_sent.discard(self._kernel_id)
            asyncio.get_running_loop().create_task(self._kernels.end(self._kernel_id))


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
    """What a page asks again and again while it has no connection to its kernel: as it loads, or has lost it."""

    auth_resource = "kernels"
    _waits_for: str | None = None  # the kernel of whose first run it waits for news

    def on_connection_close(self) -> None:
        """Whoever asked went away."""
        super().on_connection_close()
        if self._waits_for is not None:
            kernels: Any = self.kernel_manager
            kernels.leaves(self._waits_for)
            self._waits_for = None

    def set_default_headers(self) -> None:
        """A mark by which the page knows this server from a proxy that answers in its place."""
        super().set_default_headers()
        self.set_header("X-Nbapp", "app")

    @tornado.web.authenticated
    @authorized(action="read")  # type: ignore[untyped-decorator]
    async def get(self, kernel_id: str) -> None:
        """Whether there is such a kernel. With `since`, the number of the last news of its first run: what is new, as
        soon as something is.
        """
        kernels: Any = self.kernel_manager
        if kernel_id not in kernels:
            await self.finish({"gone": True})
            return
        kernels.seen(kernel_id)
        since = self.get_query_argument("since", "")
        if since.isdigit():
            self._waits_for = kernel_id
            kernels.waiting[kernel_id] += 1
            try:
                news = await kernels.get_kernel(kernel_id).first_run.news(int(since), _HELD)
            finally:
                kernels.waiting[kernel_id] -= 1
            if self._waits_for is not None:
                kernels.seen(kernel_id)
                await self.finish(news)
        else:
            await self.finish({"gone": False})


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


class TemplateFiles(TemplateStaticFileHandler):
    """What Voila's pages are made of. Voila takes addresses apart that it has not looked at."""

    def parse_url_path(self, url_path: str) -> str:
        """The file's path, if the address is one of a template's file."""
        _, *folders = url_path.split("/")
        if folders[:1] != ["static"] or len(folders) < 2 or ".." in folders:
            raise tornado.web.HTTPError(404)
        found: str = super().parse_url_path(url_path)
        return found
