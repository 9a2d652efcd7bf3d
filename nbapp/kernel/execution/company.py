"""Whether code of the author's may run beside a cell: threads and tasks that cells above have started."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

from nbapp.values.authors import is_own_file

_MACHINERY = ("ipykernel", "IPython", "nbapp", "tornado", "tqdm", "zmq", "debugpy", "_pydevd_bundle", "pydevd")
_OF_LOOPS = "asyncio_"  # the names of an event loop's own threads


class Company:
    """Knows the threads that were there before the notebook."""

    def __init__(self) -> None:
        self._older = frozenset(thread.ident for thread in threading.enumerate())

    def is_there(self) -> bool:
        """Whether anything of the author's may be running besides this code."""
        return any(map(self._may_be_authors, threading.enumerate())) or any(map(_is_authors, _tasks()))

    def _may_be_authors(self, thread: threading.Thread) -> bool:
        if thread.ident in self._older or thread is threading.main_thread() or thread.name.startswith(_OF_LOOPS):
            return False
        return type(thread).__module__.partition(".")[0] not in _MACHINERY


def _tasks() -> Iterator[Any]:
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:  # no loop runs here
        return iter(())
    return (task.get_coro() for task in tasks)


def _is_authors(coroutine: Any) -> bool:
    return is_own_file(getattr(getattr(coroutine, "cr_code", None), "co_filename", None))
