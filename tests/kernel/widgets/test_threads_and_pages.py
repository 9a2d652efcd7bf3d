"""Threads that write while cells run, and pages that write while callbacks run: nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import ipywidgets
import pytest

from tests.kernel.book import SLIDER, Book
from tests.kernel.walks import KeepingComm, Walks

LINES = 60
HOWS = ["log.append_stdout(f'{i} ')", "log.outputs += ({'output_type': 'stream', 'name': 'stdout', 'text': f'{i} '},)"]


class Teller:
    """A thread that adds a line to an Output widget when it is told to, and not before or later."""

    def __init__(self) -> None:
        self.log = ipywidgets.Output()
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._done: SimpleQueue[None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self, log: ipywidgets.Output) -> None:
        self.stop()
        self.log, self._thread = log, threading.Thread(target=self._work)
        self._thread.start()
        self.tell("0 ")

    def tell(self, line: str) -> None:
        self._lines.put(line)
        self._done.get(timeout=30)

    def stop(self) -> None:
        if self._thread is not None:
            self._lines.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (line := self._lines.get()) is not None:
            self.log.append_stdout(line)
            self._done.put(None)


@pytest.fixture
def teller() -> Iterator[Teller]:
    teller = Teller()
    yield teller
    teller.stop()


def open_told(walks: Walks, teller: Teller, monkeypatch: pytest.MonkeyPatch, **above: str) -> Callable[[str], Any]:
    """A notebook whose cell `work` starts the teller; `above` stands between it and the widgets. What is returned lets
    it add a line at each next step of a walk, that of each cell included."""
    walks.give(teller=teller)
    walks.walk(
        a="s = W.IntSlider()\nlog = W.Output()", **above, work="teller.start(log)", b="x = s.value", c="y = x or x"
    )
    assert lines(walks) == "0 "
    told = iter(range(1, 100))
    for step in ("begin_walk", "restore", "end_walk"):
        there = getattr(walks.widgets, step)

        def at(*args: Any, there: Callable[..., Any] = there) -> None:
            there(*args)
            teller.tell(f"{next(told)} ")

        monkeypatch.setattr(walks.widgets, step, at)
    return lambda source: walks.walk(work=source)


def lines(walks: Walks) -> str:
    return "".join(output["text"] for output in walks.get("log").outputs)


def test_a_second_page_hears_of_its_value_while_a_slow_callback_runs(walks: Walks) -> None:
    walks.walk(a="s = W.IntSlider(); t = W.IntSlider()", b="s.observe(lambda change: wait(), 'value')")
    heard: list[object] = []

    def wait() -> None:
        page = threading.Thread(target=lambda: walks.send(walks.get("t"), value=7))
        page.start()
        page.join()
        heard.extend(walks.sent(walks.get("t"), "echo_update"))

    walks.space["wait"] = wait
    walks.send(walks.get("s"), value=3)
    assert walks.sent(walks.get("s"), "echo_update") == [{"value": 3}]
    KeepingComm.sent.clear()
    walks.widgets.apply()
    assert heard == [{"value": 7}]
    assert walks.sent(walks.get("s"), "echo_update") == []  # it was sent when the update came


def numbers(count: int) -> str:
    return "".join(f"{number} " for number in range(count))


def test_a_line_that_comes_at_any_step_of_a_walk_is_there_afterwards(
    walks: Walks, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_told(walks, teller, monkeypatch)
    for value in (1, 2):
        walks.send(walks.get("s"), value=value)
        assert walks.walk() == ["b", "c"]
    count = len(lines(walks).split())
    assert (count > 6, lines(walks)) == (True, numbers(count))


def test_a_line_that_comes_as_a_cell_above_executes_is_there_afterwards(
    walks: Walks, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_told(walks, teller, monkeypatch, d="seen = s.value, len(log.outputs)")
    for value in (1, 2):
        walks.send(walks.get("s"), value=value)
        assert walks.walk() == ["d", "b", "c"]
        assert walks.space["seen"] == (value, 0)  # as in a clean run: `work` stands below
    count = len(lines(walks).split())
    assert (count > 6, lines(walks)) == (True, numbers(count))


def test_a_cell_above_that_looks_for_the_lines_finds_none_and_is_skipped(
    walks: Walks, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_told(walks, teller, monkeypatch, d="seen = len(log.outputs)")
    walks.send(walks.get("s"), value=1)
    assert (walks.walk(), walks.space["seen"]) == (["b", "c"], 0)


def test_the_lines_go_when_the_cell_that_started_the_thread_executes_again_or_is_gone(
    walks: Walks, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = open_told(walks, teller, monkeypatch)
    walks.walk()
    monkeypatch.undo()
    assert len(lines(walks).split()) > 3
    walk("teller.start(log) # edited")
    assert lines(walks) == "0 "
    teller.tell("1 ")
    del walks.cells["work"]
    walks.walk()
    assert lines(walks) == ""


@pytest.mark.parametrize("how", HOWS)
def test_all_lines_of_a_thread_are_there_that_writes_while_cells_run(book: Book, how: str) -> None:
    work = f"import threading, time\ndef work():\n    for i in range({LINES}):\n        time.sleep(0.005)\n        {how}\nt = threading.Thread(target=work); t.start()"
    book.open(SLIDER, "log = W.Output()", work, "import time; time.sleep(0.02); print(n.value)")
    for value in range(2, 8):
        book.set("n", value)
        assert book.text(3) == f"{value}\n"
    text = "''.join(output['text'] for output in log.outputs)"
    book.eval("t.join()")
    assert book.eval(text) == "".join(f"{i} " for i in range(LINES))
    book.set("n", 9)
    assert book.eval(text) == "".join(f"{i} " for i in range(LINES))


def test_lines_of_a_task_are_there_that_writes_while_cells_run(book: Book) -> None:
    work = f"import asyncio\nasync def work():\n    for i in range({LINES}):\n        await asyncio.sleep(0.003)\n        log.append_stdout(f'{{i}} ')\ntask = asyncio.create_task(work())"
    book.open(SLIDER, "log = W.Output()", work, "import asyncio\nawait asyncio.sleep(0.02); print(n.value)")
    for value in range(2, 8):
        book.set("n", value)
    book.edit(3, "await task; print(n.value)").run()
    assert book.error is None
    assert book.eval("''.join(output['text'] for output in log.outputs)") == "".join(f"{i} " for i in range(LINES))


def test_what_a_cell_shows_in_an_output_widget_is_still_that_cell_s(book: Book) -> None:
    book.open(SLIDER, "log = W.Output()", "with log:\n    print('at', n.value)", "log.append_stdout('and more')")
    assert book.eval("[o['text'] for o in log.outputs]") in (["at 1\nand more"], ["at 1\n", "and more"])
    book.set("n", 2)
    assert "".join(book.eval("[o['text'] for o in log.outputs]")) == "at 2\nand more"
