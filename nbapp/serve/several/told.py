"""Tells `nbapp share` which notebooks a server of several serves, also those that are added or taken away meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from nbapp.share.running import told

_EVERY = 3.0  # seconds between two looks into the folders
_LOG = logging.getLogger("nbapp")


@dataclass(slots=True)
class Told:
    """What has been told. `notebooks`: those that are there now, by name; `url`: that of a name; `asks`: as `told` has
    it.
    """

    notebooks: Callable[[], Mapping[str, Path]]
    url: Callable[[str], str]
    asks: bool
    every: float = _EVERY
    _told: dict[tuple[str, Path], ExitStack] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def following(self) -> Iterator[None]:
        """Tell it, and look again and again."""
        self._tell(self.notebooks())
        looking = asyncio.ensure_future(self._look())
        try:
            yield
        finally:
            looking.cancel()
            self._tell({})

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self.every)
            self._tell(await asyncio.to_thread(self.notebooks))  # a walk over folders, while others are served

    def _tell(self, now: Mapping[str, Path]) -> None:
        for gone in self._told.keys() - now.items():
            self._told.pop(gone).close()
        for name, path in now.items():
            if (name, path) not in self._told:
                stack = self._told[name, path] = ExitStack()
                stack.enter_context(told(path.resolve(), self.url(name), self.asks, _LOG, next(self._numbers)))
