"""Cached results that other processes find: a copy is written where results outlive the process, and read back.

What a copy keeps as it is (`live`) is written as the name that leads to it, with the version of what the author made.
A copy that keeps anything else stays in this process.
"""

from __future__ import annotations

import importlib
import logging
import sys
import time
import types
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from nbapp.functions.own import modules_version
from nbapp.functions.results.buffers import Buffer
from nbapp.functions.results.copies import Copy, Named
from nbapp.functions.results.shelf import Kept, Owner, Place, now
from nbapp.persistence.blobs import Claim
from nbapp.persistence.current import CURRENT
from nbapp.persistence.results import Results
from nbapp.values.digest import Digest

_WORTH = 0.05  # seconds: what takes less is computed again
_SPEED = 2e8  # bytes a second that are written or read, at least: what is computed sooner is not worth it
_LOG = logging.getLogger("nbapp.persistence")
_MODULE, _NAME = "module", "name"


@dataclass(slots=True)
class Landing:
    """Where the result of one call outlives the process; nowhere, with `results` None. Enter it to compute."""

    results: Results | None
    name: str
    _taken: Claim | None = None

    @classmethod
    def of(cls, place: Place) -> Landing:
        """For one call."""
        if (results := CURRENT.results()) is None:
            return NOWHERE
        with CURRENT.at_work:
            modules = modules_version()
            name = results.name(_text(place[0]), f"{place[1]} {modules}") if modules is not None else None
        return cls(results, name) if name is not None else NOWHERE

    def __enter__(self) -> Landing:
        return self

    def __exit__(self, *_: object) -> None:
        if self._taken is not None:
            with CURRENT.at_work:
                self._taken.release()

    def waits(self) -> Iterator[float]:
        """Seconds to wait, again and again, until no other process computes it: then this one may."""
        while not self._may_compute():
            yield self.results.blobs.poll if self.results is not None else 0.0

    def _may_compute(self) -> bool:
        if self.results is None:
            return True
        with CURRENT.at_work:
            is_free, self._taken = self.results.may_compute(self.name)
        return is_free

    def find(self) -> Kept | None:
        """What is stored."""
        with CURRENT.at_work:
            entry = self.results.find(self.name) if self.results is not None else None
        if entry is None:
            return None
        header, (stream, *parts) = entry.header, entry.parts
        try:
            live = tuple(_alive(each) for each in header["live"])
        except ImportError as error:
            self.is_of_no_use(error)
            return None
        buffers = zip(parts, header["fixed"], strict=True)
        made = tuple(Buffer.of(part, readonly=is_fixed) for part, is_fixed in buffers)
        copy = Copy(header["nbytes"], None, bytes(stream), made, live)
        return Kept(copy, copy.nbytes, now() - (time.time() - header["made"]))

    def is_of_no_use(self, error: Exception) -> None:
        """What is stored does not load here."""
        if self.results is not None:
            _LOG.warning("a stored result does not load, and is computed again: %s", error)
            with CURRENT.at_work:
                self.results.drop(self.name)

    def is_worth(self, kept: Kept, seconds: float) -> bool:
        """Whether a result that took so many seconds is stored: it saves time, and is no visitor's secret."""
        return self.results is not None and CURRENT.may_write() and seconds >= _WORTH + kept.nbytes / _SPEED

    def put(self, kept: Kept, owner: Owner, seconds: float) -> None:
        """Store a result that took so many seconds."""
        if self.results is None:
            return
        copy: Copy = kept.result.pickled()
        try:
            live = [_written(each) for each in copy.live]
        except _OfThisProcess:
            return
        fixed = [buffer.readonly for buffer in copy.buffers]
        told = {"of": ".".join(owner), "made": time.time(), "seconds": seconds, "nbytes": copy.nbytes}
        with CURRENT.at_work, ExitStack() as open_now:
            views = [open_now.enter_context(buffer.view()) for buffer in copy.buffers]
            self.results.put(self.name, {**told, "live": live, "fixed": fixed}, [copy.stream or b"", *views])


NOWHERE = Landing(None, "")


def forget(owner: Owner) -> None:
    """Forget what is stored of a function, also what other processes are computing."""
    if (results := CURRENT.results()) is not None:
        with CURRENT.at_work:
            results.forget(_text(owner))


def _text(owner: Owner) -> str:
    return "\0".join(owner)


class _OfThisProcess(Exception):
    """A name does not lead to it."""


def _written(value: Any) -> list[str]:
    if isinstance(value, types.ModuleType) and sys.modules.get(value.__name__) is value:
        return [_MODULE, value.__name__]
    if isinstance(value, Named) and value.version is not None and not value.is_of_process:
        return [_NAME, value.module, value.qualname, value.version]
    raise _OfThisProcess


def _alive(written: list[str]) -> Any:
    if written[0] == _MODULE:
        return importlib.import_module(written[1])
    return Named(written[1], written[2], Digest(written[3]))
