"""Whether a cell is made again only because of what widget callbacks did: then it takes nothing of that back.

What a callback changed is input from then on, and stays until the cell that made it runs again for another reason. A
cell that callbacks alone make run again is an *echo* of them, and so is one that only echoes make run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from nbapp.core.change import bind
from nbapp.core.host import Host, Kept
from nbapp.core.memos.env import BASELINE, Env, is_global
from nbapp.core.memos.memo import Binding, Component, Memo
from nbapp.core.notebook import Cell, CellId, Notebook
from nbapp.core.overlay import TOP, Overlay
from nbapp.values.digest import Digest
from nbapp.values.types import Types


@dataclass(slots=True)
class Echo:
    """Keeps what callbacks did over one walk. `nothing_else`: only they caused the walk."""

    notebook: Notebook
    overlay: Overlay
    host: Host
    nothing_else: bool
    known: Types

    def is_one(self, cell: Cell, before: Memo | None, env: Env, *, always: bool) -> bool:
        """Whether a cell, which has this memo in place, is made again for no other reason; it may be as it was."""
        if before is None or before.source != cell.source:
            return False
        if always:
            return self.nothing_else
        return self.nothing_else or all(self._is_of_callbacks(name, before, env) for name in self._moved(before, env))

    def keeps(self, cell: Cell, before: Memo | None, env: Env, *, always: bool, again: bool) -> Kept | None:
        """The cell is made again: what stays of what callbacks did to its results, None when nothing does.

        `again`: only because its objects are needed once more.
        """
        if not again and not self.is_one(cell, before, env, always=always):
            self.overlay.echoes.discard(cell.id)
            self.overlay.drop(cell.id)
            self.host.forget_callbacks(cell)
            return None
        self.overlay.echoes.add(cell.id)
        changed = _objects(self.overlay.of(cell.id).values())
        named = _objects(before.after.values()) if before is not None else frozenset()
        found = _objects(before.held.values()) if before is not None else frozenset()  # a class, made again meanwhile

        def kept(reach: frozenset[int]) -> bool:
            own = reach - _objects(env.sharing(reach).values()) - found
            return not own.isdisjoint(changed) or not own <= named

        return kept

    def apply(self, index: int, env: Env) -> AbstractSet[str]:
        """Bind after a cell what callbacks wrote over its results; the names."""
        owner = self._owner(index)
        self.host.give_back(owner)
        self._give_to_heirs(owner)
        entry = self.overlay.of(owner)
        for name, binding in entry.items():
            env.bind(name, binding, index)
        for name, binding in entry.items():
            if binding is not None and self.overlay.hangs(owner, name):
                binding.intact = True
        return entry.keys()

    def _give_to_heirs(self, owner: CellId) -> None:
        """What callbacks did to an object whose class was made again goes on with the one in its place."""
        for name, binding in self.overlay.of(owner).items():
            if binding is not None and self.overlay.hangs(owner, name):
                heir = self.host.heir(binding.value)
                if heir is not binding.value:
                    self.overlay.write(owner, name, self._bind(heir), hangs=True)

    def take(self, changed: Mapping[str, Binding | None], env: Env) -> None:
        """Callbacks have changed these: input from now on, each with the cell that made it."""
        for name, binding in changed.items():
            maker = env.maker.get(name, BASELINE)
            if maker == BASELINE and binding is not None and self.host.present(name) is not None:
                self.overlay.wrote_outside(name, binding.version)
                continue
            owner = self._owner(maker)
            hangs = binding is not None and self.host.keep(owner, binding.value)
            self._write(owner, name, binding, hangs=hangs)
            env.bind(name, binding, env.source.get(name, BASELINE))

    def _write(self, owner: CellId, name: Component, binding: Binding | None, *, hangs: bool = False) -> None:
        self.overlay.settle(owner, self._bind)
        self.overlay.write(owner, name, binding, hangs=hangs)

    def _bind(self, value: Any) -> Binding:
        return bind(value, self.known, self.overlay.provenance())

    def rebuild(self, broken: Iterable[str], env: Env) -> set[str]:
        """Bring back what cells changed after callbacks had written it, where there is a copy; all of its names."""
        owners = {name: owner for name in broken if (owner := self.overlay.owner(env.bindings[name])) is not None}
        for name, owner in list(owners.items()):
            if self.host.present(name) is not None:
                self.overlay.forget(owner, name)  # a file: only its cell can write it as it was
                del owners[name]
        lost = [owner for name, owner in owners.items() if not self.overlay.hangs(owner, name)]
        self.overlay.rebuild(lost, self._bind)
        return set(owners)

    def spare(self, cell: Cell, before: Memo | None, after: Mapping[str, Binding | None], env: Env) -> None:
        """An echo is about to leave what it had found so the last time, without a trace: callbacks have set it since.

        Such as an option that a cell sets to its default, or to what a cell above set it to. What callbacks made of it
        is that cell's from now on. `env` is as the cell found it.
        """
        if before is None or cell.id not in self.overlay.echoes:
            return
        for name in after.keys() - before.after.keys():
            found = None if is_global(name) else env.bindings.get(name)
            if found is not None and self.overlay.owner(found) is not None:
                self._write(cell.id, name, found)

    def _owner(self, index: int) -> CellId:
        return TOP if index == BASELINE else self.notebook[index].id

    def _moved(self, before: Memo, env: Env) -> Iterator[Component]:
        """What the memo read that has another version now, and what it did not find that is there now."""
        reads = before.reads
        for name, version in before.by_name().items():
            if self._version(name, before, env) != version:
                yield name
        yield from reads.absent & env.bindings.keys()
        if reads.everything:
            yield from (name for name in env.bindings if is_global(name) and name not in reads.names)

    def _version(self, name: Component, before: Memo, env: Env) -> Digest:
        return self.host.version(name) if name in before.reads.components else env.version(name)

    def _is_of_callbacks(self, name: Component, before: Memo, env: Env) -> bool:
        if name in before.reads.components:
            return self.host.is_of_callbacks(name, self.overlay.echoes)
        binding = env.bindings.get(name)
        if self.overlay.holds(name, binding):
            return True
        source = env.source.get(name, BASELINE)
        return source != BASELINE and self.notebook[source].id in self.overlay.echoes


def _objects(bindings: Iterable[Binding | None]) -> frozenset[int]:
    return frozenset[int]().union(*(binding.objects for binding in bindings if binding is not None))
