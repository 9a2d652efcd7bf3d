"""`nbapp.user`: whom the page is for, on a JupyterHub. None everywhere else.

Whoever looks at it is noted, so that what a cell made of it is never taken for what it would make for somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class User:
    """A user of the Hub: the name that the Hub knows, and the groups."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass
class _Here:
    """Of this process: the user, whether somebody has looked since that was last asked, and whether ever."""

    user: User | None = None
    was_read: bool = False
    is_known: bool = False


_HERE = _Here()


def current() -> User | None:
    """Whom the page is for; noted as read."""
    _HERE.was_read = _HERE.is_known = True
    return _HERE.user


def become(user: User | None) -> None:
    """From now on the page is for this user."""
    _HERE.user = user


def known() -> User | None:
    """Whom the page is for, for us to know: it is not noted."""
    return _HERE.user


def is_known() -> bool:
    """Whether code has learnt for which user the page is."""
    return _HERE.user is not None and _HERE.is_known


def was_read() -> bool:
    """Whether `current` was called since this was asked the last time."""
    was, _HERE.was_read = _HERE.was_read, False
    return was
