"""Cells that do their worst in a served notebook, and kernels that are killed: others go on, and nothing is left."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from nbapp.serve.visitors.refusals import Requests
from tests.e2e.conftest import Serve, is_running, until
from tests.serve.test_left import SLIDER, Limited, serve_with
from tests.serve.test_routes import ask, first_run, kernel_of, ran

__all__ = ["serve_with"]
STARTS = """
import os, pathlib, subprocess, time
near = subprocess.Popen(["sleep", "600"])
far = subprocess.Popen(["sleep", "600"], start_new_session=True)
copy = os.fork()
if copy == 0:
    time.sleep(600)
pathlib.Path("started").write_text(f"{near.pid} {copy} {far.pid}")
"""
COPIES = "import os\nos.fork()\nwith open('ran', 'a') as file: file.write('x')"


def started(folder: Path) -> list[psutil.Process]:
    """What the cell started, once it has: a process of the kernel's group, a copy of it, one of its own session."""
    until(lambda: (folder / "started").exists() and (folder / "started").read_text().count(" ") == 2)
    return [psutil.Process(int(number)) for number in (folder / "started").read_text().split()]


def ends(processes: list[psutil.Process]) -> None:
    until(lambda: not any(map(is_running, processes)), "a process was left behind")


def test_what_cells_started_ends_with_the_kernel_of_a_page_that_is_gone(
    serve_with: Limited, notebook: Callable[..., Path]
) -> None:
    path = notebook(SLIDER, STARTS)
    server = serve_with(path, unseen_after=2.0, looked_every=0.2)
    ran(server.url, ask(server.url)[1])
    processes = started(path.parent)
    until(lambda: server.kernels() == [])
    ends(processes)


def test_what_cells_started_ends_with_the_server(serve: Serve, notebook: Callable[..., Path]) -> None:
    path = notebook(SLIDER, STARTS)
    server = serve(path)
    assert ask(server.url)[0] == 200
    processes = started(path.parent)
    assert server.stop() == 0
    ends(processes)
    assert "Traceback" not in server.output


def test_what_cells_started_ends_with_a_kernel_that_ends_itself(serve: Serve, notebook: Callable[..., Path]) -> None:
    path = notebook(SLIDER, STARTS.replace(", start_new_session=True", ""), "os._exit(3)")
    server = serve(path)
    status, text, _ = ask(server.url)
    assert (status, first_run(server.url, text)) == (200, "failed")
    ends(started(path.parent))
    until(lambda: server.output.count("the kernel of a page ended by itself (exit code 3)") == 1)
    assert "restart" not in server.output
    until(lambda: server.kernels() == [])


def test_a_copy_of_the_kernel_ends_where_its_cell_ends(serve: Serve, notebook: Callable[..., Path]) -> None:
    path = notebook(SLIDER, COPIES, "with open('below', 'a') as file: file.write('x')")
    server = serve(path)
    status, text, _ = ask(server.url)
    assert (status, first_run(server.url, text)) == (200, "whole")
    until(lambda: (path.parent / "ran").read_text() == "xx")
    assert (path.parent / "below").read_text() == "x"
    ends([child for kernel in psutil.Process(server.process.pid).children() for child in kernel.children()])
    assert kernel_of(text) in server.kernels()


def test_a_kernel_that_is_killed_in_its_first_walk_is_told_and_nothing_of_it_stays(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    with tempfile.TemporaryDirectory(prefix="nb-", dir="/tmp") as folder, ThreadPoolExecutor() as asking:
        path = notebook(SLIDER, "import pathlib\npathlib.Path('begun').touch()\nwhile True: pass")
        server = serve(path, environment={"TMPDIR": folder, "XDG_RUNTIME_DIR": folder})
        page = asking.submit(lambda: first_run(server.url, ask(server.url)[1]))
        until((path.parent / "begun").exists)
        (kernel,) = psutil.Process(server.process.pid).children()
        kernel.kill()
        assert page.result() == "failed"
        until(lambda: "the kernel of a page ended by itself (killed by SIGKILL)" in server.output)
        until(lambda: not list(Path(folder).glob("nbapp-*/kernel-*")), "the files of a kernel that was killed stayed")
        assert "Traceback" not in server.output
        assert server.stop() == 0
        assert list(Path(folder).iterdir()) == []


def test_refused_requests_are_a_line_and_a_count(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook(SLIDER))
    for number in range(100):
        assert ask(f"{server.url}voila/files/wp-login-{number}.php?token=secret")[0] == 404
        assert ask(server.url, "POST")[0] == 403
        assert ask(server.url, ("PROPFIND", "get", "TRACE", "X")[number % 4])[0] == 405
    assert server.stop() == 0
    said = re.findall(r"(A request was|\d+ requests were) refused: '(.*)'", server.output)
    assert said[0] == ("A request was", "404 GET /voila/files/wp-login-0.php (127.0.0.1)")
    assert len(server.lines) <= 6
    assert "secret" not in server.output


def test_who_comes_by_another_name_is_told_why_it_was_refused(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook(SLIDER))
    assert ask(server.url, Host="evil.example")[0] == 403
    until(lambda: "Blocking request with non-local 'Host' evil.example" in server.output)
    assert len([line for line in server.lines if "evil.example" in line]) == 1


class Handler:
    """An answered request."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.request = self

    method, path, remote_ip = "GET", "/x\n\x1b[2J", "::1"

    def get_status(self) -> int:
        return self.status

    def request_time(self) -> float:
        return 1.0


async def test_a_request_that_failed_has_a_line_and_one_that_went_well_has_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    requests = Requests(logging.getLogger("tests.requests"))
    for status in (200, 304, 302, 500, 500):
        requests.handled(Handler(status))
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert "\x1b" not in caplog.text
    assert "500 GET" in caplog.records[0].getMessage()
