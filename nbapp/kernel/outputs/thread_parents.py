"""Which request a thread belongs to: the one under which it was started, by the cell's code or by another thread.

ipykernel 7 lets a thread answer whatever request came last, so what it prints would land in another cell. Threads
that work for anybody answer for whoever gave them the work. Knows nothing of cells.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from weakref import WeakKeyDictionary

from nbapp.kernel.common.patching import Patching
from nbapp.kernel.common.stand_in import hide_us

Header = Mapping[str, Any]
_WORK_FOR_ANYBODY = ("IPython", "asyncio", "concurrent.futures", "multiprocessing")  # threads that these start


class ThreadParents:
    """Notes threads as they start. `asked` is the header of the request being answered; empty when there is none."""

    def __init__(self, asked: Callable[[], Header]) -> None:
        self._asked = asked
        self._under: WeakKeyDictionary[threading.Thread, Header] = WeakKeyDictionary()
        self._working = threading.local()
        self._patching = Patching()
        self._start_thread = self._patching.put(threading.Thread, "start", self._start)
        self._hand_to_pool: Callable[..., Future[Any]] = self._patching.put(ThreadPoolExecutor, "submit", self._submit)

    def undo(self) -> None:
        """Note no more threads."""
        self._patching.undo()

    def header(self) -> Header | None:
        """The header of the request that the current thread works for; None when that is whatever came last."""
        working: Header | None = getattr(self._working, "header", None)
        return working or self._under.get(threading.current_thread())

    def _start(self, thread: threading.Thread) -> None:
        header = self.header() or self._asked()
        starter = str(sys._getframe(2).f_globals.get("__name__"))
        if header and not starter.startswith(_WORK_FOR_ANYBODY):
            self._under[thread] = header
        self._start_thread(thread)

    def _submit(self, pool: ThreadPoolExecutor, work: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        header = self.header() or self._asked()
        handed_on = functools.partial(self._work, header, work) if header else work
        return self._hand_to_pool(pool, handed_on, *args, **options)

    def _work(self, header: Header, work: Callable[..., Any], *args: Any, **options: Any) -> Any:
        before = getattr(self._working, "header", None)
        self._working.header = header
        try:
            return work(*args, **options)
        except BaseException as error:
            hide_us(error)
            raise
        finally:
            self._working.header = before
