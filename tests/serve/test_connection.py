"""What a visitor's websocket can and cannot do to the kernel behind the page: a real server, a real kernel."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from nbapp.serve.kernels.connection import V1
from tests.e2e.conftest import PATIENCE, Serve, write_notebook
from tests.serve.test_routes import COOKIES, ask, browser_of, kernel_of, ran

SLIDER = "import ipywidgets\nx = ipywidgets.IntSlider(3)\nx"
CODE = "open('canary', 'w').close()"
CODE_TYPES = {
    "execute_request": {"code": CODE, "silent": False, "store_history": False, "allow_stdin": False},
    "inspect_request": {"code": "x.value", "cursor_pos": 3, "detail_level": 1},
    "complete_request": {"code": "x.va", "cursor_pos": 4},
    "history_request": {"hist_access_type": "tail", "n": 10, "output": True, "raw": True},
    "is_complete_request": {"code": CODE},
    "debug_request": {"type": "request", "seq": 1, "command": "debugInfo", "arguments": {}},
    "create_subshell_request": {},
    "list_subshell_request": {},
    "shutdown_request": {"restart": False},
    "interrupt_request": {},
    "usage_request": {},
    "input_reply": {"value": "x"},
}


class Visitor:
    """A page's websocket, spoken by hand."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket
        self.name = uuid4().hex
        self.heard: list[dict[str, Any]] = []  # the contents of what came

    async def send(self, kind: str, content: Any, channel: str = "shell", **header: Any) -> str:
        """Send a message in the newest framing; its id."""
        msg_id = uuid4().hex
        known = {"msg_id": msg_id, "msg_type": kind, "session": self.name, "username": "", "version": "5.3"}
        parts = [{**known, "date": "2026-01-01T00:00:00Z", **header}, {}, {"version": "1.0.0"}, content]
        frame = serialize_msg_to_ws_v1([json.dumps(part).encode() for part in parts], channel)
        await self.socket.write_message(frame, binary=True)
        return msg_id

    async def reply(self, msg_id: str) -> dict[str, Any]:
        """The content of the reply to a message; everything that came before it is passed over."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            frame = await self.socket.read_message()
            assert isinstance(frame, bytes), "the connection was closed"
            _, parts = deserialize_msg_from_ws_v1(frame)
            header, parent = json.loads(parts[0]), json.loads(parts[1])
            self.heard.append(json.loads(parts[3]))
            if parent.get("msg_id") == msg_id and header["msg_type"].endswith("_reply"):
                content: dict[str, Any] = json.loads(parts[3])
                return content
        raise AssertionError("no reply")

    async def comms(self) -> set[str]:
        """The ids of the kernel's comms."""
        return set((await self.reply(await self.send("comm_info_request", {})))["comms"])

    def leave(self) -> None:
        """Close the connection without waiting for an answer: a test may end here, and its loop with it."""
        protocol = self.socket.protocol
        self.socket.close()
        if protocol is not None and protocol.stream is not None:
            protocol.stream.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def url(serve_anywhere: Serve, folder: Path) -> str:
    return serve_anywhere(write_notebook(folder / "app.ipynb", SLIDER), "--public").url


@pytest.fixture(scope="module")
def kernel_id(url: str) -> str:
    """One page's kernel for all tests: none of them may change it."""
    return kernel_of(ask(url)[1])


async def connect(
    url: str, kernel_id: str, *framings: str, origin: str | None = None, query: str = "", proxied: bool = False
) -> WebSocketClientConnection:
    address = f"{url.replace('http', 'ws', 1)}api/kernels/{kernel_id}/channels?session_id={uuid4().hex}{query}"
    asks = {"Origin": origin, "X-Forwarded-For": "192.0.2.1" if proxied else None}
    request = HTTPRequest(address, headers=browser_of(kernel_id) | {name: text for name, text in asks.items() if text})
    return await websocket_connect(request, subprotocols=list(framings), compression_options={})


async def close(socket: WebSocketClientConnection) -> None:
    """Close a connection and wait until it is."""
    socket.close()
    while await socket.read_message() is not None:
        pass


@pytest.fixture
async def visitor(url: str, kernel_id: str) -> AsyncIterator[Visitor]:
    socket = await connect(url, kernel_id, V1)
    yield Visitor(socket)
    await close(socket)


