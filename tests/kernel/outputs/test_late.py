"""What threads and tasks put out after their cell has ended: it is added to what that cell shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nbapp.testing import AppTest
from tests.kernel.front_end import FrontEnd
from tests.kernel.kernels import PATIENCE, Kernel

IMPORTS = "import asyncio, sys, threading, time\nimport ipywidgets as w"
SLIDERS = "x = w.IntSlider()\ny = w.IntSlider()\nw.VBox([x, y])"
WAIT = "while not hasattr(sys, f'go{n}'): "
THREAD = (
    "n = x.value\nprint('now', n)\n"
    f"def work(n=n):\n    {WAIT}time.sleep(0.01)\n    print('later', n)\n    display(n)\n"
    "threading.Thread(target=work, daemon=True).start()"
)
POOL = THREAD.replace("threading.Thread(target=work, daemon=True).start()", "_ = pool.submit(work)")
TASK = (
    f"n = x.value\nprint('now', n)\nasync def work(n=n):\n    {WAIT}await asyncio.sleep(0.01)\n    print('later', n)\n"
    "task = asyncio.create_task(work())"
)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., AppTest]]:
    apps: list[AppTest] = []

    def start(*sources: str) -> AppTest:
        apps.append(AppTest.from_cells([IMPORTS, SLIDERS, *sources], cwd=tmp_path).run())
        assert apps[0].error is None
        return apps[0]

    yield start
    for app in apps:
        app.close()


def words(app: AppTest, index: int = 2) -> list[str]:
    return [output.get("text") or output["data"]["text/plain"] for output in app.outputs(index)]


def wait(app: AppTest, said: list[str], index: int = 2) -> None:
    """Wait until a cell shows this."""
    deadline = time.monotonic() + PATIENCE
    while words(app, index) != said:
        assert time.monotonic() < deadline, (words(app, index), said)
        time.sleep(0.01)


def test_what_a_thread_prints_later_is_added_and_stays_while_its_cell_is_skipped(
    opened: Callable[..., AppTest],
) -> None:
    app = opened(THREAD, "print(y.value)")
    assert words(app) == ["now 0\n"]
    app.eval("setattr(sys, 'go0', True)")
    wait(app, ["now 0\nlater 0\n", "0"])
    app.set("y", 1)
    assert app.executed == (3,)
    assert words(app) == ["now 0\nlater 0\n", "0"]


def test_what_a_task_prints_later_is_added(opened: Callable[..., AppTest]) -> None:
    app = opened(TASK)
    app.eval("setattr(sys, 'go0', True)")
    wait(app, ["now 0\nlater 0\n"])


def test_what_a_pool_works_off_later_is_added_to_the_cell_that_gave_it_the_work(opened: Callable[..., AppTest]) -> None:
    app = opened(
        "import concurrent.futures\npool = concurrent.futures.ThreadPoolExecutor(1)", "_ = pool.submit(int)", POOL
    )
    app.eval("setattr(sys, 'go0', True)")
    wait(app, ["now 0\nlater 0\n", "0"], 4)
    assert words(app, 2) == words(app, 3) == []


def test_late_outputs_go_when_the_cell_executes_again(opened: Callable[..., AppTest]) -> None:
    app = opened(THREAD)
    app.eval("setattr(sys, 'go0', True)")
    wait(app, ["now 0\nlater 0\n", "0"])
    app.set("x", 1)
    assert words(app) == ["now 1\n"]
    app.eval("setattr(sys, 'go1', True)")
    wait(app, ["now 1\nlater 1\n", "1"])


def test_what_a_thread_of_another_execution_prints_is_not_added(opened: Callable[..., AppTest]) -> None:
    ended = "\ndef ended(n): setattr(sys, f'ended{n}', True)"
    app = opened(THREAD.replace("display(n)", "ended(n)"), "print(y.value)" + ended)
    app.set("x", 1)
    app.set("x", 0)
    assert words(app)[0] == "now 0\n"
    app.eval("setattr(sys, 'go1', True)")
    deadline = time.monotonic() + PATIENCE
    while not app.eval("hasattr(sys, 'ended1')"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    app.set("y", 1)
    assert words(app)[0] == "now 0\n"
    assert words(app, 3) == ["1\n"]


def test_a_display_that_a_thread_updates_later_changes_in_the_cell_that_shows_it(
    opened: Callable[..., AppTest],
) -> None:
    update = (
        f"def work(n=0):\n    {WAIT}time.sleep(0.01)\n    handle.update('after')\nthreading.Thread(target=work).start()"
    )
    app = opened("handle = display('before', display_id=True)", update)
    assert words(app) == ["'before'"]
    app.eval("setattr(sys, 'go0', True)")
    wait(app, ["'after'"])


def test_with_the_extension_late_outputs_are_added_to_the_cell_of_the_front_end(own_kernel: Kernel) -> None:
    front_end = FrontEnd(own_kernel)
    front_end.run("a", "%load_ext nbapp")
    front_end.run("b", IMPORTS)
    front_end.run("c", SLIDERS)
    front_end.run("d", THREAD)
    front_end.until("d", "now 0\n")
    front_end.move("x", 1)
    front_end.until("d", "now 1\n")
    own_kernel.send("setattr(sys, 'go1', True)")
    front_end.until("d", "now 1\nlater 1\n1")
    front_end.run("e", "print('end')")
    front_end.until("e", "end\n")
    assert front_end.text("d") == "now 1\nlater 1\n1"
    front_end.run("f", "%unload_ext nbapp")
    assert own_kernel.run("", "[t.name for t in threading.enumerate() if t.name == 'nbapp-busy']") == []
