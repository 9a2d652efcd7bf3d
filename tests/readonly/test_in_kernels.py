"""What cells only read is left out in real kernels, and never where something else may have changed it."""

from __future__ import annotations

import pytest

from nbapp.testing import AppTest

SLIDER = "import ipywidgets as W\ns = W.IntSlider(max=20)\ngo = W.Button()\nW.VBox([s, go])"
ROWS = "rows = [{'x': n} for n in range(30_000)]"  # large enough that an author is told why it was compared
READER = "print(len(rows), rows[s.value]['x'])"


def doubt(*above: str, reader: str = READER) -> str | None:
    """Why `rows` was compared after the last cell had run because of the slider; None when it was not."""
    function = "def doubtful(*given):\n    pass"
    with AppTest.from_cells((SLIDER, ROWS, function, *above, reader)) as app:
        app.run()
        app.set("s", 7)
        step = app.steps[-1]
        assert step.state == "ran"
        assert step.costs is not None
        return step.costs.doubt


def test_a_cell_that_only_reads_compares_nothing() -> None:
    assert doubt() is None


def test_a_cell_that_changes_a_row_does() -> None:
    assert "stores into something" in (doubt(reader="rows[s.value]['x'] = 1") or "")


def test_everything_is_compared_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBAPP_COST", "full")
    assert doubt() == "NBAPP_COST=full"


@pytest.mark.parametrize(
    ("above", "words"),
    [
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(30,), daemon=True).start()", "threads"),
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(0.1,)).start()", "threads"),
        ("import asyncio\nasync def tick():\n    await asyncio.sleep(30)\nasyncio.ensure_future(tick());", "tasks"),
        ("import asyncio\nasyncio.get_event_loop().call_later(30, lambda: None);", "timers"),
        (
            "import asyncio, functools\nasyncio.get_event_loop().call_later(30, functools.partial(doubtful, 1));",
            "timers",
        ),
        (
            "from tornado.ioloop import PeriodicCallback\nticks = PeriodicCallback(lambda: None, 30_000)\nticks.start()",
            "timers",
        ),
        ("import asyncio\nserver = await asyncio.start_server(doubtful, port=0)", "timers"),
        ("import numpy as np\nnp.seterrcall(lambda *given: None);", "hooks"),
        ("import pandas as pd\npd.DataFrame.total = lambda frame: 1", "attributes set on libraries"),
        (
            "import sys\nclass Tee:\n    def write(self, text): return len(text)\n    def flush(self): pass\nsys.stdout = Tee()",
            "hooks",
        ),
    ],
)
def test_what_may_run_beside_a_cell_is_thought_of(above: str, words: str) -> None:
    assert words in (doubt(above) or "")


def test_what_a_thread_writes_later_is_seen_by_all_cells() -> None:
    later = (
        "import threading, time\ndef grow():\n    time.sleep(0.3)\n    rows.append({'x': 0})\n"
        "thread = threading.Thread(target=grow)\nthread.start()"
    )
    with AppTest.from_cells((SLIDER, "rows = [{'x': n} for n in range(9)]", later, READER, "print(len(rows))")) as app:
        app.run()
        app.eval("thread.join()")
        app.set("s", 5)
        assert [app.outputs(index)[0]["text"] for index in (3, 4)] == ["10 5\n", "10\n"]


def test_what_a_callback_changes_is_seen_by_cells_that_only_read() -> None:
    grow = "def grow(_):\n    rows.append({'x': 9})\ngo.on_click(grow)"
    with AppTest.from_cells((SLIDER, "rows = [{'x': n} for n in range(9)]", grow, READER, "print(len(rows))")) as app:
        app.run()
        app.click("go")
        app.set("s", 5)
        assert [app.outputs(index)[0]["text"] for index in (3, 4)] == ["10 5\n", "10\n"]
