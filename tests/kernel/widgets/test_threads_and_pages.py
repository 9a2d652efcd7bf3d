"""Threads that write while cells run, and pages that write while callbacks run: nothing is lost."""

from __future__ import annotations

import threading

import pytest

from tests.kernel.book import SLIDER, Book
from tests.kernel.walks import KeepingComm, Walks

LINES = 60


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


@pytest.mark.xfail(
    strict=False, reason="a line can be lost at the moment in which a rerun begins: see outside-the-law.md"
)
@pytest.mark.parametrize("how", ["log.append_stdout(f'{i} ')", "log.outputs += ({'output_type': 'stream', 'name': 'stdout', 'text': f'{i} '},)"])  # fmt: skip
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
