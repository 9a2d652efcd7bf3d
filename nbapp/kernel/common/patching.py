"""Attributes of others' classes, modules and objects, replaced for a while and put back exactly.

Whoever replaces one again on top of ours keeps what they made: it is left in place, and ours below it does from then on
what it stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import Any

from nbapp.kernel.common.stand_in import called, retire, standin

_ABSENT = object()


class Patching:
    """Replacements that `undo`, or the end of a `with` block, takes back, the last one first."""

    def __init__(self) -> None:
        self._made: list[tuple[Any, str, object, object]] = []  # where, what was there, what is there
        self._stand_ins: list[Any] = []

    def put(self, owner: Any, name: str, ours: Callable[..., Any]) -> Any:
        """Let a stand-in do `ours`; returns what was there, inherited or its own, as `ours` has to call it."""
        original = getattr(owner, name)
        stand_in = standin(original, ours, owner if isinstance(owner, ModuleType) else None)
        self._stand_ins.append(stand_in)
        self.place(owner, name, stand_in)
        return called(original)

    def place(self, owner: Any, name: str, value: object) -> None:
        """Replace an attribute by something that cannot fail."""
        self._made.append((owner, name, vars(owner).get(name, _ABSENT), value))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Leave everything as it was."""
        while self._made:
            owner, name, before, ours = self._made.pop()
            if vars(owner).get(name) is not ours:
                continue
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        while self._stand_ins:
            retire(self._stand_ins.pop())

    def __enter__(self) -> Patching:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.undo()
