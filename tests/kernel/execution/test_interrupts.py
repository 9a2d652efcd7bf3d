"""A newer value interrupts a long cell that depends on it, and nothing else; what page and cell set in turn ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.kernel.front_end import FrontEnd
from tests.kernel.kernels import Kernel

IMPORTS = "import asyncio, threading, time\nimport ipywidgets as widgets"
SLIDERS = "s = widgets.IntSlider(max=50)\nt = widgets.IntSlider(max=50)"
# Prints when it begins a run, which is in progress for a while or for ever, and when it ends it.
LOAD = "print(time.time_ns())\nif {0}.value == 7: time.sleep(0.9)\nprint('done', {0}.value)"
FOREVER = "print('begun', s.value)\nif s.value == 7: {0}\nprint('done', s.value)"


class Page(FrontEnd):
    """A front end whose slider `s` makes its own `answer` of a value that it is told, and says so."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self.answer: Callable[[int], int] | None = None
        self.position = 0
        self.run("load", "%load_ext nbapp")
        self.run("imports", IMPORTS)
        self.run("sliders", SLIDERS)
        self.models = {name: self.value(f"{name}.comm.comm_id") for name in ("s", "t")}

    def begun(self, cell: str) -> str:
        """The first line that a cell prints in the execution under way."""
        before = self.text(cell)
        self.until_it(lambda: self.text(cell).count("\n") == 1 and self.text(cell) != before, cell)
        return self.text(cell)

    def move(self, expression: str, value: Any) -> None:
        if expression == "s":
            self.position = value
        super().move(expression, value)

    def _take(self, message: dict[str, Any]) -> None:
        super()._take(message)
        content = message["content"]
        if self.answer is None or message["msg_type"] != "comm_msg" or content["comm_id"] != self.models["s"]:
            return
        told = content["data"].get("state", {}).get("value", self.position)
        if content["data"]["method"] == "update" and told != self.position:
            self.move("s", self.answer(told))


@pytest.fixture
def page() -> Iterator[Page]:
    with Kernel() as kernel:
        yield Page(kernel)


@pytest.fixture
def reading(page: Page) -> Page:
    """A page whose messages are read while a cell blocks the main thread."""
    if not page.value("hasattr(get_ipython().kernel, 'shell_channel_thread')"):
        pytest.skip("this ipykernel reads the shell channel on the main thread")
    return page


@pytest.mark.parametrize("wait", ["time.sleep(600)", "await asyncio.sleep(600)"])
def test_a_newer_value_interrupts_a_long_cell_and_the_last_value_wins(
    page: Page, wait: str, request: pytest.FixtureRequest
) -> None:
    if not wait.startswith("await"):
        request.getfixturevalue("reading")
    page.run("slow", FOREVER.format(wait))
    page.run("below", "print('below', s.value)")
    page.move("s", 7)
    assert page.begun("slow") == "begun 7\n"
    page.move("s", 8)
    page.until("slow", "begun 8\ndone 8\n")
    page.until("below", "below 8\n")
    assert not page.errors
    page.move("s", 0)
    page.until("slow", "begun 0\ndone 0\n")


def test_a_request_sees_what_was_sent_before_it_while_a_cell_was_executing(reading: Page) -> None:
    reading.run("slow", FOREVER.format("time.sleep(600)"))
    reading.move("s", 7)
    reading.begun("slow")
    reading.move("s", 3)
    reading.move("s", 8)
    assert reading.run("by hand", "print(s.value)") == "8\n"
    reading.until("slow", "begun 8\ndone 8\n")


def test_a_change_in_place_that_was_cut_off_does_not_survive(reading: Page) -> None:
    reading.run("data", "data = [1]")
    reading.run("slow", "print(s.value)\ndata.append(s.value)\nif s.value == 7: time.sleep(600)\ndata.append('end')")
    reading.run("show", "print(data)")
    reading.move("s", 7)
    reading.begun("slow")
    reading.move("s", 8)
    reading.until("show", "[1, 8, 'end']\n")
    reading.move("s", 0)
    reading.until("show", "[1, 0, 'end']\n")