@pytest.mark.parametrize(
    ("query", "proxied", "is_packed"),
    [("&unpacks=1", True, True), ("", True, False), ("&unpacks=1", False, False)],
    ids=["far away", "a page that cannot unpack", "here"],
)
async def test_large_texts_are_packed_for_who_is_far_away_and_says_so_and_no_visitor_may_send_them(
    serve_anywhere: Serve, tmp_path: Path, query: str, proxied: bool, is_packed: bool
) -> None:
    large = "import ipywidgets\nipywidgets.HTML('large ' * 20_000)"
    url = serve_anywhere(write_notebook(tmp_path / "app.ipynb", large), "--public").url
    kernel = kernel_of(ask(url)[1])
    socket = await connect(url, kernel, V1, query=query, proxied=proxied)
    assert socket.headers is not None
    assert "Sec-WebSocket-Extensions" not in socket.headers
    visitor = Visitor(socket)
    await visitor.send("comm_open", {"comm_id": "mine", "target_name": "jupyter.widget.control", "data": {}})
    await visitor.send("comm_msg", {"comm_id": "mine", "data": {"method": "request_states"}})
    frame = b""
    while not (frame.startswith(bytes(8)) or b"update_states" in frame):
        frame = await socket.read_message()  # type: ignore[assignment]
    assert frame.startswith(bytes(8)) is is_packed
    _, parts = deserialize_msg_from_ws_v1(zlib.decompress(frame[8:]) if is_packed else frame)
    assert b"large large" in parts[3]
    visitor.leave()


async def test_widgets_states_are_asked_for_as_every_page_does(visitor: Visitor) -> None:
    assert (await visitor.reply(await visitor.send("kernel_info_request", {})))["status"] == "ok"
    assert "nbapp-busy" in await visitor.comms()
    opening = {"comm_id": "mine", "target_name": "jupyter.widget.control", "data": {}}
    await visitor.send("comm_open", opening)
    await visitor.send("comm_msg", {"comm_id": "mine", "data": {"method": "request_states"}})
    deadline = time.monotonic() + PATIENCE
    states: dict[str, Any] = {}
    while not states and time.monotonic() < deadline:
        frame = await visitor.socket.read_message()
        assert isinstance(frame, bytes)
        _, parts = deserialize_msg_from_ws_v1(frame)
        if json.loads(parts[0])["msg_type"] == "comm_msg":
            states = json.loads(parts[3])["data"].get("states", {})
    kinds = {state["model_name"] for state in states.values()}
    assert {"IntSliderModel", "VBoxModel", "LabelModel", "LayoutModel"} <= kinds
    await visitor.send("comm_close", {"comm_id": "mine", "data": {}})
    assert "mine" not in await visitor.comms()


async def test_what_a_page_opened_it_closes_also_after_its_websocket_was_cut(url: str, kernel_id: str) -> None:
    before = Visitor(await connect(url, kernel_id, V1))
    await before.send("comm_open", {"comm_id": "cut", "target_name": "jupyter.widget.control", "data": {}})
    assert "cut" in await before.comms()
    await close(before.socket)
    after = Visitor(await connect(url, kernel_id, V1))
    await after.send("comm_close", {"comm_id": "cut", "data": {}})
    assert "cut" not in await after.comms()
    await close(after.socket)


async def test_a_page_does_not_hear_what_the_kernel_tells_the_server_as_it_is_loaded_again(url: str) -> None:
    kernel = ran(url, ask(url)[1])
    visitor = Visitor(await connect(url, kernel, V1))
    await visitor.comms()
    back = f"{COOKIES[kernel]}; nbapp-back={kernel}"
    assert kernel_of((await asyncio.to_thread(ask, url, Cookie=back))[1]) == kernel
    await visitor.comms()
    assert not [content for content in visitor.heard if content.get("comm_id") == "nbapp-record"]
    await close(visitor.socket)


@pytest.mark.parametrize("channel", ["shell", "control", "stdin", "iopub", "nonsense"])
async def test_no_message_that_carries_code_arrives_on_any_channel(
    visitor: Visitor, folder: Path, channel: str
) -> None:
    for kind, content in CODE_TYPES.items():
        await visitor.send(kind, content, channel)
    await visitor.comms()
    second = await visitor.reply(await visitor.send("kernel_info_request", {}))
    assert second["status"] == "ok"
    assert not (folder / "canary").exists()


@pytest.mark.parametrize("channel", ["control", "stdin", "iopub"])
async def test_widget_messages_are_for_the_shell_channel_only(visitor: Visitor, channel: str) -> None:
    opening = {"comm_id": "elsewhere", "target_name": "jupyter.widget.control", "data": {}}
    await visitor.send("comm_open", opening, channel)
    assert "elsewhere" not in await visitor.comms()


async def test_no_widget_is_made_and_none_is_closed_by_a_visitor(visitor: Visitor) -> None:
    before = await visitor.comms()
    state = {"_model_module": "@jupyter-widgets/controls", "_model_name": "TextModel", "_view_name": "TextView"}
    for target in ("jupyter.widget", "jupyter.widget.version", "matplotlib", "nbapp"):
        await visitor.send("comm_open", {"comm_id": uuid4().hex, "target_name": target, "data": {"state": state}})
    for comm_id in before:
        await visitor.send("comm_close", {"comm_id": comm_id, "data": {}})
    assert await visitor.comms() == before


