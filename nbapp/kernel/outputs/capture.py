"""The one filter on `session.send`: keeps the outputs of our own requests, lets everything else through.

Everything a kernel publishes goes through the session, in the order in which a front end would receive it; except
that text waits in its stream for a while, and stdout may overtake stderr there. So the text of our own requests is
kept where it is written. While an
`ipywidgets.Output` has the `msg_id` of one of our requests, the outputs go to that widget: a front end does the same
for the requests it knows. The front end never learns of our `msg_id`, because it would wait for messages that are
not sent.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ipywidgets import Output as OutputWidget

from nbapp._compat import ipywidgets as private
from nbapp.core.notebook import CellId, Output
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.common.stand_in import called, settled, standin
from nbapp.kernel.outputs.limits import Bounds
from nbapp.kernel.outputs.outputs import KINDS, UPDATE, Growing, join, output_of
from nbapp.kernel.outputs.std_streams import flush_if_needed
from nbapp.kernel.outputs.thread_parents import ThreadParents
from nbapp.kernel.outputs.throttle import Throttle
from nbapp.values.identity import WeakById, WeakIdSet

CLEAR = "clear_output"
Request = dict[str, Any]


class Caught:
    """What was published under one request: its own outputs, and those of the Output widgets that were open.

    `owner` says whose code it is, `stopped` whether it was interrupted.
    """

    def __init__(
        self,
        request: Request,
        clear_next: WeakIdSet[OutputWidget],
        raised: WeakById[OutputWidget, CellId | None],
        bounds: Bounds | None,
        owner: Callable[[], CellId | None],
        stopped: Callable[[], bool],
    ) -> None:
        self.request = request
        self._owner, self._stopped = owner, stopped
        self._told: Throttle | None = None
        self._clear_next = clear_next
        self._raised = raised
        self._lock = threading.Lock()
        self._bounds = bounds
        self._own = Growing(bounds=bounds)
        self._open: list[tuple[OutputWidget, Growing]] = []

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Add what a message shows; from any thread."""
        output = None if kind == CLEAR else output_of(kind, content)
        with self._lock:
            target = self._open[-1][1] if self._open else self._own
            if output is None:
                target.clear(wait=bool(content.get("wait")))
            else:
                target.add(output)
                if kind == "error" and self._open:
                    self._raised[self._open[-1][0]] = self._owner()
                if kind == UPDATE and target is not self._own:
                    self._own.add(output)
        told = self._told
        if told is not None:
            told.changed()

    def tell(self, throttle: Throttle | None) -> None:
        """From now on this one hears of each message, on the thread that published it; None: nobody does."""
        self._told = throttle

    def end(self) -> None:
        """The code has ended: no block that is closed from now on was interrupted, and its result is not kept alive."""
        self._stopped = bool

    def outputs(self) -> tuple[Output, ...]:
        """The request's own outputs so far."""
        with self._lock:
            return self._own.outputs()

    def weight(self) -> float:
        """How long a page takes to show what there is so far, roughly in seconds."""
        with self._lock:
            return sum(growing.weight() for growing in (self._own, *(growing for _, growing in self._open)))

    def open(self, widget: OutputWidget) -> None:
        """From now on outputs go to this widget."""
        with self._lock:
            self._open.append((widget, Growing(clear_next=widget in self._clear_next, bounds=self._bounds)))

    def close(self, widget: OutputWidget) -> bool:
        """The widget's block ended: show what it got. False when no block of the widget is open.

        Raises:
            KeyboardInterrupt: the block was interrupted. `with out:` swallows exceptions, and a loop around it
                could not be stopped.
        """
        with self._lock:
            found = [pair for pair in self._open if pair[0] is widget]
            self._open = [pair for pair in self._open if pair[0] is not widget]
        for _, growing in found:
            self._settle(widget, growing)
            if self._stopped() and _was_interrupted(growing):
                raise KeyboardInterrupt
        return bool(found)

    def close_all(self) -> None:
        """Close what an interrupt left open."""
        for widget in [widget for widget, _ in self._open]:
            widget.msg_id = ""  # its message comes back to `close`, unless the widget has no comm any more
            self.close(widget)

    def _settle(self, widget: OutputWidget, growing: Growing) -> None:
        if growing.clear_next:
            self._clear_next.add(widget)
        else:
            self._clear_next.discard(widget)
        if growing.cleared or growing.shown():
            widget.outputs = _in_widget(widget, growing)

    def show_open(self) -> None:
        """Send what the open widgets have got so far; from any thread, so their traits stay as they are."""
        with self._lock:
            open_now = [(widget, _in_widget(widget, growing)) for widget, growing in self._open]
        for widget, outputs in open_now:
            if widget.comm is not None:
                to_json = private.to_json(widget, "outputs")
                state = {"outputs": to_json(outputs, widget)}
                widget.comm.send({"method": "update", "state": state, "buffer_paths": []})


def _was_interrupted(growing: Growing) -> bool:
    return any(output.get("ename") == "KeyboardInterrupt" for output in growing.shown())


def _in_widget(widget: OutputWidget, growing: Growing) -> tuple[Output, ...]:
    shown = [{key: value for key, value in output.items() if key != "transient"} for output in growing.shown()]
    return join(() if growing.cleared else widget.outputs, shown)


