"""Whether an earlier memo is what a clean run would do here: equal versions, and links that hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from nbapp.core.memos.env import Env, is_global, pattern
from nbapp.core.memos.memo import Binding, Component, Memo, ReadSet
from nbapp.core.memos.store import Store
from nbapp.core.notebook import Cell
from nbapp.values.digest import Digest

After = Mapping[str, "Binding | None"]
Found = tuple[Memo, After]  # a memo, and what it leaves here
Version = Callable[[Component], Digest]
Held = Callable[[], "frozenset[int]"]


def applicable(
    cell: Cell, env: Env, store: Store, version: Version, held: Held, *, borrowed: Collection[str]
) -> Found | None:
    """A memo that a clean run would repeat, and what it leaves here; one with its objects in place if possible.

    `held` tells what the callbacks of the cells above hold: these objects cannot be replaced by others like them.
    `borrowed` are the names that may hold objects from another line of execution: only these can bring an object in
    before its maker.
    """
    likely = store.likely(cell)
    if (
        likely is not None
        and versions_now(likely.reads, env, version) == likely.versions
        and _same_sharing(likely, env)
    ):
        after = _after(likely, env, held, borrowed=borrowed)
        if after is not None and likely.is_intact():
            return likely, after
    best = None
    for memo in store.matching(cell, lambda reads: versions_now(reads, env, version)):
        after = _after(memo, env, held, borrowed=borrowed) if _same_sharing(memo, env) else None
        if after is not None and memo.is_intact():
            return memo, after
        if after is not None and best is None:
            best = memo, after
    return best


def versions_now(reads: ReadSet, env: Env, version: Version) -> tuple[Digest, ...] | None:
    """The present versions of what an execution read; None when a name it did not find exists now."""
    env.want(reads.names)
    if reads.everything and _globals(env.bindings) != _globals(reads.names):
        return None
    if not env.bindings.keys().isdisjoint(reads.absent):
        return None
    return (*map(env.version, reads.names), *map(version, reads.components))


def _globals(components: Iterable[str]) -> int:
    return sum(map(is_global, components))


def _same_sharing(memo: Memo, env: Env) -> bool:
    """Whether the values that were read share objects with each other as they did."""
    if len(memo.held) < 2:
        return True
    now = {name: env.bindings[name] for name in memo.held}
    return now == memo.held or pattern(now) == pattern(memo.held)


def _after(memo: Memo, env: Env, held: Held, *, borrowed: Collection[str]) -> After | None:
    """What the cell would leave here; None when its links do not hold."""
    after: After = memo.after
    if memo.unseen and any(env.bindings.get(name) is not binding for name, binding in memo.held.items()):
        return None
    env.want(memo.links)  # what it overwrote without reading it
    if memo.links and env.sharing(memo.zone, seen=True) != memo.links:
        if memo.unseen or not _isomorphic(memo, env) or not held().isdisjoint(_objects(env.connected(memo.links))):
            return None
        after = {**memo.closure, **memo.after}
        return after if env.sharing(_objects(after)).keys() <= after.keys() else None
    others = [name for name in borrowed if name not in after and name in env.bindings]
    if others and not _is_new(_objects(after) - memo.zone, others, env):
        return None
    return after


def _isomorphic(memo: Memo, env: Env) -> bool:
    """Whether everything connected to the memo's links is the same up to the objects' identities."""
    connected = env.connected(memo.links)
    if connected.keys() != memo.closure.keys():
        return False
    if any(binding.version != memo.closure[name].version for name, binding in connected.items()):
        return False
    outside = (binding for name, binding in memo.closure.items() if name not in memo.after)
    if not memo.is_intact() or not all(binding.intact for binding in outside):
        return False
    return pattern(connected) == pattern(memo.closure)


def _objects(after: After) -> frozenset[int]:
    return frozenset[int]().union(*(binding.objects for binding in after.values() if binding is not None))


def _is_new(objects: frozenset[int], others: Iterable[str], env: Env) -> bool:
    """Whether none of these names already holds one of the objects: a clean run makes them afresh."""
    return not any(env.meetings.meet(objects, env.bindings[name].objects) for name in others)
