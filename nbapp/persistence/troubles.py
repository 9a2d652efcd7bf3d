"""What a place for results cannot do at the moment: told once until it can again, and not tried at each move meanwhile.

Each attempt may wait for a time-out, and whoever moves a control waits with it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Done = Literal["read", "written"]

_REST = 30.0  # seconds for which what failed is not tried
LOG = "nbapp.persistence.troubles"
_LOG = logging.getLogger(LOG)


@dataclass(slots=True)
class Troubles:
    """Of one place, called `where` in the log. Of what the kernels of a server tell, the server's log has each once."""

    where: str
    clock: Callable[[], float] = time.monotonic
    _rests_until: dict[Done, float] = field(default_factory=dict)
    _words: dict[str, str] = field(default_factory=dict)  # by what cannot be done
    _told_once: set[str] = field(default_factory=set)

    def rests(self, done: Done) -> bool:
        """Whether this failed just now, and is not to be tried."""
        return self.clock() < self._rests_until.get(done, 0.0)

    def begin(self, done: Done, error: OSError) -> None:
        """This failed, as it will for a while."""
        self._rests_until[done] = self.clock() + _REST
        self._begins(done, f"results in {self.where} cannot be {done}: {error}")

    def end(self, done: str) -> None:
        """This went well."""
        if self._words.pop(done, None) is not None:
            _LOG.warning("results in %s can be %s again", self.where, done)

    def once(self, done: str, error: OSError) -> None:
        """Something failed that says nothing of what comes next, as with one entry: each kind is told once."""
        if (kind := f"{done} {type(error).__name__} {error.errno}") not in self._told_once:
            self._told_once.add(kind)
            _LOG.warning("results in %s cannot be %s: %s; the app goes on without them", self.where, done, error)

    def now(self) -> dict[str, str]:
        """The words for what cannot be done now."""
        return dict(self._words)

    def follow(self, before: Mapping[str, str], now: Mapping[str, str]) -> None:
        """Another process at the same place told this, and before that."""
        for done in now.keys() - before.keys():
            self._begins(done, now[done])
        for done in before.keys() - now.keys():
            self.end(done)

    def _begins(self, done: str, words: str) -> None:
        if done not in self._words:
            self._words[done] = words
            _LOG.warning("%s; the app goes on without them", words)
