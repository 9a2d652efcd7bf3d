"""Kernels that have run the notebook before anybody asks for a page: the next visitor does not wait for it.

One is made ready after the first run of a page: then the notebook is known to end, and how long it takes. It is for a
page that would get the same environment and the same version of the notebook; any other page starts a kernel of its
own. Who gets one finds what a run at that moment would show: `Served.arrive` in the kernel sees to it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from nbapp import memory

PAUSE = 2.0  # seconds after a page is whole: its browser and its kernel come first
_SLOWER = 3  # how much longer than for the page a run may take, beside others
_GRACE = 10.0  # seconds
_FREE = 10**9  # bytes of memory that must be left, besides what such a kernel takes

Environment = Mapping[str, str]
Start = Callable[[Environment], Awaitable[str]]  # starts a kernel and runs the notebook in it; its id
End = Callable[[str], Awaitable[None]]
Version = Callable[[], object]  # the version of the notebook that is served: the same object as long as it is the same


@dataclass(slots=True)
class Ready:
    """A kernel that has run a version of the notebook in an environment."""

    kernel_id: str
    environment: Environment
    version: object


@dataclass(slots=True)
class WarmKernels:
    """Keeps up to `size` kernels ready. `has_room` tells whether one more kernel may be started."""

    size: int
    start: Start
    end: End
    version: Version
    has_room: Callable[[], bool]
    log: logging.Logger
    _ready: list[Ready] = field(default_factory=list)
    _wanted: tuple[Environment, float] = field(default_factory=lambda: ({}, 0.0))
    _weight: int = 0
    _refill: asyncio.Task[None] | None = None
    _failed: object = None  # the version of the notebook that could not be made ready

    def __len__(self) -> int:
        return len(self._ready)

    def take(self, environment: Environment) -> str | None:
        """The id of a kernel that is ready for a page with this environment; it is the page's from now on."""
        version = self.version()
        for each in self._ready:
            if each.environment == environment and each.version is version:
                self._ready.remove(each)
                return each.kernel_id
        return None

    def lost(self, kernel_id: str) -> None:
        """A kernel ended by itself; it may have been kept here."""
        self._ready = [each for each in self._ready if each.kernel_id != kernel_id]

    def page_is_whole(self, environment: Environment, seconds: float, nbytes: int) -> None:
        """A page with this environment is whole, after so many seconds, with a kernel of so many bytes: the next one
        may be like it.
        """
        longest = max(seconds, self._wanted[1])  # a page whose kernel was ready says nothing of the notebook's time
        self._wanted, self._weight = (environment, longest), nbytes
        if self.size and (self._refill is None or self._refill.done()):
            self._refill = asyncio.get_running_loop().create_task(self._fill())

    async def make_room(self) -> None:
        """End one that is ready: a page needs its place."""
        if self._ready:
            await self.end(self._ready.pop(0).kernel_id)

    async def _fill(self) -> None:
        await asyncio.sleep(PAUSE)
        while True:  # while one starts, another page may become whole, or the notebook change
            (environment, seconds), version = self._wanted, self.version()
            for old in [each for each in self._ready if each.version is not version or each.environment != environment]:
                self._ready.remove(old)
                await self.end(old.kernel_id)
            if len(self._ready) >= self.size or self._failed is version or not self._may_start():
                return
            kernel_id = await self._started(environment, _SLOWER * seconds + _GRACE)
            if kernel_id is None:
                self._failed = version
            else:
                self._ready.append(Ready(kernel_id, environment, version))

    async def _started(self, environment: Environment, limit: float) -> str | None:
        """The id of a kernel that has run the notebook within so many seconds; None when it could not."""
        try:
            return await asyncio.wait_for(self.start(environment), limit)
        except Exception as error:  # noqa: BLE001 -- whatever it is, pages start kernels of their own
            why = "it takes too long" if isinstance(error, asyncio.TimeoutError) else str(error)
            self.log.warning("nbapp: no kernel is kept ready for the next visitor: %s", why)
            return None

    def _may_start(self) -> bool:
        return self.has_room() and memory.free() > self._weight + _FREE
