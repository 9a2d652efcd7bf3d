"""The outputs of a request that a front end answers for itself: noted as they pass by, and let through.

While an `ipywidgets.Output` has the request's `msg_id`, they are that widget's: the front end puts them there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from nbapp.core.memos.memo import Executed
from nbapp.core.notebook import CellError, Output
from nbapp.kernel.common.stand_in import called, standin
from nbapp.kernel.outputs.capture import CLEAR, told_output_widget
from nbapp.kernel.outputs.outputs import KINDS, UPDATE, Growing, output_of
from nbapp.kernel.outputs.std_streams import drain

if TYPE_CHECKING:
    from ipykernel.ipkernel import IPythonKernel

Execute = Callable[[], Awaitable[dict[str, Any]]]


class Overheard:
    """What a request showed, but for what went to Output widgets."""

    def __init__(self, request: str) -> None:
        self._request = request
        self._own = Growing()
        self._open: list[str] = []  # the comms of the Output widgets whose blocks are under way

    def hear(self, kind: str, content: Mapping[str, Any], header: Mapping[str, Any]) -> None:
        """A message is sent."""
        if kind == "comm_msg" and (told := told_output_widget(content)) is not None:
            self._open = [comm for comm in self._open if comm != content["comm_id"]]
            self._open += [content["comm_id"]] if told[1] == self._request else []
        elif header.get("msg_id") != self._request:
            return
        elif kind in KINDS and (not self._open or kind == UPDATE):  # a display is updated wherever it stands
            self._own.add(output_of(kind, content))
        elif kind == CLEAR and not self._open:
            self._own.clear(wait=bool(content.get("wait")))

    def outputs(self) -> tuple[Output, ...]:
        """The outputs so far."""
        return self._own.outputs()


async def overhear(kernel: IPythonKernel, execute: Execute) -> tuple[Executed, dict[str, Any]]:
    """Let a front end's request run, and note the outputs that pass by on their way to it."""
    session: Any = kernel.session
    before = session.send
    send = called(before)
    overheard = Overheard(kernel.get_parent("shell")["header"]["msg_id"])

    def passing(stream: Any, kind: Any, content: Any = None, parent: Any = None, *args: Any, **more: Any) -> Any:
        if isinstance(kind, Mapping):  # as streams send
            overheard.hear(kind["header"]["msg_type"], kind["content"], kind["parent_header"])
        else:
            overheard.hear(kind, content, parent.get("header", parent) if parent else {})
        return send(stream, kind, content, parent, *args, **more)

    started = time.perf_counter()
    session.send = standin(before, passing)
    try:
        reply = await execute()
        drain((sys.stdout, sys.stderr))
        for stream in (sys.stdout, sys.stderr):
            stream.flush()  # text waits in its stream for a while
    finally:
        session.send = before
    seconds = time.perf_counter() - started
    error = None
    if reply["status"] == "error":
        error = CellError(reply["ename"], reply["evalue"], tuple(reply["traceback"]))
    return Executed(overheard.outputs(), error, seconds), reply
