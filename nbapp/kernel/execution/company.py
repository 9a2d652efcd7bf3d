"""Whether code of the author's may run beside a cell: threads and tasks that cells above have started, and hooks."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Iterator
from typing import Any

from nbapp.values.authors import is_authors, is_own_file

_MACHINERY = ("ipykernel", "IPython", "nbapp", "tornado", "tqdm", "zmq", "debugpy", "_pydevd_bundle", "pydevd")
_OF_LOOPS = "asyncio_"  # the names of an event loop's own threads


class Company:
    """Knows the threads that were there before the notebook."""

    def __init__(self) -> None:
        self._older = frozenset(thread.ident for thread in threading.enumerate())
        self._was_there = False

    def was_there(self) -> bool:
        """Whether anything of the author's may be running besides this code, or once was: what a thread wrote before it
        ended is found when values are compared, and by nothing else."""
        self._was_there = self._was_there or self._is_there()
        return self._was_there

    def _is_there(self) -> bool:
        return any(map(self._may_be_authors, threading.enumerate())) or any(map(_is_authors, _tasks())) or hooks()

    def _may_be_authors(self, thread: threading.Thread) -> bool:
        if thread.ident in self._older or thread is threading.main_thread() or thread.name.startswith(_OF_LOOPS):
            return False
        return type(thread).__module__.partition(".")[0] not in _MACHINERY


def hooks() -> bool:
    """Whether Python or numpy would call the author's code in between."""
    numpy = sys.modules.get("numpy")
    on_errors = numpy.geterrcall() if numpy is not None and hasattr(numpy, "geterrcall") else None
    found = sys.gettrace(), sys.getprofile(), on_errors, *gc.callbacks
    return any(is_authors(str(getattr(hook, "__module__", ""))) for hook in found if hook is not None)


def _tasks() -> Iterator[Any]:
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:  # no loop runs here
        return iter(())
    return (task.get_coro() for task in tasks)


def _is_authors(coroutine: Any) -> bool:
    return is_own_file(getattr(getattr(coroutine, "cr_code", None), "co_filename", None))
