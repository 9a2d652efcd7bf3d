"""Runs a cell in IPython as ipykernel would, and returns its outputs instead of sending them.

A cell runs under a request that no front end made, so the messages it publishes can be told from all others, and
come in the order a front end would have received them. Knows nothing of notebooks, digests or pages.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from nbapp._compat.ipykernel import has_failed_to_display
from nbapp.core.memos.memo import Executed
from nbapp.core.notebook import Cell, CellError, CellId, Output
from nbapp.kernel.common.context_vars import Contexts
from nbapp.kernel.common.interruptible import Interruptible
from nbapp.kernel.common.ticker import Alarm, Ticker
from nbapp.kernel.execution.forbidden import Place, refusals, replaced
from nbapp.kernel.execution.forked import end_copy
from nbapp.kernel.execution.history import History
from nbapp.kernel.execution.parent_header import ParentHeader
from nbapp.kernel.execution.shell_state import as_found
from nbapp.kernel.execution.sigint import Sigint
from nbapp.kernel.outputs.capture import Capture, Caught
from nbapp.kernel.outputs.limits import Bounds
from nbapp.kernel.outputs.std_streams import drain
from nbapp.kernel.outputs.throttle import Throttle

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell
    from IPython.core.interactiveshell import ExecutionResult
    from ipywidgets import Widget

Show = Callable[[tuple[Output, ...]], None]
Late = Callable[[CellId, tuple[Output, ...] | None], None]


class _Done(NamedTuple):
    """What IPython says of a cell; `unprintable` when showing its result raised."""

    result: ExecutionResult | None
    unprintable: bool


class Executor:
    """Executes cells in one kernel.

    `late` is told the outputs of a cell to which a thread or task of it added after its end, at most ten times a
    second, on ipykernel's IOPub thread; and None when that execution no longer counts. With `bounds`, the middle of
    what exceeds them is left out. `owner` tells whose callback runs; `under_way` is told each cell, and None when it
    has ended.
    """

    def __init__(
        self,
        shell: ZMQInteractiveShell,
        sigint: Sigint,
        contexts: Contexts,
        ticker: Ticker,
        *,
        late: Late | None = None,
        bounds: Bounds | None = None,
        owner: Callable[[], CellId | None] = lambda: None,
        under_way: Callable[[CellId | None], None] = lambda cell_id: None,
    ) -> None:
        self._shell = shell
        self._kernel: Any = shell.kernel
        self._process = os.getpid()
        self._late = late
        self._streams = (sys.stdout, sys.stderr)
        self._capture = Capture(self._kernel.session, self._streams, bounds)
        self._ticker = ticker
        self._sigint, self._contexts = sigint, contexts
        self._owner, self._tell = owner, under_way
        self.history = History(shell)
        self._finished: dict[CellId, Caught] = {}
        self._following: dict[CellId, Throttle] = {}
        self._open = 0
        self._closed = False

    def close(self) -> None:
        """Leave nothing behind; while a cell runs, when it has ended."""
        self._closed = True
        if not self._open:
            self._capture.undo()
            for cell_id in list(self._finished):
                self.forget(cell_id)

    def resume(self) -> None:
        """This process is the kernel's own, be it a copy of the one in which it began."""
        self._process = os.getpid()
        self._capture.resume()

    def forget(self, cell_id: CellId) -> None:
        """What the cell's last execution still puts out does not count any more."""
        earlier, following = self._finished.pop(cell_id, None), self._following.pop(cell_id, None)
        if earlier is not None:
            self._capture.forget(earlier)
        if self._late is not None:
            self._late(cell_id, None)
        if following is not None:
            following.stop()

    async def run(
        self,
        cell: Cell,
        number: int = 0,
        *,
        live: Show | None = None,
        live_after: float = 0.3,
        timeout: float | None = None,
    ) -> Executed:
        """Execute a cell; tracebacks call it by its number, from 1.

        `live` is called with the outputs so far once the cell takes longer than `live_after` seconds, at most ten
        times a second, on ipykernel's IOPub thread. After `timeout` seconds the cell is interrupted. A cell that was
        interrupted has an error, even when it caught the KeyboardInterrupt.

        Raises:
            asyncio.CancelledError: this was cancelled; the cell was interrupted and has ended.
        """
        self.forget(cell.id)
        parent = ParentHeader(self._shell, request := self._request(cell.source, cellId=cell.id))
        standins = self._standins(cell, number)
        steps = Interruptible(self._execute(cell), lambda: self._around(parent, standins), self._contexts, self._ticker)
        caught = self._capture.listen(request, lambda: cell.id, lambda: steps.interrupted)
        ticks = Throttle(
            self._ticker, lambda: _show(caught, None if steps.interrupted else live), live_after, caught.weight
        )
        caught.tell(ticks)
        started = time.perf_counter()
        try:
            with self._under_way(cell.id, steps), self._alarm(timeout, steps.interrupt):
                done = await steps.finish()
        finally:
            seconds = time.perf_counter() - started
            self._end(cell, caught, parent)
        ticks.stop()
        outputs = caught.outputs()
        self._follow(cell.id, caught, outputs)
        error = _stopped(steps, seconds, timeout) or _raised(done, outputs)
        return Executed(outputs, error, seconds)

    @contextmanager
    def capture(self) -> Iterator[list[Output]]:
        """Collect the outputs of code that is no cell; the list is filled when the block ends.

        What is published inside `with out:` goes to that Output widget. There must be no `await` in the block.
        """
        caught = self._capture.listen(self._request(""), self._owner)
        parent = ParentHeader(self._shell, caught.request)
        outputs: list[Output] = []
        parent.place()
        try:
            with replaced(refusals(self._shell)), self._contexts.entered():
                yield outputs
        finally:
            end_copy(self._process)
            drain(self._streams)
            caught.close_all()
            parent.withdraw(here=True)
            self._capture.forget(caught)
            outputs.extend(caught.outputs())

    def raised_in(self, widget: Widget) -> CellId | None:
        """The cell whose code raised last in the block of an Output widget."""
        return self._capture.raised.get(widget)

    # --- before and after

    def _standins(self, cell: Cell, number: int) -> tuple[Place, ...]:
        return (
            *refusals(self._shell),
            self.history.keeps_nothing(),
            (self._shell.displayhook, "quiet", lambda: _is_quiet(self._shell, cell.source)),
            (self._shell.compile, "cache", partial(_cached, self._shell.compile.cache, number)),
        )

    def _request(self, source: str, **metadata: Any) -> dict[str, Any]:
        content = {"code": source, "silent": False, "store_history": False, "allow_stdin": False}
        request: dict[str, Any] = self._kernel.session.msg("execute_request", content, metadata=metadata)
        return request

    @contextmanager
    def _under_way(self, cell_id: CellId, steps: Interruptible[Any]) -> Iterator[None]:
        with self._sigint.interrupts(steps):
            self._open += 1
            self._tell(cell_id)
            try:
                with self._sigint.installed():
                    yield
            finally:
                self._tell(None)
                self._open -= 1

    @contextmanager
    def _alarm(self, timeout: float | None, ring: Callable[[], None]) -> Iterator[None]:
        """Ring after so many seconds, even when the loop is blocked."""
        if timeout is None:
            yield
            return
        alarm = Alarm(timeout, ring)
        self._ticker.want(alarm)
        try:
            yield
        finally:
            self._ticker.unwant(alarm)

    @contextmanager
    def _around(self, parent: ParentHeader, standins: Sequence[Place]) -> Iterator[None]:
        """What holds while code of the cell runs, and not while it awaits and other requests are answered."""
        parent.place()
        with self._sigint.installed(), replaced(standins), self.history.hidden():
            yield

    def _end(self, cell: Cell, caught: Caught, parent: ParentHeader) -> None:
        caught.end()
        try:
            drain(self._streams)
            caught.close_all()
        finally:
            parent.withdraw()
            caught.tell(None)
            self._finished[cell.id] = caught
            if self._closed:
                self.close()

    def _follow(self, cell_id: CellId, caught: Caught, outputs: tuple[Output, ...]) -> None:
        """Tell what comes after these outputs, from threads and tasks that outlive the cell."""
        late = self._late
        if late is None or self._finished.get(cell_id) is not caught:
            return
        following = self._following[cell_id] = Throttle(
            self._ticker, lambda: late(cell_id, caught.outputs()), after=0.0, weight=caught.weight
        )
        caught.tell(following)
        if caught.outputs() != outputs:
            following.changed()

    # --- the cell itself

    async def _execute(self, cell: Cell) -> _Done:
        """What `IPythonKernel.do_execute` does with a source."""
        shell = self._shell
        not_code: Any = None
        result: ExecutionResult | None = None
        with as_found(shell):
            try:
                code = shell.transform_cell(cell.source)
            except Exception:  # noqa: BLE001 - IPython shows it as the cell's error
                code, not_code = cell.source, sys.exc_info()
            try:
                result = await shell.run_cell_async(
                    cell.source, transformed_cell=code, preprocessing_exc_tuple=not_code, cell_id=cell.id
                )
            finally:
                end_copy(self._process)
                shell.events.trigger("post_execute")
                shell.events.trigger("post_run_cell", result)
            return _Done(result, has_failed_to_display(shell))


