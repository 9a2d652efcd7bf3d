"""Whether an earlier run is what a clean run would do here: equal versions, and links that hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from nbapp.core.digest import Digest
from nbapp.core.env import Env, is_global, pattern
from nbapp.core.notebook import Cell
from nbapp.core.run import Binding, Component, Question, Run
from nbapp.core.store import Store

After = Mapping[str, "Binding | None"]
Version = Callable[[Component], Digest]
Held = Callable[[], "frozenset[int]"]


def applicable(
    cell: Cell, env: Env, store: Store, version: Version, held: Held, *, borrowed: bool
) -> tuple[Run, After] | None:
    """A run that a clean run would repeat, and what it leaves here; one with its objects in place if possible.

    `held` tells what the callbacks of the cells above hold: these objects cannot be replaced by others like them.
    `borrowed` says that the Env holds bindings from another line of execution (see `_is_new_here`).
    """
    likely = store.likely(cell)
    if likely is not None and answer(likely.question, env, version) == likely.answer and _same_sharing(likely, env):
        after = _after(likely, env, held, borrowed=borrowed)
        if after is not None and likely.is_intact():
            return likely, after
    best = None
    for run in store.matching(cell, lambda question: answer(question, env, version)):
        after = _after(run, env, held, borrowed=borrowed) if _same_sharing(run, env) else None
        if after is not None and run.is_intact():
            return run, after
        if after is not None and best is None:
            best = run, after
    return best


def answer(question: Question, env: Env, version: Version) -> tuple[Digest, ...] | None:
    """The present versions of what a run read; None when a name it did not find exists now."""
    env.want(question.names)
    if question.everything and _globals(env.bindings) != _globals(question.names):
        return None
    if not env.bindings.keys().isdisjoint(question.absent):
        return None
    globals_read = (env.version(name) for name in question.names)
    return (*globals_read, *(version(component) for component in question.components))


def _globals(components: Iterable[str]) -> int:
    return sum(map(is_global, components))


def _same_sharing(run: Run, env: Env) -> bool:
    """Whether the values that were read share objects with each other as they did."""
    if len(run.held) < 2:
        return True
    now = {name: env.bindings[name] for name in run.held}
    return now == run.held or pattern(now) == pattern(run.held)


def _after(run: Run, env: Env, held: Held, *, borrowed: bool) -> After | None:
    """What the run would leave here; None when its links do not hold."""
    after: After = run.after
    env.want(run.links)  # what it overwrote without reading it
    if run.links and env.sharing(run.zone) != run.links:
        if not _isomorphic(run, env) or not held().isdisjoint(_objects(env.connected(run.links))):
            return None
        after = {**run.closure, **run.after}
        return after if _is_new_here(_objects(after), after, env) else None
    if borrowed and not _is_new_here(_objects(after) - run.zone, after, env):
        return None
    return after


def _isomorphic(run: Run, env: Env) -> bool:
    """Whether everything connected to the run's links is the same up to the objects' identities."""
    connected = env.connected(run.links)
    if connected.keys() != run.closure.keys():
        return False
    if any(binding.version != run.closure[name].version for name, binding in connected.items()):
        return False
    outside = (binding for name, binding in run.closure.items() if name not in run.after)
    if not run.is_intact() or not all(binding.intact for binding in outside):
        return False
    return pattern(connected) == pattern(run.closure)


def _objects(after: After) -> frozenset[int]:
    return frozenset[int]().union(*(binding.objects for binding in after.values() if binding is not None))


def _is_new_here(objects: frozenset[int], after: After, env: Env) -> bool:
    """Whether no name outside `after` already holds one of the objects: a clean run makes them afresh.

    Only bindings borrowed from another line of execution can bring such an object in before its maker.
    """
    return env.sharing(objects).keys() <= after.keys()
