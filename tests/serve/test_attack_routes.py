"""Every address of a served app, every method, with the token and without it; and visitors that send or read too much."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError

from nbapp.serve.kernels.connection import V1
from tests.e2e.conftest import PATIENCE, Serve, Server, until, write_notebook
from tests.serve.test_attack_messages import shown, states, widget
from tests.serve.test_connection import Visitor, close, connect
from tests.serve.test_left import Limited, serve_with
from tests.serve.test_routes import ask, kernel_of
from tests.serve.test_visits import xsrf

__all__ = ["serve_with"]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
KERNEL, NOBODYS = "{kernel}", "01234567-89ab-cdef-0123-456789abcdef"
ELSEWHERE = "302 405 403 403 403 403 405", "302 302 403 403 403 403 403"  # there is no such address
NO_ADDRESS = ("404 404 404 404 404 404 404",) * 2  # nothing has a name like that
OUR_API = "405 405 403 403 403 403 200", "403 403 403 403 403 403 200"
FILE = "200 200 405 405 405 405 405", "200 200 405 405 405 405 405"  # of the program, not of the app
PROBE = "200 200 405 405 405 405 405", "200 200 405 405 405 405 405"
NO_ASSET = "404 404 403 403 403 403 405", "404 404 403 403 403 403 403"
NO_FILE = "404 404 405 405 405 405 405", "404 404 405 405 405 405 405"
# What each method answers in an app without a token, and to those who do not have the app's token.
TABLE: dict[str, tuple[str, str]] = {
    "": ("200 405 403 403 403 403 405", "302 302 403 403 403 403 403"),
    f"api/kernels/{KERNEL}": ("200 405 403 403 403 403 200", OUR_API[1]),
    f"api/kernels/{KERNEL}/channels": ("400 405 403 403 403 403 405", "403 403 403 403 403 403 403"),
    "nbapp/place": ("200 405 403 403 403 403 200", OUR_API[1]),
    "healthz": PROBE,  # without a login: they tell nothing
    "readyz": PROBE,
    f"nbapp/progress/{KERNEL}": ("200 405 403 403 403 403 200", OUR_API[1]),
    f"nbapp/progress/{KERNEL}?since=%C2%B2": ("200 405 403 403 403 403 200", OUR_API[1]),
    f"nbapp/progress/{KERNEL}?since={'9' * 5000}": ("200 405 403 403 403 403 200", OUR_API[1]),
    f"nbapp/stop/{KERNEL}": OUR_API,
    f"nbapp/download/{KERNEL}/{'0' * 32}": ("404 405 403 403 403 403 200", OUR_API[1]),
    f"nbapp/download/{KERNEL}/../../x": ELSEWHERE,
    f"nbapp/view/{KERNEL}": ("405 405 403 403 403 403 200", OUR_API[1]),
    f"nbapp/still/{NOBODYS}": ("404 404 403 403 403 403 404", OUR_API[1]),
    "nbapp/link": ("200 405 403 403 403 403 405", "200 302 403 403 403 403 403"),
    "link/forged": ("403 405 403 403 403 403 405", "403 302 403 403 403 403 403"),
    f"voila/static/nbapp-{'0' * 16}/voila.{'0' * 16}.js": NO_FILE,
    "voila/api/themes/x": NO_ASSET,
    "voila/labextensions/x.js": NO_ASSET,
    "voila/labextensions/../../x": NO_ASSET,
    f"voila/api/shutdown/{KERNEL}": OUR_API,
    "voila/files/shown.png": ("200 200 405 405 405 405 405", ELSEWHERE[1]),
    "voila/files/app.ipynb": ("404 404 405 405 405 405 405", ELSEWHERE[1]),
    "voila/templates/lab/static/voila.js": FILE,
    "voila/templates/lab/static/nothing.js": NO_FILE,
    "voila/templates/lab/index.html.j2": NO_FILE,
    "voila/templates/lab/templates/../../x": NO_FILE,
    "voila/templates/lab/static/../../index.html.j2": NO_FILE,
    "voila/templates/nothing/static/x": NO_FILE,
    "voila/templates/": NO_FILE,
    "voila/templates/lab/static/": NO_FILE,
    **dict.fromkeys(("%00", "%0d%0aX:y", "%ff", "voila/files/a%00.png", f"nbapp/stop/{KERNEL}%0a"), NO_ADDRESS),
    "voila/static/../../x": ("403 403 405 405 405 405 405", "403 403 405 405 405 405 405"),
    "logout": ("200 405 403 403 403 403 405", "200 302 403 403 403 403 403"),
    "login": (ELSEWHERE[0], "200 302 403 403 403 403 403"),
    **dict.fromkeys(
        (
            "api/kernels",
            f"api/kernels/{KERNEL}/interrupt",
            f"api/kernels/{KERNEL}/restart",
            "api/contents/app.ipynb",
            "api/shutdown",
            "api/status",
            "app.ipynb",
            "files/app.ipynb",
            "metrics",
            f"voila/execution/{KERNEL}",
            f"voila/query/{KERNEL}",
            "voila/render/app.ipynb",
            "voila/tree",
        ),
        ELSEWHERE,
    ),
}
ROUTES = """
import asyncio, json, sys
from dataclasses import replace
from pathlib import Path
from nbapp.serve.options import Options
from nbapp.serve.server import AppServer

