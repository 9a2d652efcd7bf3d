"""A decorated function: how a call becomes a key, who computes it, and why it did. The base of caches and resources.

A key is the digest of the arguments together with the versions of everything the code reads.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
import types
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, cast

from nbapp.functions.calls import Arguments, bind
from nbapp.functions.own import is_own
from nbapp.functions.reads import Reader
from nbapp.functions.results.shelf import FLIGHTS, SHELF, Kept, Note, Owner, Place
from nbapp.functions.seen import SeenReads
from nbapp.libraries import EVALUATORS, LOOKUPS
from nbapp.values.digest import Digest, text_digest
from nbapp.values.types import Types

P = ParamSpec("P")
R = TypeVar("R")
HIT = "hit: the arguments, the code and everything it reads are as before"
FIRST = "ran: the first call with these arguments"
_SURROUNDINGS: weakref.WeakKeyDictionary[types.FunctionType, Surroundings] = weakref.WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is found out about a function once."""

    known: Types
    reader: Reader
    signature: inspect.Signature

    @classmethod
    def of(cls, function: types.FunctionType) -> Surroundings:
        """The surroundings of this function."""
        found = _SURROUNDINGS.get(function)
        if found is None:
            known = Types(function.__globals__, LOOKUPS, EVALUATORS, is_own)
            found = cls(known, Reader(known), inspect.signature(function))
            _SURROUNDINGS[function] = found
        return found


@dataclass(frozen=True, slots=True)
class Call:
    """One call: where its result is kept, its arguments, and the versions that it reads. `is_of_process`: they tell
    which objects of this process these are."""

    place: Place
    arguments: Arguments
    reads: dict[str, Digest]
    is_of_process: bool


class Keyed(Generic[P, R]):
    """A function whose results are kept by arguments, code and everything the code reads.

    Called like the function itself. `clear` forgets its results, `why` says what the last call did.
    """

    __wrapped__: Callable[P, R]
    __name__: str
    __qualname__: str

    def __init__(self, function: types.FunctionType) -> None:
        functools.update_wrapper(self, function)
        self._is_async = inspect.iscoroutinefunction(function)

    # --- what it is

    def _inner(self) -> types.FunctionType:
        return cast("types.FunctionType", self.__wrapped__)

    @property
    def _owner(self) -> Owner:
        return self.__module__, self.__qualname__

    def __nbapp_digest__(self) -> object:
        """A decorated function is what it was made of: an equal one in its place changes nothing."""
        return type(self).__name__, self.__wrapped__

    def __reduce__(self) -> str:
        """It is pickled by its name, like a function."""
        return self.__qualname__

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self.__qualname__}>"

    def __get__(self, instance: object, kind: type | None = None) -> Any:
        return self if instance is None else Bound(self, instance)

    # --- what a caller can ask

    def clear(self) -> None:
        """Forget all results."""
        SHELF.clear(self._owner)

    def why(self, *args: Any, **kwargs: Any) -> str:
        """Why the last call with these arguments ran, or did not."""
        note = SHELF.noted(self._owner, self._arguments(args, kwargs, SeenReads(self._known)).digest)
        return note.words if note is not None else "not called yet with these arguments"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The function's result, kept or computed.

        Raises:
            NotCacheable: an argument, something that the code reads or the result has no place in a cache.
            Exception: what the function raises; it is not kept.
        """
        if self._is_async:
            return cast("R", self._call_async(args, kwargs))
        call = self._start(args, kwargs)
        by = threading.get_ident()
        while (found := self._find(call)) is None:
            flight = FLIGHTS.board(call.place, by)
            if flight is None:
                with FLIGHTS.computing(call.place, by) as landed:
                    return cast("R", self._compute(call, args, kwargs, landed))
            if (found := self._open(call, flight.done.result())) is not None:
                break
        return cast("R", found[0])

    async def _call_async(self, args: Any, kwargs: Any) -> Any:
        call = self._start(args, kwargs)
        by = asyncio.current_task()
        while (found := self._find(call)) is None:
            flight = FLIGHTS.board(call.place, by)
            if flight is None:
                with FLIGHTS.computing(call.place, by) as landed:
                    return await self._compute_async(call, args, kwargs, landed)
            # Shielded: who stops waiting must not cancel it for the others.
            kept = await asyncio.shield(asyncio.wrap_future(flight.done))
            if (found := self._open(call, kept)) is not None:
                break
        return found[0]

    def _compute(self, call: Call, args: Any, kwargs: Any, landed: list[Kept]) -> Any:
        cleared = SHELF.cleared(self._owner)
        return self._keep(call, self.__wrapped__(*args, **kwargs), cleared, landed)

    async def _compute_async(self, call: Call, args: Any, kwargs: Any, landed: list[Kept]) -> Any:
        cleared = SHELF.cleared(self._owner)
        return self._keep(call, await cast("Any", self.__wrapped__)(*args, **kwargs), cleared, landed)

    # --- what caches and resources do differently

    def _find(self, call: Call) -> tuple[Any] | None:
        """What a caller gets of what is kept; None when nothing is."""
        raise NotImplementedError

    def _open(self, call: Call, kept: Kept | None) -> tuple[Any] | None:
        """What a caller gets of a result that is kept; None when it is of no use."""
        raise NotImplementedError

    def _keep(self, call: Call, result: Any, cleared: int, landed: list[Kept]) -> Any:
        """Keep what the function returned; gives what the caller gets."""
        raise NotImplementedError

    # --- keys

    @property
    def _known(self) -> Types:
        return Surroundings.of(self._inner()).known

    def _arguments(self, args: Any, kwargs: Any, seen: SeenReads) -> Arguments:
        signature = Surroundings.of(self._inner()).signature
        return bind(self.__qualname__, signature, seen, args, kwargs)

    def _start(self, args: Any, kwargs: Any) -> Call:
        seen = SeenReads(self._known)
        arguments = self._arguments(args, kwargs, seen)
        reads = Surroundings.of(self._inner()).reader.versions(self._inner(), seen) | arguments.files
        parts = [part for label in sorted(reads) for part in (label, reads[label])]
        return Call((self._owner, text_digest(arguments.digest, *parts)), arguments, reads, seen.is_of_process)

    def _note(self, call: Call, words: str) -> None:
        SHELF.note(self._owner, call.arguments.digest, Note(words, call.reads))

    def _reason(self, call: Call, otherwise: str) -> str:
        """Why a call ran whose result was not there: compared with the last one with these arguments."""
        note = SHELF.noted(self._owner, call.arguments.digest)
        if note is None:
            return FIRST
        if note.reads is None:
            return "ran: the cache was cleared"
        changed = [label for label in call.reads if note.reads.get(label) != call.reads[label]]
        gone = [label for label in note.reads if label not in call.reads]
        names = [*changed, *gone]
        if not names:
            return otherwise
        return f"ran: {', '.join(names[:3])}{' and more' if len(names) > 3 else ''} changed"


class Bound:
    """A decorated method of one object."""

    __slots__ = ("_instance", "_keyed")

    def __init__(self, keyed: Keyed[Any, Any], instance: object) -> None:
        self._keyed = keyed
        self._instance = instance

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The method's result."""
        return self._keyed(self._instance, *args, **kwargs)

    def why(self, *args: Any, **kwargs: Any) -> str:
        """Why the last call with these arguments ran, or did not."""
        return self._keyed.why(self._instance, *args, **kwargs)

    def clear(self) -> None:
        """Forget all results, of all objects."""
        self._keyed.clear()
