"""Widgets in a real kernel: comms, threads, Output widgets, asynchronous cells; driven as a front end drives them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from nbapp.testing import AppTest
from tests.kernel.kernels import PATIENCE, Kernel

INSTALL = """
import ipywidgets as W, threading, json
from ipykernel.comm import Comm
from nbapp.values.digest import Digest, digest
from nbapp.core.notebook import CellId
from nbapp.values.types import Types
from nbapp.libraries import LOOKUPS
from nbapp.kernel.widgets.widgets import Widgets
known = Types(get_ipython().user_ns, LOOKUPS)
touched = []
widgets = Widgets(lambda value: digest(value, known), lambda: touched.append(threading.current_thread().name))
widgets.install()
"""


@pytest.fixture
def app() -> Iterator[AppTest]:
    with AppTest.from_cells([]) as app:
        yield app


def texts(app: AppTest, expression: str) -> list[str]:
    """What an Output widget shows as text."""
    outputs: list[dict[str, Any]] = app.eval(f"[dict(output) for output in {expression}.outputs]")
    return [output.get("text") or output["data"]["text/plain"] for output in outputs]


def cells(app: AppTest, *sources: str) -> AppTest:
    for index, source in enumerate(sources):
        app.insert(index, source)
    return app.run()


def test_a_classic_notebook_with_interact_draws_once_per_change_and_reruns_nothing(app: AppTest) -> None:
    cells(
        app,
        "import ipywidgets as W\nk = W.IntSlider(1)\ncalls = []",
        "s = W.IntSlider(5)\ndef f(x):\n    calls.append(x)\n    print('x is', x)\nw = W.interactive(f, x=s)\nw",
        "print(k.value)",
    )
    assert texts(app, "w.children[-1]") == ["x is 5\n"]
    app.set("s", 7)
    assert len(app.executed) == 0
    assert app.eval("calls") == [5, 7]
    assert texts(app, "w.children[-1]") == ["x is 7\n"]
    app.set("k", 2)
    assert list(app.executed) == [2]
    assert app.eval("calls") == [5, 7]
    assert texts(app, "w.children[-1]") == ["x is 7\n"]


def test_what_a_cell_prints_into_an_output_widget_is_there_once_whatever_is_skipped(app: AppTest) -> None:
    cells(
        app,
        "import ipywidgets as W\nn = W.IntSlider(1)\nm = W.IntSlider(1)\nout = W.Output()\nout",
        "with out:\n    print('n is', n.value)",
        "print(m.value)",
    )
    for value in (2, 3):
        app.set("m", value)
        assert list(app.executed) == [2]
        assert texts(app, "out") == ["n is 1\n"]
    app.set("n", 5)
    assert texts(app, "out") == ["n is 5\n"]
    app.set("n", 1)
    assert not app.executed
    assert texts(app, "out") == ["n is 1\n"]
    app.edit(1, "pass").run()
    assert texts(app, "out") == []


def test_a_callback_that_prints_into_an_output_widget_adds_to_it_until_its_cell_runs_again(app: AppTest) -> None:
    cells(
        app,
        "import ipywidgets as W\nn = W.IntSlider(1)\nb = W.Button()\nout = W.Output()",
        "def clicked(button):\n    with out:\n        print('clicked', n.value)\nb.on_click(clicked)",
        "print(n.value)",
    )
    app.click("b")
    app.click("b")
    assert texts(app, "out") == ["clicked 1\nclicked 1\n"]
    app.set("n", 2)
    assert texts(app, "out") == ["clicked 1\nclicked 1\n"]
    app.edit(0, "import ipywidgets as W\nn = W.IntSlider(1)\nb = W.Button()\nout = W.Output() ").run()
    assert texts(app, "out") == []


def test_an_asynchronous_cell_reads_and_writes_after_its_awaits(app: AppTest) -> None:
    cells(
        app,
        "import ipywidgets as W, asyncio\ns = W.IntSlider(5)\nl = W.Label()",
        "await asyncio.sleep(0)\nl.value = f'at {s.value}'",
        "print(l.value)",
    )
    app.set("s", 6)
    assert app.executed == (1, 2)
    assert app.eval("l.value") == "at 6"
    app.edit(1, "pass").run()
    assert app.eval("l.value") == ""


def test_a_task_of_an_earlier_cell_writes_for_nobody(app: AppTest) -> None:
    source = (
        "l = W.Label('busy')\nasync def work():\n    await go.wait()\n    l.value = 'done'\n    done.set()\n"
        "task = asyncio.create_task(work())"
    )
    cells(
        app,
        "import ipywidgets as W, asyncio\ngo, done = asyncio.Event(), asyncio.Event()\ns = W.IntSlider()",
        source,
        "go.set()\nawait done.wait()\ns.value",
    )
    app.set("s", 3)
    assert app.eval("l.value") == "done"


def test_a_slider_that_a_cell_builds_and_prints_keeps_its_model_while_it_is_dragged(app: AppTest) -> None:
    cells(app, "import ipywidgets as W\ns = W.IntSlider(5, max=40)\nprint(s.value)\ns")
    view = app.outputs(0)[1]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
    comms = app.eval("len(__import__('comm').get_comm_manager().comms)")
    for value in range(10, 40):
        app.set("s", value)
        assert list(app.executed) == [0]
    assert app.outputs(0)[0]["text"] == "39\n"
    assert app.outputs(0)[1]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"] == view
    assert app.eval("len(__import__('comm').get_comm_manager().comms)") == comms


def test_values_of_arrays_and_frames_in_traits_are_digested(app: AppTest) -> None:
    source = (
        "import ipywidgets as W, numpy as np, traitlets as T\nclass Plot(W.DOMWidget):\n    points = T.Any()\n"
        "s = W.IntSlider(2)\np = Plot(points=np.zeros(3))"
    )
    cells(app, source, "p.points = np.arange(s.value)", "print(p.points.sum())")
    assert app.outputs(2)[0]["text"] == "1\n"
    app.set("s", 4)
    assert app.outputs(2)[0]["text"] == "6\n"
    app.set("s", 2)
    assert not app.executed


# --- comms


def comm_message(kernel: Kernel, model_id: str, data: dict[str, Any], subshell: str | None = None) -> str:
    """What a front end sends to a widget; the id of the message."""
    message = kernel.client.session.msg("comm_msg", {"comm_id": model_id, "data": data})
    if subshell is not None:
        message["header"]["subshell_id"] = subshell
    kernel.client.shell_channel.send(message)
    return str(message["header"]["msg_id"])


def published(kernel: Kernel, msg_id: str) -> list[dict[str, Any]]:
    """What the kernel published for a message, until it was done with it."""
    found: list[dict[str, Any]] = []
    while True:
        message = kernel.client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") != msg_id:
            continue
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return found
        found.append(message)


def test_an_update_on_another_thread_is_echoed_and_queued_while_a_cell_runs(own_kernel: Kernel) -> None:
    if own_kernel.run("import ipykernel", "ipykernel.version_info[0]") < 7:
        pytest.skip("this ipykernel has no subshells")
    control = own_kernel.client.control_channel
    control.send(own_kernel.client.session.msg("create_subshell_request"))
    subshell = control.get_msg(timeout=PATIENCE)["content"]["subshell_id"]
    model_id = own_kernel.run(INSTALL + "s = W.IntSlider(5)", "s.model_id")
    running = own_kernel.send(
        "with widgets.cell(CellId('c')) as trace:\n    first = s.value\n    go = threading.Event()\n"
        "    wait = lambda: touched or go.wait(0.01)\n    while not touched:\n        wait()\n    second = s.value"
    )
    update = comm_message(own_kernel, model_id, {"method": "update", "state": {"value": 7}}, subshell)
    (echo,) = [message for message in published(own_kernel, update) if message["msg_type"] == "comm_msg"]
    assert echo["content"]["data"] == {"method": "echo_update", "state": {"value": 7}, "buffer_paths": []}
    own_kernel.finish(running)
    assert own_kernel.run("", "[first, second, s.value, touched[0] == 'MainThread']") == [5, 5, 5, False]
    assert own_kernel.run("widgets.apply()", "s.value") == 7


def test_a_page_that_asks_for_the_state_is_answered_and_all_comms_are_given_back(own_kernel: Kernel) -> None:
    model_id = own_kernel.run("import ipywidgets as W\ns = W.IntSlider(5)\n" + INSTALL, "s.model_id")
    asked = comm_message(own_kernel, model_id, {"method": "request_state"})
    (answer,) = [message for message in published(own_kernel, asked) if message["msg_type"] == "comm_msg"]
    assert answer["content"]["data"]["state"]["value"] == 5
    published(own_kernel, comm_message(own_kernel, model_id, {"method": "update", "state": {"value": 6}}))
    assert own_kernel.run("", "[s.value, widgets.pending()]") == [5, True]
    assert own_kernel.run("widgets.uninstall()", "s.value") == 6
    published(own_kernel, comm_message(own_kernel, model_id, {"method": "update", "state": {"value": 8}}))
    assert own_kernel.run("", "s.value") == 8


def test_an_exception_in_a_callback_is_shown_by_the_shell(own_kernel: Kernel) -> None:
    source = "s = W.IntSlider()\nheard = []\ns.observe(lambda c: 1 / 0, 'value')\ns.observe(heard.append, 'value')"
    own_kernel.run(INSTALL + source + "\nshown = []\nget_ipython().showtraceback = lambda *a, **k: shown.append(1)")
    own_kernel.run("widgets.set_value(s, 3)")
    assert json.loads(own_kernel.run("", "json.dumps([len(heard), shown])")) == [1, [1]]


def test_sliders_of_interact_keep_what_the_user_chose_for_each_of_them(app: AppTest) -> None:
    cells(
        app,
        "import ipywidgets as W\ncalls = []",
        "@W.interact(frequency=(1, 10), wave=['sine', 'square'])\ndef f(frequency=3, wave='sine'):\n    calls.append((frequency, wave))",
        "a, b = f.widget.children[:2]",
    )
    assert app.eval("(a.value, b.value)") == (3, "sine")
    app.set("a", 4).set("b", "square").set("a", 5)
    assert app.eval("calls") == [(3, "sine"), (4, "sine"), (4, "square"), (5, "square")]
    assert app.eval("(a.value, b.value)") == (5, "square")


def test_widgets_that_a_cell_stops_building_are_closed_and_come_back_with_their_models(app: AppTest) -> None:
    cells(
        app,
        "import ipywidgets as W",
        "n = W.IntSlider(max=1000)\nx = 0",
        "w = W.IntSlider() if n.value % 2 else None\nw",
        "if n.value % 2:\n    w.observe(lambda change: None, 'value')",
        "box = W.HBox([W.Label() for i in range(n.value % 3)])",
        "y = x + 1",
    )
    comms = "len(__import__('comm').get_comm_manager().comms)"
    there = []
    for value in (*range(1, 25), *range(1, 7)):
        app.set("n", value)
        there.append(app.eval(comms))
    assert there[:6] == there[-6:] == there[6:12] == there[18:24]
    app.set("n", 1)
    shown = app.outputs(2)
    app.set("n", 2).set("n", 3).set("n", 2).set("n", 1)
    assert app.executed == ()
    assert app.outputs(2) == shown
    assert shown[0]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"] == app.eval("w.comm.comm_id")
