"""Attributes of other people's classes, replaced for a while and put back exactly. Knows nothing of widgets."""

from __future__ import annotations

from typing import Any

_ABSENT = object()


class Patches:
    """Replacements that `undo` takes back, the last one first."""

    def __init__(self) -> None:
        self._made: list[tuple[type, str, object]] = []

    def put(self, owner: type, name: str, value: object) -> Any:
        """Replace a class attribute; returns what it was, inherited or its own."""
        self._made.append((owner, name, owner.__dict__.get(name, _ABSENT)))
        original = getattr(owner, name, None)
        setattr(owner, name, value)
        return original

    def undo(self) -> None:
        """Leave the classes as they were."""
        while self._made:
            owner, name, before = self._made.pop()
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
