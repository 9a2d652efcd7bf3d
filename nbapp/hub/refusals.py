"""Why an app cannot be shared on this Hub, in words: what is missing, who can mend it, what to do until then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nbapp.hub.api import HubApi, Refused, Unreachable
from nbapp.hub.hooks import VERSION
from nbapp.share.ask import CannotShare

_LINE = "add 'from nbapp.hub import configure; configure(c)' to jupyterhub_config.py"
_RESTART = "stop and start your server (File > Hub Control Panel)"
_UNTIL = (
    "until then 'nbapp serve NOTEBOOK' shows the app to you alone, and 'nbapp run -o OUT.ipynb' makes a copy to send"
)


def check_configured(hub: HubApi, variables: Mapping[str, str]) -> None:
    """See whether this Hub lets its users share apps.

    Raises:
        CannotShare: it does not; Refused, Unreachable: from the Hub.
    """
    version = str(hub.ask("GET")["version"])
    if int(version.split(".")[0]) < 5:
        what = f"JupyterHub {version} cannot share servers"
        raise CannotShare(what, "ask the administrator of the Hub to upgrade it to 5.5.1 or later", _UNTIL)
    if not variables.get(VERSION):
        what = "this Hub is not configured for apps, or your server started before it was"
        who = f"{_RESTART} first; if that does not help, ask the administrator of the Hub to {_LINE}"
        raise CannotShare(what, who, _UNTIL)
    held = set(hub.ask("GET", "user").get("scopes", ()))
    missing = [scope for scope in ("shares", "start:servers") if not _has(held, scope, hub.user)]
    if missing:
        what = f"your server may not do this on this Hub: it lacks the scope {' and '.join(missing)}"
        who = f"ask the administrator of the Hub to {_LINE}, behind any other load_roles; then {_RESTART}"
        raise CannotShare(what, who, _UNTIL)


def _has(held: set[str], scope: str, user: str) -> bool:
    wider = {"start:servers": ("start:servers", "servers", "admin:servers")}.get(scope, (scope,))
    return any(f"{name}{narrowed}" in held for name in wider for narrowed in ("", f"!user={user}", "!user"))


def hub_is_down(error: Unreachable) -> CannotShare:
    """The Hub does not answer."""
    what = f"the Hub does not answer ({error})"
    return CannotShare(what, "wait a minute and try again; if it stays so, tell the administrator of the Hub", _UNTIL)


def refused(error: Refused) -> CannotShare:
    """The Hub refused something for a reason of its own."""
    if error.status == 403:
        what = f"the Hub does not let your server do this ({error.message})"
        return CannotShare(
            what, f"{_RESTART}; if that does not help, ask the administrator of the Hub to {_LINE}", _UNTIL
        )
    return CannotShare(f"the Hub refused ({error})", "tell the administrator of the Hub", _UNTIL)


def cannot_start(error: Refused) -> CannotShare:
    """The Hub would not even begin to start an app's server."""
    if "not enabled" in error.message:
        return CannotShare("named servers are off on this Hub", f"ask its administrator to {_LINE}", _UNTIL)
    if "maximum" in error.message:
        who = (
            "revoke an app with 'nbapp share --revoke NAME', or ask the administrator of the Hub for more named servers"
        )
        return CannotShare(f"the Hub allows you no more servers ({error.message})", who, _UNTIL)
    return refused(error)


def did_not_start(server: str) -> CannotShare:
    """An app's server ended before it was ready."""
    who = (
        f"see whether 'nbapp serve NOTEBOOK' works here; the log of the server {server} says more to the administrator"
    )
    return CannotShare(f"the server of the app ({server}) did not start", who, _UNTIL)


def not_our_server(server: str) -> CannotShare:
    """The Hub started something else in the place of the app: nobody was invited to it."""
    what = f"the Hub started something else than the app as {server}; nobody was let in and it was stopped"
    who = f"ask the administrator of the Hub to {_LINE}, as the last line"
    return CannotShare(what, who, _UNTIL)


def nobody(name: str, said: Sequence[Refused]) -> CannotShare:
    """An app was to be shared with someone whom the Hub does not know, or does not let us name."""
    if any(error.status == 403 for error in said):
        what = f"this Hub does not let you share with {name} by name"
        who = "leave out --to and send the link to the people it is for"
        return CannotShare(what, who)
    return CannotShare(f"there is no user and no group {name} on this Hub", "people must have logged in once")


def ambiguous(name: str) -> CannotShare:
    """There is a user and a group of one name."""
    return CannotShare(f"there are a user and a group called {name}", f"write user:{name} or group:{name}")
