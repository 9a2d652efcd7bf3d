"""Private names of other packages stand in nbapp/_compat, and the releases that are installed have each of them."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import AsyncKernelManager, start_new_kernel
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from nbapp._compat import jupyter_server

ROOT = Path(__file__).parent.parent.parent / "nbapp"
HERE = ROOT / "_compat"
PREPARE = """
import argparse, asyncio, sys, weakref
import ipywidgets
from comm import get_comm_manager
from nbapp._compat import ipykernel, ipywidgets as widgets, python
shell = get_ipython(); kernel = shell.kernel
slider = ipywidgets.IntSlider(3, max=9)
menu = ipywidgets.Dropdown(options={"a": 1})
link = ipywidgets.dlink((slider, "value"), (slider, "step"), lambda x: x + 1)
raw = ipywidgets.Label.__new__(ipywidgets.Label)
comm = get_comm_manager().get_comm(slider.model_id)
layout = "IPY_MODEL_" + slider.layout.model_id
def closed_and_opened():
    other = ipywidgets.Label().comm
    other.close()
    ipykernel.reopen(other)
    return not other._closed
command = argparse.ArgumentParser()
def waits():
    import asyncio
    loop = asyncio.get_running_loop()
    soon, later = loop.call_soon(print, 1), loop.call_later(9, print, 2)
    try:
        given = [given for called, given in python.waiting(loop) if called is print]
        return given == [(1,), (2,)]
    finally:
        soon.cancel(), later.cancel()
