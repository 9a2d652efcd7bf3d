"""The administrator's one line, `configure(c)` in `jupyterhub_config.py`. Knows no notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jupyterhub import version_info
from traitlets.config.loader import LazyConfigValue

from nbapp.errors import UsageError
from nbapp.hub.hooks import Hook, Launch
from nbapp.hub.names import MARK

# Below, sharing itself has holes: whoever was given one server could get more (mended in 5.5.1), and a page elsewhere
# could make a visitor accept an invitation (mended in 5.4.5).
OLDEST = (5, 5, 1)
# What everyone may do with servers of one's own, and the server of one's own on one's behalf: start an app's server and
# share it.
_OWNERS = ("shares!user", "servers!user", f"{MARK}!user")
_BY_NAME = ("read:users:name", "read:groups:name")
# What JupyterHub gives to these two roles by itself, which is lost when they are written down in the configuration.
_USUAL = {"user": ("self",), "server": ("users:activity!user", "access:servers!user")}
_DESCRIPTION = "Use a notebook's app: its controls and what it shows, not its owner's files and not its code."


def configure(
    c: Any,
    *,
    command: Sequence[str] = ("nbapp",),
    idle_after: float | None = 3600.0,
    by_name: bool = True,
    public_url: str | None = None,
) -> None:
    """Let the Hub's users share notebooks as apps. Calling it again changes the options and nothing else.

    `c` is the configuration object of `jupyterhub_config.py`. `command` starts nbapp where users' servers run.
    `idle_after`: seconds after which an app that nobody uses stops; None: never. `by_name`: whether an app can be
    shared with a user or a group by name; everyone can then find out which names there are. `public_url`: the Hub's
    address for browsers, when it is not `c.JupyterHub.public_url` and cannot be told from the requests.

    Raises:
        UsageError: this JupyterHub has known holes in its sharing.
    """
    _check_version(version_info[:3])
    c.JupyterHub.allow_named_servers = True
    if public_url is not None:
        c.JupyterHub.public_url = public_url
    scopes = [*_OWNERS, *(_BY_NAME if by_name else ())]
    c.JupyterHub.load_roles = _roles(_list(c.JupyterHub, "load_roles"), scopes)
    custom = c.JupyterHub.get("custom_scopes")
    c.JupyterHub.custom_scopes = {**(_value(custom) or {}), MARK: {"description": _DESCRIPTION}}
    launch = Launch(tuple(command), idle_after)
    for name, hook in launch.hooks().items():
        for section in _spawners(c):
            if section is c.Spawner or name in section:  # what a subclass's section says goes before
                _put(section, name, hook)


def _check_version(found: Iterable[Any]) -> None:
    numbers = tuple(number for number in found if isinstance(number, int))
    if numbers < OLDEST:
        installed, oldest = (".".join(map(str, version)) for version in (numbers, OLDEST))
        holes = f"JupyterHub {installed} has known holes in its sharing of servers"
        raise UsageError(
            holes, f"apps can be shared from JupyterHub {oldest} on; upgrade it, or leave out configure(c)"
        )


def _roles(roles: list[dict[str, Any]], scopes: Sequence[str]) -> list[dict[str, Any]]:
    """Roles in which users and their servers have some scopes too, whatever they had before."""
    roles = [dict(role) for role in roles]
    for name, usual in _USUAL.items():
        role = next((role for role in roles if role.get("name") == name), None)
        if role is None:
            role = {"name": name, "scopes": list(usual)}
            roles.append(role)
        had = role.get("scopes", [])
        role["scopes"] = [*had, *(scope for scope in scopes if scope not in had)]
    return roles


def _spawners(c: Any) -> list[Any]:
    """The sections of every spawner that is configured."""
    return [c.Spawner, *(c[name] for name in list(c) if name.endswith("Spawner") and name != "Spawner")]


def _put(section: Any, name: str, hook: Callable[[Any], Hook]) -> None:
    before = _value(section.get(name))
    section[name] = hook(before.before if isinstance(before, Hook) else before)


def _list(section: Any, name: str) -> list[Any]:
    return list(_value(section.get(name)) or [])


def _value(found: Any) -> Any:
    """A value of the configuration; what was only appended to is a list."""
    return found.get_value([]) if isinstance(found, LazyConfigValue) else found
