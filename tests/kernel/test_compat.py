"""Private names of other packages stand in nbapp/_compat, and the releases that are installed have each of them."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
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
    "ipykernel.ABORT_REPLY": "callable(getattr(kernel, ipykernel.ABORT_REPLY))",
    "ipykernel.SUBSHELL_OF_REPLY": "hasattr(type(comm), ipykernel.SUBSHELL_OF_REPLY) or sys.modules['ipykernel'].version_info < (7, 4)",
    "ipywidgets.Boolean": "issubclass(ipywidgets.Checkbox, widgets.Boolean)",
    "ipywidgets.BoundedFloat": "issubclass(ipywidgets.FloatSlider, widgets.BoundedFloat)",
    "ipywidgets.BoundedFloatRange": "issubclass(ipywidgets.FloatRangeSlider, widgets.BoundedFloatRange)",
    "ipywidgets.BoundedInt": "issubclass(ipywidgets.IntSlider, widgets.BoundedInt)",
    "ipywidgets.BoundedIntRange": "issubclass(ipywidgets.IntRangeSlider, widgets.BoundedIntRange)",
    "ipywidgets.Media": "issubclass(ipywidgets.Image, widgets.Media)",
    "ipywidgets.MultipleSelection": "issubclass(ipywidgets.SelectMultiple, widgets.MultipleSelection)",
    "ipywidgets.Selection": "issubclass(ipywidgets.Dropdown, widgets.Selection)",
    "ipywidgets.SelectionContainer": "issubclass(ipywidgets.Tab, widgets.SelectionContainer)",
    "ipywidgets.as_handler": "callable(widgets.as_handler(lambda change: None))",
    "ipywidgets.CallbackWrapper": "isinstance(widgets.as_handler(lambda: None), widgets.CallbackWrapper)",
    "ipywidgets.HANDLE_MESSAGE": "callable(getattr(ipywidgets.Widget, widgets.HANDLE_MESSAGE))",
    "ipywidgets.NOTIFY_OBSERVERS": "callable(getattr(ipywidgets.Widget, widgets.NOTIFY_OBSERVERS))",
    "ipywidgets.OF_MESSAGES": "all(hasattr(slider, name) for name in widgets.OF_MESSAGES)",
    "ipywidgets.GIVES_REPR": "callable(getattr(ipywidgets.Widget, widgets.GIVES_REPR))",
    "ipywidgets.EXTERNAL_STACKLEVEL": "callable(getattr(sys.modules['ipywidgets.widgets.utils'], widgets.EXTERNAL_STACKLEVEL))",
    "ipywidgets.transforms": "next(iter(widgets.transforms(link)))(2) == 3",
    "ipywidgets.put_buffers": "widgets.put_buffers(state := {}, [['a']], [b'x']) is None and state == {'a': b'x'}",
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
    "python.RESOLVING": "any(hasattr(sys.modules['posixpath'], name) for name in python.RESOLVING)",
    "python.adaptive_code": "sys.version_info < (3, 11) or python.adaptive_code(waits.__code__) is not None",
    "python.raw_environment": "b'PATH' in python.raw_environment() or 'PATH' in python.raw_environment()",
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


def test_jupyter_server_forgets_the_session_of_one_connection_only() -> None:
    kept = ZMQChannelsWebsocketConnection._open_sessions
    mine: Any = SimpleNamespace(_open_sessions=kept, session_key="k:s", websocket_handler=object())
    other: Any = SimpleNamespace(_open_sessions=kept, session_key="k:s", websocket_handler=object())
    kept["k:s"] = mine.websocket_handler
    jupyter_server.forget_session(other)
    assert kept["k:s"] is mine.websocket_handler
    jupyter_server.forget_session(mine)
    assert "k:s" not in kept


async def test_jupyter_server_waits_no_more_for_a_kernel_that_is_gone() -> None:
    kept = {"kernel_info_channel", "_kernel_info_future"}
    assert kept <= set(ZMQChannelsWebsocketConnection.class_trait_names())
    closed: list[bool] = []
    waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    channel = SimpleNamespace(close=lambda: closed.append(True))
    connection: Any = SimpleNamespace(kernel_info_channel=channel, _kernel_info_future=waiting)
    jupyter_server.give_up_answer(connection)
    assert (closed, connection.kernel_info_channel, await waiting) == ([True], None, {})
    jupyter_server.give_up_answer(connection)


def test_each_is_tried() -> None:
    names = ("connections", "unsent", "kill", "forget_session", "give_up_answer")
    tried = set(HOLDS) | {f"jupyter_server.{name}" for name in names}
    assert {name for path in HERE.glob("[!_]*.py") for name in public(path)} == tried


def public(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.stem}.{node.name}"
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield f"{path.stem}.{node.target.id}"
        elif isinstance(node, ast.Assign):
            names = (target.id for target in node.targets if isinstance(target, ast.Name))
            yield from (f"{path.stem}.{name}" for name in names if not name.startswith("_"))
        elif isinstance(node, ast.ImportFrom):
            yield from (
                f"{path.stem}.{alias.asname}" for alias in node.names if alias.asname and is_private(alias.name)
            )


FILES = [path for path in sorted(ROOT.rglob("*.py")) if not {"_compat", "libraries"} & set(path.parts)]
FIELDS_OF_PYTHON = {"_getframe", "_exit", "_SubParsersAction"}  # documented, or the only name of a type
# Private by name, and told in a documentation or a protocol; or only compared with what others wrote, never asked for.
TOLD = {
    # traits, in the protocol of Jupyter's widgets
    *(
        "_dom_classes",
        "_model_module",
        "_model_module_version",
        "_model_name",
        "_options_labels",
        "_playing",
        "_repeat",
    ),
    *("_view_count", "_view_module", "_view_module_version", "_view_name"),
    *("_exit_code", "_i", "_ii", "_iii", "_repr_mimebundle_"),  # of IPython
    *("_build", "_xsrf"),  # how a page of JupyterLab, and tornado, send it
    # modules of Python itself, where its public ones have their classes from, and fields of its types
    *("_csv", "_frozen_importlib", "_frozen_importlib_external", "_io", "_sqlite3", "importlib._bootstrap"),
    *("importlib._bootstrap_external", "_abc_impl", "_inverted_", "_value2member_map_"),
    *("_await", "_code", "_frame", "_getframe"),  # ends of `gi_frame` and the like; what a cell may call
    *("_lru", "_pydevd_bundle"),  # parts of the names of others' modules and caches
    *("_df", "_inst", "_ldf", "_mgr", "_s"),  # what a cell may not name if it is to be proved harmless
}
# What our classes take from their bases in other packages by a private name: a release without it fails the test.
OVERRIDDEN = {
    *("LinkIdentity._get_user", "Login._redirect_safe", "Login._render"),
    *(
        "PageKernel._async_cleanup_resources",
        "PageKernel._async_interrupt_kernel",
        "PageKernel._async_pre_start_kernel",
    ),
    "PageKernels._handle_kernel_died",
}
INHERITED = {"OfOneBrowser._finished", "OfOnesOwn._finished", "PageKernels._kernels", "_Managers._mapping"}
LOOK_AT_BASES = """
import ast, importlib, inspect, json, pathlib, sys, textwrap, types
def names(cls):
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(cls)))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            yield node.attr, isinstance(node.ctx, ast.Store)
is_private = lambda name: name.startswith("_") and not name.startswith("__") and not name.endswith("_")
overridden, inherited = set(), set()
for name in json.loads(sys.argv[1]):
    for cls in vars(importlib.import_module(name)).values():
        if not isinstance(cls, type) or cls.__module__ != name:
            continue
        foreign = [base for base in cls.__mro__ if not base.__module__.startswith("nbapp") and base is not object]
        if not foreign:
            continue
        ours = [base for base in cls.__mro__ if base.__module__.startswith("nbapp")]
        for member, value in vars(cls).items():
            if is_private(member) and isinstance(value, (types.FunctionType, property)):
                if any(member in vars(base) for base in foreign):
                    overridden.add(f"{cls.__name__}.{member}")
        bound = {attr for base in ours for attr, stored in names(base) if stored} | {k for base in ours for k in vars(base)}
        inherited |= {f"{cls.__name__}.{attr}" for attr, _ in names(cls) if is_private(attr) and attr not in bound}
