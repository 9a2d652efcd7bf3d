"""What the Hub asks before it starts a server: three hooks that every kind of spawner has.

A server called `app-<name>` gets our command and its owner's environment, whoever starts it and whatever they ask for.
Each of the hooks sees to that alone, so that one which is configured away later leaves nothing open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from inspect import isawaitable
from typing import Any

from tornado.web import HTTPError

from nbapp import __version__
from nbapp.hub.names import MARK, is_app

VERSION = "NBAPP_HUB"  # in the environment of users' servers: that this Hub is configured
_OF_VISITORS = ("read:users:name!user", "read:users:groups!user")  # what an app may learn of who logs in
ADDRESS = "NBAPP_HUB_URL"  # the Hub's address for browsers


@dataclass(frozen=True)
class Launch:
    """How the servers of apps are started: the command, and the seconds after which an unused one stops."""

    command: tuple[str, ...]
    idle_after: float | None

    def hooks(self) -> dict[str, Callable[[Any], Hook]]:
        """By the name of its configuration, each hook around the one that was there before."""
        return {
            "server_token_scopes": partial(TokenScopes, self),
            "auth_state_hook": partial(OwnersOptions, self),
            "pre_spawn_hook": partial(LastWord, self),
        }

    def hold(self, spawner: Any) -> None:
        """Fix the command of an app's server: whoever sets another one later sets nothing."""
        self._put(spawner)
        spawner.observe(self._put_back, names=["cmd", "args"])

    def _put_back(self, change: Any) -> None:
        self._put(change.owner)

    def _put(self, spawner: Any) -> None:
        idle = [] if self.idle_after is None else ["--stop-idle", f"{self.idle_after:g}"]
        if list(spawner.cmd or ()) != [*self.command]:
            spawner.cmd = [*self.command]
        if list(spawner.args) != (args := ["serve", "--hub", *idle]):
            spawner.args = args


@dataclass(frozen=True)
class Hook:
    """One hook, around what was configured before: a value, a function, or nothing."""

    launch: Launch
    before: Any = None

    def asked_before(self, *arguments: Any) -> Any:
        """What the hook from before says."""
        return self.before(*arguments) if callable(self.before) else self.before


class TokenScopes(Hook):
    """What an app's server may ask the Hub for itself: to tell that it is used, and who its visitors are."""

    def __call__(self, spawner: Any) -> Any:
        """The scopes of a server's token; an empty list stands for those of the role `server`."""
        if not is_app(spawner.name):
            return self.asked_before(spawner) or []
        self.launch.hold(spawner)
        # Given as a function, as JupyterHub offers too, it would be written into the environment as JSON, which fails.
        spawner.oauth_client_allowed_scopes = list(_OF_VISITORS)
        return ["users:activity!user", f"access:servers!server={spawner.user.name}/{spawner.name}"]


class OwnersOptions(Hook):
    """An app's server starts with what its owner chose for the server of her own, as an image or a size.

    What the one who starts it asks for must not count: an image of a visitor's choice would run in the owner's name.
    """

    async def __call__(self, spawner: Any, auth_state: Any) -> None:
        """Replace the options, before anything reads them."""
        refuse_renamed(spawner)
        if is_app(spawner.name):
            self.launch.hold(spawner)
            own = spawner.user.orm_spawners.get("")
            spawner.user_options = dict((own and own.user_options) or {})
            spawner.options_form = ""  # nothing to choose
            spawner.handler = None
        asked = self.asked_before(spawner, auth_state)
        if isawaitable(asked):
            await asked


class LastWord(Hook):
    """Whatever was configured or chosen before: an app's server runs the app."""

    async def __call__(self, spawner: Any) -> None:
        """Set the command, and tell every server that this Hub is configured."""
        refuse_renamed(spawner)
        asked = self.asked_before(spawner)
        if isawaitable(asked):
            await asked
        spawner.environment = {**spawner.environment, VERSION: __version__, **_address(spawner)}
        if is_app(spawner.name):
            self.launch.hold(spawner)


def refuse_renamed(spawner: Any) -> None:
    """See that a server which was shared as an app is not started as something else.

    Whoever may start a server may rename it too, from JupyterHub 6 on, and what was shared goes with it.

    Raises:
        HTTPError: it is.
    """
    if is_app(spawner.name):
        return
    given = [*spawner.orm_spawner.shares, *spawner.orm_spawner.share_codes]
    if any(scope.partition("!")[0] == MARK for share in given for scope in share.scopes):
        raise HTTPError(403, "This server was shared as an app and renamed. Its owner must delete it.")


def _address(spawner: Any) -> dict[str, str]:
    """The Hub's address for browsers, as that of the page from which the server is started."""
    handler = spawner.handler
    if handler is None or "/api/" in handler.request.path:
        return {}
    return {ADDRESS: f"{handler.request.protocol}://{handler.request.host}"}
