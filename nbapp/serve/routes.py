"""What a page may ask of the server besides Voila's own routes, and the routes of Voila's that are replaced."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import tornado.web
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler, AuthenticatedFileHandler
from voila.static_file_handler import TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from nbapp._compat import jupyter_server as private
from nbapp.serve.kernels.kernels import page_of, started_for
from nbapp.serve.kernels.visits import Asks, asks
from nbapp.serve.visitors.address import VIEW, Query, asked_by_address, query_of
from nbapp.serve.visitors.arrival import ByLink
from nbapp.serve.visitors.browser import browser_of, comes_back_to, is_same, known_from_now
from nbapp.serve.visitors.distance import from_far, is_far
from nbapp.serve.visitors.links import LinkVisitor, opened_by
from nbapp.serve.visitors.views import Views
from nbapp.share.registry import Link

OF_KERNEL = "X-Nbapp-Kernel"  # the header by which a page asks for itself anew, with its kernel
RETRY_AFTER = 5  # seconds, for machines; the page that waits asks more often
_NUMBER = re.compile("[0-9]{1,15}")  # one that pages count up to
_LOOKS = 0.25  # seconds between two looks at whether there is room
_HELD = 10.0  # seconds that a question waits for news: less than a proxy's patience, and than that with a page


class PageHandler(TornadoVoilaHandler, ByLink):
    """The app itself."""

    _kernel_id: str | None = None
    _left = False

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """A page with a kernel of its own, or, while too many are open, one that waits and tries again."""
        self.xsrf_token  # noqa: B018 -- reading it sets the cookie that Stop and leaving the page send back
        browser, back = known_from_now(self, secure=self.links.secure), comes_back_to(self)
        asks.set(Asks(browser, back))
        asked_by_address.set(await self._query())
        from_far.set(is_far(self.request))
        known = self.request.headers.get(OF_KERNEL)
        if known is not None and not self._has_page(browser, known):
            raise tornado.web.HTTPError(404)
        page_of.set(known)
        if not path and known is None and not self._may_open(browser, back):
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
                self._kernels.presence(self._kernel_id).is_being_sent = False
                self._kernels.seen(self._kernel_id)

    async def _query(self) -> Query:
        """What the address asks of controls, which may be too long to stand there."""
        views: Views = self.settings["nbapp_views"]
        query = query_of(self.request.query)
        if name := self.get_query_argument(VIEW, ""):
            found = await asyncio.to_thread(views.find, name)
            return {**query_of(found or ""), **query}
        return query

    def _has_page(self, browser: str, kernel_id: str) -> bool:
        """Whether a kernel is there for a browser's page that has been written once."""
        return self._kernels.knows(browser, kernel_id) and self._kernels.get_kernel(kernel_id).under_way is not None

    def _may_open(self, browser: str, back: str | None) -> bool:
        """Whether there is room; else a page is written that says so, and comes in by itself."""
        drain = self.settings["nbapp_drain"]
        if not drain.is_on and (self._kernels.knows(browser, back) or self._kernels.has_room(browser)):
            return True
        self.set_status(503)
        self.set_header("Retry-After", str(RETRY_AFTER))
        self.set_header("Cache-Control", "no-store")
        about = {"before": self._kernels.line.before(browser), "is_ending": drain.is_on, "base_url": self.base_url}
        self.finish(self.settings["jinja2_env"].get_template("waiting.html").render(**about))
        return False

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
        self._kernels.presence(kernel_id).is_being_sent = True
        self._end_if_left()

    def on_connection_close(self) -> None:
        """Whoever asked went away before the page was whole: nobody will look at its kernel."""
        super().on_connection_close()
        self._left = True
        self._end_if_left()

    def _end_if_left(self) -> None:
        if self._left and self._kernel_id is not None:
            self._kernels.presence(self._kernel_id).is_being_sent = False
            visit = self._kernels.visits.of(self._kernel_id)
            if visit is not None and visit.pages == 1:  # else its visitor comes back, or it is left as others are
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


class PlaceInLine(APIHandler):
    """What a page asks that waits for room."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """How many come before the browser that asks, and whether it may come in. With `before`, what it knows of that:
        once it has changed.
        """
        self.set_header("Cache-Control", "no-store")
        known, until = self.get_query_argument("before", ""), time.monotonic() + _HELD
        while (news := self._news())["before"] == known and not news["room"] and not news["ending"]:
            if time.monotonic() > until or self.is_gone:
                break
            await asyncio.sleep(_LOOKS)
        if not self.is_gone:
            await self.finish({**news, "before": int(news["before"])})

    is_gone = False

    def on_connection_close(self) -> None:
        """Whoever asked went away."""
        super().on_connection_close()
        self.is_gone = True

    def _news(self) -> dict[str, Any]:
        kernels: Any = self.kernel_manager
        browser, is_ending = browser_of(self), self.settings["nbapp_drain"].is_on
        before = kernels.line.waits(browser)
        return {"before": str(before), "room": not is_ending and kernels.has_room(browser), "ending": is_ending}


class PageClosed(APIHandler):
    """What a page sends as it is closed, in place of what ends its kernel at once in Voila: it may come back."""

    auth_resource = "kernels"

    @tornado.web.authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self, kernel_id: str) -> None:
        """The page was closed that was loaded as the `pages`-th of its visit."""
        pages = self.get_body_argument("pages", "")
        kernels: Any = self.kernel_manager
        visit = kernels.visits.of(kernel_id)
        if visit is not None:
            await kernels.is_closed(kernel_id, int(pages) if _NUMBER.fullmatch(pages) else visit.pages)
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
        """A mark by which the page knows this server from a proxy that answers in its place. Back would take old news
        from a cache.
        """
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Nbapp", "app")

    @tornado.web.authenticated
    @authorized(action="read")  # type: ignore[untyped-decorator]
    async def get(self, kernel_id: str) -> None:
        """Whether there is such a kernel. With `since`, the number of the last news of its first run: what is new, as
        soon as something is.
        """
        kernels: Any = self.kernel_manager
        if kernel_id not in kernels or not kernels.visits.is_of(kernel_id, browser_of(self)):
            await self.finish({"gone": True, "why": self._why(kernel_id)})
            return
        if self.get_query_argument("looks", ""):  # another tab, which is no sign of life of this kernel's page
            await self.finish({"gone": False, "open": bool(private.connections(kernels, kernel_id))})
            return
        kernels.seen(kernel_id)
        since = self.get_query_argument("since", "")
        if _NUMBER.fullmatch(since):
            self._waits_for = kernel_id
            presence = kernels.presence(kernel_id)
            presence.waits += 1
            try:
                news = await kernels.get_kernel(kernel_id).first_run.news(int(since), _HELD)
            finally:
                presence.waits -= 1
            if self._waits_for is not None:
                kernels.seen(kernel_id)
                await self.finish({**news, "why": self._why(kernel_id)})
        else:
            await self.finish({"gone": False})

    def _why(self, kernel_id: str) -> str | None:
        """Why a kernel has ended; None: this browser has no such kernel."""
        kernels: Any = self.kernel_manager
        visit = kernels.visits.of(kernel_id)
        return visit.ended if visit is not None and is_same(visit.browser, browser_of(self)) else None


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
        if folders[:1] != ["static"] or len(folders) < 2 or ".." in folders or "" in folders:
            raise tornado.web.HTTPError(404)
        found: str = super().parse_url_path(url_path)
        return found
