"""Runs by cell and by what they read, bounded in bytes; evicting one only ever costs an execution."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from nbapp.core.digest import Digest
from nbapp.core.notebook import Cell, CellId
from nbapp.core.run import Binding, Question, Run
from nbapp.core.snapshot import Snapshots

_FOR_COPIES = 4  # the part of the limit that copies may take
_REMEMBERED = 10_000  # cells
_ALIKE = 3  # equal runs kept beside the newest: they differ in the objects they hold
Shelf = dict[Question, dict[tuple[Digest, ...], list[Run]]]
Answer = Callable[[Question], "tuple[Digest, ...] | None"]


@dataclass(slots=True)
class Store:
    """The runs of one notebook. `limit` is in bytes; the runs in place are kept whatever they weigh."""

    limit: int
    nbytes: int = 0
    snapshots: Snapshots = field(init=False)
    _changes: dict[tuple[CellId, str], frozenset[str]] = field(default_factory=dict)
    _shelves: dict[tuple[CellId, str], Shelf] = field(default_factory=dict)
    _in_place: dict[CellId, Run] = field(default_factory=dict)
    _places: OrderedDict[Run, tuple[CellId, str]] = field(default_factory=OrderedDict)
    _uses: Counter[Binding] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.snapshots = Snapshots(self.limit // _FOR_COPIES)

    def changes(self, cell: Cell) -> frozenset[str]:
        """The names that this cell, with this source, was seen to change in place."""
        return self._changes.get((cell.id, cell.source), frozenset())

    def saw_changes(self, cell: Cell, names: frozenset[str]) -> None:
        """The cell changed what these names hold in place."""
        if len(self._changes) > _REMEMBERED:
            self._changes.clear()  # an author who edits for weeks must not fill the memory
        self._changes[cell.id, cell.source] = names

    def matching(self, cell: Cell, answer: Answer) -> Iterator[Run]:
        """The runs of this cell and source whose reads all equal the present ones, newest first."""
        shelf = self._shelves.get((cell.id, cell.source), {})
        for question in tuple(shelf):
            now = answer(question)
            if now is not None:
                yield from reversed(tuple(shelf[question].get(now, ())))

    def likely(self, cell: Cell) -> Run | None:
        """The run that the cell shows, if it is of this source and still kept."""
        run = self._in_place.get(cell.id)
        return run if run is not None and run.source == cell.source and run in self._places else None

    def in_place(self, cell_id: CellId) -> Run | None:
        """The run whose outputs the cell shows."""
        return self._in_place.get(cell_id)

    def put_in_place(self, cell: Cell, run: Run) -> None:
        """This run is the one the cell shows from now on."""
        self._in_place[cell.id] = run
        if run in self._places:
            self._places.move_to_end(run)

    def forget_places(self, alive: Collection[CellId]) -> None:
        """Cells that left the notebook show nothing any more; their runs stay until room is needed."""
        for gone in self._in_place.keys() - alive:
            del self._in_place[gone]

    def add(self, cell: Cell, run: Run) -> None:
        """Keep a run; older runs make room when the limit is passed."""
        place = (cell.id, cell.source)
        runs = self._shelves.setdefault(place, {}).setdefault(run.question, {}).setdefault(run.answer, [])
        for old in [old for old in runs if not old.is_intact()] + runs[: max(0, len(runs) - _ALIKE)]:
            if old in self._places:
                self.discard(old)
        runs = self._shelves.setdefault(place, {}).setdefault(run.question, {}).setdefault(run.answer, [])
        runs.append(run)
        self._places[run] = place
        self._weigh(run, 1)
        self.put_in_place(cell, run)
        self._make_room()

    def discard(self, run: Run) -> None:
        """Forget a run: its objects were changed, or room is needed."""
        place = self._places.pop(run, None)
        if place is None:
            return
        self._weigh(run, -1)
        shelf = self._shelves[place]
        runs = shelf[run.question][run.answer]
        runs.remove(run)
        if not runs:
            del shelf[run.question][run.answer]
        if not shelf[run.question]:
            del shelf[run.question]
        if not shelf:
            del self._shelves[place]

    def adopt(self, cell: Cell, alive: Collection[CellId]) -> None:
        """A pasted or restored cell takes over runs of the same source whose cell is gone.

        Runs with effects stay behind: what they left belongs to the widgets of the cell that is gone.
        """
        if (cell.id, cell.source) in self._shelves:
            return
        for place in [place for place in self._shelves if place[1] == cell.source and place[0] not in alive]:
            for run in [run for run, where in self._places.items() if where == place and run.executed.effects is None]:
                self.discard(run)
                self.add(cell, run)
                del self._in_place[cell.id]
            return

    def changed_in_place(self, objects: frozenset[int], kept: Collection[Binding]) -> None:
        """Objects were changed by a run: every older binding that reaches one of them is no longer intact."""
        for binding in self._uses:
            if binding.intact and binding not in kept and not binding.objects.isdisjoint(objects):
                binding.intact = False

    def holding(self, objects: frozenset[int]) -> list[Binding]:
        """The intact bindings of kept runs that reach one of these objects."""
        if not objects:
            return []
        return [binding for binding in self._uses if binding.intact and not binding.objects.isdisjoint(objects)]

    def clear(self) -> None:
        """Forget every run."""
        for run in tuple(self._places):
            self.discard(run)
        self._in_place.clear()
        self.snapshots.clear()

    def __len__(self) -> int:
        return len(self._places)

    def _weigh(self, run: Run, sign: int) -> None:
        self.nbytes += sign * run.nbytes
        for binding in (*run.held.values(), *run.after.values(), *run.links.values(), *run.closure.values()):
            if binding is None:
                continue
            if sign > 0 and not self._uses[binding]:
                self.nbytes += binding.nbytes
            self._uses[binding] += sign
            if not self._uses[binding]:
                del self._uses[binding]
                self.nbytes -= binding.nbytes

    def _make_room(self) -> None:
        if self.nbytes <= self.limit:
            return
        kept = set(self._in_place.values())
        for run in tuple(self._places):
            if self.nbytes <= self.limit:
                return
            if run not in kept:
                self.discard(run)


def output_bytes(outputs: Collection[object]) -> int:
    """About how much memory outputs take, in bytes."""
    return sum(len(json.dumps(output, default=str)) for output in outputs)
