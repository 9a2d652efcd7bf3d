"""Names that timers, tasks and threads rebind between two reruns: input from then on, as what a callback changes."""

from __future__ import annotations

import pytest

from tests.kernel.book import SLIDER, Book

# The thread waits at the gate, so that it works between two reruns and not in one.
STATE = "import asyncio, threading\nfrom concurrent.futures import ThreadPoolExecutor\ngate = threading.Event()\npool = ThreadPoolExecutor(1)\nt = 0"
TICK = "def tick():\n    global t\n    t += 1\ndef later():\n    gate.wait()\n    tick()\nasync def soon():\n    await asyncio.sleep(0.05)\n    tick()"
STARTS = {
    "loop timer": "asyncio.get_event_loop().call_later(0.05, tick)",
    "timer of a thread": "threading.Timer(0, later).start()",
    "thread": "threading.Thread(target=later).start()",
    "task": "asyncio.get_event_loop().create_task(soon())",
    "pool": "pool.submit(later)",
}


def await_ticks(book: Book, times: int) -> None:
    """Wait until it has ticked so often; the kernel's loop turns between two questions."""
    book.eval("gate.set()")
    for _ in range(2000):
        if book.eval("__import__('time').sleep(0.002) or t") == times:
            book.eval("gate.clear()")
            return
    raise AssertionError(f"t is {book.eval('t')}, not {times}")


@pytest.mark.parametrize("how", STARTS)
def test_what_a_callback_started_rebinds_stays(book: Book, how: str) -> None:
    click = f"b = W.Button()\ndef handle(_):\n    {STARTS[how]}\nb.on_click(handle)\nb"
    book.open(SLIDER, STATE, TICK, click, "print(t)", "print(n.value)")
    for clicks in (1, 2, 3):
        book.app.click("b")
        await_ticks(book, clicks)
        book.set("n", clicks + 1)
        assert (book.text(4), book.text(5)) == (f"{clicks}\n", f"{clicks + 1}\n")
        assert book.eval("t") == clicks


def test_a_name_that_nobody_had_bound_and_one_that_is_deleted(book: Book) -> None:
    start = "import threading\ngate = threading.Event()\ndef work():\n    global fresh, old\n    gate.wait()\n    fresh = 7\n    del old\nthread = threading.Thread(target=work)\nthread.start()"
    book.open(SLIDER, "old = 1", start, "print('fresh' in globals(), 'old' in globals(), n.value)")
    assert book.text(3) == "False True 1\n"
    book.eval("gate.set() or thread.join()")
    book.set("n", 2)
    assert book.text(3) == "True False 2\n"
    assert book.eval("fresh") == 7


def test_it_is_gone_when_the_cell_that_made_the_name_runs_again(book: Book) -> None:
    work = "import threading\ngate = threading.Event()\ndef work():\n    global t\n    gate.wait()\n    t = 100\nthread = threading.Thread(target=work)"
    book.open(SLIDER, "t = n.value", work, "b = W.Button()\nb.on_click(lambda _: thread.start())", "print(t)")
    book.app.click("b")
    book.eval("gate.set() or thread.join()")
    book.run()
    assert book.text(4) == "100\n"
    book.set("n", 5)
    assert book.text(4) == "5\n"
    assert book.eval("t") == 5


def test_no_cell_runs_for_it_that_does_not_read_it(book: Book) -> None:
    click = f"b = W.Button()\nb.on_click(lambda _: {STARTS['thread']})\nb"
    book.open(SLIDER, STATE, TICK, click, "big = [1]", "print(t, len(big))")
    book.app.click("b")
    await_ticks(book, 1)
    book.run()
    assert [step.state for step in book.app.steps] == [*["skipped"] * 5, "ran"]


def test_a_notebook_runs_while_threads_bind_name_after_name(book: Book) -> None:
    work = "import threading\nstop = threading.Event()\ndef work():\n    at = 0\n    while not stop.is_set():\n        at += 1\n        globals()[f'made_{at % 500}'] = at\n        if not at % 500:\n            for each in range(500): globals().pop(f'made_{each}', None)\nthread = threading.Thread(target=work)\nthread.start()"
    book.open(SLIDER, "items = [n.value]", work, "exec('x = n.value')\nprint(x, sum(items))")
    for value in range(2, 12):
        book.set("n", value)
        assert book.text(3) == f"{value} {value}\n"
    book.eval("stop.set() or thread.join()")
