"""How the servers of apps are called. Knows no Hub."""

from __future__ import annotations

PREFIX = "app-"
# What is granted together with the right to open an app, and with nothing else: a server that was shared as an app is
# recognised by it under any other name too.
MARK = "custom:nbapp:app"


def is_app(server: str) -> bool:
    """Whether a named server is an app."""
    return server.startswith(PREFIX)


def server_of(name: str) -> str:
    """The named server of an app."""
    return PREFIX + name


def name_of(server: str) -> str:
    """The app of a named server."""
    return server[len(PREFIX) :]
