"""Whether an app shows what a clean run gives.

A difference counts when a fresh process that had imported nothing confirms it, and when two clean runs agree with
each other about it. A cell that gives something else each time is frozen: it, and what rests on it, is not compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from nbapp.core.notebook import Cell, CellId
from nbapp.core.overlay import TOP
from nbapp.kernel.parse.directives import directives
from nbapp.testing import AppTest
from nbapp.verify.clean import CleanRuns
from nbapp.verify.pictures.compare import Difference, called, compare
from nbapp.verify.pictures.seen import Given, Record, SeenValues

_LOOK = '__import__("nbapp.verify.live", fromlist=["live"]).look()'
_MOST = 10  # differences told
_UNKNOWN = Record(None, frozenset())  # of a cell that failed


def differences(app: AppTest) -> list[str]:
    """Where an app differs from a clean run of its cells with the same choices; empty when they agree.

    Raises:
        NbappError: a clean run is not possible.

    Examples:
        >>> app.set("region", "East")  # doctest: +SKIP
        >>> assert not differences(app)  # doctest: +SKIP
    """
    with Verification(Path(app.eval('__import__("os").getcwd()')), quickly=False) as check:
        return check.differences(app)


@dataclass(slots=True)
class Verification:
    """Compares apps of one notebook with clean runs in a folder; `quickly` forks where it can.

    `frozen` are the cells, and where they stand, seen to give something else each time; `lost`, in words, what
    callbacks gave values that cannot be taken to another process.
    """

    cwd: Path
    quickly: bool = True
    frozen: dict[Cell, int] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    runs: CleanRuns = field(init=False)

    def __post_init__(self) -> None:
        self.runs = CleanRuns(self.cwd)

    def __enter__(self) -> Verification:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.runs.close()

    def differences(self, app: AppTest) -> list[str]:
        """Where the app differs from a clean run, in words.

        Raises:
            NbappError: a clean run is not possible.
        """
        here = self._look(app)
        if self.quickly and not self._counted(here, self._clean(here, quickly=True)):
            return []
        clean = self._clean(here)
        found = self._counted(here, clean)
        if not found:
            if self.quickly:
                self.runs.distrust()
            return []
        self._note_frozen(here, compare(clean, self._clean(here)))
        return _in_words(here, self._counted(here, clean))

    def seem_to_differ(self, app: AppTest) -> bool:
        """Whether there are differences, as far as one clean run tells.

        Raises:
            NbappError: a clean run is not possible.
        """
        here = self._look(app)
        return bool(self._counted(here, self._clean(here, quickly=self.quickly)))

    def _look(self, app: AppTest) -> SeenValues:
        shown = tuple(tuple(app.outputs(index)) for index in range(len(app.cells)))
        here: SeenValues = replace(app.eval(_LOOK), outputs=shown)
        self.lost |= {f"`{name}`" for _, name in here.given.lost}
        self.lost |= {f"the {trait} of {called(place, here.notebook)}" for place, trait in here.given.lost_traits}
        return here

    def _clean(self, here: SeenValues, *, quickly: bool = False) -> SeenValues:
        return self.runs.run(here.notebook, here.given, quickly=quickly)

    def _counted(self, here: SeenValues, clean: SeenValues) -> list[Difference]:
        """The differences that do not rest on what gives something else each time."""
        found = list(compare(here, clean))
        if not found:
            return []
        cells, names = _resting(here, [cell.id for cell in here.notebook if cell in self.frozen], here.given)
        found = [item for item in found if item.trait not in here.given.lost_traits]
        return [item for item in found if item.cell not in cells and item.name not in names]

    def _note_frozen(self, here: SeenValues, found: Iterable[Difference]) -> None:
        """Two clean runs differ: the first cells that do are frozen, and the others rest on them."""
        differing = {item.cell for item in found if item.cell is not None}
        for name in {item.name for item in found if item.name is not None}:
            makers = [cell.id for cell in here.notebook if name in here.records.get(cell.id, _UNKNOWN).binds]
            differing.update(makers[-1:])
        for index, cell in enumerate(here.notebook):
            cells, _ = _resting(here, [known.id for known in here.notebook if known in self.frozen], Given())
            if cell.id in differing and cell.id not in cells:
                self.frozen[cell] = index


def _resting(here: SeenValues, frozen: Iterable[CellId], given: Given) -> tuple[set[CellId], set[str]]:
    """The cells that are frozen or rest on what is, or on what could not be `given` to a clean run, and the names that
    such cells bound last."""
    cells, names = set(frozen), {name for owner, name in given.lost if owner == TOP}
    lost = {*given.lost_traits, None} if given.lost or given.lost_traits else set()
    for cell in here.notebook:
        record = here.records.get(cell.id, _UNKNOWN)
        if (names and (record.reads is None or record.reads & names)) or record.traits & lost:
            cells.add(cell.id)
        names = names | record.binds if cell.id in cells else names - record.binds
        names |= {name for owner, name in given.lost if owner == cell.id}
    return cells, names


def _in_words(here: SeenValues, found: list[Difference]) -> list[str]:
    """The differences, after the directives that hide a change."""
    hiding = [line for index in range(len(here.notebook)) if (line := _hides(here, index, found))]
    lines = [*hiding, *map(str, found)]
    return lines if len(lines) <= _MOST + 1 else [*lines[:_MOST], f"and {len(lines) - _MOST} more"]


def _hides(here: SeenValues, index: int, found: list[Difference]) -> str:
    """What to say when a change was not seen because the author of a cell asked for it."""
    cell = here.notebook[index]
    asked, record = directives(cell.source, cell.tags), here.records.get(cell.id, _UNKNOWN)
    differing = {item.cell for item in found}
    readers = [known.reads or () for cell_id, known in here.records.items() if cell_id in differing]
    concerned = record.binds & {item.name for item in found}.union(*readers)
    if asked.never and record.changed and (concerned or cell.id in differing):
        return f"cell {index + 1} is tagged never but depends on {', '.join(record.changed)}"
    if asked.handle and concerned:
        unseen = ", ".join(f"`{name}`" for name in sorted(concerned))
        return f"cell {index + 1} is tagged handle, so changes inside {unseen} are not seen"
    return ""
