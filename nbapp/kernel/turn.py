"""Whose turn it is to walk; and what threads, timers and tasks rebind while it is nobody's.

Such code runs between two walks and belongs to no cell. The names that it binds anew or deletes are input from then on,
like those that a callback changes; what it changes in place is seen when a cell that can reach it runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from nbapp.core.change import bind, rebound
from nbapp.core.memos.env import component_of
from nbapp.core.memos.memo import Binding
from nbapp.core.overlay import Overlay
from nbapp.core.walk import Walk
from nbapp.kernel.common.stand_in import faults
from nbapp.kernel.host import KernelHost


class Turn(asyncio.Lock):
    """Who holds it walks, or keeps walks from starting. `walk` is the last walk."""

    def __init__(self, host: KernelHost, overlay: Overlay, walk: Callable[[], Walk | None]) -> None:
        super().__init__()
        self._host = host
        self._overlay = overlay
        self._walk = walk
        self._left: dict[str, Any] = {}

    async def acquire(self) -> Literal[True]:
        """Wait for the turn, and take what was rebound meanwhile as input."""
        await super().acquire()
        try:
            with faults.noted("what threads and tasks did"):
                self.take()
        except BaseException:  # an interrupt: nobody would give the turn away
            super().release()
            raise
        return True

    def release(self) -> None:
        """Give the turn away."""
        self.note()
        super().release()

    def note(self) -> None:
        """The namespace is as the notebook left it: whoever changes it from here on is none of its cells."""
        self._left = dict(self._host.known.namespace)

    def take(self) -> bool:
        """Take what was rebound since the notebook left the namespace as input; whether there was anything."""
        walk = self._walk()
        changed = self._rebound(walk) if walk is not None else {}
        if walk is not None and changed:
            walk.take_from_outside(changed)
            self.note()
        return bool(changed)

    def _rebound(self, walk: Walk) -> dict[str, Binding | None]:
        """The names that are neither as they were left nor as the walk has them."""
        known, bindings, managed = self._host.known, walk.env.bindings, self._host.managed
        changed: dict[str, Binding | None] = {}
        for name, value in rebound(self._left, known.namespace):
            if managed(name):
                binding = bindings.get(component := component_of(name))
                if binding is None or binding.value is not value:
                    changed[component] = bind(value, known, self._overlay.provenance())
        gone = [component_of(name) for name in self._left.keys() - known.namespace.keys() if managed(name)]
        return {**changed, **dict.fromkeys(name for name in gone if name in bindings)}
