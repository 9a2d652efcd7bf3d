"""Runs a coroutine so that it can be interrupted at any point, and nothing else with it.

A cell is a task of its own under our SIGINT handler. While code of the cell is on the stack, SIGINT raises
KeyboardInterrupt in it. While the cell awaits, the task is woken through the loop and KeyboardInterrupt is thrown in
where it awaits. Python's own handler would raise into whatever runs, and end the loop. Knows nothing of cells.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import AbstractContextManager
from types import FrameType
from typing import Any, Generic, TypeVar

from nbapp.kernel.common.context_vars import Contexts

T = TypeVar("T")
_MACHINERY = frozenset({"comm", "ipykernel", "ipywidgets", "jupyter_client", "nbapp", "traitlets", "zmq"})
_ATTEMPTS, _PAUSE = 100, 0.01  # seconds
_AGAIN = 0.05  # seconds


def on_main_thread() -> bool:
    """Whether this is the thread that gets signals."""
    return threading.current_thread() is threading.main_thread()


def _in_machinery(frame: FrameType | None, end: FrameType) -> bool:
    """Whether code that is not the author's, which keeps books for the author's, runs innermost."""
    while frame is not None and frame is not end:
        module = str(frame.f_globals.get("__name__"))
        if module == "__main__":
            return False
        if module.partition(".")[0] in _MACHINERY and not module.startswith("nbapp.functions"):
            return True
        frame = frame.f_back
    return False


class Interruptible(Generic[T]):
    """Awaits a coroutine, each uninterrupted piece of it inside `around()`."""

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, T],
        around: Callable[[], AbstractContextManager[object]],
        contexts: Contexts,
    ) -> None:
        self._contexts = contexts
        self._coroutine = coroutine
        self._around = around
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._on_main_thread = on_main_thread()
        self._begun = False
        self._running = False
        self._wanted = False
        self._task: asyncio.Task[T | None] | None = None
        self._started = time.monotonic()
        self._ended: threading.Event | None = None
        self._gently = False
        self.interrupted = False

    async def finish(self) -> T | None:
        """Run the coroutine to its end in a task of its own; None when an interrupt ended it.

        When this is cancelled, the coroutine is interrupted, and has ended before CancelledError is raised.
        """
        self._task = self._loop.create_task(self._guarded())
        self._task.add_done_callback(self._tell_end)
        cancelled: asyncio.CancelledError | None = None
        while not self._task.done():
            try:
                await asyncio.wait([self._task])
            except asyncio.CancelledError as error:
                cancelled = error
                self.interrupt()
        if cancelled is not None:
            raise cancelled
        return self._task.result()

    async def _guarded(self) -> T | None:
        try:
            with self._contexts.entered():
                return await self
        except KeyboardInterrupt:
            if not self.interrupted:
                raise
            return None

    def __await__(self) -> Generator[Any, Any, T]:
        thrown: BaseException | None = None
        self._begun = True
        while True:
            try:
                with self._around():
                    awaited = self._piece(thrown)
            except StopIteration as end:
                result: T = end.value
                return result
            thrown = None
            try:
                yield awaited
            except asyncio.CancelledError as error:
                thrown = error
            except GeneratorExit:
                self._coroutine.close()
                raise
            except BaseException as error:  # noqa: BLE001 - whatever the awaited future raised is the coroutine's
                thrown = error

    def _piece(self, thrown: BaseException | None) -> Any:
        with self._lock:
            self._running = True
            wanted, self._wanted = self._wanted, False
        try:
            if wanted:
                if isinstance(thrown, asyncio.CancelledError):
                    self._forget_cancelling()
                self.interrupted = True
                thrown = KeyboardInterrupt()
            return self._coroutine.send(None) if thrown is None else self._coroutine.throw(thrown)
        finally:
            with self._lock:
                self._running = False

    def _forget_cancelling(self) -> None:
        """The cancelling was our way to wake the task; `asyncio.timeout` in the cell must not see it."""
        if self._task is not None and hasattr(self._task, "uncancel"):  # Python 3.11
            self._task.uncancel()

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the coroutine, from any thread; nothing when it has ended."""
        if self._ask():
            threading.Thread(target=self._repeat, name="nbapp-interrupt", daemon=True).start()

    def _ask(self) -> bool:
        """Ask once; whether a signal was sent."""
        with self._lock:
            self._wanted = True
            sent = self._signal()
        self._loop.call_soon_threadsafe(self._wake)
        return sent

    def _signal(self) -> bool:
        if self._wanted and self._running and self._on_main_thread:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            return True
        return False

    def _repeat(self) -> None:
        """Send the signal again until it was heard: one that comes just before a system call does not end the call."""
        sent = True
        while sent:
            time.sleep(_AGAIN)
            with self._lock:
                sent = self._signal()

    def interrupt_after(self, seconds: float) -> None:
        """Interrupt the coroutine if it runs for longer than this, counted from its start; from any thread.

        Not while it is in the machinery of widgets and messages, which must not be torn; for a second at most.
        """
        with self._lock:
            if self._ended is not None or (self._task is not None and self._task.done()):
                return
            self._ended = threading.Event()
        left = self._started + seconds - time.monotonic()
        threading.Thread(target=self._insist, args=(self._ended, left), name="nbapp-newer", daemon=True).start()

    def _insist(self, ended: threading.Event, left: float) -> None:
        if ended.wait(max(0.0, left)):
            return
        for attempt in range(_ATTEMPTS):
            self._gently = attempt < _ATTEMPTS - 1
            if self._gently:
                self._ask()
            else:
                self.interrupt()
            if ended.wait(_PAUSE) or self.interrupted:
                break
        self._gently = False

    def _tell_end(self, _: object) -> None:
        with self._lock:
            if self._ended is not None:
                self._ended.set()

    def on_sigint(self, frame: FrameType | None) -> None:
        """What SIGINT means now.

        Raises:
            KeyboardInterrupt: the coroutine is on the stack.
        """
        ours = getattr(self._coroutine, "cr_frame", None)
        place = frame
        while frame is not None and frame is not ours:
            frame = frame.f_back
        if frame is not None and self._gently and _in_machinery(place, frame):
            self._wanted = False
            return  # who asks gently asks again
        if frame is not None:
            self._wanted = False
            self.interrupted = True
            raise KeyboardInterrupt
        self._wanted = True
        self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        """Cancel the task where it awaits; one that has not begun finds out by itself, and could not tell it."""
        if self._wanted and self._task is not None and self._begun and not self._running:
            self._task.cancel()