"""
# What each must give on a real object, tried in a real kernel.
HOLDS = {
    "ipykernel.shell_ident": "ipykernel.shell_ident(kernel) is not None",
    "ipykernel.threads_parent": "ipykernel.threads_parent(kernel) is None or sys.modules['ipykernel'].version_info < (7,)",
    "ipykernel.set_threads_parent": "ipykernel.set_threads_parent(kernel, ipykernel.threads_parent(kernel)) is None",
    "ipykernel.answer": "sys.modules['ipykernel'].version_info < (7,) or ipykernel.answer(kernel, kernel.get_parent()) is None",
    "ipykernel.publish_status": "ipykernel.publish_status(kernel, 'busy') is None",
    "ipykernel.topic": "ipykernel.topic(kernel, 'stream').endswith(b'stream')",
    "ipykernel.has_unread_text": "hasattr(sys.stdout, '_flush_pending') and ipykernel.has_unread_text(sys.stdout) in (True, False)",
    "ipykernel.piped": "ipykernel.piped(sys.stdout) is None or ipykernel.piped(sys.stdout) > 2",
    "ipykernel.message_callback": "callable(ipykernel.message_callback(comm))",
    "ipykernel.answer_at_once": "ipykernel.answer_at_once(comm) is None",
    "ipykernel.reopen": "closed_and_opened()",
    "ipykernel.has_failed_to_display": "ipykernel.has_failed_to_display(shell) is False",
    "ipykernel.forget_failed_display": "ipykernel.forget_failed_display(shell) is None",
    "ipywidgets.instances": "widgets.instances[slider.model_id] is slider",
    "ipywidgets.trait_values": "widgets.trait_values(slider)['value'] == 3",
    "ipywidgets.notifiers": "'value' in widgets.notifiers(slider)",
    "ipywidgets.validators": "'value' in widgets.validators(slider)",
    "ipywidgets.message_callbacks": "callable(widgets.message_callbacks(slider))",
    "ipywidgets.property_lock": "widgets.property_lock(slider) == {}",
    "ipywidgets.message_handler": "callable(widgets.message_handler(slider))",
    "ipywidgets.custom_message_handler": "callable(widgets.custom_message_handler(slider))",
    "ipywidgets.option_values": "widgets.option_values(menu) == (1,)",
    "ipywidgets.option_labels": "widgets.option_labels(menu) == ('a',)",
    "ipywidgets.model_module": "widgets.model_module(slider) == '@jupyter-widgets/controls'",
    "ipywidgets.view_module": "widgets.view_module(slider) == '@jupyter-widgets/controls'",
    "ipywidgets.transform": "widgets.transform(link)(2) == 3",
    "ipywidgets.remove_buffers": "widgets.remove_buffers({'a': b'x'}) == ({}, [['a']], [b'x'])",
    "ipywidgets.to_json": "widgets.to_json(slider, 'layout')(slider.layout, slider) == layout",
    "ipywidgets.from_json": "widgets.from_json(slider, 'layout')(layout, slider) is slider.layout",
    "ipywidgets.validated": "widgets.validated(slider, slider.traits()['value'], 4) == 4",
    "ipywidgets.model_id": "widgets.model_id(slider) == slider.model_id",
    "ipywidgets.set_model_id": "widgets.set_model_id(raw, 'given') is None and widgets.model_id(raw) == 'given'",
    "ipywidgets.handles_messages_itself": "not widgets.handles_messages_itself(ipywidgets.IntSlider)",
    "python.run_exit_handlers": "callable(sys.modules['atexit']._run_exitfuncs)",  # called, it would close the streams
    "python.tell_filters_changed": "python.tell_filters_changed() is None",
    "python.waiting": "waits()",
    "python.waits": "python.waits(asyncio.get_running_loop()) is True",  # for the next request
    "python.forget_exit_handlers": "callable(sys.modules['atexit']._clear) and hasattr(sys.modules['weakref'].finalize, '_registry')",
    "python.options": "'--help' in python.options(command)",
}


@pytest.fixture(scope="module")
def client() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel()
    try:
        reply = client.execute_interactive(PREPARE, output_hook=lambda _: None)
        assert reply["content"]["status"] == "ok", reply["content"]
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("name", sorted(HOLDS))
def test_the_release_that_is_installed_has_it(client: BlockingKernelClient, name: str) -> None:
    asked = client.execute_interactive("", user_expressions={"it": HOLDS[name]}, output_hook=lambda _: None)
    it = asked["content"]["user_expressions"]["it"]
    assert it["status"] == "ok", f"{name} needs what is gone: {it}"
    assert it["data"]["text/plain"] == "True"


def test_jupyter_server_has_it() -> None:
    manager: Any = AsyncMappingKernelManager()
    manager._kernel_connections["a"] = 2
    assert (jupyter_server.connections(manager, "a"), jupyter_server.connections(manager, "b")) == (2, 0)
    manager._kernel_buffers["a"]["buffer"].append("said")
    assert jupyter_server.unsent(manager, "a")["buffer"] == ["said"]
    assert inspect.iscoroutinefunction(AsyncKernelManager._async_kill_kernel)


async def test_jupyter_client_kills_by_the_name_we_use() -> None:
    killed: list[bool] = []

    async def kill() -> None:
        killed.append(True)

    await jupyter_server.kill(SimpleNamespace(_async_kill_kernel=kill))
    assert killed == [True]


def test_jupyter_server_tells_a_status_to_pages_that_are_connected() -> None:
    told: list[str] = []
    connection = SimpleNamespace(_send_status_message=told.append)
    assert inspect.isfunction(ZMQChannelsWebsocketConnection._send_status_message)
    jupyter_server.tell_status(SimpleNamespace(connection=connection, ws_connection=object()), "starting")
    jupyter_server.tell_status(SimpleNamespace(connection=connection, ws_connection=None), "dead")
    jupyter_server.tell_status(SimpleNamespace(connection=None, ws_connection=object()), "dead")
    assert told == ["starting"]


def test_each_is_tried() -> None:
    tried = set(HOLDS) | {f"jupyter_server.{name}" for name in ("connections", "unsent", "kill", "tell_status")}
    assert {name for path in HERE.glob("[!_]*.py") for name in public(path)} == tried


def public(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.stem}.{node.name}"
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield f"{path.stem}.{node.target.id}"


FILES = [path for path in sorted(ROOT.rglob("*.py")) if not {"_compat", "libraries"} & set(path.parts)]
FIELDS_OF_PYTHON = {"_getframe", "_exit", "_SubParsersAction"}  # documented, or the only name of a type


def ours() -> set[str]:
    """Private names that nbapp itself gives to something."""
    found: set[str] = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_self(node.value):
                found.add(node.attr)
    return found


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def test_no_private_name_of_another_package_stands_elsewhere() -> None:
    known = ours() | FIELDS_OF_PYTHON
    foreign = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.attr}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__")
        if node.attr not in known
    ]
    assert foreign == []
