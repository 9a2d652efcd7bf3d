"""The one way from a visitor's page into a kernel and back: messages of widgets, and nothing else.

Everything not listed here is dropped, on every channel. A page of ours speaks the newest framing; the older ones
are dropped whole. A message that passes is built anew from what was understood, so that the kernel reads exactly
what was judged. What a kernel says besides is not the page's business: outputs come as widgets, and a traceback or
a printed line that no cell caught would tell visitors of code.
"""

from __future__ import annotations

import asyncio
import json
from asyncio import Future
from collections.abc import Awaitable, Coroutine
from functools import partial
from itertools import pairwise
from typing import Any

import tornado.util
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado.web import Finish, HTTPError
from tornado.websocket import WebSocketClosedError
from traitlets import Bool
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from nbapp._compat import jupyter_server as private
from nbapp.errors import MALFORMED
from nbapp.serve.bundle import Bundle
from nbapp.serve.kernels.mailbox import Mailbox
from nbapp.serve.untold import Said, Untold
from nbapp.serve.visitors.distance import UNPACKS, is_far, packed

V1 = "v1.kernel.websocket.jupyter.org"
ALLOWED = frozenset({"comm_close", "comm_info_request", "comm_msg", "comm_open", "kernel_info_request"})
ANSWERS = frozenset({"comm_close", "comm_info_reply", "comm_msg", "comm_open", "kernel_info_reply", "status"})
OF_COMMS = frozenset({"comm_close", "comm_msg", "comm_open"})
# What a kernel tells the server: whether it is busy, and the values that its visitor chose. No page gets it.
OF_KERNEL = "nbapp_state"
# The comm by which a kernel tells the server what cells show.
RECORD = "nbapp-record"
# What a page opens to ask for the state of all widgets. Every other comm is the notebook's to open.
OPENED_BY_PAGES = frozenset({"jupyter.widget.control"})
_TOO_LATE = (asyncio.TimeoutError, tornado.util.TimeoutError)
_HEADER = ("msg_id", "msg_type", "session", "username", "date", "version")


