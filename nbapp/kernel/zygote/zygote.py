"""Runs a notebook once, then forks a complete kernel whenever the server asks for one.

Before each fork the notebook is walked again, so that a file that has changed is read. When it forks, the process has
neither a zmq socket nor a Python thread nor an event loop. A live kernel is never forked.
"""

from __future__ import annotations

import asyncio
import gc
import os
import select
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nbapp._compat.halves import Halves
from nbapp.kernel import served
from nbapp.kernel.zygote.child import become_kernel
from nbapp.kernel.zygote.obstacles import Obstacles
from nbapp.kernel.zygote.process import forked
from nbapp.kernel.zygote.rehearsal import rehearse
from nbapp.kernel.zygote.wire import Wire

_PATIENCE = 1.0  # seconds for what C code wrote to arrive


class CannotFork(Exception):
    """This process cannot be forked, and why."""


class Zygote:
    """The process, its app, and the kernels that it forked. `halves` is in its first half."""

    def __init__(self, wire: Wire, halves: Halves) -> None:
        self._wire, self._halves = wire, halves
        self._kernels: dict[int, int] = {}  # by descriptor: the number of one that has not ended
        self._obstacles = Obstacles(wire.fileno())
        self._served: served.Served

    def start(self, asked: str) -> None:
        """Run the notebook, and see whether this process can be forked. `asked` is what `served.start` takes.

        Raises:
            CannotFork: it cannot.
        """
        with _loop():
            served.start(asked)
        shell: Any = self._halves.shell
        self._served = shell.nbapp_served
        self._walk(self._served.walk)
        self._wire.send("walked")
        gc.collect()
        gc.freeze()
        why = rehearse(self._halves, self._served.app, self._obstacles.inherited)
        if why is not None:
            raise CannotFork(why)

    def serve(self) -> None:
        """Fork kernels until the server wants no more, and those that were forked have ended."""
        wants_more = True
        while wants_more or self._kernels:
            for found in _readable([*self._kernels, *([self._wire.fileno()] if wants_more else [])]):
                if found in self._kernels:
                    self._ended(found)
                else:
                    wants_more = self._answer()

    def _answer(self) -> bool:
        """Answer the requests that are there; whether there may be more."""
        while (request := self._wire.receive()) is not None:
            try:
                self._walk(self._served.app.rerun)
            except Exception as why:  # noqa: BLE001 -- whatever it is, kernels that were forked go on
                self._wire.send("not forked", id=request["fork"], why=str(why) or repr(why))
            else:
                self._fork(request)
            if not self._wire.has_more():
                return True
        return False

    def _fork(self, request: dict[str, Any]) -> None:
        gc.freeze()  # a collector would write on every page of memory that is shared
        parent = os.getpid()
        number = forked()
        if number == 0:
            for other in self._kernels:
                os.close(other)
            become_kernel(self._halves, self._served.app, self._obstacles.inherited, request, self._wire, parent)
        watch = os.pidfd_open(number)
        self._kernels[watch] = number
        self._wire.send("forked", id=request["fork"], pid=number)

    def _ended(self, watch: int) -> None:
        number = self._kernels.pop(watch)
        _, status = os.waitpid(number, 0)
        os.close(watch)
        self._wire.send("ended", pid=number, code=os.waitstatus_to_exitcode(status))

    def _walk(self, walk: Callable[[], Awaitable[object]]) -> None:
        """Bring the notebook up to date.

        Raises:
            CannotFork: this process must not be forked as it is now.
        """
        app = self._served.app
        with self._obstacles.watching(), _loop() as loop:
            self._halves.watch()
            app.resume()
            try:
                loop.run_until_complete(walk())
            finally:
                has_ended = self._halves.unwatch(_PATIENCE)
            why = self._obstacles.of_loop(loop)
            app.pause()
            last = weakref.ref(loop)
            del loop
        why = why or (None if has_ended else "a program that the notebook started goes on")
        why = why or self._obstacles.of_process(app, last, self._kernels)
        if why is not None:
            raise CannotFork(why)


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The loop of this thread, inside."""
    asyncio.set_event_loop(loop := asyncio.new_event_loop())
    try:
        yield loop
    finally:
        loop.close()
        asyncio.set_event_loop(None)


def _readable(descriptors: list[int]) -> list[int]:
    """Wait until some of these descriptors can be read."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return [descriptor for descriptor, _ in poll.poll()]
