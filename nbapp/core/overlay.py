"""What widget callbacks wrote: input to the notebook, kept over reruns until the cell it belongs to executes again."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from nbapp.core.digest import Digest, text_digest
from nbapp.core.notebook import CellId
from nbapp.core.run import Binding

TOP: CellId = CellId("")  # the owner of names that no cell wrote: they are bound above the first cell


@dataclass(slots=True)
class Overlay:
    """Bindings by the cell that last wrote their names; they apply just after that cell."""

    _entries: dict[CellId, dict[str, Binding | None]] = field(default_factory=dict)
    _copies: dict[CellId, dict[str, Any]] = field(default_factory=dict)
    _ticks: int = 0

    def __bool__(self) -> bool:
        return bool(self._entries)

    def provenance(self) -> Digest:
        """A version no other callback run ever had, for values without a digest."""
        self._ticks += 1
        return text_digest("callback", str(self._ticks))

    def write(self, owner: CellId, name: str, binding: Binding | None) -> None:
        """A callback bound, changed or deleted a name."""
        self._entries.setdefault(owner, {})[name] = binding
        self._copies.pop(owner, None)

    def of(self, owner: CellId) -> dict[str, Binding | None]:
        """What applies after this cell."""
        return dict(self._entries.get(owner, {}))

    def written(self, owner: CellId) -> dict[str, Any]:
        """The values that callbacks wrote, as they left them: copies where a cell below has changed them since."""
        bindings = {name: binding for name, binding in self.of(owner).items() if binding is not None}
        copies = {} if all(binding.intact for binding in bindings.values()) else self._copies.get(owner, {})
        return {name: copies.get(name, binding.value) for name, binding in bindings.items()}

    def drop(self, owner: CellId) -> None:
        """The cell executed again as a clean run would: its results replace what callbacks wrote."""
        self._entries.pop(owner, None)
        self._copies.pop(owner, None)

    def owner(self, binding: Binding) -> CellId | None:
        """The cell whose entry holds this binding."""
        return next((cell for cell, entry in self._entries.items() if binding in entry.values()), None)

    def protect(self, bindings: Iterable[Binding]) -> None:
        """Copy the entries that hold these, before a cell that may change them in place; they cannot be recomputed."""
        for owner in {owner for binding in bindings if (owner := self.owner(binding)) is not None}:
            self._protect(owner)

    def _protect(self, owner: CellId) -> None:
        """Copy an entry's values together: they share what they shared."""
        if owner in self._copies:
            return
        values = {name: binding.value for name, binding in self._entries[owner].items() if binding is not None}
        try:
            self._copies[owner] = copy.deepcopy(values)
        except Exception:  # noqa: BLE001
            # Anything may refuse to be copied; then a change in place drops the entry, and the step says so.
            return

    def rebuild(self, owner: CellId, bind: Callable[[Any], Binding]) -> bool:
        """Replace an entry that was changed in place by its copy; False when there is none and it is dropped."""
        if owner not in self._copies:
            self.drop(owner)
            return False
        for name, value in copy.deepcopy(self._copies[owner]).items():
            self._entries[owner][name] = bind(value)
        return True

    def changed_in_place(self, objects: frozenset[int], kept: Collection[Binding]) -> None:
        """Objects were changed by a run: bindings that reach one of them are no longer intact."""
        for entry in self._entries.values():
            for binding in entry.values():
                if binding is not None and binding not in kept and not binding.objects.isdisjoint(objects):
                    binding.intact = False
