"""Results that outlive `nbapp serve`: after a restart, in another server, and never a visitor's own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1

from nbapp.serve.kernels.connection import V1
from tests.e2e.conftest import Serve, Server, until
from tests.persistence.places import free_port, redis_server
from tests.serve.test_connection import Visitor, close, connect
from tests.serve.test_routes import ask, ran
from tests.serve.zygotes import WHERE_KERNELS_FORK, has_forks

LOAD = """
import nbapp, time, os
@nbapp.cache(persist=True)
def load(n):
    with open("computed", "a") as file:
        file.write(f"{n} ")
    time.sleep(0.2)
    return list(range(n))
"""
SHOWS = "print('loaded', load(3))"
SHOWN = "loaded [0, 1, 2]"


@pytest.fixture
def where(tmp_path: Path) -> tuple[str, ...]:
    """The options of servers that share a folder."""
    return "--cache", str(tmp_path / "results"), "--cache-key", str(tmp_path / "key")


def _computed(path: Path) -> list[str]:
    file = path.parent / "computed"
    return file.read_text().split() if file.exists() else []


def _visited(server: Server) -> str:
    """What a page was written with, once its first run is over."""
    _, text, _ = ask(server.url)
    ran(server.url, text)
    return text


def test_a_restart_shows_the_page_and_computes_nothing_again(
    serve: Serve, notebook: Callable[..., Path], where: tuple[str, ...]
) -> None:
    """At the same address: what is asked for is part of what a notebook can read."""
    path, address = notebook("# Sales", LOAD, SHOWS), ("--port", str(free_port()))
    first = serve(path, *where, *address)
    assert SHOWN not in _visited(first)
    first.stop()
    second = serve(path, *where, *address)
    assert SHOWN in _visited(second)
    assert _computed(path) == ["3"]


def test_another_version_of_the_notebook_shows_nothing_of_the_one_before(
    serve: Serve, notebook: Callable[..., Path], where: tuple[str, ...]
) -> None:
    """What did not change is not computed again."""
    first = serve(notebook(LOAD, SHOWS), *where)
    _visited(first)
    first.stop()
    path = notebook(LOAD, SHOWS, "print('more', load(4))")
    assert SHOWN not in _visited(serve(path, *where))
    assert _computed(path) == ["3", "4"]


def test_other_values_show_nothing_of_the_ones_before(
    serve: Serve, notebook: Callable[..., Path], where: tuple[str, ...]
) -> None:
    """`--set` is part of what a page is."""
    path = notebook("import ipywidgets\nn = ipywidgets.IntSlider(3)\nn", "print('n is', n.value)")
    first = serve(path, *where)
    _visited(first)
    first.stop()
    second = serve(path, *where, "--set", "n=5")
    assert "n is 5" not in _visited(second)
    assert "n is 5" in _visited(second)


def test_two_servers_compute_a_result_once(serve: Serve, tmp_path: Path, notebook: Callable[..., Path]) -> None:
    """With the place on a Redis server, as replicas have it."""
    path = notebook(LOAD.replace("0.2", "1.5"), SHOWS)
    with redis_server(tmp_path) as url:
        place = "--cache", url, "--cache-key", str(tmp_path / "key")
        servers = [serve(path, *place), serve(path, *place)]
        pages = [ask(server.url)[1] for server in servers]
        for server, page in zip(servers, pages, strict=True):
            ran(server.url, page)
        assert _computed(path) == ["3"]


@WHERE_KERNELS_FORK
def test_a_connection_to_the_place_keeps_no_kernel_from_being_forked(
    serve: Serve, tmp_path: Path, notebook: Callable[..., Path]
) -> None:
    """It is closed before; only the rehearsal of a fork, in which nothing is kept, computes again."""
    path = notebook(LOAD, SHOWS)
    with redis_server(tmp_path) as url:
        server = serve(path, "--cache", url, "--cache-key", str(tmp_path / "key"), "--warm", "1")
        has_forks(server)
        assert _computed(path) == ["3", "3"]


CONTROLS = "import ipywidgets\nname = ipywidgets.Text('all')\nn = ipywidgets.IntSlider(3)\nipywidgets.HBox([name, n])"


async def _moves(server: Server, path: Path, *moves: tuple[str, object]) -> None:
    """A visitor gives controls, known by their class, a value, one after the other."""
    kernel = ran(server.url, ask(server.url)[1])
    socket = await connect(server.url, kernel, V1)
    try:
        visitor = Visitor(socket)
        models = await _models(visitor)
        for model, value in moves:
            before = len(_computed(path))
            data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
            await visitor.send("comm_msg", {"comm_id": models[model], "data": data})
            if model == "IntSliderModel":
                await asyncio.to_thread(until, lambda: len(_computed(path)) > before)  # noqa: B023 -- waited for here
    finally:
        await close(socket)


async def _models(visitor: Visitor) -> dict[str, str]:
    """The ids of the widgets, by class."""
    await visitor.send("comm_open", {"comm_id": "mine", "target_name": "jupyter.widget.control", "data": {}})
    await visitor.send("comm_msg", {"comm_id": "mine", "data": {"method": "request_states"}})
    while True:
        frame = await visitor.socket.read_message()
        assert isinstance(frame, bytes)
        content = json.loads(deserialize_msg_from_ws_v1(frame)[1][3])
        if "states" in content.get("data", {}):
            states = content["data"]["states"].items()
            return {state["model_name"]: model_id for model_id, state in states}


async def test_what_a_visitor_typed_is_not_stored(
    serve: Serve, notebook: Callable[..., Path], where: tuple[str, ...]
) -> None:
    """A slider's place is: the next visitor who moves it there waits no more."""
    path = notebook(LOAD, CONTROLS, "print(load(n.value), name.value)")
    server = serve(path, *where)
    await _moves(server, path, ("IntSliderModel", 4))
    assert _computed(path) == ["3", "4"]
    await _moves(server, path, ("TextModel", "Ann"), ("IntSliderModel", 5))
    await _moves(server, path, ("IntSliderModel", 5))
    assert _computed(path) == ["3", "4", "5", "5"]


@pytest.mark.parametrize("place", ["/proc/nowhere", "redis://127.0.0.1:9", "nowhere://x"])
def test_a_place_that_cannot_be_used_is_told_before_anything_is_served(
    notebook: Callable[..., Path], tmp_path: Path, place: str
) -> None:
    command = [
        sys.executable,
        "-m",
        "nbapp",
        "serve",
        str(notebook("1")),
        "--no-browser",
        "--port",
        "0",
        "--cache",
        place,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"nbapp serve: --cache {place}: ")


def test_the_users_own_folder_that_cannot_be_written_is_told_and_costs_nothing(
    notebook: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    command = [sys.executable, "-m", "nbapp", "serve", str(notebook(LOAD, SHOWS)), "--no-browser", "--port", "0"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "file")}
    server = Server(
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    )
    try:
        assert SHOWN not in _visited(server)
        assert "results end with the server" in server.output
    finally:
        server.stop()
