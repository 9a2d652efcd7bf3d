"""`@nbapp.resource`: what is built once and shared by all callers, such as a connection or a model."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nbapp.functions.calls import check_function
from nbapp.functions.keyed import HIT, Call, Keyed, P, R
from nbapp.functions.results.shelf import SHELF, Kept, Owner, Place
from nbapp.libraries.registry import REGISTRY
from nbapp.values.digest import Digest

_ATOMS = (int, float, bool, complex, str, bytes, type(None), type)


@dataclass(slots=True)
class SharedValue:
    """The resources of the process: of each function the newest one for each arguments."""

    _built: dict[tuple[Owner, Digest], tuple[Place, Kept]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, call: Call) -> Kept | None:
        """The resource, if nothing that it was built from changed."""
        found = self._built.get((call.place[0], call.arguments.digest))
        return found[1] if found is not None and found[0] == call.place else None

    def put(self, call: Call, kept: Kept) -> None:
        """Share a resource, in place of the one for the same arguments."""
        with self._lock:
            where = call.place[0], call.arguments.digest
            older = self._built.pop(where, None)
            self._built[where] = call.place, kept
        _declare(kept.result)
        if older is not None and older[1].result is not kept.result:
            _take_back(older[1].result)

    def clear(self, owner: Owner) -> None:
        """Forget the resources of a function."""
        with self._lock:
            gone = [self._built.pop(where) for where in list(self._built) if where[0] == owner]
        for _, kept in gone:
            _take_back(kept.result)


def _declare(value: Any) -> None:
    """From now on this one object is a handle, versioned by which object it is."""
    if not isinstance(value, _ATOMS):
        REGISTRY.handles[id(value)] = value


def _take_back(value: Any) -> None:
    """The registry lets an object go; while others hold it, it stays a handle."""
    key = id(value)
    if REGISTRY.handles.get(key) is not value:
        return
    try:
        weakref.finalize(value, REGISTRY.handles.pop, key, None).atexit = False
        REGISTRY.handles[key] = None
    except TypeError:
        del REGISTRY.handles[key]


SHARED = SharedValue()


class Resource(Keyed[P, R]):
    """A function that builds something once; every caller gets the same object."""

    def clear(self) -> None:
        """Forget what was built; the next call builds anew. Closing it is up to you."""
        SHARED.clear(self._owner)
        super().clear()

    def _find(self, call: Call) -> tuple[Any] | None:
        return self._open(call, SHARED.find(call))

    def _keep(self, call: Call, result: Any, cleared: int, landed: list[Kept]) -> Any:
        kept = Kept(result, 0)
        words = self._reason(call, "ran: it was not there")
        landed.append(kept)
        if cleared == SHELF.cleared(self._owner):
            SHARED.put(call, kept)
        self._note(call, words)
        return result

    def _open(self, call: Call, kept: Kept | None) -> tuple[Any] | None:
        if kept is None:
            return None
        self._note(call, HIT)
        return (kept.result,)


def resource(function: Callable[P, R], /) -> Resource[P, R]:
    """Build something once for each arguments and share it: a connection, a client, a model.

    It is built again when its arguments, its code or something that the code reads changes. What it returns counts as
    a handle: its version is which object it is, not what is inside.

    Raises:
        TypeError: a generator, or no function.
    """
    return Resource(check_function(function, "nbapp.resource"))
