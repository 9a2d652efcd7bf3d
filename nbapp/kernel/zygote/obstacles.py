"""What speaks against forking a process that has run a notebook: everything of the notebook's that a copy of the
process would not have, or would share. In doubt there is no fork, and the reason is told.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

from nbapp._compat import python
from nbapp.kernel.app import App
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.zygote import process

_TEMPORARY = ("mkdtemp", "mkstemp", "NamedTemporaryFile")  # what the others of `tempfile` call, or what is open
_TOLD = 3  # of a kind
_RAN_THE_CELL = ("asyncio", "nbapp")


class Obstacles:
    """Knows the process as it was before the notebook ran. `wire` is a descriptor of ours."""

    def __init__(self, wire: int) -> None:
        self._wire = wire
        self._before = process.descriptors()
        self._shared = set(process.shared_memory())
        self._temporary: list[str] = []
        self.inherited: list[int] = []  # descriptors of the notebook's that a copy may have: they read files

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note inside what is made for one process only: visitors would share a folder of their own."""
        with Patching() as patching:
            for name in _TEMPORARY:
                self._note_calls(patching, name)
            yield

    def _note_calls(self, patching: Patching, name: str) -> None:
        def make(*args: Any, **kwargs: Any) -> Any:
            self._temporary.append(name)
            return original(*args, **kwargs)

        original = patching.put(tempfile, name, make)

    def of_loop(self, loop: asyncio.AbstractEventLoop) -> str | None:
        """What an event loop that is about to be closed still has to do."""
        tasks = [task.get_name() for task in asyncio.all_tasks(loop)]
        if tasks:
            return _told("a task of the notebook goes on", tasks)
        return "a timer of the notebook waits, or something that it reads" if python.waits(loop) else None

    def of_process(self, app: App, closed: weakref.ref[Any], kernels: Mapping[int, int]) -> str | None:
        """What else there is. `closed`: the loop on which the notebook ran; `kernels`: copies, by descriptor."""
        threads = [each.name for each in threading.enumerate() if each is not threading.main_thread()]
        if threads:
            return _told("a thread of the notebook goes on", threads)
        if self._temporary:
            return f"the notebook makes temporary files or folders (tempfile.{self._temporary[0]})"
        if app.host.acts_at_exit():
            return "the notebook has something to do when it ends (atexit)"
        if set(process.children()) - set(kernels.values()):
            return "a program that the notebook started goes on"
        if signal.getitimer(signal.ITIMER_REAL)[0]:
            return "an alarm of the notebook waits"
        timeout = app.settings.timeout
        if timeout is not None and any(step.seconds > timeout for step in app.steps):
            return "a cell runs longer than --timeout allows"
        return _of_loop_kept(closed) or self._of_memory(kernels)

    def _of_memory(self, kernels: Mapping[int, int]) -> str | None:
        ours = {self._wire, *kernels}
        now = {number: what for number, what in process.descriptors().items() if number not in ours}
        new = [number for number, what in now.items() if self._before.get(number) != what]
        self.inherited = [number for number in new if process.is_read_only_file(number)]
        foreign = [now[number] for number in new if number not in self.inherited]
        if foreign:
            return _told("the notebook keeps open what visitors cannot share", foreign)
        shared = [what for what in process.shared_memory() if what not in self._shared]
        return _told("the notebook uses memory that visitors would share", shared) if shared else None


def _of_loop_kept(closed: weakref.ref[Any]) -> str | None:
    """Whether something keeps the loop that was closed: it would wait there for ever."""
    if closed() is not None:
        _clear_frames_below_tracebacks()
        gc.collect()
    return "the notebook keeps the event loop" if closed() is not None else None


def _clear_frames_below_tracebacks() -> None:
    """A traceback that was kept, of a cell that failed, leads from Python 3.12 on down to the frames of the loop that
    ran the cell. They are over, and nobody reads what they held."""
    for kept in gc.get_objects():
        frame = kept.tb_frame if type(kept) is TracebackType else None
        while frame is not None:
            if str(frame.f_globals.get("__name__")).partition(".")[0] in _RAN_THE_CELL:
                with suppress(RuntimeError):  # it is not over
                    frame.clear()
            frame = frame.f_back


def _told(what: str, which: list[str]) -> str:
    more = ", …" if len(which) > _TOLD else ""
    return f"{what}: {', '.join(which[:_TOLD])}{more}"
