"""Runs a coroutine so that it can be interrupted at any point, and nothing else with it.

A cell is a task of its own under our SIGINT handler. While code of the cell is on the stack, SIGINT raises
KeyboardInterrupt in it. While the cell awaits, the task is woken through the loop and KeyboardInterrupt is thrown in
where it awaits. Python's own handler would raise into whatever runs, and end the loop. Knows nothing of cells.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import Enum, auto
from types import FrameType
from typing import Any, Generic, TypeVar

from nbapp.kernel.common.context_vars import Contexts
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.common.ticker import Ticker

T = TypeVar("T")
_MACHINERY = frozenset({"comm", "ipykernel", "ipywidgets", "jupyter_client", "nbapp", "traitlets", "zmq"})
_ATTEMPTS, _PAUSE = 100, 0.01  # seconds
_AGAIN = 0.05  # seconds


class _State(Enum):
    """Where the coroutine is, before its end."""

    NEW = auto()
    RUNNING = auto()
    AWAITING = auto()


class _Asked(Enum):
    """Whether an interrupt is due; gently: not in the machinery, who asks tries again."""

    NOT = auto()
    GENTLY = auto()
    AT_ONCE = auto()


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
        ticker: Ticker,
    ) -> None:
        self._contexts = contexts
        self._coroutine = coroutine
        self._around = around
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._on_main_thread = on_main_thread()
        self._ticker = ticker
        self._state = _State.NEW
        self._asked = _Asked.NOT
        self._task: asyncio.Task[T | None] | None = None
        self._started = time.monotonic()
        self._attempts = 0  # left, of those that wait for a good moment
        self.due = 0.0
        self.interrupted = False

    async def finish(self) -> T | None:
        """Run the coroutine to its end in a task of its own; None when an interrupt ended it.

        When this is cancelled, the coroutine is interrupted, and has ended before CancelledError is raised.
        """
        self._task = self._loop.create_task(self._guarded())
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
        while True:
            try:
                with self._around(), self._hearing_what_is_dropped():
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
            self._state = _State.RUNNING
            asked, self._asked = self._asked, _Asked.NOT
        try:
            if asked is not _Asked.NOT:
                if isinstance(thrown, asyncio.CancelledError):
                    self._forget_cancelling()
                self.interrupted = True
                thrown = KeyboardInterrupt()
            return self._coroutine.send(None) if thrown is None else self._coroutine.throw(thrown)
        finally:
            with self._lock:
                self._state = _State.AWAITING

    @contextmanager
    def _hearing_what_is_dropped(self) -> Iterator[None]:
        """Ask again if the interrupt came in code whose exceptions go nowhere: finalizers, hooks at a fork."""

        def is_ours(dropped: sys.UnraisableHookArgs) -> None:
            if self.interrupted and on_main_thread() and isinstance(dropped.exc_value, KeyboardInterrupt):
                self._asked = _Asked.AT_ONCE
                self._loop.call_soon_threadsafe(self._wake)
                self._tick_in(_AGAIN)  # not at once: it would be raised in here
            else:
                original(dropped)

        with Patching() as patching:
            original = patching.put(sys, "unraisablehook", is_ours)
            yield

    def _forget_cancelling(self) -> None:
        """The cancelling was our way to wake the task; `asyncio.timeout` in the cell must not see it."""
        if self._task is not None and hasattr(self._task, "uncancel"):  # Python 3.11
            self._task.uncancel()

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the coroutine, from any thread; nothing when it has ended."""
        if self._ask(_Asked.AT_ONCE):
            self._tick_in(_AGAIN)

    def interrupt_after(self, seconds: float) -> None:
        """Interrupt the coroutine if it runs for longer than this, counted from its start; from any thread.

        Not while it is in the machinery of widgets and messages, which must not be torn; for a second at most.
        """
        with self._lock:
            if self._attempts or self._has_ended():
                return
            self._attempts = _ATTEMPTS
        self._tick_in(self._started + seconds - time.monotonic())

    def tick(self) -> None:
        """Ask again: the moment was bad, or the signal was not heard: one that comes just before a system call does not
        end the call."""
        if self._has_ended() or (self.interrupted and self._asked is _Asked.NOT):
            return
        if self._attempts > 1 and self._asked is not _Asked.AT_ONCE:
            self._attempts -= 1
            self._ask(_Asked.GENTLY)
            self._tick_in(_PAUSE)
        elif self._attempts == 1:
            self._attempts = 0
            self.interrupt()
        else:
            with self._lock:
                sent = self._signal()
            if sent:
                self._tick_in(_AGAIN)

    def _tick_in(self, seconds: float) -> None:
        self.due = time.monotonic() + seconds
        self._ticker.want(self)

    def _has_ended(self) -> bool:
        return self._task is not None and self._task.done()

    def _ask(self, how: _Asked) -> bool:
        """Ask once; whether a signal was sent."""
        with self._lock:
            self._asked = how
            sent = self._signal()
        self._loop.call_soon_threadsafe(self._wake)
        return sent

    def _signal(self) -> bool:
        if self._asked is not _Asked.NOT and self._state is _State.RUNNING and self._on_main_thread:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            return True
        return False

    def on_sigint(self, frame: FrameType | None) -> None:
        """What SIGINT means now.

        Raises:
            KeyboardInterrupt: the coroutine is on the stack.
        """
        ours = getattr(self._coroutine, "cr_frame", None)
        place = frame
        while frame is not None and frame is not ours:
            frame = frame.f_back
        if frame is None:
            self._asked = _Asked.AT_ONCE
            self._loop.call_soon_threadsafe(self._wake)
            return
        gently, self._asked = self._asked is _Asked.GENTLY, _Asked.NOT
        if not (gently and _in_machinery(place, frame)):
            self.interrupted = True
            raise KeyboardInterrupt

    def _wake(self) -> None:
        """Cancel the task where it awaits; one that has not begun finds out by itself, and could not tell it."""
        if self._asked is not _Asked.NOT and self._task is not None and self._state is _State.AWAITING:
            self._task.cancel()
