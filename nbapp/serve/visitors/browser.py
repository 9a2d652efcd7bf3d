"""Which browser asks: a random secret in a cookie that no script reads. The kernel of a page is for its browser only.

The id of a kernel stands in the page and in addresses; whoever learns it gets nothing by it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError

BACK = "nbapp-back"  # the cookie by which a page that is left says which kernel was its: its script sets it
_LONGEST = 400 * 86400  # seconds that a browser keeps a cookie
_SECRET = re.compile(r"[\w-]{43}")
_KERNEL = re.compile(r"\w{8}-\w{4}-\w{4}-\w{4}-\w{12}")


def cookie_name(notebook: object) -> str:
    """The name of the cookie of one app: browsers do not tell the ports of a computer apart."""
    return f"nbapp-visitor-{hashlib.sha256(str(notebook).encode()).hexdigest()[:12]}"


def browser_of(handler: Any) -> str:
    """The secret of the browser that asks; empty when it has none."""
    found = handler.get_cookie(handler.settings["nbapp_visitor_cookie"]) or ""
    return found if _SECRET.fullmatch(found) else ""


def known_from_now(handler: Any, *, secure: bool) -> str:
    """The secret of the browser that asks, which gets one when it has none."""
    secret = browser_of(handler)
    if not secret:
        secret = secrets.token_urlsafe(32)
        handler.set_cookie(
            handler.settings["nbapp_visitor_cookie"],
            secret,
            path=handler.base_url,
            max_age=_LONGEST,
            httponly=True,
            samesite="Lax",
            secure=secure or handler.request.protocol == "https",
        )
    return secret


def comes_back_to(handler: Any) -> str | None:
    """The kernel of the page that this tab showed before. A reload that is to leave out all caches starts afresh."""
    if "no-cache" in handler.request.headers.get("Cache-Control", ""):
        return None
    found = handler.get_cookie(BACK) or ""
    return found if _KERNEL.fullmatch(found) else None


def is_same(one: str, other: str) -> bool:
    """Whether two secrets are one; an empty one is none."""
    return bool(one) and hmac.compare_digest(one.encode(), other.encode())


class OfOneBrowser(JupyterHandler):
    """What is added to each route that names a kernel: it must be that of the browser that asks."""

    async def prepare(self, **options: Any) -> Any:
        """See whose kernel it is, before anything is done with it."""
        await super().prepare(**options)
        if self._finished or self.current_user is None:
            return
        kernel_id = (self.path_kwargs.get("kernel_id") or self.path_args[0]).strip("/")
        kernels: Any = self.kernel_manager
        if not kernels.visits.is_of(kernel_id, browser_of(self)):
            self.not_theirs()

    def not_theirs(self) -> None:
        """As if there were no such kernel.

        Raises:
            HTTPError: always.
        """
        raise HTTPError(404)
