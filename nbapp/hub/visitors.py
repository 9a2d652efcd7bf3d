"""Who a visitor of an app is: whom the Hub let in. Nothing that a browser says about itself counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jupyterhub.services.auth import HubOAuth
from jupyterhub.singleuser.extension import JupyterHubIdentityProvider
from tornado.web import HTTPError
from traitlets import Set, Unicode, default

# Seconds that an answer of the Hub holds: after that a visitor who was let in is asked about again.
ASKED_EVERY = 15


class AppOAuth(HubOAuth):
    """Logs visitors in by the Hub. `groups` are those that the owner invited."""

    groups = Set(Unicode())

    def check_scopes(self, required_scopes: Iterable[str], user: dict[str, Any]) -> set[str]:
        """Which of the scopes that open the app a visitor has.

        JupyterHub 6.1 counts what is shared with a group for its own pages and not for servers, so that here the
        groups count which the Hub says a visitor is in, and the owner's list.
        """
        found: set[str] = super().check_scopes(required_scopes, user)
        is_member = user.get("kind") == "user" and not self.groups.isdisjoint(user.get("groups") or ())
        return found or (set(required_scopes) if is_member else set())

    async def still_lets_in(self, token: str) -> bool:
        """Whether whoever logged in with a token may still open the app; as before while the Hub does not answer."""
        try:
            user = await self.user_for_token(token, use_cache=False, sync=False)
        except HTTPError:
            return True
        return user is not None and bool(self.check_scopes(self.access_scopes, user))


class VisitorIdentity(JupyterHubIdentityProvider):
    """Lets in whom the Hub lets in. There is no other way in: no token, no password."""

    def __init__(self, **arguments: Any) -> None:
        arguments.pop("token", None)  # Voila has one to give; here the Hub's counts
        super().__init__(**arguments)

    @default("hub_auth")
    def _default_hub_auth(self) -> AppOAuth:
        return AppOAuth(parent=self, cache_max_age=ASKED_EVERY)

    @property
    def auth_enabled(self) -> bool:
        """Always."""
        return True


def visitor_of(handler: Any) -> dict[str, Any]:
    """The visitor who asks for something: a name and groups.

    Raises:
        HTTPError: nobody whom the Hub let in.
    """
    user = handler.current_user
    if user is None:
        raise HTTPError(403)
    model = user.hub_user
    return {"name": model["name"], "groups": sorted(model.get("groups") or ())}
