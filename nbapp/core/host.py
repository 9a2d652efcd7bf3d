"""What the walk asks of the process that holds the namespace: the only port out of the core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nbapp.core.digest import Digest
from nbapp.core.names import Names
from nbapp.core.notebook import Cell
from nbapp.core.run import Component, Effects, Executed
from nbapp.core.survey import Survey

CALLBACKS = "callbacks:"  # components that a run reads when it fired a widget's callbacks
HANDS = "<callbacks>"  # the word that a value brings along when code holding it can fire callbacks


@dataclass(frozen=True, slots=True)
class Reading:
    """What the host's syntax makes of a cell: its names, and the reason why it must always run, if any."""

    names: Names
    always: str | None = None


class Host(Protocol):
    """What the walk asks of the process that holds the namespace."""

    def read(self, cell: Cell) -> Reading:
        """The names of a cell as the host compiles it."""

    def managed(self, name: str) -> bool:
        """Whether a global is the notebook's own, not the host's."""

    async def execute(self, cell: Cell) -> Executed:
        """Execute a cell in the namespace."""

    def version(self, component: Component) -> Digest:
        """The present version of something that is not a global."""

    def restore(self, effects: Effects) -> None:
        """Bring back what a run left outside the namespace."""

    def go_back(self, cell: Cell) -> None:
        """The walk returns to just above this cell: take back what the cells from here on did outside the namespace."""

    def called_back(self) -> Survey:
        """What widget callbacks reach, and the names that they look up or bind."""
