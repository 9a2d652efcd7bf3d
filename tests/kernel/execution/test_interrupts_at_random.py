"""SIGINT at any moment: it ends the code under way or nothing, and never the kernel."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from queue import Empty

import pytest

from tests.kernel.front_end import FrontEnd
from tests.kernel.kernels import PATIENCE, Kernel

MOVES = 60
SLIDER = "import ipywidgets as W, time, asyncio\ns = W.IntSlider(max=1000)\ns"
CELLS = (
    "n = s.value",
    "items = [n] * 1000\nitems.sort()",
    "time.sleep(0.002)",
    "await asyncio.sleep(0.002)",
    "total = sum(items)\nprint(total)",
    "for i in range(3):\n    print(i, n)",
)


@pytest.fixture
def page() -> Iterator[FrontEnd]:
    with Kernel() as kernel:
        page = FrontEnd(kernel)
        page.run("load", "%load_ext nbapp")
        page.run("slider", SLIDER)
        page.models["s"] = page.value("s.comm.comm_id")
        yield page


def interrupt(page: FrontEnd) -> None:
    page.kernel.manager.provisioner.process.send_signal(signal.SIGINT)  # type: ignore[union-attr]


def drain(page: FrontEnd) -> None:
    """Read whatever came."""
    client = page.kernel.client
    for read in (client.get_iopub_msg, client.get_shell_msg):
        while True:
            try:
                read(timeout=0)
            except Empty:
                break


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_interrupts_at_random_moments_of_reruns_never_end_the_kernel(seed: int, page: FrontEnd) -> None:
    for index, source in enumerate(CELLS):
        page.run(f"cell-{index}", source)
    draw, client = random.Random(seed), page.kernel.client
    for move in range(1, MOVES + 1):
        page.move("s", move)
        if draw.random() < 0.4:
            client.execute("sum(range(1000))", store_history=False, stop_on_error=False)  # else the next may be aborted
        for _ in range(draw.randrange(1, 4)):
            time.sleep(draw.random() * 0.012)  # the moment is the test; nothing waits for it
            interrupt(page)
        drain(page)
        assert page.kernel.manager.is_alive(), f"move {move} of seed {seed}"
    page.move("s", 999)
    page.kernel.wait(lambda: alive_value(page, "n") == 999)
    assert page.value("total") == 999 * 1000


def alive_value(page: FrontEnd, expression: str) -> object:
    assert page.kernel.manager.is_alive()
    return page.value(f"globals().get({expression!r})")


def test_python_s_own_handler_never_stands(page: FrontEnd) -> None:
    watch = """
import signal, sys, threading
from nbapp.kernel.execution.sigint import Sigint
seen, stop = set(), threading.Event()
def watch():
    while not stop.is_set():
        handler = signal.getsignal(signal.SIGINT)
        seen.add(type(handler).__name__ if isinstance(handler, Sigint) else getattr(handler, '__name__', str(handler)))
threading.Thread(target=watch, daemon=True).start()
"""
    page.kernel.run(watch)
    for index, source in enumerate(CELLS):
        page.run(f"cell-{index}", source)
    for move in range(1, 10):
        page.move("s", move)
        page.kernel.wait(lambda: page.value("n") == move)  # noqa: B023
    assert "default_int_handler" not in page.kernel.run("stop.set()", "sorted(seen)")


def test_what_an_author_runs_by_hand_is_interrupted(page: FrontEnd) -> None:
    client = page.kernel.client
    for cell_id in ("", "by-hand"):
        content = {"code": "print('begun')\nwhile True: pass", "silent": False, "allow_stdin": False}
        message = client.session.msg("execute_request", content, metadata={"cellId": cell_id} if cell_id else {})
        client.shell_channel.send(message)
        while client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "stream":
            pass
        interrupt(page)
        reply = page.kernel.finish(message["header"]["msg_id"])
        assert reply["ename"] == "KeyboardInterrupt"


def test_a_callback_that_never_ends_is_interrupted(page: FrontEnd) -> None:
    page.run(
        "endless", "def hangs(change):\n    print('begun')\n    while change.new == 7: pass\ns.observe(hangs, 'value')"
    )
    page.move("s", 7)
    request = page.kernel.send("")
    deadline, answered = time.monotonic() + PATIENCE, False
    while not answered:
        assert time.monotonic() < deadline
        interrupt(page)
        try:
            reply = page.kernel.client.get_shell_msg(timeout=0.2)
        except Empty:
            continue
        answered = reply["parent_header"]["msg_id"] == request
    assert page.value("s.value") == 7


def test_an_interrupt_at_rest_does_nothing(page: FrontEnd) -> None:
    for _ in range(20):
        interrupt(page)
    assert page.value("1 + 1") == 2


def test_unloading_gives_ipykernel_its_handler_back(page: FrontEnd) -> None:
    page.run("unload", "%unload_ext nbapp")
    now = "[signal.getsignal(signal.SIGINT) is signal.default_int_handler, 'pre_handler_hook' in vars(get_ipython().kernel)]"
    assert page.kernel.run("import signal", now) == [True, False]
    for _ in range(20):
        interrupt(page)
    assert page.value("1 + 1") == 2
