"""The kernel of one page: whose it is, what it weighs, and how it ends with all that it started."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Mapping
from typing import Any

import psutil
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from nbapp._compat import jupyter_server as private
from nbapp.serve.kernels import processes
from nbapp.serve.kernels.first_run import FirstRun
from nbapp.serve.kernels.limits import memory_of
from nbapp.serve.kernels.presence import Presence
from nbapp.serve.kernels.visits import Visit
from nbapp.serve.kernels.zygote.forks import Fork
from nbapp.serve.kernels.zygote.provisioner import ForkProvisioner


class PageKernel(ServerKernelManager):
    """The kernel of a page."""

    answers = False  # whether it has answered: until then it is a Python that imports
    is_warm = False  # whether it ran the notebook before its page was asked for
    is_fork = False  # whether it is a copy of a process that did
    is_untried = False  # whether it is one that has not run since, and in whose place one can be started

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.first_run = FirstRun()
        self.over = asyncio.Event()  # set once it has ended, or was declared dead
        self.version = ""  # the digest of the notebook that its page shows; empty: no page, or one that stays as it is
        self.shows = ""  # the same, also of one that stays as it is
        self.visit: Visit | None = None  # whose it is; None: nobody's so far
        self.presence = Presence()
        self.sockets: set[Any] = set()  # of its page, each a `PageSocket`
        self.opened_by_page: set[str] = set()  # comms, which a page may close also after its websocket was cut
        self.passed: Mapping[str, str] = {}  # what it got of the environment
        self.is_plain = False  # whether another page may show what its page shows, and get what has run ahead of it
        self.may_be_copied = False  # whether a fork may take its place
        self.under_way: asyncio.Task[None] | None = None  # what the first run is a part of, once a page has asked
        self._below: list[psutil.Process] = []  # it, as it was asked to end

    def is_for(
        self, passed: Mapping[str, str], *, is_plain: bool, may_be_copied: bool = False, is_warm: bool = False
    ) -> None:
        """What it was started with and for; a fork is warm whatever is said here."""
        self.passed, self.is_plain, self.may_be_copied = passed, is_plain, may_be_copied
        self.is_warm = self.is_warm or is_warm

    def was_forked(self) -> None:
        """It is a copy of a process that has run the notebook."""
        self.is_fork = self.is_warm = self.is_untried = True

    def is_tried(self) -> None:
        """It runs as a copy, or does not start at all."""
        self.is_untried = False

    def begins(self, visit: Visit) -> None:
        """It is a page's from now on."""
        self.visit = visit
        self.presence.seen_now()

    def hears(self, news: Mapping[str, Any], *, is_behind: bool = False) -> None:
        """What the kernel says of itself, and of the place that it shares with all others: the server's log has that
        once. `is_behind`: as `Visit.hears` has it.
        """
        if self.visit is None:
            return
        self.visit.hears(news, is_behind=is_behind)
        kernels: Any = self.parent
        results = kernels.recordings.results
        if results is not None and "place" in news:
            before, self.visit.place = self.visit.place, news["place"]
            results.troubles.follow(before, news["place"])

    def has_answered(self) -> None:
        """It is more than a Python that imports."""
        self.answers = True

    def shows_version(self, version: str, *, is_pinned: bool = False) -> None:
        """Its page shows this version of the notebook, and stays with it if it is pinned."""
        self.shows, self.version = version, "" if is_pinned else version

    def works_on(self, run: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Its page waits for this, in which the notebook runs for the first time."""
        self.under_way = asyncio.get_running_loop().create_task(run)
        return self.under_way

    def tells_again(self, telling: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A page comes back and waits for this, in which the kernel tells what cells show now."""
        self.first_run = FirstRun()
        return self.works_on(telling)

    def connect_iopub(self, identity: bytes | None = None) -> Any:
        """A stream that drops nothing.

        By default ZeroMQ keeps some 2,000 messages of those that a kernel sends at once, and a thousand widgets that
        are closed send 3,000. A page that does not read is ended: `end_unread`.
        """
        stream: Any = super().connect_iopub(identity)
        stream.socket.rcvhwm = 0
        return stream

    async def is_started_instead(self) -> None:
        """The fork that it was has ended in its first run: it is a kernel that is started, of the same name, and there
        is no fork of this version any more.

        Raises:
            OSError: it could not be started.
        """
        provisioner: Any = self.provisioner
        provisioner.fork.failed()
        self.is_fork = self.is_warm = self.is_untried = self.answers = False
        self.stop_restarter()
        await self.restart_kernel(now=True)

    async def _async_pre_start_kernel(self, *, fork: Fork | None = None, **arguments: Any) -> Any:
        if fork is not None:
            self.provisioner = ForkProvisioner(parent=self, kernel_spec=self.kernel_spec, fork=fork)
        elif isinstance(self.provisioner, ForkProvisioner):
            self.provisioner = None  # as before a first start
        command, known = await super()._async_pre_start_kernel(**arguments)
        is_here = type(self.provisioner) is LocalProvisioner  # others start it elsewhere, or ask nobody to start it
        return command, {**known, **(processes.ending_with_this_one() if is_here else {})}

    async def is_there(self) -> None:
        """Wait until it has a process: one that is forked is there a moment after its page.

        Raises:
            OSError: it could not even be started.
            RuntimeError: it is not wanted any more.
        """
        if isinstance(self.provisioner, ForkProvisioner):
            await self.provisioner.is_there()

    @property
    def _pid(self) -> int | None:
        return getattr(self.provisioner, "pid", None)

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        """It has ended: what it started ends too, wherever that is."""
        await super()._async_cleanup_resources(restart=restart)
        self.end_what_is_left()

    def end_what_is_left(self) -> None:
        """End the processes that it started and that outlive it."""
        if self._pid is not None:
            processes.end(self._below)
            processes.end_group(self._pid)

    def weight(self) -> int:
        """The memory in bytes that it takes at this moment; 0 when it is gone."""
        try:
            return int(psutil.Process(self._pid).memory_info().rss)
        except psutil.Error:
            return 0

    def memory(self) -> int:
        """The memory in bytes that it and what it started take for themselves."""
        return memory_of(self._pid) if self._pid is not None else 0

    def how_it_ended(self) -> str:
        """Its exit code or the signal that killed it, in words."""
        code = getattr(getattr(self.provisioner, "process", None), "returncode", None)
        if code is None:
            return "why is not known"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    async def _async_interrupt_kernel(self) -> None:
        """Interrupt it; end it instead where it is to end anyway and would print where its imports were interrupted."""
        if self.shutting_down and self._pid is not None:
            self._below = processes.below(self._pid)
        if self.shutting_down and not self.answers:
            await private.kill(self)
        else:
            await super()._async_interrupt_kernel()
