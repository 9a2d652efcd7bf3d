"""`@nbapp.cache`: results that are kept, and come back as new each time."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, overload

from nbapp.errors import UsageError
from nbapp.functions.calls import check_function
from nbapp.functions.copies import Copy, MadeAgain
from nbapp.functions.keyed import HIT, Call, Keyed, P, R
from nbapp.functions.reads import UNBOUND
from nbapp.functions.shelf import SHELF, Kept, Note


class Cached(Keyed[P, R]):
    """A function whose results are kept; each caller gets one as new, which is its own to change."""

    def __init__(self, function: types.FunctionType, ttl: float | None, max_bytes: int | None) -> None:
        super().__init__(function)
        self._ttl = ttl
        self._max_bytes = max_bytes

    def __nbapp_digest__(self) -> object:
        """A decorated function is what it was made of: an equal one in its place changes nothing."""
        return super().__nbapp_digest__(), self._ttl, self._max_bytes

    def _find(self, call: Call) -> tuple[Any] | None:
        return self._open(call, SHELF.find(call.place, self._ttl))

    def _keep(self, call: Call, result: Any, cleared: int, landed: list[Kept]) -> Any:
        copy = Copy.of(result, self._known, self.__qualname__)
        kept = Kept(copy, copy.nbytes)
        was_old = SHELF.holds(call.place)
        otherwise = f"its {self._ttl:g} seconds were over" if was_old else "the earlier result was dropped to make room"
        words = self._reason(call, f"ran: {otherwise}")
        landed.append(kept)
        if cleared == SHELF.cleared(self._owner) and not SHELF.put(call.place, kept, self._max_bytes):
            words += f"; its result is not kept, {copy.nbytes:,} bytes are too many"
        self._note(call, words)
        return result

    def _open(self, call: Call, kept: Kept | None) -> tuple[Any] | None:
        if kept is None:
            return None
        try:
            result = kept.result.make(self._known)
        except MadeAgain as again:
            SHELF.remove(call.place)
            needed = {f"`{again}`, which its result is made of,": UNBOUND}
            SHELF.note(self._owner, call.arguments.digest, Note("", call.reads | needed))
            return None
        self._note(call, HIT)
        return (result,)


@overload
def cache(function: Callable[P, R], /) -> Cached[P, R]: ...
@overload
def cache(*, ttl: float | None = None, max_bytes: int | None = None) -> Callable[[Callable[P, R]], Cached[P, R]]: ...
def cache(function: Any = None, /, *, ttl: float | None = None, max_bytes: int | None = None) -> Any:
    """Keep a function's results, and compute one again only when something it depends on changed.

    Counted are the arguments, files named by them, the function's code, and all that the code can look up. Parameters
    whose names begin with an underscore are left out. What a caller gets is its own: changing it changes no other's.

    Args:
        function: the function; also a method or an async function.
        ttl: seconds after which a result is computed again.
        max_bytes: memory for this function's results; the least recently used go first.

    Raises:
        TypeError: a generator, or no function.
        UsageError: a limit that is not above zero.
    """
    for name, limit in {"ttl": ttl, "max_bytes": max_bytes}.items():
        if limit is not None and not limit > 0:
            raise UsageError(f"{name} must be above zero, not {limit!r}")
    if function is None:
        return lambda found: Cached(check_function(found, "nbapp.cache"), ttl, max_bytes)
    return Cached(check_function(function, "nbapp.cache"), ttl, max_bytes)
