"""Whether code of the author's may run beside a cell: threads, tasks and timers that cells above started, and hooks."""

from __future__ import annotations

import asyncio
import builtins
import functools
import gc
import sys
import threading
from types import FunctionType, MethodType
from typing import Any

from nbapp._compat import python
from nbapp.values.authors import is_authors
from nbapp.values.identity import IdSet

_MACHINERY = ("ipykernel", "IPython", "nbapp", "tornado", "tqdm", "zmq", "debugpy", "_pydevd_bundle", "pydevd")
_OF_LOOPS = "asyncio_"  # the names of an event loop's own threads
_FAR = 50  # what a callback may lead to; one that leads to more may do anything


class BackgroundCode:
    """Knows the threads that were there before the notebook."""

    def __init__(self) -> None:
        self._older = IdSet(threading.enumerate())  # not by their numbers: one that ends leaves its own to others
        self._was_there = False

    def resume(self) -> None:
        """The threads that are there now are the kernel's: it has just started them, and before there were none."""
        self._older.update(threading.enumerate())

    def was_there(self) -> bool:
        """Whether anything of the author's may be running besides this code, or once was: what a thread wrote before it
        ended is found when values are compared, and by nothing else."""
        self._was_there = self._was_there or self._is_there()
        return self._was_there

    def _is_there(self) -> bool:
        return any(map(self._may_be_authors, threading.enumerate())) or _waits() or hooks()

    def _may_be_authors(self, thread: threading.Thread) -> bool:
        if thread in self._older or thread is threading.main_thread() or thread.name.startswith(_OF_LOOPS):
            return False
        return type(thread).__module__.partition(".")[0] not in _MACHINERY


def hooks() -> bool:
    """Whether Python would call the author's code in between."""
    found = sys.gettrace(), sys.getprofile(), *gc.callbacks, *sys.meta_path, *sys.path_hooks, builtins.__import__
    return any(is_authors(str(getattr(hook, "__module__", ""))) for hook in found if hook is not None)


def _waits() -> bool:
    """Whether the event loop has something to do that is not the kernel's."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # none here; another thread's is that thread's
        return False
    handles = python.waiting(loop)
    return (
        handles is None
        or not all(_is_kernels(task.get_coro()) for task in asyncio.all_tasks(loop))
        or any(_may_call_authors([callback, *given]) for callback, given in handles)
    )


def _is_kernels(coroutine: Any) -> bool:
    frame = getattr(coroutine, "cr_frame", None)
    return frame is None or str(frame.f_globals.get("__name__")).partition(".")[0] in _MACHINERY


def _may_call_authors(rest: list[Any]) -> bool:
    """Whether one of these functions is the author's, or one that a library made to call one."""
    for _ in range(_FAR):
        if not rest:
            return False
        found = rest.pop()
        if isinstance(found, FunctionType):
            if is_authors(str(found.__globals__.get("__name__"))):
                return True
            rest += [cell.cell_contents for cell in found.__closure__ or ()]
        elif isinstance(found, MethodType):
            if isinstance(found.__self__, asyncio.BaseTransport):  # of a connection, whoever opened it
                return True
            rest += [found.__func__, getattr(found.__self__, "callback", None)]  # as of tornado's PeriodicCallback
        elif isinstance(found, functools.partial):
            rest += [found.func, *found.args, *found.keywords.values()]
        elif is_authors(type(found).__module__):
            return True
    return True
