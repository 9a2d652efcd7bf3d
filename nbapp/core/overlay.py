"""What widget callbacks wrote: input to the notebook, kept over reruns until the cell it belongs to executes again."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from nbapp.core.memos.memo import Binding
from nbapp.core.notebook import CellId
from nbapp.values.digest import Digest, text_digest

_REMEMBERED = 100  # cells that left the notebook
TOP: CellId = CellId("")  # the owner of names that no cell wrote: they are bound above the first cell
T = TypeVar("T")


@dataclass(slots=True)
class Overlay:
    """Bindings by the cell that last wrote their names; they apply just after that cell."""

    atoms: Callable[[], Iterable[object]] = tuple  # what a copy has in common with the original: widgets
    echoes: set[CellId] = field(default_factory=set)  # cells that ran last only because of what callbacks did
    _entries: dict[CellId, dict[str, Binding | None]] = field(default_factory=dict)
    _gone: dict[CellId, dict[str, Binding | None]] = field(default_factory=dict)  # of cells that may come back by undo
    _copies: dict[CellId, dict[CellId, dict[str, Any]]] = field(default_factory=dict)  # one for all that share objects
    _hanging: set[tuple[CellId, str]] = field(default_factory=set)
    _outside: dict[str, Digest] = field(default_factory=dict)
    _ticks: int = 0

    def __bool__(self) -> bool:
        return bool(self._entries)

    def begin(self, alive: Collection[CellId]) -> None:
        """A walk over these cells begins: what belongs to cells that left the notebook is kept aside for a while."""
        for cell in self._entries.keys() - set(alive) - {TOP}:
            self._gone[cell] = self._entries.pop(cell)
            self._forget_copies(cell)
        for cell in self._gone.keys() & set(alive):
            self._entries[cell] = self._gone.pop(cell)
        while len(self._gone) > _REMEMBERED:
            self._gone.pop(next(iter(self._gone)))

    def provenance(self) -> Digest:
        """A version no other callback run ever had, for values without a digest."""
        self._ticks += 1
        return text_digest("callback", str(self._ticks))

    def write(self, owner: CellId, name: str, binding: Binding | None, *, hangs: bool = False) -> None:
        """A callback bound, changed or deleted a name. `hangs`: the object is the same, what hangs on it is kept."""
        self._entries.setdefault(owner, {})[name] = binding
        (self._hanging.add if hangs else self._hanging.discard)((owner, name))
        self._forget_copies(owner)

    def of(self, owner: CellId) -> dict[str, Binding | None]:
        """What applies after this cell."""
        return dict(self._entries.get(owner, {}))

    def applies_to(self, cells: Collection[CellId]) -> bool:
        """Whether anything applies after one of these cells."""
        return not self._entries.keys().isdisjoint(cells)

    def written(self, owner: CellId) -> dict[str, Any]:
        """The values that callbacks wrote, as they left them: copies where a cell below has changed them since."""
        bindings = {name: binding for name, binding in self.of(owner).items() if binding is not None}
        copies = self._copies.get(owner, {}).get(owner, {})
        if all(binding.intact for binding in bindings.values()):
            copies = {}
        return {name: copies.get(name, binding.value) for name, binding in bindings.items()}

    def bindings(self) -> frozenset[Binding]:
        """All that callbacks wrote: no cell can make it again, so it is compared before it counts as changed."""
        return frozenset(filter(None, (binding for entry in self._entries.values() for binding in entry.values())))

    def drop(self, owner: CellId) -> None:
        """The cell executed again as a clean run would: its results replace what callbacks wrote."""
        self._entries.pop(owner, None)
        self._hanging = {item for item in self._hanging if item[0] != owner}
        self._forget_copies(owner)

    def _forget_copies(self, owner: CellId) -> None:
        for cell in self._copies.get(owner, {}):
            self._copies.pop(cell)

    def owner(self, binding: Binding) -> CellId | None:
        """The cell whose entry holds this binding."""
        return next((cell for cell, entry in self._entries.items() if binding in entry.values()), None)

    def wrote_outside(self, name: str, version: Digest) -> None:
        """A callback changed something that no cell wrote and that cannot be put back: it is as it is."""
        self._outside[name] = version

    def forget(self, owner: CellId, name: str) -> None:
        """What callbacks made of a name cannot be had any more."""
        self._entries[owner].pop(name)
        self._forget_copies(owner)

    def holds(self, name: str, binding: Binding | None) -> bool:
        """Whether callbacks gave a name this binding, or deleted it."""
        if binding is not None and self._outside.get(name) == binding.version:
            return True
        return any(name in entry and entry[name] is binding for entry in self._entries.values())

    def hangs(self, owner: CellId, name: str) -> bool:
        """Whether an object is the same as ever, and the host keeps what hangs on it."""
        return (owner, name) in self._hanging

    def protect(self, bindings: Iterable[Binding]) -> None:
        """Copy the entries that hold these, before a cell that may change them in place; they cannot be recomputed.

        Entries that share objects are copied together: they share what they shared.
        """
        owners = {owner for binding in bindings if (owner := self.owner(binding)) is not None}
        for owner in owners:
            if owner not in self._copies:
                self._copy(self._sharing(owner))

    def _copy(self, owners: Iterable[CellId]) -> None:
        values = {
            owner: {name: binding.value for name, binding in self._entries[owner].items() if binding is not None}
            for owner in owners
        }
        try:
            copies = self._copied(values)
        except Exception:  # noqa: BLE001
            # Anything may refuse to be copied; then a change in place drops the entry, and the step says so.
            return
        self._copies.update(dict.fromkeys(copies, copies))

    def _copied(self, values: dict[CellId, dict[str, Any]]) -> dict[CellId, dict[str, Any]]:
        return copy.deepcopy(values, {id(atom): atom for atom in self.atoms()})

    def _sharing(self, owner: CellId) -> set[CellId]:
        """The cells whose entries share objects with those of this one, directly or through others."""
        return _connected({owner}, {cell: self._objects(cell) for cell in self._entries})

    def _objects(self, owner: CellId) -> frozenset[int]:
        bindings = (binding.objects for binding in self._entries[owner].values() if binding is not None)
        return frozenset[int]().union(*bindings)

    def rebuild(self, owners: Iterable[CellId], bind: Callable[[Any], Binding]) -> None:
        """Replace what was changed in place by its copies; entries that have none are dropped.

        What belongs to no cell cannot be made again: without a copy it stays as it was changed.
        """
        for owner in owners:
            if owner in self._copies:
                self.settle(owner, bind)
            elif owner == TOP:
                entry = self._entries[owner].items()
                self._entries[owner] = {name: was and bind(was.value) for name, was in entry}
            else:
                self.drop(owner)

    def settle(self, owner: CellId, bind: Callable[[Any], Binding]) -> None:
        """What cells changed since is as callbacks left it again, with all that shares objects with it.

        The rest stays as it is: a button that holds one of these objects would not know of a copy. Before another name
        is written here, too: only the copies know how it was, and a new entry makes these outdated.
        """
        copies = self._copies.get(owner, {})
        lost = {(cell, name) for cell, values in copies.items() for name in values if self._is_lost(cell, name)}
        fresh = self._copied(copies) if lost else {}
        again = {(cell, name): bind(value) for cell, values in fresh.items() for name, value in values.items()}
        for cell, name in _connected(lost, {item: self._own(*item, copied) for item, copied in again.items()}):
            self._entries[cell][name] = again[cell, name]

    def _own(self, owner: CellId, name: str, copied: Binding) -> frozenset[int]:
        """The objects of an entry that its copy has not in common with it, as it has a class."""
        binding = self._entries[owner].get(name)
        return frozenset() if binding is None or self.hangs(owner, name) else binding.objects - copied.objects

    def _is_lost(self, owner: CellId, name: str) -> bool:
        binding = self._entries[owner].get(name)
        return binding is not None and not binding.intact and not self.hangs(owner, name)

    def changed_in_place(
        self, objects: frozenset[int], kept: Collection[Binding], is_as_bound: Callable[[Binding], bool]
    ) -> None:
        """Objects may have been changed by a run: bindings that reach one of them and are not as bound are not intact.

        They are compared because what is not intact here is lost: no cell can make it again.
        """
        for entry in self._entries.values():
            for binding in entry.values():
                if binding is not None and binding not in kept and not binding.objects.isdisjoint(objects):
                    binding.intact = binding.intact and is_as_bound(binding)


def _connected(items: set[T], objects: Mapping[T, frozenset[int]]) -> set[T]:
    """These, and all that share objects with them, directly or through others."""
    found: set[T] = set()
    frontier = items
    while frontier:
        found = found | frontier
        reached = frozenset[int]().union(*(objects[item] for item in frontier))
        frontier = {item for item in objects.keys() - found if not objects[item].isdisjoint(reached)}
    return found
