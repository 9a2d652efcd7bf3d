"""Which links let a visitor in, and to what: a cookie keeps those that a browser came by, as they were signed.

Who came by a link is let to the page, to its pictures and to the kernels of pages that were opened by one of these
links, and to nothing else: every other address sees somebody whom it does not know.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from jupyter_server.auth.identity import PasswordIdentityProvider, User

from nbapp.share.ask import CannotShare
from nbapp.share.registry import Link, LinkRegistry
from nbapp.share.signing import Signer

# The link by which the page of this request is opened, if any.
opened_by: ContextVar[Link | None] = ContextVar("opened_by", default=None)
Found = TypeVar("Found")
_KEPT = 8  # links in a browser's cookie
_LONGEST = 400  # days that a browser keeps a cookie
_WITH_KERNEL = re.compile(
    r"(?:api/kernels|nbapp/progress|nbapp/stop|nbapp/view|nbapp/download|nbapp/still|voila/api/shutdown)"
    r"/(\w+-\w+-\w+-\w+-\w+)(?:/channels|/[0-9a-f]{32})?"
)


class Links:
    """The links to one notebook, an absolute path. `secure`: whether visitors come by https."""

    def __init__(self, notebook: Path, registry: LinkRegistry, log: logging.Logger, secure: bool) -> None:
        self._registry = registry
        self._log = log
        self.secure = secure
        self._notebook = notebook
        self._said = ""
        self._cookie = f"nbapp-link-{hashlib.sha256(str(notebook).encode()).hexdigest()[:12]}"

    def find(self, link_id: str) -> Link | None:
        """The link of this id; None also while the list of links cannot be read: then nobody is let in."""
        link = self._read(lambda: self._registry.find(link_id))
        return link if link is not None and link.notebook == self._notebook else None

    def state(self, link_id: str) -> str:
        """`open`, `expired` or `revoked`."""
        link = self.find(link_id)
        return "revoked" if link is None else link.state()

    def is_open(self, link_id: str) -> bool:
        """Whether a link lets anybody in."""
        return self.state(link_id) == "open"

    def signed(self, text: str) -> str | None:
        """The id of the link that a text is the signed part of."""
        signer = self._signer()
        return signer.read(text) if signer is not None else None

    def written(self, link: Link) -> str | None:
        """What stands in a link's address."""
        signer = self._signer()
        return signer.write(link.id) if signer is not None else None

    def _signer(self) -> Signer | None:
        key = self._read(self._registry.known_key)
        return Signer(key, self._notebook) if key is not None else None

    def _read(self, read: Callable[[], Found | None]) -> Found | None:
        """What the registry has; None while it cannot be read, which its owner is told once."""
        try:
            return read()
        except CannotShare as error:
            if str(error) != self._said:
                self._said = str(error)
                self._log.error("nbapp: nobody comes in by a link: %s", error)
            return None

    def copy(self, link: Link) -> Path:
        """The pinned notebook of a link."""
        return self._registry.copy(link)

    # --- what a browser came by

    def came_by(self, handler: Any) -> list[str]:
        """The ids of the links that the browser came by, the newest first, whatever became of them."""
        texts = (handler.get_cookie(self._cookie) or "").split(":")[:_KEPT]
        return [link_id for text in texts if text and (link_id := self.signed(text)) is not None]

    def let_in(self, handler: Any, link: Link) -> None:
        """Let the browser in by a link from now on."""
        signer = self._signer()
        if signer is None:
            return
        kept = [link.id, *(other for other in self.came_by(handler) if other != link.id)][:_KEPT]
        handler.set_cookie(
            self._cookie,
            ":".join(map(signer.write, kept)),
            path=handler.base_url,
            expires=time.time() + _LONGEST * 86400,
            httponly=True,
            samesite="Lax",
            secure=self.secure or handler.request.protocol == "https",
        )

    def forget(self, handler: Any) -> None:
        """Let the browser in by no link any more."""
        handler.clear_cookie(self._cookie, path=handler.base_url)

    def asked(self, handler: Any, name: str | None) -> Link | None:
        """The link of this name that the browser came by: an open one, if there is; any name: the newest."""
        links = [link for link_id in self.came_by(handler) if (link := self.find(link_id)) is not None]
        named = [link for link in links if name in (None, link.name)]
        return next((link for link in named if link.state() == "open"), named[0] if named else None)

    def lets_in(self, handler: Any, files: frozenset[str], kernels: Any) -> Link | None:
        """The link that lets the browser have what it asks for. `files` are those that the notebook's texts show."""
        path = handler.request.path.removeprefix(handler.base_url)
        if not handler.request.path.startswith(handler.base_url):
            return None
        if path == "":
            name = handler.get_query_argument("link", None)
        elif path == "nbapp/place" or path.removeprefix("voila/files/") in files:
            name = None
        else:
            return self._with_kernel(handler, path, kernels)
        link = self.asked(handler, name)
        return link if link is not None and link.state() == "open" else None

    def _with_kernel(self, handler: Any, path: str, kernels: Any) -> Link | None:
        found = _WITH_KERNEL.fullmatch(path)
        visit = kernels.visits.of(found[1]) if found else None
        if visit is None or visit.link not in self.came_by(handler):
            return None
        link = self.find(visit.link)
        return link if link is not None and link.state() == "open" else None


class LinkVisitor(User):
    """Somebody who came by a link."""


class LinkIdentity(PasswordIdentityProvider):
    """Knows who has the token, as ever, and who came by a link."""

    async def _get_user(self, handler: Any) -> User | None:
        user = await super()._get_user(handler)
        if user is not None:
            return user
        links: Links = handler.settings["nbapp_links"]
        files = handler.settings["contents_manager"].served.files()
        link = links.lets_in(handler, files, handler.settings["kernel_manager"])
        return None if link is None else LinkVisitor(f"link-{link.id}", "Visitor", "Visitor", "V")
