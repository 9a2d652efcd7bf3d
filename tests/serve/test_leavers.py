"""Whoever leaves while something is on the way to them leaves nothing behind: no traceback, and no page less."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from nbapp.serve.kernels.connection import V1, PageConnection
from nbapp.serve.kernels.kernels import PageKernels
from nbapp.serve.operations.logs import is_worth_a_line
from tests.e2e.conftest import Serve, until
from tests.serve.test_attack_messages import states, widget
from tests.serve.test_connection import Visitor, close, connect
from tests.serve.test_left import SLIDER, Limited, serve_with
from tests.serve.test_routes import ask, browser_of, first_run, kernel_of, ran

__all__ = ["serve_with"]
OPENS = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: {V1}\r\n"
)
WAITS = "import time\nfrom pathlib import Path\nwhile not Path('go').exists():\n    time.sleep(0.02)"


def asks_and_leaves(url: str, path: str, kernel: str, headers: str = "") -> None:
    """Ask for something of a kernel's, and go away before the answer."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port)) as visitor:
        cookie = browser_of(kernel)["Cookie"]
        visitor.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n{headers}\r\n".encode())


async def test_a_page_that_left_before_it_was_connected_is_no_page_less(
    serve_with: Limited, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    server = serve_with(notebook(SLIDER, WAITS), left_after=1.0, unseen_after=20.0, looked_every=0.2)
    page = ask(server.url)[1]
    kernel = kernel_of(page)
    asks_and_leaves(server.url, f"/api/kernels/{kernel}/channels?session_id=x", kernel, OPENS)
    assert ask(f"{server.url}healthz")[0] == 200
    (tmp_path / "go").touch()
    assert await asyncio.to_thread(first_run, server.url, page) == "whole"
    visitor = await connect(server.url, kernel, V1)
    await asyncio.sleep(2.5)  # longer than a page that is gone has to come back
    assert server.kernels() == [kernel]
    await close(visitor)
    until(lambda: server.kernels() == [], "the kernel of a page that is gone stayed")
    server.stop()
    assert "Traceback" not in server.output
    assert "ERROR" not in server.output


def test_who_leaves_while_an_answer_is_made_leaves_no_traceback_and_holds_nobody_up(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook(SLIDER))
    kernel = ran(server.url, ask(server.url)[1])
    for _ in range(3):
        asks_and_leaves(server.url, f"/nbapp/still/{kernel}", kernel)
    for _ in range(2):  # meanwhile, and after
        until(lambda: ask(f"{server.url}nbapp/still/{kernel}")[0] == 200)
    server.stop()
    assert "Traceback" not in server.output


def test_a_kernel_that_is_gone_before_it_runs_is_no_error() -> None:
    kernels = PageKernels()
    kernels.runs("gone")  # the server was asked to stop as the page started
    assert "gone" not in kernels


async def test_a_page_that_leaves_before_a_busy_kernel_has_answered_takes_nothing_from_the_next_one(
    serve_with: Limited, notebook: Callable[..., Path], tmp_path: Path
) -> None:
    holds = "    Path('begun').touch()\n    total = sum(range(6 * 10**8))\n    Path('done').touch()"  # none of its threads answers meanwhile
    waits = f"from pathlib import Path\nif x.value == 9:\n{holds}"
    server = serve_with(notebook(SLIDER, waits, "print('x is', x.value)"), kernel_info_timeout=2.0)
    kernel = ran(server.url, ask(server.url)[1])
    first = Visitor(await connect(server.url, kernel, V1))
    data = {"method": "update", "state": {"value": 9}, "buffer_paths": []}
    await first.send("comm_msg", {"comm_id": widget(await states(first), "IntSliderModel"), "data": data})
    while not (tmp_path / "begun").exists():
        await asyncio.sleep(0.05)
    await close(first.socket)
    for _ in range(3):  # as a page that is loaded again and again
        await close(await connect(server.url, kernel, V1))
    late = await connect(server.url, kernel, V1)
    assert await late.read_message() is None  # it was closed: its page connects again
    late.close()
    while not (tmp_path / "done").exists():
        await asyncio.sleep(0.05)
    last = Visitor(await connect(server.url, kernel, V1))
    assert "x is 9" in json.dumps(await states(last), default=str)
    await close(last.socket)
    server.stop()
    assert "Traceback" not in server.output
    assert "ERROR" not in server.output


def test_that_a_kernel_spoke_just_as_its_page_was_closed_is_no_line_of_the_log() -> None:
    def line(said: str) -> logging.LogRecord:
        return logging.LogRecord("tornado.general", logging.WARNING, "zmqstream.py", 1, said, None, None)

    assert not is_worth_a_line(line("Got events for closed stream <zmq.eventloop.zmqstream.ZMQStream object at 0x7f>"))
    assert is_worth_a_line(line("Error getting events for <zmq.eventloop.zmqstream.ZMQStream object at 0x7f>: lost"))


async def test_what_else_goes_wrong_as_a_page_connects_is_told() -> None:
    asked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    asked.set_exception(OSError("lost"))
    with pytest.raises(OSError, match="lost"):
        await PageConnection._is_answered(cast("Any", None), asked)