def test_a_cell_that_catches_the_interrupt_is_not_taken_for_finished(reading: Page) -> None:
    guarded = "try:\n  if s.value == 7: time.sleep(600)\nexcept KeyboardInterrupt: print('caught')"
    reading.run("slow", f"print('begun', s.value)\n{guarded}\nprint('done')")
    reading.move("s", 7)
    reading.begun("slow")
    reading.move("s", 8)
    reading.until("slow", "begun 8\ndone\n")
    reading.move("s", 7)
    assert reading.begun("slow") == "begun 7\n"
    reading.move("s", 8)
    reading.until("slow", "begun 8\ndone\n")


def test_a_load_that_does_not_depend_on_the_dragged_slider_ends(page: Page) -> None:
    page.run("first", LOAD.format("t"))
    page.run("second", LOAD.format("t"))
    page.run("picture", "print('picture', s.value)")
    page.move("t", 7)
    first = page.begun("first")
    page.move("s", 1)
    second = page.begun("second")
    page.move("s", 2)
    page.until("picture", "picture 2\n")
    assert page.text("first") == f"{first}done 7\n"
    assert page.text("second") == f"{second}done 7\n"


def test_with_callbacks_a_walk_goes_on_to_its_end(page: Page) -> None:
    page.run("callback", "t.observe(print, 'value')")
    page.run("slow", LOAD.format("s"))
    page.run("below", "print('below', s.value)")
    page.move("s", 7)
    begun = page.begun("slow")
    page.move("s", 8)
    page.until("slow", f"{begun}done 7\n")
    page.until("below", "below 8\n")


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("s.value = 5", lambda value: value + 1),
        ("s.value = s.value + 1", lambda value: value + 1),
        ("if s.value: s.value = s.value // 10 * 10", lambda value: value + 5),
    ],
)
def test_a_page_that_answers_what_a_cell_sets_is_ignored_after_ten_rounds(
    page: Page, source: str, answer: Callable[[int], int]
) -> None:
    page.run("set", source)
    page.run("show", "print(s.value)\nprint('t', t.value)")
    page.answer = answer
    page.move("s", 12)
    page.until_it(lambda: page.text("set") == "PingPong", "the page was answered for ever")
    (error,) = page.errors
    assert "cell 3 sets s.value to " in error
    told = page.run("status", "%nbapp")
    assert "cell 3 failed: cell 3 sets s.value to " in told
    page.answer = None
    page.move("t", 3)
    page.until_it(lambda: page.text("show").endswith("t 3\n"), "another input is taken again")
    assert page.text("set") == ""


def test_a_callback_and_a_page_that_answer_each_other_are_stopped(page: Page) -> None:
    page.run("callback", "def back(change): s.value = 5\ns.observe(back, 'value')")
    page.run("show", "print(s.value)")
    page.answer = lambda value: value + 1
    page.move("s", 20)
    page.until("callback", "PingPong")
    assert "cell 3 sets s.value to 5 and the page answers 6" in page.errors[0]


def test_a_person_who_drags_a_slider_that_a_cell_holds_back_is_no_ping_pong(page: Page) -> None:
    page.run("limit", "if s.value > 5: s.value = 5")
    page.run("show", "print(s.value)\nprint(t.value)")
    for value in range(20, 40):
        page.move("s", value)
        assert page.value("s.value") == 5
    page.move("s", 3)
    page.until("show", "3\n0\n")
    assert not page.errors


def test_a_value_that_a_thread_sets_reruns_what_reads_it(page: Page) -> None:
    page.run("show", "print('s is', s.value)")
    page.run(
        "thread",
        "go = threading.Event()\ndef later():\n    go.wait()\n    s.value = 5\nthreading.Thread(target=later).start()",
    )
    assert page.value("go.set()") is None
    page.until("show", "s is 5\n")
    page.move("s", 6)
    page.until("show", "s is 6\n")


THREAD = """
import sys, threading
sys.begun, sys.go = threading.Event(), threading.Event()
def later(sys=sys, s=s):
    sys.begun.wait()
    s.value = 8
    sys.go.set()
threading.Thread(target=later).start()
"""


def test_a_value_that_a_thread_sets_while_a_cell_reads_it_is_not_kept_as_a_result_of_the_old_value(page: Page) -> None:
    page.run("twice", "import sys\none = s.value\nif one == 7: sys.begun.set(), sys.go.wait()\nprint(one, s.value)")
    page.kernel.run(THREAD)  # as no cell, so that it starts once
    page.move("s", 7)
    page.until("twice", "8 8\n")
    page.move("s", 7)
    page.until("twice", "7 7\n")
