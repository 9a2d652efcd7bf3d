"""The line of those who wait for room: who came first comes in first. Who does not ask any more has left it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_LEFT_AFTER = 15.0  # seconds without a question of the page that waits
_LONGEST = 1000


class Line:
    """Browsers in the order in which they came. A browser whose secret is empty stands behind all others."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        self._prune()
        return len(self._waiting)

    def waits(self, browser: str) -> int:
        """A browser waits, or goes on waiting; how many come before it."""
        self._prune()
        if browser and (browser in self._waiting or len(self._waiting) < _LONGEST):
            self._waiting[browser] = self._clock()  # an update keeps the place
        return self.before(browser)

    def before(self, browser: str) -> int:
        """How many come before a browser."""
        self._prune()
        return next((place for place, other in enumerate(self._waiting) if other == browser), len(self._waiting))

    def leave(self, browser: str) -> None:
        """A browser came in."""
        self._waiting.pop(browser, None)

    def _prune(self) -> None:
        now = self._clock()
        for browser in [name for name, seen in self._waiting.items() if now - seen > _LEFT_AFTER]:
            del self._waiting[browser]