async def test_a_subshell_is_not_addressed(visitor: Visitor) -> None:
    msg_id = await visitor.send("kernel_info_request", {}, subshell_id="made-up")
    assert (await visitor.reply(msg_id))["status"] == "ok"


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xff" * 8,
        b"\xff" * 80,
        b"\x07" + b"\0" * 79,
        b"\x06" + b"\0" * 7,
        serialize_msg_to_ws_v1([b"{}", b"{}", b"{}", b"{}"], "shell"),
        serialize_msg_to_ws_v1([b"[]", b"{}", b"{}", b"[]"], "shell"),
        serialize_msg_to_ws_v1([b"[" * 100_000, b"{}", b"{}", b"{}"], "shell"),
        serialize_msg_to_ws_v1([b'{"msg_type": ["comm_msg"]}', b"{}", b"{}", b"{}"], "shell"),
        serialize_msg_to_ws_v1([b"\xff", b"{}", b"{}", b"{}"], "shell"),
        serialize_msg_to_ws_v1([b"{}"], "shell"),
    ],
    ids=lambda frame: f"{len(frame)} bytes",
)
async def test_a_malformed_frame_is_dropped_and_the_connection_goes_on(visitor: Visitor, frame: bytes) -> None:
    await visitor.socket.write_message(frame, binary=True)
    await visitor.socket.write_message("{", binary=False)
    assert "nbapp-busy" in await visitor.comms()


async def test_numbers_that_json_lacks_do_not_end_the_connection(visitor: Visitor) -> None:
    await visitor.send("comm_msg", {"comm_id": "x", "data": {"method": "update", "state": {"value": float("nan")}}})
    await visitor.send("comm_msg", {"comm_id": "x", "data": {"method": "update", "state": {"value": "\ud800"}}})
    assert "nbapp-busy" in await visitor.comms()


async def test_older_framings_carry_nothing(url: str, kernel_id: str, visitor: Visitor, folder: Path) -> None:
    socket = await connect(url, kernel_id)
    assert socket.selected_subprotocol is None
    known = {"msg_id": "a", "session": "b", "username": "", "version": "5.3", "date": "2026-01-01T00:00:00Z"}
    rest = {"parent_header": {}, "metadata": {}, "channel": "shell", "buffers": []}
    opening = {"comm_id": "older", "target_name": "jupyter.widget.control", "data": {}}
    for kind, content in (("execute_request", CODE_TYPES["execute_request"]), ("comm_open", opening)):
        await socket.write_message(json.dumps({"header": {**known, "msg_type": kind}, "content": content, **rest}))
    socket.ping(b"")
    await visitor.comms()
    assert "older" not in await visitor.comms()
    assert not (folder / "canary").exists()
    await close(socket)


async def test_a_page_of_another_origin_gets_no_connection(url: str, kernel_id: str) -> None:
    with pytest.raises(HTTPClientError, match="403"):
        await connect(url, kernel_id, V1, origin="http://evil.example")


async def test_what_the_server_answers_for_a_kernel_is_said_in_the_kernels_name(visitor: Visitor) -> None:
    """A front end gives up what it has not handled yet once somebody else speaks: it takes that for another kernel."""
    await visitor.comms()
    update = {"comm_id": "x", "data": {"method": "update", "state": {"value": 1}, "buffer_paths": []}}
    waited_for = {await visitor.send("comm_msg", update) for _ in range(50)}
    names, own = set(), 0
    while waited_for:
        frame = await visitor.socket.read_message()
        assert isinstance(frame, bytes)
        _, parts = deserialize_msg_from_ws_v1(frame)
        header, parent = json.loads(parts[0]), json.loads(parts[1])
        names.add(header["session"])
        own += not header["msg_id"].startswith(header["session"])
        waited_for.discard(parent["msg_id"])
    assert own > 0  # some were answered by the server
    assert len(names) == 1


async def test_a_page_that_connects_as_its_kernel_dies_is_refused_at_once(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook(SLIDER))
    kernel = ran(server.url, ask(server.url)[1])
    (process,) = psutil.Process(server.process.pid).children()
    process.suspend()  # it hears nothing, so the connection waits for it
    connecting = asyncio.ensure_future(connect(server.url, kernel, V1))
    await asyncio.to_thread(ask, f"{server.url}nbapp/progress/{kernel}")
    assert not connecting.done()
    process.kill()
    with pytest.raises(HTTPClientError, match="404"):
        await asyncio.wait_for(connecting, PATIENCE / 2)  # Jupyter would wait for its answer for a minute
    assert server.stop() == 0
    assert "Traceback" not in server.output
