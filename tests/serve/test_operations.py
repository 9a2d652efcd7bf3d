"""What whoever runs a server gets: probes, figures, a log for machines, and an end without haste."""

from __future__ import annotations

import io
import json
import logging
import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from nbapp.cli import main
from nbapp.kernel.common import author_log
from nbapp.serve.kernels.connection import V1
from nbapp.serve.operations.logs import JsonFormatter
from nbapp.serve.visitors.discreet_log import without_secrets
from tests.e2e.conftest import PATIENCE, Serve, Server, until
from tests.serve.test_attack_messages import states, widget
from tests.serve.test_connection import Visitor, close, connect
from tests.serve.test_left import SLIDER
from tests.serve.test_routes import ask, kernel_of, ran

COUNTS = (SLIDER, "print('x is', x.value)")
SLEEPS = (
    SLIDER,
    "import time, os\nif x.value > 3:\n    open('began', 'w').close()\n    time.sleep(x.value)\nopen(f'done{x.value}', 'w').close()",
)


def free_port() -> int:
    with socket.create_server(("localhost", 0)) as found:
        port: int = found.getsockname()[1]
        return port


async def compute(url: str, kernel: str, seconds: int) -> Visitor:
    """Have a page's kernel compute for so long."""
    visitor = Visitor(await connect(url, kernel, V1))
    name = widget(await states(visitor), "IntSliderModel")
    data = {"method": "update", "state": {"value": seconds}, "buffer_paths": []}
    await visitor.send("comm_msg", {"comm_id": name, "data": data})
    return visitor


async def heard(visitor: Visitor, busy: str = "nbapp-busy") -> None:
    """Wait until the page's busy mark is on."""
    while True:
        frame = await visitor.socket.read_message()
        assert isinstance(frame, bytes), "the connection was closed"
        if busy.encode() in frame and b'\\"cell\\"' in frame:
            return