print(json.dumps([sorted(overridden), sorted(inherited)]))
"""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and len(name) > 1


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def bound_in(module: ast.Module) -> set[str]:
    """Private names that a file gives to something."""
    found: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_self(node.value):
            found.add(node.attr)
        elif isinstance(node, ast.Assign) and any(ast.unparse(target) == "__slots__" for target in node.targets):
            found |= {str(part.value) for part in ast.walk(node.value) if isinstance(part, ast.Constant)}
    return found


def is_self(node: ast.expr) -> bool:
    """Whether it is the object itself, or its bases."""
    node = node.func if isinstance(node, ast.Call) else node
    return isinstance(node, ast.Name) and node.id in ("self", "cls", "super")


def foreign_attributes(module: ast.Module, ours: set[str]) -> Iterator[tuple[int, str]]:
    """Private attributes that are none of ours: of an object itself, of `ours`; of another, none of this file's."""
    here = bound_in(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in FIELDS_OF_PYTHON:
            known = ours if is_self(node.value) else here
            yield from [(node.lineno, node.attr)] if node.attr not in known else []


def foreign_words(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Private names in texts, as for `getattr`, and in imports."""
    here = bound_in(module) | TOLD
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in here:
            if re.fullmatch(r"(\w+\.)*_[a-z]\w*(\.\w+)*", node.value):
                yield node.lineno, node.value
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("nbapp"):
            words = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from ((node.lineno, word) for word in words if is_private(word))
        elif isinstance(node, ast.Import):
            words = [word for alias in node.names for word in alias.name.split(".")]
            yield from ((node.lineno, word) for word in words if is_private(word))


def test_no_private_name_of_another_package_stands_elsewhere() -> None:
    ours = set().union(*(bound_in(tree(path)) for path in FILES))
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in FILES
        for line, name in (*foreign_attributes(tree(path), ours), *foreign_words(tree(path)))
    ]
    assert found == []


def test_private_names_that_our_classes_take_from_others_are_the_ones_that_are_listed() -> None:
    modules = [
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in FILES
        if path.name != "__main__.py" and any(isinstance(node, ast.ClassDef) and node.bases for node in tree(path).body)
    ]
    command = [sys.executable, "-c", LOOK_AT_BASES, json.dumps(modules)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT.parent)
    assert json.loads(ran.stdout) == [sorted(OVERRIDDEN), sorted(INHERITED)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("kernel._topic('a')", ["_topic"]),
        ("class A:\n    def f(self):\n        self._a = 1\n        return self._a", []),
        ("class A:\n    def f(self, other):\n        return other._known", ["_known"]),  # another file's
        ("class A:\n    def f(self):\n        return super()._known", []),
        ("getattr(kernel, '_topic', None)", ["_topic"]),
        ("vars(matrix)['_shape']", ["_shape"]),
        ("sys.modules['matplotlib._pylab_helpers']", ["matplotlib._pylab_helpers"]),
        ("from ipywidgets.widgets.widget_bool import _Bool", ["_Bool"]),
        ("import matplotlib._pylab_helpers as helpers", ["_pylab_helpers"]),
        ("state['_model_name']", []),
        ("class A:\n    __slots__ = ('_a',)", []),
    ],
)
def test_the_check_sees_private_names_however_they_are_written(source: str, found: list[str]) -> None:
    module = ast.parse(source)
    words = [*foreign_attributes(module, {"_known", "_a"}), *foreign_words(module)]
    assert [name for _, name in words] == found