def _is_quiet(shell: ZMQInteractiveShell, source: str) -> bool:
    """Whether a semicolon hides the result; IPython asks the newest cell of the history, where ours never is."""
    return bool(
        shell.displayhook.semicolon_at_end_of_expression(shell.input_transformer_manager.transform_cell(source))
    )


def _cached(
    cache: Callable[..., str], ours: int, transformed_code: str, number: int = 0, raw_code: str | None = None
) -> str:
    """Let IPython know a source by a number of ours: its own count stays where it is, as no cell is in the history."""
    return cache(transformed_code, ours, raw_code)


def _show(caught: Caught, live: Show | None) -> None:
    caught.show_open()
    if live is not None:
        live(caught.outputs())


def _stopped(steps: Interruptible[Any], seconds: float, timeout: float | None) -> CellError | None:
    """The error of a cell that was interrupted."""
    if not steps.interrupted:
        return None
    if timeout is not None and seconds >= timeout:
        return CellError("TimeoutError", f"the cell was stopped after {timeout:g} s")
    return CellError("KeyboardInterrupt", "the cell was stopped")


def _raised(done: _Done | None, outputs: tuple[Output, ...]) -> CellError | None:
    """The exception that ended a cell, as IPython showed it if it did."""
    if done is None or done.result is None:
        return None
    raised = done.result.error_before_exec
    if raised is None:
        raised = done.result.error_in_exec
    if raised is None and not done.unprintable:
        return None
    published = next((output for output in reversed(outputs) if output["output_type"] == "error"), None)
    if published is not None and (raised is None or published["ename"] == type(raised).__name__):
        return CellError(published["ename"], _own_words(published["evalue"]), tuple(published["traceback"]))
    return None if raised is None else CellError(type(raised).__name__, _own_words(str(raised)))


def _own_words(message: str) -> str:
    """What an exception says without the name that IPython gives to a cell's code: it is nobody's file."""
    return re.sub(r"\(\d+\.py, (line \d+)\)$", r"(\1)", message)
