"""Where a visitor comes in: by a link, or by the page that asks for one; and what is said where there is no way in."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.logout import LogoutHandler
from jupyter_server.base.handlers import JupyterHandler
from tornado.web import RedirectHandler, RequestHandler
from voila.voila_identity_provider import VoilaLoginHandler

from nbapp.serve.visitors.address import VIEW, query_of
from nbapp.serve.visitors.links import Links, LinkVisitor
from nbapp.share.registry import NAME, Link

_SIGNED = re.compile(r"(?:\S*/link/)?([\w.-]+)/?(?:\?(\S*))?")
STATUS = {"forged": 403, "expired": 410, "revoked": 410}


class ByLink(JupyterHandler):
    """What handlers around links have in common."""

    @property
    def links(self) -> Links:
        """The links of the server."""
        links: Links = self.settings["nbapp_links"]
        return links

    def _keep_secret(self) -> None:
        """Have the address kept in no cache and told to no other site. (With `no-referrer` Chromium sends a form with
        the origin null, which Jupyter refuses.)
        """
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")

    def tell(self, state: str | None, link: Link | None = None, message: Any = None) -> None:
        """Show the page that asks for a link or the token. `state`: what is wrong with a link; `message`: what is wrong
        with what was typed.
        """
        if state is not None:
            self.set_status(STATUS[state])
        self._keep_secret()
        until = when(link.expires) if link is not None and link.expires is not None else None
        following = quote(self.get_argument("next", self.base_url), safe="")
        asks = self.current_user is None or isinstance(
            self.current_user, LinkVisitor
        )  # who needs no link goes on without it
        about = {"next": following, "message": message, "state": state, "until": until, "asks": asks}
        self.finish(self.render_template("login.html", **about))  # type: ignore[no-untyped-call]


def page_of(link: Link, query: str = "") -> str:
    """The address of a link's page, behind the base URL: without the secret, so that no bookmark has it. It asks for
    the values that the link's address asks for.
    """
    values = {"link": link.name, **query_of(query), VIEW: parse_qs(query).get(VIEW, [])}
    return f"?{urlencode(values, doseq=True)}"


def ways_below(base_url: str) -> list[tuple[Any, ...]]:
    """Routes that lead to an app below a path from the server's root, and from the path without its last slash; any
    other address beside it says where the app is.
    """
    if base_url == "/":
        return []
    about = {"url": base_url, "permanent": False}
    above = [(re.escape(path), RedirectHandler, about) for path in ("/", base_url.rstrip("/"))]
    return [*above, (f"(?!{re.escape(base_url)}).*", Astray, {"base_url": base_url})]


class Astray(RequestHandler):
    """Any address that is not below the base URL. It tells no more than the way from the root does."""

    def initialize(self, base_url: str) -> None:
        """`base_url`: where the app is."""
        self._base_url = base_url

    @allow_unauthenticated
    def get(self) -> None:
        """That there is nothing, and where the app is."""
        self.set_status(404)
        about = {"status_code": 404, "base_url": self._base_url}
        self.finish(self.settings["jinja2_env"].get_template("404.html").render(**about))


def when(moment: datetime) -> str:
    """A time as visitors read it, in the server's time zone."""
    local = moment.astimezone()
    return f"{local.day} {local:%B %Y, %H:%M} ({local:%Z})"


class Login(ByLink, VoilaLoginHandler):
    """Asks for a link or the token, and says what became of the link that was used."""

    def _render(self, message: Any = None) -> None:
        link = self._asked()
        state = link.state() if link is not None else "open"
        if message is None and "token" in parse_qs(urlsplit(self.get_argument("next", "")).query):
            message = "it came with a token, which is not this app's"
        self.tell(state if state != "open" and message is None else None, link, message)

    def _asked(self) -> Link | None:
        """The link whose page the browser was sent here from."""
        query = parse_qs(urlsplit(self.get_argument("next", "")).query)
        name = query.get("link", [None])[0]
        return self.links.asked(self, name)

    def _redirect_safe(self, url: str, default: str | None = None) -> None:
        """Lead whoever came in by the token to the app, not to the page of a link that is over."""
        link = self._asked()
        over = link is not None and link.state() != "open"
        super()._redirect_safe(self.base_url if over else url, default)

    @allow_unauthenticated
    def post(self) -> None:
        """Let in who has the token, or a link."""
        typed = self.get_argument("password", "").strip()
        found = _SIGNED.fullmatch(typed)
        link_id = self.links.signed(found[1]) if found else None
        if link_id is not None:
            self.come_in(link_id, found[2] or "" if found else "")
        elif "/link/" in typed:
            self.tell("forged")
        else:
            super().post()

    def come_in(self, link_id: str, query: str) -> None:
        """Open the page of a link, whose address had this query, or say what became of it."""
        link = self.links.find(link_id)
        if link is None or link.state() != "open":
            self.tell("revoked" if link is None else link.state(), link)
            return
        self.links.let_in(self, link)
        self._keep_secret()
        self.redirect(self.base_url + page_of(link, query))


class Arrival(Login):
    """The address of a link. Whoever only looks at it, as a messenger for a preview, starts nothing."""

    @allow_unauthenticated
    def get(self, signed: str) -> None:
        """Let the browser in, and lead it to the page."""
        link_id = self.links.signed(signed)
        if link_id is None:
            self.tell("forged")
        else:
            self.come_in(link_id, self.request.query)

    def post(self, *_: str) -> None:
        """Nothing is sent here."""
        self.send_error(405)


class LinkState(ByLink):
    """What a page asks that lost its connection: whether its link still lets it in."""

    @allow_unauthenticated
    def get(self) -> None:
        """`open`, `expired`, `revoked`, or null for a link that this browser never came by. And the last part of the
        address of one that is open, for who copies it: whoever came by it knows it.
        """
        name = self.get_query_argument("link", "")
        link = self.links.asked(self, name) if NAME.fullmatch(name) else None
        self.set_header("Cache-Control", "no-store")
        state = link.state() if link is not None else None
        signed = self.links.written(link) if link is not None and state == "open" else None
        self.finish({"state": state, "signed": signed})


class Logout(ByLink, LogoutHandler):
    """Forgets the token and the links of a browser."""

    @allow_unauthenticated
    def get(self) -> None:
        """Sign out."""
        self.links.forget(self)
        super().get()  # type: ignore[no-untyped-call]
