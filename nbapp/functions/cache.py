"""`@nbapp.cache`: results that are kept, and come back as new each time."""

from __future__ import annotations

import asyncio
import time
import types
from collections.abc import Callable
from typing import Any, overload

from nbapp.errors import UsageError
from nbapp.functions.calls import check_function
from nbapp.functions.keyed import HIT, Call, Keyed, P, R
from nbapp.functions.reads import UNBOUND
from nbapp.functions.results import lasting
from nbapp.functions.results.copies import Copy, MadeAgain
from nbapp.functions.results.lasting import NOWHERE, Landing
from nbapp.functions.results.shelf import SHELF, Kept, Note, now

STORED = "hit: another process computed it for these arguments, code and all that it reads"


class Cached(Keyed[P, R]):
    """A function whose results are kept; each caller gets one as new, which is its own to change."""

    def __init__(
        self, function: types.FunctionType, ttl: float | None = None, max_bytes: int | None = None, *, persists: bool
    ) -> None:
        super().__init__(function)
        self._ttl = ttl
        self._max_bytes = max_bytes
        self._persists = persists

    def __nbapp_digest__(self) -> object:
        """A decorated function is what it was made of: an equal one in its place changes nothing."""
        return super().__nbapp_digest__(), self._ttl, self._max_bytes, self._persists

    def _find(self, call: Call) -> tuple[Any] | None:
        return self._open(call, SHELF.find(call.place, self._ttl))

    def clear(self) -> None:
        """Forget all results, also those that other processes would find."""
        super().clear()
        if self._persists:
            lasting.forget(self._owner)

    def _compute(self, call: Call, args: Any, kwargs: Any, landed: list[Kept]) -> Any:
        with self._landing(call) as landing:
            if (found := self._land(call, landing, landed)) is not None:
                return found[0]
            for seconds in landing.waits():
                time.sleep(seconds)
            if (found := self._land(call, landing, landed)) is not None:
                return found[0]
            began = time.perf_counter()
            result = super()._compute(call, args, kwargs, landed)
            self._write(call, args, kwargs, landing, landed[0], time.perf_counter() - began)
            return result

    async def _compute_async(self, call: Call, args: Any, kwargs: Any, landed: list[Kept]) -> Any:
        with self._landing(call) as landing:
            if (found := self._land(call, landing, landed)) is not None:
                return found[0]
            for seconds in landing.waits():
                await asyncio.sleep(seconds)
            if (found := self._land(call, landing, landed)) is not None:
                return found[0]
            began = time.perf_counter()
            result = await super()._compute_async(call, args, kwargs, landed)
            self._write(call, args, kwargs, landing, landed[0], time.perf_counter() - began)
            return result

    def _landing(self, call: Call) -> Landing:
        return Landing.of(call.place) if self._persists and not call.is_of_process else NOWHERE

    def _write(self, call: Call, args: Any, kwargs: Any, landing: Landing, kept: Kept, seconds: float) -> None:
        """Store a result, if all that the call reads is still what it was: another process will ask for just that. It
        is not where the function changes what it reads, or imports a module of the author's."""
        if landing.is_worth(kept, seconds) and self._landing(self._start(args, kwargs)).name == landing.name:
            landing.put(kept, self._owner, seconds)

    def _land(self, call: Call, landing: Landing, landed: list[Kept]) -> tuple[Any] | None:
        """What another process has stored, as long as its `ttl` seconds are not over."""
        kept = landing.find()
        if kept is None or (self._ttl is not None and not 0 <= now() - kept.made < self._ttl):
            return None
        try:
            found = self._open(call, kept)
        except Exception as error:  # noqa: BLE001 -- a pickle of another process may fail in any way, and is a miss
            landing.is_of_no_use(error)
            return None
        if found is not None:
            self._note(call, STORED)
            landed.append(kept)
            SHELF.put(call.place, kept, self._max_bytes)
        return found

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
def cache(
    *, ttl: float | None = None, max_bytes: int | None = None, persist: bool = False
) -> Callable[[Callable[P, R]], Cached[P, R]]: ...
def cache(
    function: Any = None, /, *, ttl: float | None = None, max_bytes: int | None = None, persist: bool = False
) -> Any:
    """Keep a function's results, and compute one again only when something it depends on changed.

    Counted are the arguments, files named by them, the function's code, and all that the code can look up. Parameters
    whose names begin with an underscore are left out. What a caller gets is its own: changing it changes no other's.

    Args:
        function: the function; also a method or an async function.
        ttl: seconds after which a result is computed again.
        max_bytes: memory for this function's results; the least recently used go first.
        persist: also other processes find the results, and this one after a restart. They then outlive what nobody
            can see: the clock, the network, databases, folders that the function looks into.

    Raises:
        TypeError: a generator, or no function.
        UsageError: a limit that is not above zero.
    """
    for name, limit in {"ttl": ttl, "max_bytes": max_bytes}.items():
        if limit is not None and not limit > 0:
            raise UsageError(f"{name} must be above zero, not {limit!r}")

    def decorated(found: object) -> Cached[Any, Any]:
        return Cached(check_function(found, "nbapp.cache"), ttl, max_bytes, persists=persist)

    return decorated if function is None else decorated(function)