class Capture:
    """The filter. It is in place from the start until `undo`.

    `raised` tells which cell's code raised last in the block of an Output widget; `bounds`, how much is kept of what a
    request puts out.
    """

    def __init__(self, session: Any, streams: Sequence[Any] = (), bounds: Bounds | None = None) -> None:
        self._bounds = bounds
        self._caught: dict[str, Caught] = {}
        self._clear_next: WeakIdSet[OutputWidget] = WeakIdSet()
        self.raised: WeakById[OutputWidget, CellId | None] = WeakById()
        self._process = os.getpid()
        self._threads = ThreadParents(lambda: getattr(streams[0], "parent_header", {}) if streams else {})
        self._patching = Patching()
        self._send = self._patching.put(session, "send", self.send)
        self._writers = [(stream, self._keep_text(stream)) for stream in streams if hasattr(stream, "parent_header")]
        for stream, _ in self._writers:
            self._patching.place(stream, "flush", flush_if_needed(stream))
        self._place_writers()

    def undo(self) -> None:
        """Take the filter away; a filter that somebody put on top of it stays, and ours lets everything through."""
        self._caught.clear()
        self._threads.undo()
        for stream, write in self._writers:
            if vars(stream).get("write") is write:
                del stream.write
        self._patching.undo()

    def resume(self) -> None:
        """Keep what this process puts out."""
        self._process = os.getpid()

    def listen(
        self, request: Request, owner: Callable[[], CellId | None], stopped: Callable[[], bool] = bool
    ) -> Caught:
        """Keep what is published under this request, by code of this owner."""
        self._place_writers()
        caught = Caught(request, self._clear_next, self.raised, self._bounds, owner, stopped)
        self._caught[request["header"]["msg_id"]] = caught
        return caught

    def forget(self, caught: Caught) -> None:
        """Let what comes under this request through."""
        self._caught.pop(caught.request["header"]["msg_id"], None)

    def send(
        self, stream: Any, msg_or_type: Any, content: Any = None, parent: Any = None, *args: Any, **more: Any
    ) -> Any:
        """Stands in for `session.send`; None for a message that was kept."""
        if self._caught and os.getpid() == self._process:
            if isinstance(msg_or_type, Mapping):
                kind, body = msg_or_type["header"]["msg_type"], msg_or_type["content"]
                header = msg_or_type["parent_header"]
            else:
                kind, body, header = msg_or_type, content, parent or {}
            mine = self._threads.header() if kind in KINDS or kind == CLEAR else None
            if self._keeps(kind, body, mine or header.get("header", header)):
                return settled(None)
            if mine is not None and isinstance(msg_or_type, Mapping):
                msg_or_type = {**msg_or_type, "parent_header": mine}
            parent = mine or parent
        return self._send(stream, msg_or_type, content, parent, *args, **more)

    def _place_writers(self) -> None:
        """Put them into the streams; again when IPython put back what it found before, to keep a history of text."""
        for stream, write in self._writers:
            if getattr(stream.write, "__func__", None) is type(stream).write:
                stream.write = write

    def _keep_text(self, stream: Any) -> Callable[[str], int | None]:
        """What stands in for the stream's `write`."""
        plainly: Callable[[str], int | None] = stream.write
        original = called(plainly)

        def write(text: str) -> int | None:
            if not self._caught or type(text) is not str or stream.echo is not None or os.getpid() != self._process:
                return original(text)
            mine = self._threads.header()
            caught = self._caught.get((mine or stream.parent_header).get("msg_id", ""))
            if caught is None and mine is None:
                return original(text)
            if text:
                content = {"name": stream.name, "text": text}
                if caught is not None:
                    caught.take("stream", content)
                else:
                    self._send(stream.pub_thread, "stream", content, parent=mine, ident=stream.topic)
            return settled(len(text))

        ours: Callable[[str], int | None] = standin(plainly, write)
        return ours

    def _keeps(self, kind: str, content: Any, header: Mapping[str, Any]) -> bool:
        if kind == "comm_msg":
            return self._keeps_state(content)
        caught = self._caught.get(header.get("msg_id", "")) if kind in KINDS or kind == CLEAR else None
        if caught is not None:
            caught.take(kind, content)
        return caught is not None

    def _keeps_state(self, content: Any) -> bool:
        """Follow the `msg_id` of Output widgets; a message that says nothing else is not sent."""
        told = told_output_widget(content)
        if told is None:
            return False
        widget, request = told
        closed = [caught.close(widget) for caught in list(self._caught.values())]
        caught = self._caught.get(request)
        if caught is not None:
            caught.open(widget)
        if caught is None and not any(closed):
            return False
        state = content["data"]["state"]
        del state["msg_id"]
        return not state


def told_output_widget(content: Mapping[str, Any]) -> tuple[OutputWidget, str] | None:
    """The Output widget that a comm message tells which request's outputs are its own, and that request's id."""
    state = content["data"].get("state") if content["data"].get("method") == "update" else None
    if not state or "msg_id" not in state:
        return None
    widget = private.instances.get(content["comm_id"])
    return (widget, state["msg_id"]) if isinstance(widget, OutputWidget) else None