class PageConnection(ZMQChannelsWebsocketConnection):
    """A page's websocket to its kernel, which carries widgets and cannot carry code."""

    limit_rate = Bool(False, help="Dropping an update of a widget would leave the page wrong for good.")

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._mailbox = Mailbox(self._forward, self._answer)
        self._untold = Untold()
        self._speaker = ""  # the kernel's session
        self._unread = 0  # bytes
        self._is_heard = False  # whether the page's scripts speak: it connects before it has them
        self._asked: Future[None] | None = None  # done once the kernel has answered the connection
        self._is_counted = self._is_gone = False
        handler = self.websocket_handler
        self._packs = is_far(handler.request) and bool(handler.get_query_argument(UNPACKS, ""))
        self.kernel_manager.sockets.add(self.websocket_handler)

    async def prepare(self) -> None:
        """Wait until the notebook has run in the kernel: before, nothing there judges what a page sends.

        Raises:
            HTTPError: the app did not start, or its kernel ended meanwhile.
            Finish: the page is gone.
        """
        await self._while_there_is_a_kernel(self.kernel_manager.first_run.over())
        if self._is_gone:
            raise Finish  # a connection that this would take the place of may be open
        if self.kernel_manager.first_run.state == "failed":
            raise HTTPError(503)
        await self._while_there_is_a_kernel(super().prepare())  # type: ignore[no-untyped-call]

    async def _while_there_is_a_kernel(self, preparing: Coroutine[Any, Any, None]) -> None:
        """Wait for something that a kernel must be there for. One that is gone answers nothing, and Jupyter would wait
        for its answer for a minute.

        Raises:
            HTTPError: it ended.
        """
        prepared = asyncio.ensure_future(preparing)
        over = asyncio.ensure_future(self.kernel_manager.over.wait())
        try:
            await asyncio.wait([prepared, over], return_when=asyncio.FIRST_COMPLETED)
            if not prepared.done():
                private.give_up_answer(self)
                raise HTTPError(404)
            prepared.result()
        finally:
            prepared.cancel()
            over.cancel()

    def connect(self) -> Future[None] | None:  # type: ignore[override]
        """The page is connected, and counts; unless its kernel has ended since it was prepared."""
        if self.kernel_manager.over.is_set():
            self.websocket_handler.close()
            nothing: Future[None] = asyncio.get_running_loop().create_future()
            nothing.set_result(None)
            return nothing
        self._is_counted = True
        self._asked = super().connect()
        return None if self._asked is None else asyncio.ensure_future(self._is_answered(self._asked))

    async def _is_answered(self, asked: Future[None]) -> None:
        """Wait until the kernel has answered. A cell may keep all its threads from that for longer than Jupyter waits:
        the page connects again.
        """
        await asyncio.wait([asked])
        if asked.cancelled():  # its page has left
            return
        try:
            asked.result()
        except _TOO_LATE:
            self.websocket_handler.close()

    def disconnect(self) -> None:  # type: ignore[override]
        """The page is gone. One that was never connected, or is gone already, is no page less."""
        self.kernel_manager.sockets.discard(self.websocket_handler)
        if self._is_counted and not self._is_gone:
            if self.kernel_id in self.multi_kernel_manager and self.channels:
                self._mailbox.closes()
            self._leave()
        elif not self._is_counted:
            private.forget_session(self)
        self._is_gone = True

    def _leave(self) -> None:
        """From now on what the kernel says is kept for the page: not before nobody waits for its first answer, who
        would take that away, and go on asking for a page that is gone.
        """
        disconnect = super().disconnect
        if self._asked is None or self._asked.done():
            disconnect()  # type: ignore[no-untyped-call]
        else:
            self._asked.add_done_callback(lambda _: disconnect())  # type: ignore[no-untyped-call]
            self._asked.cancel()

    def handle_incoming_message(  # type: ignore[override]
        self, incoming_msg: str | bytes
    ) -> Awaitable[object] | None:
        """Pass a message on to the kernel's shell channel if it is one of a page's. The next is for after what it
        gives.
        """
        if not self.channels:
            return None
        try:
            channel, message = _decoded(incoming_msg, self.subprotocol)
            self._hears(message["msg_type"])
            if channel == "shell" and self._allows(message):
                # What cannot be sent, as NaN and half characters, must not wait and fail in another's place.
                json.dumps(message["content"], allow_nan=False, ensure_ascii=False).encode()
                if self.kernel_manager.visit is not None:  # now: what waits may never come to the kernel
                    self.kernel_manager.visit.hears_page(message["content"].get("data"))
                return self._mailbox.put(message)
            self._refuse(f"{message['msg_type']:.60} on {channel:.20}")
        except MALFORMED as error:
            self._refuse(f"malformed, {error!r:.100}")
        return None

    def _hears(self, kind: str) -> None:
        """The first thing that the page's scripts ask for is the kernel's; the page itself may have asked before."""
        if kind == "kernel_info_request" and not self._is_heard:
            self._is_heard = True
            self.kernel_manager.first_run.forget()
            bundle: Bundle = self.websocket_handler.settings["nbapp_bundle"]
            bundle.is_live(self.websocket_handler.get_cookie("_xsrf", "") or "")

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[bytes]) -> None:
        """Pass on what a page needs of what the kernel says."""
        if self.subprotocol != V1 or not self.channels:
            return
        _, found = self.session.feed_identities(outgoing_msg)
        parts: list[Any] = found[1:]  # behind the signature
        header = json.loads(parts[0])
        kind, self._speaker = header["msg_type"], header["session"]
        if kind not in ANSWERS:
            if kind == OF_KERNEL:
                self.kernel_manager.hears(json.loads(parts[3]), is_behind=self._mailbox.waits())
            return
        if kind in OF_COMMS and RECORD.encode() in parts[3] and json.loads(parts[3])["comm_id"] == RECORD:
            return  # a page has no such comm, and would close it
        if kind == "status":
            asked = json.loads(parts[1]).get("msg_id", "")
            if json.loads(parts[3])["execution_state"] == "busy":  # no page waits for that
                self._untold.begins(asked)
                return
            self._mailbox.answered(asked)
        channel = stream if isinstance(stream, str) else stream.channel
        if self._untold.waits and kind in OF_COMMS:
            said = Said(kind, json.loads(parts[1]).get("msg_id", ""), json.loads(parts[3]), parts, channel)
            for each in self._untold.now(said):
                self._pass(each.parts, each.channel)
        else:
            self._pass(parts, channel)

    def _pass(self, parts: list[Any], channel: str) -> None:
        frame = serialize_msg_to_ws_v1(parts, channel)
        self._write(packed(frame, sum(map(len, parts[4:]))) if self._packs else frame)

    def _write(self, frame: bytes) -> None:
        kernels: Any = self.multi_kernel_manager
        if self._unread > kernels.unread_bytes:
            kernels.end_unread(self.kernel_id)
            self.websocket_handler.close()
            return
        try:
            # Not by way of Voila's handler, which reads each message again to drop what is not in ANSWERS.
            sent = KernelWebsocketHandler.write_message(self.websocket_handler, frame, binary=True)
        except WebSocketClosedError:
            return
        self._unread += len(frame)
        sent.add_done_callback(partial(self._was_sent, len(frame)))

    def _was_sent(self, size: int, sent: Future[None]) -> None:
        self._unread -= size
        sent.exception()  # it went away meanwhile: nobody need be told

    def _forward(self, message: dict[str, Any]) -> None:
        self._untold.asks(message)
        self.session.send(self.channels["shell"], message)

    def tell(self, status: str) -> None:
        """Tell the page that its kernel has this status."""
        if self.subprotocol == V1 and self.channels:
            self._say(status, {})

    def _answer(self, header: dict[str, Any]) -> None:
        """The page hears that a message was handled which never reached the kernel."""
        self._say("idle", header)

    def _say(self, status: str, asked: dict[str, Any]) -> None:
        """Say it in the kernel's name: a front end takes another one for another kernel, and drops what it has of this
        one and has not handled yet.
        """
        message = self.session.msg("status", {"execution_state": status}, parent={"header": asked})
        message["header"]["session"] = self._speaker
        self._write(serialize_msg_to_ws_v1(message, "iopub", self.session.pack))

    def _refuse(self, what: str) -> None:
        kernels: Any = self.multi_kernel_manager
        kernels.refusals.refuse(what)

    def _allows(self, message: dict[str, Any]) -> bool:
        kind, content = message["header"]["msg_type"], message["content"]
        opened: set[str] = self.kernel_manager.opened_by_page
        if kind == "comm_open":
            allowed = content["target_name"] in OPENED_BY_PAGES
            if allowed:
                opened.add(content["comm_id"])
            return allowed
        if kind == "comm_close":
            return content["comm_id"] in opened
        return kind in ALLOWED


