"""Requests that are no cell: of a console, an inspector, a front end without cell ids. What they do is the author's.

What such code binds, deletes or changes is input to the notebook like what a callback writes, and stays until a cell
that makes it runs again. Where no cell has run yet there is no notebook, and nothing to note. This file runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nbapp.core.change import Observation, Scope, bind
from nbapp.core.memos.env import component_of
from nbapp.core.notebook import Cell, CellId
from nbapp.core.overlay import TOP, Overlay
from nbapp.core.walk import Walk
from nbapp.kernel.common.stand_in import faults
from nbapp.kernel.environment.process.state import COMPONENT
from nbapp.kernel.host import KernelHost
from nbapp.kernel.scheduling.manual_run import EXECUTE
from nbapp.kernel.turn import Turn

_NEVER = object()


@dataclass(slots=True)
class Asides:
    """Watches code that is no cell. `walk` is the last walk, `changed` is called when the notebook has new input."""

    host: KernelHost
    overlay: Overlay
    walk: Callable[[], Walk | None]
    changed: Callable[[], None]
    turn: Turn
    has_earlier_names: bool  # the kernel may have names that no cell made

    @contextmanager
    def around(self, code: str) -> Iterator[None]:
        """Around such code; everything must be in place."""
        walk, observation = self.walk(), None
        if walk is not None:
            with faults.noted(EXECUTE):
                observation = self._begin(walk, code)
        try:
            yield
        finally:
            if walk is not None and observation is not None:
                with faults.noted(EXECUTE):
                    self._end(walk, observation)
                    self.turn.note()

    def _begin(self, walk: Walk, code: str) -> Observation:
        names = walk.env.follow(self.host.read(Cell(CellId(""), code)).names)
        scope = Scope.of(walk.env, names)
        observation = Observation(scope, self.host.known.namespace, self.host.known, self.host.managed)
        self.host.environment.begin_aside(walk.env.bindings, walk.env.made_by_cells())
        return observation

    def walk_begins(self) -> None:
        """What was made before there was a notebook has no cell that made it: it is input, as what callbacks wrote."""
        if self.walk() is not None or not self.has_earlier_names:
            return
        for name, value in list(self.host.known.namespace.items()):
            if self.host.managed(name):
                made = bind(value, self.host.known, self.overlay.provenance())
                self.overlay.write(TOP, component_of(name), made)
        for component, binding in self.host.environment.left().items():
            if component == COMPONENT and binding is not None and binding.value:
                self.overlay.write(TOP, component, binding)

    def _end(self, walk: Walk, observation: Observation) -> None:
        if self.walk() is walk:
            changed = bool(walk.after_callbacks(observation))
        else:
            self.host.environment.end_callbacks()
            changed = self.turn.take()  # the notebook ran meanwhile: what its cells did is not the code's
        if changed:
            self.changed()