async def main(token):
    server = AppServer(Options(Path("app.ipynb"), token=token))
    server.stand_in()
    server.prepare()
    server.open()
    hosts = [*server.app.wildcard_router.rules, *server.app.default_router.rules]
    routes = [rule for host in hosts for rule in getattr(host.target, "rules", [host])]
    print(json.dumps([route.matcher.regex.pattern for route in routes if hasattr(route.matcher, "regex")]))

asyncio.run(main(*sys.argv[1:] or [None]))
"""
APP = ("# Title\n\n![](shown.png)", "import ipywidgets as w\nname = w.Text('Ada')\nname", "print('n', len(name.value))")


@pytest.fixture(scope="module", params=["open", "token"])
def served(
    serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[Server, bool]:
    folder = tmp_path_factory.mktemp("app")
    (folder / "shown.png").write_bytes(b"\x89PNG")
    asks = request.param == "token"
    return serve_anywhere(write_notebook(folder / "app.ipynb", *APP), *(["--token", "sesame"] if asks else [])), asks


def test_every_address_answers_every_method_as_the_table_says(served: tuple[Server, bool]) -> None:
    server, asks = served
    kernel = kernel_of(ask(server.url)[1])
    address = server.url.partition("?")[0]
    for path, expected in TABLE.items():
        before = len(server.kernels())
        got = " ".join(str(ask(address + path.replace(KERNEL, kernel), method)[0]) for method in METHODS)
        assert got == expected[asks], path
        assert len(server.kernels()) - before == (path == "" and not asks), path
    assert kernel in server.kernels()
    assert "Traceback" not in server.output


_FORM = "multipart/form-data; boundary=x"
_PART = b'--x\r\nContent-Disposition: form-data; name="pages"\r\n\r\n1\r\n'
BODIES = {
    "no boundary": (b"abc", "multipart/form-data"),
    "not closed": (b"--x\r\nContent-Disposition: form-data", _FORM),
    "no end": (_PART, _FORM),
    "no name": (_PART.replace(b'; name="pages"', b"") + b"--x--", _FORM),
    "another disposition": (_PART.replace(b"form-data", b"foo") + b"--x--", _FORM),
    "an odd header": (b"--x\r\nContent\xff-Dis\x00\r\n\r\nabc\r\n--x--", _FORM),
    "many parts": (_PART * 3000 + b"--x--", _FORM),
    "many fields": (b"a=b&" * 20_000, "application/x-www-form-urlencoded"),
}
JSON = {
    "deep": b"[" * 100_000,
    "half": b'[["a", "\\ud800"]]',
    "bytes": b"\xff\xff",
    "long": b"9" * 10_000,
    "pairs": b"[[1]]",
}


def _post(url: str, body: bytes, kind: str, headers: dict[str, str]) -> int:
    names = {name.replace("_", "-"): value for name, value in headers.items()} | {"Content-Type": kind}
    request = urllib.request.Request(url, body, names, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_body_that_is_not_what_it_says_it_is_is_refused_in_a_line_at_every_address(
    served: tuple[Server, bool],
) -> None:
    server, asks = served
    kernel = kernel_of(ask(server.url)[1])
    headers, address = xsrf(server.url, kernel), server.url.partition("?")[0]
    paths = (
        "",
        f"nbapp/stop/{KERNEL}",
        f"voila/api/shutdown/{KERNEL}",
        f"nbapp/view/{KERNEL}",
        "login",
        "nothing/there",
    )
    for path in paths:
        for name, (body, kind) in BODIES.items():
            assert _post(address + path.replace(KERNEL, kernel), body, kind, headers) == 400, (path, name)
    if not asks:
        for name, body in JSON.items():
            assert _post(f"{address}nbapp/view/{kernel}", body, "application/json", headers) == 400, name
    until(lambda: "refused: '400 POST" in server.output)
    assert "Traceback" not in server.output


@pytest.mark.parametrize("token", [(), ("sesame",)], ids=["open", "token"])
def test_there_is_no_route_but_those_of_the_table(notebook: Callable[..., Path], token: tuple[str, ...]) -> None:
    """One that somebody adds, be it Voila, stands in the table, with what it answers to whom."""
    command = [sys.executable, "-c", ROUTES, *token]
    done = subprocess.run(command, cwd=notebook(*APP).parent, capture_output=True, text=True, check=True)
    routes = list(dict.fromkeys(json.loads(done.stdout)))
    assert len(routes) >= 20
    addresses = ["/" + path.replace(KERNEL, NOBODYS) for path in TABLE]
    taken = {next(route for route in routes if re.fullmatch(route, address)) for address in addresses}
    assert set(routes) - taken == set()


@pytest.fixture(scope="module")
def server(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    path = write_notebook(tmp_path_factory.mktemp("app") / "app.ipynb", *APP)
    return serve_anywhere(path, "--public", "--upload-limit", "4M")


@pytest.fixture
async def two(server: Server) -> AsyncIterator[tuple[Visitor, Visitor]]:
    """Two visitors, each with a page."""
    visitors = [Visitor(await connect(server.url, kernel_of(ask(server.url)[1]), V1)) for _ in range(2)]
    yield visitors[0], visitors[1]
    for visitor in visitors:
        await close(visitor.socket)


async def test_a_message_over_the_limit_ends_its_senders_connection_and_no_other(two: tuple[Visitor, Visitor]) -> None:
    hostile, other = two
    with suppress(WebSocketClosedError, StreamClosedError):
        await hostile.send("comm_msg", {"comm_id": "x", "data": "x" * 10_000_000})
        while await hostile.socket.read_message() is not None:
            pass
    assert shown(await states(other)) == "n 3\n"


@pytest.mark.parametrize("text", ["[" * 200_000, "[" * 900 + "]" * 900, '{"a":' * 200_000], ids=len)
async def test_deep_json_is_refused_or_handled_and_the_page_goes_on(two: tuple[Visitor, Visitor], text: str) -> None:
    hostile, other = two
    name = widget(await states(hostile), "TextModel")
    head = json.dumps({"comm_id": name, "data": {"method": "update", "buffer_paths": [], "state": {"value": "@"}}})
    content = head.replace('"@"', text)
    await _raw(hostile, content)
    assert shown(await states(hostile)) == "n 3\n"
    assert shown(await states(other)) == "n 3\n"


async def test_huge_messages_within_the_limit_keep_nobody_else_waiting(two: tuple[Visitor, Visitor]) -> None:
    hostile, other = two
    name = widget(await states(hostile), "TextModel")
    for number in range(5):
        data = {"method": "update", "state": {"value": "x" * (3_000_000 + number)}, "buffer_paths": []}
        await hostile.send("comm_msg", {"comm_id": name, "data": data})
        assert (await other.reply(await other.send("kernel_info_request", {})))["status"] == "ok"
    assert shown(await states(other)) == "n 3\n"


async def test_who_asks_much_and_reads_nothing_loses_the_kernel_and_does_not_fill_the_server(
    serve_with: Limited, tmp_path: Path
) -> None:
    server = serve_with(write_notebook(tmp_path / "app.ipynb", *APP), "--public", unread_bytes=10_000_000)
    hostile = Visitor(await connect(server.url, kernel_of(ask(server.url)[1]), V1))
    name = widget(await states(hostile), "TextModel")
    data: dict[str, Any] = {"method": "update", "state": {"value": "x" * 1_000_000}, "buffer_paths": []}
    await hostile.send("comm_msg", {"comm_id": name, "data": data})
    await states(hostile)
    process = psutil.Process(server.process.pid)
    before = process.memory_info().rss
    stream = cast(Any, hostile.socket).protocol.stream
    asyncio.get_running_loop().remove_reader(stream.fileno())
    await hostile.send("comm_open", {"comm_id": "mine", "target_name": "jupyter.widget.control", "data": {}})
    for _ in range(150):  # each answer is a megabyte
        await hostile.send("comm_msg", {"comm_id": "mine", "data": {"method": "request_states"}})
    until(lambda: server.kernels() == [], "the kernel of a page that reads nothing stayed")
    assert process.memory_info().rss - before < 60_000_000
    until(lambda: server.output.count("does not read") == 1)
    assert "Traceback" not in server.output
    await close(hostile.socket)


async def _raw(visitor: Visitor, content: str) -> None:
    known = {"msg_id": "a", "msg_type": "comm_msg", "session": "b", "username": "", "version": "5.3", "date": "2026"}
    parts = [json.dumps(known).encode(), b"{}", b"{}", content.encode()]
    offsets = [8 * 7]
    for part in (b"shell", *parts):
        offsets.append(offsets[-1] + len(part))
    head = b"".join(number.to_bytes(8, "little") for number in (6, *offsets))
    await visitor.socket.write_message(head + b"shell" + b"".join(parts), binary=True)
