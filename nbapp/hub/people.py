"""Whom an owner invites: users and groups of the Hub, told apart by a word in front of the name."""

from __future__ import annotations

from collections.abc import Iterable

USER, GROUP = "user:", "group:"


def plain(name: str) -> str:
    """A name without the word."""
    return name.removeprefix(USER).removeprefix(GROUP)


def groups_of(to: Iterable[str]) -> set[str]:
    """The groups among those who are invited."""
    return {plain(name) for name in to if name.startswith(GROUP)}
