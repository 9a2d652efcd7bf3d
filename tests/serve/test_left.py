"""Kernels end with their pages: never looked at, left, too many; and what is kept for a page that is away is bounded."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from nbapp.serve.kernels.connection import V1
from nbapp.serve.visitors.refusals import Refusals
from tests.e2e.conftest import PATIENCE, Serve, Server, until
from tests.serve.test_connection import close, connect
from tests.serve.test_routes import ask, kernel_of, ran

SLIDER = "import ipywidgets\nx = ipywidgets.IntSlider(3)\nx"
TALKS = """
import threading, time, ipywidgets
shown = ipywidgets.HTML()
def talk():
    number = 0
    while True:
        number += 1
        shown.value = str(number % 10) * 100_000
        time.sleep(0.01)
threading.Thread(target=talk, daemon=True).start()
shown
"""
WITH_LIMITS = """
import json, sys
import nbapp.serve.server as server
from nbapp.cli import main

configured = server.configured

def limited(*arguments, **options):
    config = configured(*arguments, **options)
    limits = json.loads(sys.argv.pop(1))
    config.Starter.startup_timeout = limits.pop("answers_within", 60)
    config.PageKernels.update(limits)
    return config

server.configured = limited
sys.exit(main(sys.argv[2:]))
"""
Limited = Callable[..., Server]


@pytest.fixture
def serve_with() -> Iterator[Limited]:
    """`nbapp serve` with other limits of PageKernels, so that minutes are seconds. `answers_within`: how long is waited
    for a kernel that is busy.
    """
    servers: list[Server] = []

    def start(path: Path, *arguments: str, **limits: float) -> Server:
        command = [sys.executable, "-c", WITH_LIMITS, json.dumps(limits)]
        asked = ["serve", str(path), "--no-browser", "--port", "0", "--warm", "0", "--cache", "none", *arguments]
        process = subprocess.Popen([*command, *asked], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        servers.append(Server(process))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def test_a_page_that_nobody_looks_at_has_no_kernel_for_long(serve_with: Limited, notebook: Callable[..., Path]) -> None:
    server = serve_with(notebook(SLIDER), unseen_after=1.0, looked_every=0.2)
    for _ in range(3):
        assert ask(server.url)[0] == 200  # as a crawler: it runs no scripts
    until(lambda: server.kernels() == [], "kernels of pages that nobody looks at stayed")


def test_who_goes_away_before_the_page_is_whole_leaves_no_kernel(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook(SLIDER, "import time\ntime.sleep(600)"))
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port)) as visitor:
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until(lambda: len(server.kernels()) == 1)
    until(lambda: server.kernels() == [], "the kernel of an abandoned request stayed")
    server.stop()
    assert "Traceback" not in server.output


async def test_a_page_that_lost_its_connection_comes_back_to_its_kernel_or_the_kernel_ends(
    serve_with: Limited, notebook: Callable[..., Path]
) -> None:
    server = serve_with(notebook(SLIDER), left_after=2.0, unseen_after=1.0, looked_every=0.2)
    kernel = ran(server.url, ask(server.url)[1])
    for _ in range(2):
        visitor = await connect(server.url, kernel, V1)
        await asyncio.sleep(1.5)  # longer than a page that was never seen may take
        assert server.kernels() == [kernel]
        await close(visitor)
    until(lambda: server.kernels() == [], "the kernel of a page that is gone stayed")


async def test_a_kernel_that_goes_on_talking_ends_too_and_little_is_kept_of_what_it_says(
    serve_with: Limited, notebook: Callable[..., Path]
) -> None:
    server = serve_with(notebook(TALKS), left_after=600.0, looked_every=0.2, kept_bytes=5_000_000)
    kernel = kernel_of(ask(server.url)[1])
    visitor = await connect(server.url, kernel, V1)
    await visitor.read_message()
    process = psutil.Process(server.process.pid)
    await close(visitor)
    before = process.memory_info().rss
    until(lambda: server.kernels() == [], "a kernel that talks to nobody stayed")
    assert process.memory_info().rss - before < 100_000_000
    until(lambda: "its kernel ends" in server.output)


def test_who_comes_when_there_is_no_room_waits_and_tries_again(
    serve_with: Limited, notebook: Callable[..., Path]
) -> None:
    server = serve_with(notebook(SLIDER), "--max-kernels", "2", unseen_after=600.0)
    assert [ask(server.url)[0] for _ in range(3)] == [200, 200, 503]
    status, text, headers = ask(server.url)
    assert (status, headers["Retry-After"]) == (503, "5")
    assert 'http-equiv="refresh" content="5"' in text
    assert len(server.kernels()) == 2
    for child in psutil.Process(server.process.pid).children():
        child.kill()
    until(lambda: ask(server.url)[0] == 200, "a page that waited was never let in")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
def test_nothing_stays_whichever_signal_ends_it_while_pages_load(
    serve: Serve, notebook: Callable[..., Path], number: signal.Signals, twice: bool
) -> None:
    with tempfile.TemporaryDirectory(prefix="nb-", dir="/tmp") as folder:
        server = serve(
            notebook(SLIDER, "import time\ntime.sleep(600)"), environment={"TMPDIR": folder, "XDG_RUNTIME_DIR": folder}
        )
        where = urlsplit(server.url)
        visitors = [socket.create_connection((where.hostname, where.port)) for _ in range(2)]
        for visitor in visitors:
            visitor.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        until(lambda: len(server.kernels()) == 2)
        if twice:
            server.process.send_signal(number)
        assert server.stop(number) == 0
        for visitor in visitors:
            visitor.close()
        assert list(Path(folder).iterdir()) == []
        assert "Traceback" not in server.output
        assert "ERROR" not in server.output


def test_what_a_killed_server_left_goes_away_with_the_next_one(serve: Serve, notebook: Callable[..., Path]) -> None:
    with tempfile.TemporaryDirectory(prefix="nb-", dir="/tmp") as folder:
        first = serve(notebook("1"), environment={"XDG_RUNTIME_DIR": folder})
        assert first.url
        first.process.kill()
        first.process.wait(PATIENCE)
        second = serve(notebook("1"), environment={"XDG_RUNTIME_DIR": folder})
        assert second.url
        assert len(list(Path(folder).iterdir())) == 1
        assert second.stop() == 0
        assert list(Path(folder).iterdir()) == []


async def test_refusals_are_a_line_and_a_count(caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals(logging.getLogger("tests.refusals"), pause=0.01)
    for number in range(1000):
        refusals.refuse(f"malformed {number}\n")
    assert [record.getMessage() for record in caplog.records] == ["A message from a page was refused: 'malformed 0\\n'"]
    while len(caplog.records) < 2:
        await asyncio.sleep(0.01)
    assert caplog.records[1].getMessage() == "999 messages from pages were refused: 'malformed 999\\n'"
