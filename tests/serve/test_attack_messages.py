"""What a hostile visitor may send: nothing runs, nobody else notices, and the server's log stays short."""

from __future__ import annotations

import json
import random
import re
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from jupyter_server.services.kernels.connection.base import serialize_binary_message, serialize_msg_to_ws_v1

from nbapp.serve.kernels.connection import V1
from tests.e2e.conftest import PATIENCE, Serve, Server, write_notebook
from tests.serve.test_connection import CODE, CODE_TYPES, Visitor, close, connect
from tests.serve.test_routes import ask, kernel_of

APP = (
    "import ipywidgets as w\nn = w.IntSlider(3, min=0, max=9)\npressed = []\n"
    "button = w.Button(disabled=True)\nbutton.on_click(lambda _: pressed.append(1))\n"
    "label = w.HTML('<b>fixed</b>')\nname = w.Text('Ada')\nw.VBox([n, button, label, name])",
    "print('n', n.value, type(n.value).__name__, 'of', n.max, 'name', name.value[:20], 'pressed', len(pressed), label.value)",
)
CHANNELS = ("shell", "control", "stdin", "iopub", "nonsense", "")
KINDS = (*CODE_TYPES, "comm_open", "comm_close", "abort_request", "apply_request", "connect_request", "", "x" * 10_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def server(serve_anywhere: Serve, folder: Path) -> Server:
    return serve_anywhere(write_notebook(folder / "app.ipynb", *APP), "--public")


@pytest.fixture(scope="module")
def kernel(server: Server) -> str:
    return kernel_of(ask(server.url)[1])


@pytest.fixture
async def visitor(server: Server, kernel: str) -> AsyncIterator[Visitor]:
    socket = await connect(server.url, kernel, V1)
    yield Visitor(socket)
    await close(socket)


async def states(visitor: Visitor) -> dict[str, Any]:
    """The states of all widgets, as a page that loads gets them."""
    asked = uuid4().hex
    await visitor.send("comm_open", {"comm_id": asked, "target_name": "jupyter.widget.control", "data": {}})
    await visitor.send("comm_msg", {"comm_id": asked, "data": {"method": "request_states"}})
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        frame = await visitor.socket.read_message()
        assert isinstance(frame, bytes), "the connection was closed"
        offsets = struct.unpack(
            f"<{struct.unpack('<Q', frame[:8])[0]}Q", frame[8 : 8 + 8 * struct.unpack("<Q", frame[:8])[0]]
        )
        content = json.loads(frame[offsets[4] : offsets[5]])
        if content.get("comm_id") == asked and content["data"].get("method") == "update_states":
            found: dict[str, Any] = content["data"]["states"]
            return found
    raise AssertionError("no states")


def shown(found: dict[str, Any]) -> str:
    """What the notebook's last cell printed."""
    texts = [output.get("text", "") for state in found.values() for output in state["state"].get("outputs", ())]
    return next(str(text) for text in texts if text.startswith("n "))


def widget(found: dict[str, Any], kind: str) -> str:
    return next(name for name, state in found.items() if state["model_name"] == kind and name != "nbapp-busy")


async def test_every_message_on_every_channel_runs_nothing(visitor: Visitor, folder: Path, server: Server) -> None:
    for channel in CHANNELS:
        for kind in KINDS:
            content: Any = CODE_TYPES.get(kind, {"code": CODE, "comm_id": "x", "data": {}})
            await visitor.send(kind, {"target_name": "jupyter.widget", **content}, channel)
    assert "nbapp-busy" in await visitor.comms()
    assert not (folder / "canary").exists()
    assert server.output.count("refused") <= 3


@pytest.mark.parametrize("framing", ["newest", "older", "older, binary", "older on the newest", "binary on the newest"])
async def test_no_framing_carries_code(
    server: Server, kernel: str, visitor: Visitor, folder: Path, framing: str
) -> None:
    socket = await connect(server.url, kernel, *([V1] if "newest" in framing else []))
    for channel in CHANNELS:
        for kind in KINDS:
            content: Any = CODE_TYPES.get(
                kind, {"code": CODE, "comm_id": "x", "data": {}, "target_name": "jupyter.widget"}
            )
            frame = framed(framing, {"channel": channel, "content": content, **addressed(kind)})
            await socket.write_message(frame, binary=isinstance(frame, bytes))
    socket.ping(b"")
    assert "nbapp-busy" in await visitor.comms()
    await close(socket)
    assert "nbapp-busy" in await visitor.comms()
    assert not (folder / "canary").exists()


def addressed(kind: str) -> dict[str, Any]:
    """What a message of a kind has besides its content."""
    known = {"msg_id": uuid4().hex, "session": "b", "username": "", "version": "5.3", "date": "2026-01-01T00:00:00Z"}
    return {"header": {**known, "msg_type": kind}, "parent_header": {}, "metadata": {}, "buffers": []}


def framed(framing: str, message: dict[str, Any]) -> str | bytes:
    """A message as a front end writes it: in the newest way, as JSON, or as JSON with buffers behind it."""
    if framing == "newest":
        parts = [message[name] for name in ("header", "parent_header", "metadata", "content")]
        return bytes(serialize_msg_to_ws_v1([json.dumps(part).encode() for part in parts], message["channel"]))
    if "binary" in framing:
        return bytes(serialize_binary_message({**message, "buffers": [b"x"]}))
    return json.dumps(message)


async def test_ten_thousand_malformed_frames_are_a_line_and_a_count(visitor: Visitor, server: Server) -> None:
    chance, began = random.Random(3), time.monotonic()
    good = serialize_msg_to_ws_v1([b'{"msg_type": "execute_request"}', b"{}", b"{}", b'{"code": "1"}'], "shell")
    for number in range(10_000):
        frame = bytearray(good if number % 2 else chance.randbytes(chance.randrange(200)))
        for _ in range(3):
            if frame:
                frame[chance.randrange(len(frame))] = chance.randrange(256)
        await visitor.socket.write_message(bytes(frame), binary=True)
    assert "nbapp-busy" in await visitor.comms()
    seconds = time.monotonic() - began
    assert server.output.count("refused") <= 2 + seconds  # one line a second says how many more there were
    assert len(server.output) < 1_000 + 200 * (2 + seconds)


async def test_only_what_a_visitor_may_choose_changes_and_only_within_its_bounds(visitor: Visitor) -> None:
    before = await states(visitor)
    assert shown(before) == "n 3 int of 9 name Ada pressed 0 <b>fixed</b>\n"
    slider, button, label = (widget(before, kind) for kind in ("IntSliderModel", "ButtonModel", "HTMLModel"))
    hostile: list[tuple[str, dict[str, Any]]] = [
        (slider, {"max": 10**9, "value": 10**9}),
        (slider, {"value": "many"}),
        (slider, {"value": float("nan")}),
        (slider, {"value": 2.5}),
        (slider, {"value": [1]}),
        (slider, {"description": "<script>", "disabled": True, "_view_module": "evil", "layout": "IPY_MODEL_x"}),
        (label, {"value": "<script>alert(1)</script>"}),
        (button, {"disabled": False}),
        ("made-up", {"value": 1}),
    ]
    for comm_id, state in hostile:
        await visitor.send(
            "comm_msg", {"comm_id": comm_id, "data": {"method": "update", "state": state, "buffer_paths": []}}
        )
        assert "nbapp-busy" in await visitor.comms()  # each arrives by itself
    await visitor.send("comm_msg", {"comm_id": button, "data": {"method": "custom", "content": {"event": "click"}}})
    after = await states(visitor)
    assert re.fullmatch(r"n \d int of 9 name Ada pressed 0 <b>fixed</b>\n", shown(after))
    assert after[slider]["state"]["max"] == 9
    assert after[label]["state"]["value"] == "<b>fixed</b>"
    assert after[button]["state"]["disabled"] is True


async def test_a_flood_of_one_visitor_leaves_another_alone_and_ends_at_its_last_value(
    visitor: Visitor, server: Server
) -> None:
    other = Visitor(await connect(server.url, kernel_of(ask(server.url)[1]), V1))
    slider = widget(await states(visitor), "IntSliderModel")
    ids = []
    for number in range(2_000):
        data = {"method": "update", "state": {"value": number % 9}, "buffer_paths": []}
        ids.append(await visitor.send("comm_msg", {"comm_id": slider, "data": data}))
        if number % 500 == 0:
            assert (await other.reply(await other.send("kernel_info_request", {})))["status"] == "ok"
    await close(other.socket)
    deadline = time.monotonic() + PATIENCE
    while not shown(await states(visitor)).startswith(f"n {1_999 % 9} "):
        assert time.monotonic() < deadline, "the last value never came"
