"""Memos by cell and by what they read, bounded in bytes; evicting one only ever costs an execution.

Which one is evicted: the greedy-dual-size rule (P. Cao and S. Irani, Cost-aware WWW proxy caching algorithms, USENIX
Symposium on Internet Technologies and Systems, 1997). The one goes that saves the fewest seconds for each byte; what it
would have saved is added to each that is left behind later, so that what nobody goes back to grows old.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from nbapp.core.memos.memo import Binding, Memo, ReadSet
from nbapp.core.memos.objects import Meetings
from nbapp.core.memos.opened import Opened
from nbapp.core.memos.snapshot import Snapshots
from nbapp.core.memos.trail import Trail
from nbapp.core.memos.worth import Worth
from nbapp.core.notebook import Cell, CellId
from nbapp.values.digest import Digest

_FOR_COPIES = 4  # the part of the limit that copies may take
_REMEMBERED = 10_000  # cells
_LEAST_LOOK = 3_000  # objects: some milliseconds
_SPARE = 32  # the part of the limit that is made free at once, so that not each new memo has all others sorted
_ALIKE = 3  # equal runs kept beside the newest: they differ in the objects they hold
Shelf = dict[ReadSet, dict[tuple[Digest, ...], list[Memo]]]
VersionsNow = Callable[[ReadSet], "tuple[Digest, ...] | None"]


@dataclass(slots=True)
class Store:
    """The memos of one notebook. `limit` is in bytes; the memos in place are kept whatever they weigh. `least_look` is
    how many objects of a new value are looked at in any case; with 0, for tests, one is left unseen where it can be."""

    limit: int
    least_look: int = _LEAST_LOOK
    snapshots: Snapshots = field(init=False)
    opened: Opened = field(default_factory=Opened)
    meetings: Meetings = field(default_factory=Meetings)
    trail: Trail = field(default_factory=Trail)
    _changes: dict[tuple[CellId, str], frozenset[str]] = field(default_factory=dict)
    _mistrusted: set[tuple[CellId, str]] = field(default_factory=set)
    _shelves: dict[tuple[CellId, str], Shelf] = field(default_factory=dict)
    _in_place: dict[CellId, Memo] = field(default_factory=dict)
    _places: dict[Memo, tuple[CellId, str]] = field(default_factory=dict)
    _forgotten: set[CellId] = field(default_factory=set)
    _worth: Worth = field(default_factory=Worth)
    _age: float = 0.0  # seconds for each byte that the last evicted memo would have saved, with its own age
    _ages: dict[Memo, float] = field(default_factory=dict)  # what it was when those left that no cell shows
    _left: list[Memo] = field(default_factory=list)  # those that left in this walk

    def __post_init__(self) -> None:
        self.snapshots = Snapshots(self.limit // _FOR_COPIES)

    @property
    def nbytes(self) -> int:
        """The bytes that the memos take."""
        return self._worth.nbytes

    def changes(self, cell: Cell) -> frozenset[str]:
        """The names that this cell, with this source, was seen to change in place."""
        return self._changes.get((cell.id, cell.source), frozenset())

    def saw_changes(self, cell: Cell, names: frozenset[str]) -> None:
        """The cell changed what these names hold in place."""
        if len(self._changes) > _REMEMBERED:
            self._changes.clear()  # an author who edits for weeks must not fill the memory
        self._changes[cell.id, cell.source] = names

    def mistrusts(self, cell: Cell) -> bool:
        """Whether this cell, with this source, once seemed to do nothing but read before it ran, and not after."""
        return (cell.id, cell.source) in self._mistrusted

    def mistrust(self, cell: Cell) -> None:
        """What the cell does cannot be told before it runs."""
        if len(self._mistrusted) < _REMEMBERED:
            self._mistrusted.add((cell.id, cell.source))

    def matching(self, cell: Cell, versions_now: VersionsNow) -> Iterator[Memo]:
        """The memos of this cell and source whose reads all equal the present ones, newest first."""
        shelf = self._shelves.get((cell.id, cell.source), {})
        for reads in tuple(shelf):
            now = versions_now(reads)
            if now is not None:
                yield from reversed(tuple(shelf[reads].get(now, ())))

    def likely(self, cell: Cell) -> Memo | None:
        """The memo that the cell shows, if it is of this source and still kept."""
        memo = self._in_place.get(cell.id)
        return memo if memo is not None and memo.source == cell.source and memo in self._places else None

    def in_place(self, cell_id: CellId) -> Memo | None:
        """The memo whose outputs the cell shows."""
        return self._in_place.get(cell_id)

    def put_in_place(self, cell: Cell, memo: Memo) -> None:
        """This memo is the one the cell shows from now on."""
        before = self._in_place.get(cell.id)
        if before is not memo:
            self._worth.show(memo)
            self._ages.pop(memo, None)
            self._leave(cell.id)
            self._in_place[cell.id] = memo

    def _leave(self, cell_id: CellId) -> None:
        """The cell does not show its memo any more."""
        before = self._in_place.pop(cell_id, None)
        if before is not None:
            self._worth.hide(before)
            if before in self._places:
                self._ages[before] = self._age
                self._left.append(before)

    def shows(self, cells: Collection[CellId], memos: Collection[Memo]) -> bool:
        """Whether these cells show these memos, all of them still kept."""
        return list(map(self._in_place.get, cells)) == memos and all(map(self._places.__contains__, memos))

    def begin(self, cells: Collection[Cell]) -> frozenset[CellId]:
        """A walk over these cells begins; their ids."""
        self._forget_what_is_made_at_once()
        alive = frozenset(cell.id for cell in cells)
        self.forget_places(alive)
        for cell in cells:
            if (cell.id, cell.source) not in self._shelves:
                self.adopt(cell, alive)
        self.trail.begin(len(cells))
        return alive

    def forget_places(self, alive: Collection[CellId]) -> None:
        """Cells that left the notebook show nothing any more; their runs stay until room is needed."""
        for gone in self._in_place.keys() - alive:
            self._leave(gone)

    def add(self, cell: Cell, memo: Memo) -> None:
        """Keep a memo; older memos make room when the limit is passed."""
        place = (cell.id, cell.source)
        memos = self._shelves.setdefault(place, {}).setdefault(memo.reads, {}).setdefault(memo.versions, [])
        for old in [old for old in memos if not old.is_intact()] + memos[: max(0, len(memos) - _ALIKE)]:
            if old in self._places:
                self.discard(old)
        memos = self._shelves.setdefault(place, {}).setdefault(memo.reads, {}).setdefault(memo.versions, [])
        memos.append(memo)
        self._forgotten.discard(cell.id)
        self._places[memo] = place
        self._worth.keep(memo)
        self.put_in_place(cell, memo)
        self._make_room()

    def discard(self, memo: Memo) -> None:
        """Forget a memo: its objects were changed, or room is needed."""
        place = self._places.pop(memo, None)
        if place is None:
            return
        self._worth.forget(memo)
        self._ages.pop(memo, None)
        shelf = self._shelves[place]
        memos = shelf[memo.reads][memo.versions]
        memos.remove(memo)
        if not memos:
            del shelf[memo.reads][memo.versions]
        if not shelf[memo.reads]:
            del shelf[memo.reads]
        if not shelf:
            del self._shelves[place]

    def forget(self, cell: Cell) -> None:
        """Discard all memos of a cell, whatever it said, and those that it could adopt: it does not run as they did."""
        for memo in [memo for memo, place in self._places.items() if place[0] == cell.id or place[1] == cell.source]:
            self.discard(memo)
        self._forgotten.add(cell.id)

    def was_forgotten(self, cell: Cell) -> bool:
        """Whether that is why it has no memo."""
        return cell.id in self._forgotten

    def adopt(self, cell: Cell, alive: Collection[CellId]) -> None:
        """A pasted or restored cell takes over runs of the same source whose cell is gone.

        Runs with effects stay behind: what they left belongs to the widgets of the cell that is gone.
        """
        if (cell.id, cell.source) in self._shelves:
            return
        for place in [place for place in self._shelves if place[1] == cell.source and place[0] not in alive]:
            for memo in [
                memo for memo, where in self._places.items() if where == place and memo.executed.effects is None
            ]:
                self.discard(memo)
                self.add(cell, memo)
                self._leave(cell.id)
            return

    def changed_in_place(self, objects: frozenset[int], kept: Collection[Binding]) -> None:
        """Objects were changed by an execution: every older binding that reaches one of them is no longer intact."""
        for binding in self._worth.kept:
            if binding.intact and binding not in kept and binding.may_hold(objects):
                binding.lose()

    def holding(self, objects: frozenset[int]) -> list[Binding]:
        """The intact bindings of kept runs that reach one of these objects."""
        if not objects:
            return []
        return [binding for binding in self._worth.kept if binding.intact and binding.may_hold(objects)]

    def clear(self) -> None:
        """Forget every memo."""
        for memo in tuple(self._places):
            self.discard(memo)
        self.forget_places(())
        self._left.clear()
        self.snapshots.clear()
        self.trail.clear()

    def __len__(self) -> int:
        return len(self._places)

    def _make_room(self) -> None:
        if self.nbytes <= self.limit:
            return
        saves = {memo: age + self._worth.saves(memo) for memo, age in self._ages.items()}
        spare = self.limit // _SPARE
        for memo in sorted(saves, key=saves.__getitem__):  # of those alike the one that left first
            is_enough = self.nbytes <= self.limit
            if self.nbytes <= self.limit - spare or (is_enough and self._worth.takes(memo) > spare):
                return
            self._age = saves[memo]
            self.discard(memo)

    def _forget_what_is_made_at_once(self) -> None:
        """Of what the last walk left behind; only now, since cells below showed what was made of it until they ran."""
        for memo in self._left:
            if memo in self._ages:
                for each in self._worth.made_at_once(memo):
                    self.discard(each)
        self._left.clear()


def output_bytes(outputs: Collection[object]) -> int:
    """About how much memory outputs take, in bytes."""
    return sum(len(json.dumps(output, default=str)) for output in outputs)
