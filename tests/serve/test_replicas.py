"""Two servers of one app behind nginx, which sends each visitor to the same one, with results on a Redis server.

This is the configuration of docs/howto/replicas.md; only addresses differ.
"""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.conftest import PATIENCE, Serve, Server, until
from tests.nginx import started
from tests.persistence.places import free_port, redis_server
from tests.serve.test_routes import ask, ran

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "replicas.md"
LOAD = """
import nbapp, time, os
@nbapp.cache(persist=True)
def load():
    with open("computed", "a") as file:
        file.write("once ")
    time.sleep(1.5)
    return list(range(3))
print("loaded", load())
"""


def _nginx(folder: Path, replicas: list[int]) -> tuple[subprocess.Popen[bytes], int]:
    """nginx as the page says, before these ports; its port."""
    found = re.search(r"```nginx\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    text, port = found[1], free_port()
    for name, replica in zip(("app-1:8866", "app-2:8866"), replicas, strict=True):
        assert name in text
        text = text.replace(name, f"127.0.0.1:{replica}")
    assert "listen 80;" in text
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    folder.mkdir()
    process = started(folder, text)
    until(lambda: _listens(port), "nginx does not listen")
    return process, port


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


class _Visitor:
    """A browser that keeps its cookies."""

    def __init__(self, port: int) -> None:
        self._port, self._cookies = port, dict[str, str]()

    def get(self, path: str = "/") -> tuple[int, str]:
        """Status and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        connection.request("GET", path, headers={"Cookie": cookies} if cookies else {})
        answer = connection.getresponse()
        for header in answer.headers.get_all("Set-Cookie", []):
            name, _, value = header.partition(";")[0].partition("=")
            self._cookies[name] = value
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    @property
    def cookie(self) -> str:
        """What nginx knows the visitor by."""
        return self._cookies["replica"]


@pytest.fixture
def replicas(serve: Serve, notebook: Callable[..., Path], tmp_path: Path) -> Iterator[tuple[int, list[Server], Path]]:
    """nginx's port, the two servers, and the notebook."""
    path = notebook(LOAD)
    with redis_server(tmp_path) as url:
        place = "--public", "--ip", "127.0.0.1", "--cache", url, "--cache-key", str(tmp_path / "key")
        servers = [serve(path, *place), serve(path, *place)]
        ports = [int(server.url.rstrip("/").rpartition(":")[2]) for server in servers]
        process, port = _nginx(tmp_path / "nginx", ports)
        yield port, servers, path
        process.terminate()
        process.wait(PATIENCE)


def _kernels(port: int) -> dict[str, _Visitor]:
    """One visitor of each server, by what nginx knows the server by."""
    found: dict[str, _Visitor] = {}
    for _ in range(20):
        visitor = _Visitor(port)
        assert visitor.get()[0] == 200
        found.setdefault(visitor.cookie, visitor)
        if len(found) == 2:
            return found
    raise AssertionError(f"all visitors came to {found}")


def _is_whole(visitor: _Visitor, kernel: str) -> bool:
    return '"whole"' in visitor.get(f"/nbapp/progress/{kernel}?since=0")[1]


def test_visitors_stay_with_their_server_and_results_are_computed_once(
    replicas: tuple[int, list[Server], Path],
) -> None:
    port, servers, path = replicas
    visitors = _kernels(port)
    for visitor in visitors.values():
        known = visitor.cookie
        for _ in range(5):
            status, text = visitor.get()
            assert (status, visitor.cookie) == (200, known)
        first = re.search(r'"kernelId": "([\w-]+)"', text)
        assert first
        until(partial(_is_whole, visitor, first[1]))
    assert (path.parent / "computed").read_text().split() == ["once"]
    assert len(servers) == 2


def test_when_one_server_is_gone_its_visitors_come_to_the_other(replicas: tuple[int, list[Server], Path]) -> None:
    port, servers, _ = replicas
    visitors = _kernels(port)
    servers[0].stop()
    for visitor in visitors.values():
        assert visitor.get()[0] == 200
    assert "nbapp" in next(iter(visitors.values())).get()[1]


def test_kernels_run_beside_their_server_whatever_the_environment_says(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    """At a gateway nothing of ours would judge what visitors send."""
    server = serve(notebook("print('here')"), environment={"JUPYTER_GATEWAY_URL": "http://127.0.0.1:9"})
    ran(server.url, ask(server.url)[1])
