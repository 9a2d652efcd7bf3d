"""What a visitor of a shared app may ask for: the page, and what belongs to the kernel of one's own page."""

from __future__ import annotations

from typing import Any

import tornado.web
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError

from nbapp.hub.visitors import visitor_of
from nbapp.serve.kernels.connection import PageConnection
from nbapp.serve.kernels.kernels import visitor
from nbapp.serve.routes import PageHandler
from nbapp.serve.visitors.arrival import Arrival, Login, when
from nbapp.share.registry import Link


class HubPage(PageHandler):
    """The app itself, as long as it is shared."""

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """A page with a kernel of its own, or one that says why there is none."""
        hub = self.settings["nbapp_hub"]
        hub.activity.acted()
        if hub.trouble is not None:
            hub.look_again()
        if hub.trouble is not None and not path:
            self._say("missing")
            return
        who = visitor_of(self)
        visitor.set(who)
        identity: Any = self.identity_provider
        hub.tokens[who["name"]] = identity.hub_auth.get_token(self)
        await PageHandler.get(self, path)  # type: ignore[misc]  # so tornado declares its decorator

    def _link(self) -> Link | None:
        return self.links.asked(self, None)

    def tell(self, state: str | None, link: Link | None = None, message: Any = None) -> None:
        """Show what became of the app."""
        self._say(str(state), when(link.expires) if link is not None and link.expires is not None else None)

    def _say(self, state: str, until: str | None = None) -> None:
        self.set_status(410)
        self.set_header("Cache-Control", "no-store")
        owner = self.settings["nbapp_hub"].owner
        self.finish(self.render_template("hub.html", state=state, until=until, owner=owner))  # type: ignore[no-untyped-call]


class HubConnection(PageConnection):
    """A page's websocket; what comes on it is a sign that the app is used."""

    def _forward(self, message: dict[str, Any]) -> None:
        self.websocket_handler.settings["nbapp_hub"].activity.acted()
        super()._forward(message)


class OfOnesOwn(JupyterHandler):
    """What is added to each route that names a kernel: it must be that of the visitor who asks."""

    async def prepare(self, **options: Any) -> Any:
        """See whose kernel it is, before anything is done with it."""
        await super().prepare(**options)
        if self._finished:
            return
        if self.current_user is None:
            raise HTTPError(403)
        kernel_id = (self.path_kwargs.get("kernel_id") or self.path_args[0]).strip("/")
        kernels: Any = self.kernel_manager
        visit = kernels.visits.of(kernel_id)
        if visit is None or visit.who is None or visit.who["name"] != self.current_user.username:
            raise HTTPError(404)


def hub_route(route: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """A route of an app as it is on a Hub; None for one that there is not."""
    pattern, handler, *rest = route
    if handler in (Arrival, Login):
        return None
    if handler is PageHandler:
        return pattern, HubPage, *rest
    if "kernel_id" in pattern or "shutdown" in pattern:
        return pattern, type(handler.__name__, (OfOnesOwn, handler), {}), *rest
    return route
