"""What the walk asks of the process that holds the namespace: the only port out of the core."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from nbapp.core.memos.memo import Binding, Component, Executed, HostEffects
from nbapp.core.notebook import Cell, CellId
from nbapp.values.digest import Digest
from nbapp.values.names import Names
from nbapp.values.survey import Survey
from nbapp.values.uses import Uses

CALLBACKS = "<callbacks>"  # the word that a value brings along when code holding it can fire callbacks
LOGS = "<logs>"  # and when it can log: the handlers of the author's may keep what it says


@dataclass(frozen=True, slots=True)
class Reading:
    """What the host's syntax makes of a cell, and what its author asks for.

    `names` are those it may use, `uses` which of them it does for sure, where that is known. `always` is the reason
    why it must always run, if any; `once` says that it runs once for each source; after `ttl` seconds its result is
    made again; with `handle` what it binds is versioned by which object it is. `changes` are names whose objects the
    code plainly changes in place. `frozen` says in words what it asks of the world that nobody can watch; `note` is
    for the author.
    """

    names: Names
    always: str | None = None
    once: bool = False
    ttl: float | None = None
    handle: bool = False
    changes: frozenset[str] = frozenset()
    frozen: str | None = None
    note: str | None = None
    uses: Uses | None = None


# Whether objects, by id, are such that callbacks which hold them go on: callbacks have changed some, or nobody else
# has them.
Kept = Callable[["frozenset[int]"], bool]


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

    def begin_callbacks(self, env: Mapping[str, Binding], made: Collection[Component]) -> None:
        """Callbacks are about to run; everything is in place. `made` are the components that cells gave their value."""

    def end_callbacks(self) -> Mapping[Component, Binding | None]:
        """What they changed besides globals and traits."""

    async def execute(self, cell: Cell, kept: Kept | None = None) -> Executed:
        """Execute a cell in the namespace. Given `kept`, what callbacks did to what it makes stays as they left it."""

    def only_read(self, cell: Cell, reads: Mapping[str, Binding]) -> Collection[Binding]:
        """Which of the bindings that a cell reads it cannot have changed when it was executed just now, so that nobody
        needs to look; in doubt none."""

    def gives_objects(self, components: Iterable[Component]) -> bool:
        """Whether code that reads these may get objects from them that others have as well; in doubt it may."""

    def doubt(self, cell: Cell, reads: Mapping[str, Binding]) -> str | None:
        """In words for the author, why `only_read` could not leave out all that the cell reads."""

    def version(self, component: Component) -> Digest:
        """The present version of something that is not a global."""

    def tell(self, component: Component) -> str | None:
        """In words, what happened to something that is not a global; None when the host knows no more than its kind."""

    def is_of_callbacks(self, component: Component, echoes: Collection[CellId]) -> bool:
        """Whether callbacks, or one of these cells, and nobody else changed something that is not a global."""

    def keep(self, owner: CellId, value: object) -> bool:
        """Callbacks have changed a value, which a cell made or changed last; whether that only hangs on it, so that
        the host can give it back."""

    def heir(self, value: object) -> object:
        """What stands where this object stood, when its class was made again; itself where nothing else does."""

    def give_back(self, owner: CellId) -> None:
        """The cell was brought up to date: what hangs on such values is as callbacks left it."""

    def forget_callbacks(self, cell: Cell) -> None:
        """What callbacks did outside the namespace to what this cell makes does not hold any more."""

    def restore(self, cell: Cell, effects: HostEffects | None) -> None:
        """The cell is skipped: outside the namespace it left this, and nothing of any other run."""

    def pass_by(self, cells: Collection[CellId]) -> bool:
        """The next cells are skipped, and left nothing outside the namespace: what `restore` would do for one after the
        other. False, and nothing is done, where there may be anything of another run, or `read` says something else of
        one than in earlier walks."""

    def go_back(self, cell: Cell) -> None:
        """The walk returns to just above this cell: take back what the cells from here on did outside the namespace."""

    def called_back(self) -> Survey:
        """What widget callbacks reach, and the names that they look up or bind."""

    def logged_to(self) -> Survey:
        """What the handlers of loggers reach, so that code which logs changes it."""
