"""What the walk asks of the process that holds the namespace: the only port out of the core."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from nbapp.core.digest import Digest
from nbapp.core.names import Names
from nbapp.core.notebook import Cell
from nbapp.core.run import Binding, Component, Effects, Executed
from nbapp.core.survey import Survey

CALLBACKS = "callbacks:"  # components that a run reads when it fired a widget's callbacks
HANDS = "<callbacks>"  # the word that a value brings along when code holding it can fire callbacks


@dataclass(frozen=True, slots=True)
class Reading:
    """What the host's syntax makes of a cell, and what its author asks for.

    `names` are those it may use. `always` is the reason why it must always run, if any; `once` says that it runs once
    for each source; after `ttl` seconds its result is made again; with `handle` what it binds is versioned by which
    object it is. `changes` are names whose objects the code plainly changes in place. `frozen` says in words what it
    asks of the world that nobody can watch; `note` is for the author.
    """

    names: Names
    always: str | None = None
    once: bool = False
    ttl: float | None = None
    handle: bool = False
    changes: frozenset[str] = frozenset()
    frozen: str | None = None
    note: str | None = None


class Host(Protocol):
    """What the walk asks of the process that holds the namespace."""

    def read(self, cell: Cell) -> Reading:
        """The names of a cell as the host compiles it."""

    def managed(self, name: str) -> bool:
        """Whether a global is the notebook's own, not the host's."""

    def components(self, cell: Cell, names: Names, env: Mapping[str, Binding]) -> frozenset[Component]:
        """What a cell may read besides globals and traits: kinds and a colon, such as `file:` and a path."""

    def baseline(self, component: Component) -> Binding | None:
        """What one of these is that no cell wrote."""

    def present(self, component: Component) -> Binding | None:
        """What one that no cell wrote is at this moment, where it cannot be put back."""

    def place(self, components: Mapping[Component, Binding], absent: Collection[Component]) -> None:
        """Make these what the Env says."""

    def begin_callbacks(self, env: Mapping[str, Binding]) -> None:
        """Callbacks are about to run; everything is in place."""

    def end_callbacks(self) -> Mapping[Component, Binding | None]:
        """What they changed besides globals and traits."""

    async def execute(self, cell: Cell) -> Executed:
        """Execute a cell in the namespace."""

    def version(self, component: Component) -> Digest:
        """The present version of something that is not a global."""

    def tell(self, component: Component) -> str | None:
        """In words, what happened to something that is not a global; None when the host knows no more than its kind."""

    def restore(self, cell: Cell, effects: Effects | None) -> None:
        """The cell is skipped: outside the namespace it left this, and nothing of any other run."""

    def go_back(self, cell: Cell) -> None:
        """The walk returns to just above this cell: take back what the cells from here on did outside the namespace."""

    def called_back(self) -> Survey:
        """What widget callbacks reach, and the names that they look up or bind."""
