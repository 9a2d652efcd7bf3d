"""Takes what pages send to widgets off the shell channel before it waits for a cell that blocks the main thread.

ipykernel 7 reads the shell channel on a thread of its own, which hands each message on. A widget's update or click is
queued right there and its echo sent; it is not applied, and goes no further. So messages keep their order: a request
that was sent after an update finds it queued. What a page's message asks for otherwise takes ipykernel's way.
ipykernel 6 reads the channel on the main thread: there an update waits for the end of the cell.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Any

from comm import get_comm_manager
from ipywidgets import Widget

from nbapp._compat import ipykernel as of_kernel
from nbapp._compat import ipywidgets as of_widgets
from nbapp.errors import MALFORMED
from nbapp.kernel.frontends.page_model import Model
from nbapp.kernel.frontends.protocol import TARGET

_QUEUED = frozenset({"update", "custom"})
Receive = Callable[[Any], Awaitable[None]]
Handle = Callable[[dict[str, Any]], None]


def intake(kernel: Any, is_wanted: Callable[[], bool]) -> Callable[[], None]:
    """Take over, while it is wanted, the messages of widgets that the kernel opened; call the result to undo it."""
    thread = getattr(kernel, "shell_channel_thread", None)
    if thread is None:
        return lambda: None
    original: Receive = kernel.shell_channel_thread_main
    over = threading.Event()

    async def receive(frames: Any) -> None:
        found = None if over.is_set() or not is_wanted() else _for_us(kernel.session, frames)
        if found is None:
            await original(frames)
        else:
            _deliver(kernel, *found)

    def read_by(callback: Receive) -> None:
        thread.io_loop.add_callback(kernel.shell_stream.on_recv, callback, copy=False)

    def undo() -> None:
        over.set()
        read_by(original)

    read_by(receive)
    return undo


def _for_us(session: Any, frames: Any) -> tuple[Handle, dict[str, Any]] | None:
    """What handles a message, and the message; None when it is ipykernel's, also to refuse it."""
    try:
        _, parts = session.feed_identities(frames, copy=False)
        if session.unpack(parts[1].bytes)["msg_type"] != "comm_msg":
            return None
        content = session.unpack(parts[4].bytes)
        handle = _handle(content["comm_id"], content["data"])
        return None if handle is None else (handle, session.deserialize(parts, copy=False))
    except MALFORMED:
        return None


def _handle(comm_id: str, data: Any) -> Handle | None:
    """What takes a message to an open comm that the kernel made: our own, or a widget's that only queues it.

    One that a page made may have messages under way to the main thread.
    """
    comm = get_comm_manager().get_comm(comm_id)
    if comm is None or not comm.primary:
        return None
    found: Handle
    if comm.target_name == TARGET:
        found = of_kernel.message_callback(comm)
        return found
    widget = of_widgets.instances.get(comm_id)
    if isinstance(widget, Model) and widget.receives is not None:
        found = of_kernel.message_callback(comm)
        return found
    queues = isinstance(widget, Widget) and not of_widgets.handles_messages_itself(type(widget))
    return of_widgets.message_handler(widget) if queues and data.get("method") in _QUEUED else None


def _deliver(kernel: Any, handle: Handle, message: dict[str, Any]) -> None:
    """What ipykernel does with a message, in this task's own context; threads of cells keep their parent."""
    of_kernel.answer(kernel, message)
    of_kernel.publish_status(kernel, "busy", message)
    try:
        handle(message)
    except Exception:  # as ipykernel does: what one message makes go wrong must not stop the next
        kernel.log.exception("Exception in the handler of a message")
    of_kernel.publish_status(kernel, "idle", message)
