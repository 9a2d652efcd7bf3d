"""Which pages get a forked kernel: those like one that was whole before, of the same version and environment.

After the first such page a process runs the notebook for the next ones, like a kernel that is kept ready, and forks
one for each; it is started, and imports, while the first page's own kernel runs the notebook. Who comes when only the
rehearsal is to be waited for waits for that: to start a kernel takes longer. What it refuses, or fails to do, is told
once, and kernels are started and kept ready instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from nbapp import memory
from nbapp.serve.kernels.limits import own_memory
from nbapp.serve.kernels.zygote.process import ForkedProcess, NoFork, ZygoteProcess

_PAUSE = 0.5  # seconds after a page is whole: its browser and its kernel come first
_SLOWER = 3  # how much longer than for the page a run may take, beside others
_GRACE = 10.0  # seconds
_FREE = 10**9  # bytes of memory that must be left, besides what such a process takes
_DEATHS = 3  # of zygotes of one version, after which there is none any more

Environment = Mapping[str, str]
Start = Callable[[Environment], Awaitable[ZygoteProcess]]
Run = Callable[[ZygoteProcess], None]  # has it run the notebook
Version = Callable[[], object]  # the version that is served: the same object as long as it is the same


@dataclass(slots=True)
class Fork:
    """A kernel that can be forked. `seconds`: how long its process may take to walk the notebook before that;
    `patience`: how long to wait for a process that is not ready.
    """

    zygote: ZygoteProcess
    seconds: float
    patience: float
    failed: Callable[[], None]  # what is to be known when it could not

    async def kernel(self, connection_file: str) -> ForkedProcess:
        """Fork it.

        Raises:
            NoFork: it cannot be.
        """
        try:
            await asyncio.wait_for(self.zygote.ready(), self.patience)
        except asyncio.TimeoutError:
            raise NoFork("what forks them is not ready yet") from None
        try:
            return await self.zygote.fork(connection_file, self.seconds)
        except NoFork:
            self.failed()
            raise


@dataclass(slots=True)
class Forks:
    """Keeps a process that forks kernels. `start` starts one for an environment, `run` has it run the notebook;
    `size` 0: there is none.
    """

    size: int
    start: Start
    run: Run
    version: Version
    log: logging.Logger
    _zygote: ZygoteProcess | None = None
    _is_for: tuple[Environment, object] = field(default_factory=lambda: ({}, None))
    _retired: list[ZygoteProcess] = field(default_factory=list)
    _seconds: float = 0.0
    _making: asyncio.Task[None] | None = None
    _early: tuple[Environment, object, asyncio.Task[ZygoteProcess]] | None = None  # one that has run nothing so far
    _refused: object = None  # the version of the notebook that is not forked
    _deaths: int = 0
    _last: Environment | None = None  # of the page before, where it was not like those that get forks

    def of(self, environment: Environment) -> Fork | None:
        """What forks a kernel for a page with this environment now, if something does."""
        zygote = self._zygote
        if zygote is None or not zygote.takes_more or self._is_for != (environment, self.version()):
            return None
        if self._is_being_made() and not zygote.has_walked:
            return None
        return Fork(zygote, _SLOWER * self._seconds, self._seconds + 1, partial(self._give_up, zygote))

    def expects(self, environment: Environment) -> None:
        """A page with this environment runs the notebook: start the process that may run it next."""
        version = self.version()
        if not self.size or self._refused is version or self._zygote or self._early or self._is_being_made():
            return
        if memory.free() > _FREE:
            task = asyncio.ensure_future(self.start(environment))
            self._early = environment, version, task

    def _is_being_made(self) -> bool:
        return self._making is not None and not self._making.done()

    def _give_up(self, zygote: ZygoteProcess) -> None:
        """There is no fork of this version any more; a process that has ended by itself, or for which there is another
        one, may be followed.
        """
        if self._zygote is zygote and not zygote.is_gone:
            self._refused = self._is_for[1]
            zygote.retire()

    def page_is_whole(self, environment: Environment, seconds: float, nbytes: int) -> bool:
        """A page with this environment is whole, after so many seconds, with a kernel of so many bytes. Whether the
        next one that is like it will get a fork, so that no kernel need be kept ready for it.
        """
        version = self.version()
        if not self.size or self._refused is version:
            return False
        if self._is_for == (environment, version) and (self.of(environment) is not None or self._is_being_made()):
            self._last = None
            return True
        was_asked_for, self._last = self._last == environment, environment
        if self.of(self._is_for[0]) is not None and not was_asked_for:
            return False  # pages of two kinds in turns must not drive out each other's
        if not self._is_being_made():
            if memory.free() < nbytes + _FREE:
                return False
            self._seconds = max(self._seconds, seconds) if self._is_for[1] is version else seconds
            self._making = asyncio.get_running_loop().create_task(self._make(environment, version))
        return True

    async def end_if_larger(self, nbytes: int) -> None:
        """Have none that takes more bytes than a kernel may. What it has forked is weighed by itself."""
        zygote = self._zygote
        if zygote is None or not zygote.takes_more or own_memory(zygote.pid) <= nbytes:
            return
        self._refused = self._is_for[1]
        self.log.warning("nbapp: what forks kernels takes more than one may (--memory-limit %dMB)", nbytes // 10**6)
        if zygote.has_walked:
            zygote.retire()
        else:
            await zygote.end()

    async def end(self) -> None:
        """End all of them, with the kernels that they forked."""
        if self._making is not None:
            self._making.cancel()
        known = [*self._retired, *([self._zygote] if self._zygote is not None else [])]
        await asyncio.gather(self._end_early(), *(zygote.end() for zygote in known))

    async def _started(self, environment: Environment, version: object) -> ZygoteProcess:
        """One that has run nothing so far.

        Raises:
            NoFork, OSError: it cannot be started.
        """
        early, self._early = self._early, None
        if early is not None and early[:2] == (environment, version):
            zygote = await early[2]
            if not zygote.is_gone:
                return zygote
        self._early = early
        await self._end_early()
        return await self.start(environment)

    async def _end_early(self) -> None:
        early, self._early = self._early, None
        if early is not None:
            with contextlib.suppress(NoFork, OSError):  # it was never there
                await (await early[2]).end()

    async def _make(self, environment: Environment, version: object) -> None:
        await asyncio.sleep(_PAUSE)
        self._retire()
        if self._is_for[1] is not version:
            self._deaths = 0
        if self._deaths >= _DEATHS:
            self._refused = version
            self.log.warning("nbapp: pages get kernels that are started: what forks them ended %d times", _DEATHS)
            await self._end_early()
            return
        self._is_for = environment, version
        limit = 2 * (_SLOWER * self._seconds + _GRACE)  # it runs the notebook, and again in a copy
        try:
            self._zygote = await self._started(environment, version)
            self.run(self._zygote)
            await asyncio.wait_for(self._zygote.ready(), limit)
        except Exception as error:  # noqa: BLE001 -- whatever it is, kernels are started
            why = "it takes too long" if isinstance(error, asyncio.TimeoutError) else str(error) or repr(error)
            self.log.warning("nbapp: pages get kernels that are started, not forked: %s", why)
            if self._zygote is None or not self._zygote.ended_by_itself:
                self._refused = version
            if self._zygote is not None:
                await self._zygote.end()
                self._retire()

    def _retire(self) -> None:
        self._retired = [zygote for zygote in self._retired if not zygote.is_gone]
        if self._zygote is not None:
            self._deaths += self._zygote.ended_by_itself
            self._zygote.retire()
            self._retired.append(self._zygote)
            self._zygote = None
