"""The kernels of a served app: started in the notebook's folder with an environment from a list, never the server's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.ioloop import PeriodicCallback
from tornado.web import HTTPError
from traitlets import Bool, Dict, Float, Integer, List, Unicode, default

from nbapp import memory
from nbapp._compat import jupyter_server as private
from nbapp.persistence.places import NONE, open_results
from nbapp.serve.kernels.environment import environment
from nbapp.serve.kernels.limits import Limits
from nbapp.serve.kernels.page_kernel import PageKernel
from nbapp.serve.kernels.presence import Presence
from nbapp.serve.kernels.visits import Visit, Visits, asks, shows
from nbapp.serve.kernels.warm import WarmKernels
from nbapp.serve.kernels.zygote.forks import Forks
from nbapp.serve.page.downloads import sweep
from nbapp.serve.page.recordings import Recordings, like
from nbapp.serve.visitors.line import Line
from nbapp.serve.visitors.links import opened_by
from nbapp.serve.visitors.refusals import Refusals

# Called with the id of each kernel that is started in this context: for the page of one request.
started_for: ContextVar[Callable[[str], None]] = ContextVar("started_for", default=lambda kernel_id: None)
# The kernel whose page asks for itself anew: none is started.
page_of: ContextVar[str | None] = ContextVar("page_of", default=None)
# Whom the page of this request is for, where visitors have names: a name and groups.
visitor: ContextVar[dict[str, Any] | None] = ContextVar("visitor", default=None)
# The status by which a page hears that the server ends: its front end knows five, and a kernel says this one only
# before any page is connected.
ENDING = "starting"
_BACK = 5.0  # seconds that a page has to ask again when it went away while its notebook ran for the first time
_WEIGHED_EVERY = 1.0  # seconds between two looks at how much memory kernels take
_MEMORY = 200 * 10**6  # bytes that a page's kernel takes, once it has loaded numpy and pandas


class PageKernels(AsyncMappingKernelManager):
    """One kernel per page, without the server's secrets, for as long as there is a page.

    A kernel ends soon after nothing was heard of its page any more, whatever it does meanwhile, and what it says to
    nobody is kept up to a bound. Signs of life are a connection, a request for one, and the questions of a page that
    loads: who only fetches pages and runs no scripts gives none.
    """

    declared = List(Unicode(), config=True, help="Environment variables that the notebook may see besides the usual.")
    most = Integer(0, config=True, help="How many kernels there may be at once; 0: as many as the memory holds.")
    unseen_after = Float(20.0, config=True, help="Seconds without a sign of life that a page has to load.")
    left_after = Float(120.0, config=True, help="Seconds that a page which is closed or cut off has to come back.")
    results = Dict({"where": NONE}, config=True, help="Where results outlive the server, a `Place`.")
    alike = Unicode(config=True, help="What servers have in common whose pages show the same.")
    idle_after = Float(0.0, config=True, help="Seconds without anything done after which a page ends; 0: never.")
    oldest = Float(0.0, config=True, help="Seconds after which a page ends whatever is done; 0: never.")
    memory_bytes = Integer(0, config=True, help="How much memory a kernel may take; 0: as much as there is.")
    follows = Bool(False, config=True, help="Whether open pages follow what is saved.")
    looked_every = Float(5.0, config=True, help="Seconds between two looks at who is gone.")
    kept_bytes = Integer(16 * 2**20, config=True, help="How much a kernel may say to a page that is not connected.")
    unread_bytes = Integer(128 * 2**20, config=True, help="How much may wait for a page that does not read.")

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)  # type: ignore[no-untyped-call]
        self._warm: WarmKernels | None = None
        self._forks: Forks | None = None
        self._starting = 0
        self._watch: PeriodicCallback | None = None
        self._weigh: PeriodicCallback | None = None
        self.visits = Visits()
        self.line = Line()
        self.refusals = Refusals(self.log)
        self._beside: Sequence[PageKernels] = (self,)  # with whom the room is shared: all apps of this server
        self.recordings = Recordings(open_results(self.results), self.alike)

    def __del__(self) -> None:
        """Leave the sockets to the end of the process: closing waits for ever for those to kernels that died."""

    @default("most")
    def _as_many_as_the_memory_holds(self) -> int:
        return max(4, memory.total() // _MEMORY)

    def keep_warm(self, kernels: WarmKernels, forks: Forks) -> None:
        """Take a page's kernel from these, where one fits."""
        self._warm, self._forks = kernels, forks

    def has_room(self, browser: str = "") -> bool:
        """Whether one more page may be opened by a browser, which stands in the line or at its end."""
        return self._free() > self.line.before(browser)

    def _free(self) -> int:
        """How many more pages may be opened."""
        return self.most - self._taken() + sum(each.spare() for each in self._beside)

    def started(self) -> int:
        """How many kernels of this app there are, or will be in a moment."""
        return len(self._kernels) + self._starting

    def _taken(self) -> int:
        return sum(each.started() for each in self._beside)

    def shares_room(self, room: Sequence[PageKernels]) -> None:
        """From now on the most pages are counted over all of these, which this one is among."""
        self._beside = room

    def spare(self) -> int:
        """How many of the kernels are some page's to come, or end for one."""
        return (len(self._warm) if self._warm is not None else 0) + len(self._kept())

    def _kept(self) -> list[str]:
        """The kernels of pages that were closed and may come back: they give way."""
        left = [name for name, visit in self.visits.open().items() if visit.is_left and name in self._kernels]
        return [kernel_id for kernel_id in left if not private.connections(self, kernel_id)]

    def may_start_ahead(self) -> bool:
        """Whether a kernel that nobody waits for may be started, and one for a page as well."""
        return self._taken() + 1 < self.most

    async def start_kernel(self, *, env: Mapping[str, str] | None = None, **arguments: Any) -> str:  # type: ignore[override]
        """Start a kernel; its id.

        Raises:
            HTTPError: the computer has no room or no right for another one.
        """
        if (known := page_of.get()) is not None:
            return known
        passed = environment(env or {}, self.declared)
        link = opened_by.get()
        visit = Visit(asks.get().browser, passed, link.id if link is not None else None, visitor.get())
        if (back := self._goes_on(visit)) is not None:
            return back
        is_newest = link is None or not link.pinned
        is_plain = link is None and visitor.get() is None and visit.before is None
        if is_plain:
            await self.recordings.bring(like(shows.get(), passed))
        kernel_id = self._warm.take(passed) if self._warm is not None and is_plain else None
        if kernel_id is None:
            fork = self._forks.of(passed) if self._forks is not None and is_newest else None
            kernel_id = await self._start(passed, arguments if fork is None else {**arguments, "fork": fork})
            may_be_copied = is_newest and visit.before is None
            self._of_page(kernel_id).is_for(passed, is_plain=is_plain, may_be_copied=may_be_copied)
        self._begins(kernel_id, visit)
        return kernel_id

    def _goes_on(self, visit: Visit) -> str | None:
        """The kernel with which a visit goes on, if it had one before. Where that has ended, its values go on."""
        kernel_id = asks.get().back
        before = self.visits.of(kernel_id)
        if kernel_id is None or before is None or not before.may_be_followed(visit):
            return None
        kernel: Any = self._kernels.get(kernel_id)
        if kernel is None or kernel.shutting_down:
            visit.before = before
            return None
        if kernel.first_run.state == "failed" or not (kernel.shows == shows.get() or (self.follows and kernel.version)):
            return None
        before.pages, before.is_left = before.pages + 1, False
        self.visits.counts["opened", "same"] += 1
        self.seen(kernel_id)
        started_for.get()(kernel_id)
        return kernel_id

    def knows(self, browser: str, kernel_id: str | None) -> bool:
        """Whether a browser's page has a kernel to go on with."""
        return kernel_id is not None and kernel_id in self._kernels and self.visits.is_of(kernel_id, browser)

    async def start_warm(self, passed: Mapping[str, str], **arguments: Any) -> str:
        """Start a kernel for a page that nobody has asked for so far."""
        kernel_id = await self._start(passed, arguments)
        self._of_page(kernel_id).is_for(passed, is_plain=True, is_warm=True)
        return kernel_id

    async def _start(self, passed: Mapping[str, str], arguments: Mapping[str, Any]) -> str:
        for each in (self, *self._beside):
            if self._taken() >= self.most:
                await each.give_way()
        self._starting += 1
        if self.memory_bytes and self._weigh is None:
            self._weigh = PeriodicCallback(self.end_those_too_large, _WEIGHED_EVERY * 1000)
            self._weigh.start()
        try:
            kernel_id: str = await super().start_kernel(env=dict(passed), **arguments)
        except OSError as error:
            self.log.error("nbapp: no kernel can be started: %s", error)
            raise HTTPError(500) from error
        finally:
            self._starting -= 1
        return kernel_id

    async def give_way(self) -> None:
        """End a kernel that no open page has, if there is one: first one that is kept ready, else the one that was left
        first.
        """
        before = self._taken()
        if self._warm is not None:
            await self._warm.make_room()
        if self._taken() == before and (kept := self._kept()):
            await self.end(min(kept, key=lambda kernel_id: self.presence(kernel_id).seen or 0.0), "left")

    def _begins(self, kernel_id: str, visit: Visit) -> None:
        """A kernel is a page's from now on."""
        self.visits.begin(kernel_id, visit)
        self.line.leave(visit.browser)
        self._of_page(kernel_id).begins(visit)
        started_for.get()(kernel_id)
        if self._watch is None:
            self._watch = PeriodicCallback(self.end_those_left, self.looked_every * 1000)
            self._watch.start()

    def runs(self, kernel_id: str) -> None:
        """A page's kernel has been started, and runs the notebook now. It may be gone already, as the server ends."""
        if kernel_id not in self._kernels:
            return
        kernel = self._of_page(kernel_id)
        if self._forks is not None and (kernel.may_be_copied or kernel.is_plain):
            self._forks.expects(kernel.passed)

    def page_is_whole(self, kernel_id: str, seconds: float) -> None:
        """The first run of a page is over, after so many seconds."""
        self.visits.has_run(seconds)
        visit = self.visits.open().get(kernel_id)
        if visit is not None:
            visit.acted = time.monotonic()  # from now on somebody can use it
        if visit is not None and visit.before is not None:
            visit.values, visit.unkept = visit.before.values, visit.before.unkept  # not before: they may have ended it
        if self._warm is None or self._forks is None or kernel_id not in self._kernels:
            return
        kernel = self._of_page(kernel_id)
        gets_fork = (kernel.may_be_copied or kernel.is_plain) and self._forks.page_is_whole(
            kernel.passed, seconds, kernel.weight()
        )
        if not gets_fork and kernel.is_plain:
            self._warm.page_is_whole(kernel.passed, seconds, kernel.weight())

    async def end_all(self) -> None:
        """End all kernels, politely, and then what forks them: with that, none of its kernels would go on."""
        await self.shutdown_all()
        if self._forks is not None:
            await self._forks.end()

    def _of_page(self, kernel_id: str) -> PageKernel:
        kernel: PageKernel = self._kernels[kernel_id]
        return kernel

    def presence(self, kernel_id: str) -> Presence:
        """What signs of life a kernel's page gave; of a kernel that has ended, nothing that anybody looks at."""
        return self._of_page(kernel_id).presence if kernel_id in self._kernels else Presence()

    def seen(self, kernel_id: str) -> None:
        """A sign of life of a kernel's page."""
        self.presence(kernel_id).seen_now()

    def leaves(self, kernel_id: str) -> None:
        """A page that waited for the first run went away; it may ask again at once, as through a proxy that broke."""
        self.presence(kernel_id).seen_before(self.unseen_after - _BACK)

    async def is_closed(self, kernel_id: str, pages: int) -> None:
        """A page was closed, the one that was loaded as the so-manieth of its visit; it may come back by Back."""
        visit = self.visits.open().get(kernel_id)
        if visit is None or visit.pages != pages:
            return  # it was loaded again meanwhile
        visit.is_left = True
        if self.presence(kernel_id).was_connected:
            self.seen(kernel_id)
        else:
            self.leaves(kernel_id)
        if not self.left_after:
            await self.end_pages([kernel_id], "left")

    def notify_connect(self, kernel_id: str) -> None:
        """A page has its connection."""
        super().notify_connect(kernel_id)  # type: ignore[no-untyped-call]
        if (visit := self.visits.of(kernel_id)) is not None:
            visit.is_left = False
        self.presence(kernel_id).was_connected = True
        self.seen(kernel_id)

    def notify_disconnect(self, kernel_id: str) -> None:
        """A page lost its connection."""
        super().notify_disconnect(kernel_id)  # type: ignore[no-untyped-call]
        self.seen(kernel_id)

    async def end_those_left(self) -> None:
        """End the kernels whose pages are gone."""
        for kernel_id in list(self._kernels):
            is_gone = self.presence(kernel_id).is_gone(self.unseen_after, self.left_after)
            if is_gone and not private.connections(self, kernel_id):
                await self.end(kernel_id, "left")
        sweep(Path(self.connection_dir), self._kernels)
        limits, now = Limits(self.idle_after, self.oldest), time.monotonic()
        for kernel_id, visit in list(self.visits.open().items()):
            if kernel_id in self._kernels and self._of_page(kernel_id).first_run.state == "under way":
                visit.acted = now  # nobody can use it so far
            if (why := limits.over(visit, now)) is not None:
                await self.end_pages([kernel_id], why)
        self.visits.forget(lambda kernel_id: kernel_id not in self._kernels)

    async def end_those_too_large(self) -> None:
        """End the kernels that take more memory than they may, also those that have no page, or none any more."""
        most = self.memory_bytes // 10**6
        for kernel_id in list(self._kernels):
            kernel: Any = self._kernels.get(kernel_id)
            if kernel is not None and (taken := kernel.memory()) > self.memory_bytes:
                whose = "of a page" if kernel.visit is not None else "that is kept for the next page"
                why = f"takes {taken // 10**6} MB, more than it may; it ends (--memory-limit {most}MB)"
                self.log.warning("nbapp: the kernel %s %s", whose, why)
                if self._warm is not None:
                    self._warm.lost(kernel_id)
                await self.end_pages([kernel_id], "memory")
        if self._forks is not None:
            await self._forks.end_if_larger(self.memory_bytes)

    def busy_pages(self) -> int:
        """How many pages are connected to a kernel that computes."""
        visits = self.visits.open().items()
        return sum(visit.is_busy and private.connections(self, kernel_id) > 0 for kernel_id, visit in visits)

    def tell_ending(self) -> None:
        """Tell open pages that the server ends."""
        for kernel_id in self._kernels:
            for socket in self._of_page(kernel_id).sockets:
                if socket.connection is not None:
                    socket.connection.tell(ENDING)

    async def end_opened_by(self, lets_in: Callable[[str], bool]) -> None:
        """End the pages of links that let nobody in any more, whatever they are doing."""
        visits = self.visits.open().items()
        await self.end_pages([kernel_id for kernel_id, visit in visits if visit.link and not lets_in(visit.link)])

    async def end_pages(self, kernel_ids: Collection[str], why: str = "link") -> None:
        """End pages that are open, and their kernels, whatever they are doing."""
        for kernel_id in kernel_ids:  # at once for all, however long their kernels take
            self.visits.end(kernel_id, why)
            if kernel_id in self._kernels:
                kernel = self._of_page(kernel_id)
                kernel.presence.is_unread = True
                for socket in list(kernel.sockets):
                    socket.close()
        await asyncio.gather(*map(self.end, kernel_ids))

    def end_unread(self, kernel_id: str) -> None:
        """End a kernel whose page does not read what it is sent: with a part left out, the page would be wrong."""
        if kernel_id in self._kernels and not self.presence(kernel_id).is_unread:
            self.presence(kernel_id).is_unread = True
            self.log.warning("nbapp: a page does not read what it is sent; its kernel ends")
            asyncio.get_running_loop().create_task(self.end(kernel_id, "unread"))

    async def end(self, kernel_id: str, why: str = "left") -> None:
        """End a kernel that nobody looks at; it may be busy, and it may be gone already."""
        looked_at = private.connections(self, kernel_id) and not self.presence(kernel_id).is_unread
        if kernel_id in self._kernels and not looked_at:
            self.visits.end(kernel_id, why)
            try:
                await self.shutdown_kernel(kernel_id, now=True)  # type: ignore[no-untyped-call]
            except (KeyError, HTTPError, asyncio.InvalidStateError) as error:  # it ends at this moment, or just starts
                self.log.debug("kernel %s: %r", kernel_id, error)

    def _handle_kernel_died(self, kernel_id: str) -> None:
        """A kernel ended by itself, or was killed: nothing stays. A fork's first run hears of it too, and has
        one started in its place.
        """
        kernel: Any = self._kernels[kernel_id]
        if kernel.is_untried:
            return
        if self._warm is not None:
            self._warm.lost(kernel_id)
        self.visits.end(kernel_id, "died")
        self.log.warning("nbapp: the kernel of a page ended by itself (%s)", kernel.how_it_ended())
        super()._handle_kernel_died(kernel_id)  # type: ignore[no-untyped-call]
        kernel.end_what_is_left()
        kernel.cleanup_connection_file()
        kernel.cleanup_ipc_files()

    def remove_kernel(self, kernel_id: str) -> Any:
        """A kernel is gone, however it ended: whoever waits for it hears it."""
        kernel: Any = super().remove_kernel(kernel_id)
        if kernel is not None:
            kernel.over.set()
        return kernel

    def start_watching_activity(self, kernel_id: str) -> None:
        """Nothing: reading all that kernels say a second time costs as much as serving it."""
        kernel: Any = self._kernels.get(kernel_id)
        if kernel is not None:  # else the server ends, and this one with it, as it starts
            kernel.execution_state = "idle"

    def start_buffering(self, kernel_id: str, session_key: str, channels: Mapping[str, Any]) -> None:
        """Keep what a kernel says until its page is back; more than fits and the page cannot go on, so it ends."""
        super().start_buffering(kernel_id, session_key, channels)  # type: ignore[no-untyped-call]
        kept: list[tuple[str, list[bytes]]] = private.unsent(self, kernel_id)["buffer"]
        room = self.kept_bytes

        def keep(channel: str, parts: list[bytes]) -> None:
            nonlocal room
            room -= sum(map(len, parts))
            if room >= 0:
                kept.append((channel, parts))
                return
            kept.clear()
            for stream in channels.values():
                stream.stop_on_recv()
            self.log.warning("nbapp: a page that is gone was told more than is kept for it; its kernel ends")
            asyncio.get_running_loop().create_task(self.end(kernel_id, "unread"))

        for channel, stream in channels.items():
            stream.on_recv(partial(keep, channel))
