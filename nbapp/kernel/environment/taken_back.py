"""What can be done only once, outside of Python's objects: taken back before the cell that did it runs again.

`create table t` and `attach ... as other` fail when they are said twice, and so does the registration of a type of
Arrow. A clean run says them once. What a cell made in a database that lies in memory, and which was not there before,
is dropped before the cell runs again, when it is gone, and before a cell above it runs that names it, also where the
cell said `if not exists`: a clean run finds nothing. What it made in a file stays, because that may be the author's
only copy. The rows that a connection has yet to give to a cell below are given up.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from nbapp.core.notebook import CellId
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.environment.databases import Item, Listing, drop, listed, may_make, of_resources
from nbapp.libraries import duckdb
from nbapp.libraries.slot import is_imported
from nbapp.values.names import Names

_ASKING = frozenset({"select", "from", "with", "values", "show", "describe", "pragma", "call"})
Undo = Callable[[], object]


class TakenBack:
    """By cell, what its last execution did that cannot be done again."""

    def __init__(self) -> None:
        self._by_cell: dict[CellId, list[Undo]] = {}
        self._made: dict[CellId, frozenset[str]] = {}  # what cells made in databases, by name
        self._places: dict[CellId, int] = {}
        self._asked: dict[int, CellId] = {}  # which cell asked a connection last, by the connection's id
        self._arrow: list[Undo] | None = None  # of the types that the code under way registers with Arrow
        self._leave_arrow: Undo = bool

    def take_back(self, cell: CellId) -> None:
        """The cell is about to run again, or has left the notebook."""
        self._made.pop(cell, None)
        for undo in reversed(self._by_cell.pop(cell, [])):
            with suppress(Exception):  # it may be gone, or in use: then the cell says what is wrong
                undo()

    def leave(self, alive: Sequence[CellId]) -> None:
        """These cells are in the notebook, in this order, and no others."""
        self._places = {cell: place for place, cell in enumerate(alive)}
        for cell in self._by_cell.keys() - self._places.keys():
            self.take_back(cell)

    def not_yet(self, cell: CellId, names: Names) -> frozenset[str]:
        """A cell that may use these names is about to run: drop what cells below it made of them; gives what was."""
        place, found = self._places.get(cell, len(self._places)), frozenset[str]()
        for other, made in list(self._made.items()):
            if self._places.get(other, place) > place and any(name in names.looked_up for name in made):
                self.take_back(other)
                found |= made
        return found

    @contextmanager
    def watching(
        self, cell: CellId, names: Names, methods: Collection[str], namespace: Mapping[str, Any], made: set[str]
    ) -> Iterator[None]:
        """Around an execution of a cell of these names; what it made in databases is in `made` when it has ended."""
        self.take_back(cell)
        done = self._arrow = []
        self.imported()
        makes = may_make(names, methods, namespace)
        before = listed(names, namespace) if makes else {}
        known = Listing(None, frozenset[Item]().union(*(each.items or () for each in before.values())))
        try:
            yield
        finally:
            self._leave_arrow()
            self._arrow, self._leave_arrow = None, bool
            for key, now in (listed(names, namespace) if makes else {}).items():
                # A connection that is new may be a second one of a database that was there.
                new = now.made_since(before.get(key, known))
                made.update(item.name for item in new)
                if new and (key in before or key not in of_resources()):
                    done.append(partial(drop, now.connection, new))
                    self._made[cell] = self._made.get(cell, frozenset()) | {item.name for item in new}
            if done:
                self._by_cell[cell] = done

    def imported(self) -> None:
        """A library may have been imported: note from now on which types are registered with Arrow."""
        if self._arrow is not None and self._leave_arrow is bool and "pyarrow" in sys.modules:
            self._leave_arrow = _arrow_registers(self._arrow)

    def uses(self, cell: CellId, names: Names, namespace: Mapping[str, Any], passed: Collection[CellId]) -> None:
        """A cell that may use these names is about to run: rows that it or a cell below asked for are in its way."""
        if not is_imported(duckdb.MODULE):
            return
        kind = sys.modules[duckdb.MODULE].DuckDBPyConnection
        asks = any(word.lower() in _ASKING for word in names.words)
        for value in [namespace[name] for name in names.looked_up if type(namespace.get(name)) is kind]:
            if self._asked.get(id(value), cell) not in passed and hasattr(value, "abort"):
                with suppress(Exception):  # it is closed, or has nothing to give
                    value.abort()
            if asks:
                self._asked[id(value)] = cell


def _arrow_registers(done: list[Undo]) -> Undo:
    """Note which types are registered with Arrow, until what is returned is called."""
    arrow: Any = sys.modules["pyarrow"]
    if not hasattr(arrow, "register_extension_type"):
        return bool  # it is being imported
    patching = Patching()

    def note(kind: Any) -> None:
        register(kind)
        done.append(lambda: arrow.unregister_extension_type(kind.extension_name))

    register = patching.put(arrow, "register_extension_type", note)
    return patching.undo
