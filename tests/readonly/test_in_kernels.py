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
        "import threading\nend = threading.Event()\ndef grow():\n    end.wait()\n    rows.append({'x': 0})\n"
        "thread = threading.Thread(target=grow)\nthread.start()"
    )
    with AppTest.from_cells((SLIDER, "rows = [{'x': n} for n in range(9)]", later, READER, "print(len(rows))")) as app:
        app.run()
        app.eval("end.set() or thread.join()")
        app.set("s", 5)
        assert [app.outputs(index)[0]["text"] for index in (3, 4)] == ["10 5\n", "10\n"]


def test_what_a_callback_changes_is_seen_by_cells_that_only_read() -> None:
    grow = "def grow(_):\n    rows.append({'x': 9})\ngo.on_click(grow)"
    with AppTest.from_cells((SLIDER, "rows = [{'x': n} for n in range(9)]", grow, READER, "print(len(rows))")) as app:
        app.run()
        app.click("go")
        app.set("s", 5)
        assert [app.outputs(index)[0]["text"] for index in (3, 4)] == ["10 5\n", "10\n"]


MANY = "rows = [{'x': n} for n in range(300_000)]"
FILTER = "m = [row for row in rows if row['x'] > s.value]"
BINDINGS = (
    "[each for each in __import__('gc').get_objects() if type(each) is __import__('nbapp').core.memos.memo.Binding]"
)
SEEN = f"[each.unseen is None for each in {BINDINGS} if each.value is m]"


def test_a_large_filter_is_not_looked_at_before_a_cell_asks_for_it() -> None:
    with AppTest.from_cells((SLIDER, MANY, FILTER, "print(s.max, rows[0])")) as app:
        app.run()
        app.set("s", 7)
        assert list(app.executed) == [2]
        assert app.eval(SEEN) == [False]
        app.insert(4, "print(len(m))").run()
        assert app.outputs(4)[0]["text"] == "299992\n"
        assert app.eval(SEEN) == [True]
        app.set("s", 8)
        assert list(app.executed) == [2, 4]
        app.set("s", 7)
        assert list(app.executed) == []


def test_what_may_hold_an_object_out_of_a_widget_is_looked_at_at_once() -> None:
    choice = "pick = W.Dropdown(options=[('first', rows[0])])\npick"
    with AppTest.from_cells((SLIDER, MANY, choice, f"{FILTER}\nm.append(pick.value)")) as app:
        app.run()
        app.set("s", 7)
        assert app.eval(SEEN) == [True]