def test_probes_and_ways_from_above_need_no_login_and_start_nothing(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    server = serve(notebook(*COUNTS), "--token", "sesame", "--base-url", "/deep/")
    address = server.url.partition("?")[0]
    for probe in ("healthz", "readyz"):
        status, text, headers = ask(address + probe, Host="10.1.2.3:8866")
        assert (status, text, headers["Cache-Control"]) == (200, "ok\n", "no-store")
        assert "Set-Cookie" not in headers
    root = address.removesuffix("/deep/")
    assert [(ask(root + path)[0], ask(root + path)[2]["Location"]) for path in ("/", "/deep")] == [(302, "/deep/")] * 2
    for beside in ("/deeper", "/index.html", "/app/x/"):
        status, text, headers = ask(root + beside)
        assert (status, "Set-Cookie" in headers) == (404, False)
        assert '<a href="/deep/">Open the app</a>' in text
    assert server.kernels() == []


async def test_figures_are_on_a_port_of_their_own_and_count_pages_kernels_and_requests(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    port = free_port()
    server = serve(notebook(*COUNTS), "--metrics", str(port), "--max-kernels", "1", "--public")
    kernel = ran(server.url, ask(server.url)[1])
    socket_ = await connect(server.url, kernel, V1)
    assert ask(server.url)[0] == 503
    assert ask(f"{server.url}metrics")[0] == 302  # nothing there for visitors
    found = figures(port)
    assert found["nbapp_kernels", ("connected",)] == 1
    assert found["nbapp_kernels_limit", ()] == 1
    assert found["nbapp_pages_opened_total", ("new",)] == 1
    assert found["nbapp_http_requests_total", ("503",)] == 1
    assert found["nbapp_kernels_resident_bytes", ()] > 10**7
    assert found["nbapp_first_runs_total", ()] == 1
    assert found["process_resident_memory_bytes", ()] > 10**7
    await close(socket_)
    psutil.Process(server.process.pid).children()[0].kill()
    until(lambda: figures(port).get(("nbapp_kernels_ended_total", ("died",))) == 1)


def figures(port: int) -> dict[tuple[str, tuple[str, ...]], float]:
    """The samples by name and labels."""
    status, text, headers = ask(f"http://localhost:{port}/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain")
    families = text_string_to_metric_families(text)
    return {(found.name, tuple(found.labels.values())): found.value for family in families for found in family.samples}


def test_a_port_for_figures_that_is_taken_or_makes_no_sense_is_told(
    serve: Serve, notebook: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(notebook(*COUNTS))
    with socket.create_server(("localhost", 0)) as taken:
        server = serve(path, "--metrics", str(taken.getsockname()[1]))
        assert server.process.wait(PATIENCE) == 2
    until(lambda: "as in --metrics" in server.output)
    for wrong, said in (
        (("--metrics", "here"), "--metrics here"),
        (("--keep", "soon"), "--keep soon"),
        (("--memory-limit", "10MB"), "200MB or more"),
        (("--log-format", "json", "--token"), "--token TOKEN"),
    ):
        assert main(["serve", path, *wrong]) == 2
        assert said in capsys.readouterr().err


def test_the_log_is_json_line_by_line_and_keeps_secrets_and_says_where_a_cell_failed(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    fails = "def divide(n):\n    return 1 / n\n\ndivide(0)"
    server = serve(notebook(SLIDER, fails), "--log-format", "json", "--token", "sesame")
    until(lambda: "is served at" in server.output)
    url = server.url.partition("”")[0].strip('"}')
    kernel = kernel_of(ask(f"{url}?token=sesame")[1])
    assert ask(f"{url}voila/files/x?token=guess&secret=planted", Cookie="planted=planted")[0] in (302, 403, 404)
    assert ask(f"{url}api/kernels/{kernel}?token=guess")[0] in (302, 403, 404)
    until(lambda: "divi" in server.output)
    server.stop()
    records = [json.loads(line) for line in server.lines]
    assert {"time", "level", "logger", "message"} <= set.intersection(*map(set, records))
    assert "sesame" not in server.output
    assert "planted" not in server.output
    (failed,) = [record for record in records if record["logger"] == "nbapp.notebook"]
    assert (failed["cell"], failed["line"]) == (2, 4)
    assert failed["message"] == "cell 2 failed: ZeroDivisionError: division by zero (line 4)"
    assert "in divide(n)" in failed["exception"]


def test_a_record_becomes_one_line_without_what_is_secret(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(without_secrets)
    log = logging.Logger("tests.json")
    log.addHandler(handler)
    try:
        raise ValueError("broken\nin two")
    except ValueError:
        log.exception("GET /link/abc.def?token=sesame (%s)", "two\nlines")
    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert found["message"] == "GET /link/[secret]?token=[secret] (two\nlines)"
    assert "ValueError: broken\nin two" in found["exception"]


def test_the_line_of_a_cell_is_told_where_the_traceback_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert author_log._line("Traceback\nCell In[3], line 12\n     10 a") == 12
    assert author_log._line("Traceback\nFile x.py:3") is None


async def test_asked_to_stop_it_takes_nobody_in_and_lets_cells_come_to_their_end(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    path = notebook(*SLEEPS)
    server = serve(path)
    kernel = ran(server.url, ask(server.url)[1])
    visitor = await compute(server.url, kernel, 5)
    await heard(visitor)
    server.process.send_signal(signal.SIGTERM)
    until(lambda: "stops when the cells of 1 page have ended, at the latest in 10 s" in server.output)
    assert ask(f"{server.url}readyz")[0] == 503
    assert ask(f"{server.url}healthz")[0] == 200
    status, text, headers = ask(server.url)
    assert (status, headers["Retry-After"]) == (503, "5")
    assert "is being stopped or started anew" in text
    said = b""
    while b'"starting"' not in said:
        frame = await visitor.socket.read_message()
        assert isinstance(frame, bytes)
        said = frame
    assert server.process.wait(PATIENCE) == 0
    await close(visitor.socket)
    assert server.stop() == 0
    assert (path.parent / "done5").exists()
    assert "Traceback" not in server.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_asked_a_second_time_or_too_late_it_ends_at_once(
    serve: Serve, notebook: Callable[..., Path], number: int
) -> None:
    path = notebook(*SLEEPS)
    for arguments, again in ((("--drain", "1h"), True), (("--drain", "1s"), False)):
        server: Server = serve(path, *arguments)
        kernel = ran(server.url, ask(server.url)[1])
        visitor = await compute(server.url, kernel, 60)
        await heard(visitor)
        server.process.send_signal(number)
        until(lambda server=server: "stops when the cells of 1 page" in server.output)  # type: ignore[misc]
        if again:
            server.process.send_signal(number)
        assert server.process.wait(PATIENCE) == 0
        await close(visitor.socket)
        assert server.stop() == 0
        assert not (path.parent / "done60").exists()
        assert not re.search("Traceback|ERROR", server.output)