class PageSocket(VoilaKernelWebsocketHandler):
    """The websocket of a page, which may be gone before it is open, as after a reload upon a reload."""

    connection: PageConnection | None = None
    _is_left = False

    async def pre_get(self) -> None:
        """Prepare the connection to the kernel. That may take as long as the first run of the notebook.

        Raises:
            Finish: whoever asked went away meanwhile.
        """
        try:
            await super().pre_get()
            if self._is_left:
                raise Finish
        except Exception:
            self._end()
            raise

    def on_message(self, message: str | bytes) -> Awaitable[object] | None:
        """Pass a message on; tornado reads the next one after what this gives, and until then it is not in memory."""
        return None if self.connection is None else self.connection.handle_incoming_message(message)

    def on_close(self) -> None:
        """Whoever asked went away."""
        self._is_left = True
        self._end()

    def _end(self) -> None:
        if self.connection is not None:
            self.connection.disconnect()
            self.connection = None


def _decoded(frame: str | bytes, framing: str | None) -> tuple[str, dict[str, Any]]:
    """The channel and the message of a frame: only the fields that the protocol has, and no subshell."""
    if framing != V1 or isinstance(frame, str):
        raise ValueError(f"framing {framing}")
    if int.from_bytes(frame[:8], "little") > len(frame) // 8:
        raise ValueError("more parts than the frame can hold")  # Jupyter would count to any number it is told
    channel, *parts = _parts(frame)
    header, _, metadata, content = (json.loads(part) for part in parts[:4])
    header = {key: header[key] for key in _HEADER}
    if not all(isinstance(value, str) for value in header.values()):
        raise TypeError("header")
    if not (isinstance(metadata, dict) and isinstance(content, dict)):
        raise TypeError("metadata or content")
    message = {"header": header, "parent_header": {}, "metadata": metadata, "content": content, "buffers": parts[4:]}
    return channel.decode(), {**message, "msg_id": header["msg_id"], "msg_type": header["msg_type"]}


def _parts(frame: bytes) -> list[bytes]:
    """The channel and the parts of a message: a count, as many offsets as it says, then what lies between them.

    Jupyter's own function believes the count, and eight bytes are enough to keep the server busy for ever.
    """
    count = int.from_bytes(frame[:8], "little")
    if not 6 <= count <= len(frame) // 8 - 1:
        raise ValueError("count of offsets")
    offsets = [int.from_bytes(frame[8 * index : 8 * index + 8], "little") for index in range(1, count + 1)]
    if offsets != sorted(offsets) or offsets[0] != 8 * (count + 1) or offsets[-1] != len(frame):
        raise ValueError("offsets")
    return [frame[start:end] for start, end in pairwise(offsets)]
