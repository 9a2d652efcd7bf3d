"""What SIGINT means in a kernel that we are in: it ends the code under way, whoever's it is, or nothing.

ipykernel lets Python's own handler stand while it answers a request. That one raises KeyboardInterrupt into whatever
runs, also into the loop when the request awaits, and so ends the kernel; between requests ipykernel ignores SIGINT. Our
handler stands all the time, and raises only where somebody catches it. This file does not know whose code runs.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from ipykernel.kernelbase import Kernel
from IPython.core.events import EventManager
from IPython.core.interactiveshell import InteractiveShell

from nbapp.kernel.common.interruptible import Interruptible, on_main_thread
from nbapp.kernel.widgets.updates.apply import Updates
from nbapp.kernel.widgets.updates.inbox import Inbox

_EXECUTE = "execute_request"  # what of it is not the author's code must send a reply


class Sigint:
    """The handler. In what is called by code that `catches` an interrupt it is raised, unless code that `waits` is
    nearer to where the interrupt came."""

    def __init__(self) -> None:
        self._steps: Interruptible[Any] | None = None
        self._catches = {_code(each) for each in (InteractiveShell.run_code, EventManager.trigger, Updates.applying)}
        self._waits = {_code(Inbox.handle)}
        self._before: Any = None
        self._stands = False

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        if self._steps is not None:
            self._steps.on_sigint(frame)
        elif self._stands:
            if self._is_caught(frame):
                raise KeyboardInterrupt
        elif callable(self._before):
            self._before(signum, frame)

    def interrupt(self, after: float | None = None) -> None:
        """Stop the cell under way, from any thread: KeyboardInterrupt is raised in it.

        With `after`, once it has run for so many seconds, unless it ends before.
        """
        steps = self._steps
        if steps is not None and after is None:
            steps.interrupt()
        elif steps is not None and after is not None:
            steps.interrupt_after(after)

    @contextmanager
    def interrupts(self, steps: Interruptible[Any]) -> Iterator[None]:
        """What is interrupted inside is this."""
        outer, self._steps = self._steps, steps
        try:
            yield
        finally:
            self._steps = outer

    def _is_caught(self, frame: FrameType | None) -> bool:
        above = frame.f_back if frame is not None else None
        while above is not None and above.f_code not in self._waits:
            if above.f_code in self._catches:
                return True
            above = above.f_back
        return False

    def stand(self, kernel: Any) -> Callable[[], None]:
        """Handle SIGINT from now on, also while the kernel rests; call what is returned to leave it to ipykernel."""
        handlers = {kind: handler for kind, handler in kernel.shell_handlers.items() if kind != _EXECUTE}
        self._catches |= {_code(handler) for handler in handlers.values()}
        self._stands = True

        def take() -> None:
            if on_main_thread():
                signal.signal(signal.SIGINT, self)

        def undo() -> None:
            self._stands = False
            del kernel.pre_handler_hook, kernel.post_handler_hook
            kernel.saved_sigint_handler = signal.SIG_IGN
            if on_main_thread():
                signal.signal(signal.SIGINT, signal.default_int_handler if _is_answering() else signal.SIG_IGN)

        kernel.pre_handler_hook = kernel.post_handler_hook = take
        take()
        return undo

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Handle SIGINT; afterwards the handler found is back, unless somebody installed another meanwhile.

        Does nothing outside the main thread, which alone gets signals.
        """
        if not on_main_thread():
            yield
            return
        found = signal.getsignal(signal.SIGINT)
        if found is not self:
            self._before = signal.signal(signal.SIGINT, self)
        try:
            yield
        finally:
            if found is not self and signal.getsignal(signal.SIGINT) is self:
                signal.signal(signal.SIGINT, found)


def _code(function: Any) -> CodeType:
    code: CodeType = getattr(function, "__func__", function).__code__
    return code


def _is_answering() -> bool:
    """Whether the kernel is answering a request just now."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code is not _code(Kernel.dispatch_shell):
        frame = frame.f_back
    return frame is not None
