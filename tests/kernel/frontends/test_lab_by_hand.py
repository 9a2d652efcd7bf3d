"""Cells that fail or are stopped in JupyterLab, and others that are run by hand below them: what stands under each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from tests.kernel.kernels import Kernel
from tests.kernel.labpage import SLIDER, LabPage

# The file that tells that the cell runs is empty: Python writes what a file that nobody closed still holds when it is collected,
# and an interrupt that comes just then is lost, without us too.
SLOW = (
    "import time\nprint('begins')\nwith open('runs', 'a') as runs: runs.write('x')\n"
    "open('begun', 'w').close()\nfor _ in range(600): time.sleep(0.1)"
)


@pytest.fixture
def page() -> Iterator[LabPage]:
    with Kernel() as kernel:
        page = LabPage(kernel)
        page.load()
        page.run("a", SLIDER)
        yield page


def test_below_a_failure_each_output_stands_under_its_cell_and_follows_once_it_is_mended(page: LabPage) -> None:
    page.run("b", "k = 10 // s.value\nprint('k', k)")
    page.run("c", "print('c', k)")
    page.run("d", "print('d', s.value)")
    page.run("b", "print('half'); k = 5; 1 // 0")
    assert page.run("c") == "c 5\n"
    assert page.run("d") == "d 3\n"
    page.settle()
    assert [page.text(cell) for cell in "bcd"] == ["half\nZeroDivisionError", "c 5\n", "d 3\n"]
    assert [page.state(cell) for cell in "bd"] == [("failed", False), ("ran", False)]
    assert page.state("c") in [("ran", False), ("skipped", False)]  # the latter when a rerun came before the next cell
    page.run("b", "k = 10 // s.value\nprint('k', k)")
    page.settle()
    assert [page.text(cell) for cell in "bcd"] == ["k 3\n", "c 3\n", "d 3\n"]
    page.move("s", 5)
    page.until(lambda: page.text("d") == "d 5\n")
    assert [page.text(cell) for cell in "bc"] == ["k 2\n", "c 2\n"]


def test_what_a_cell_run_by_hand_below_a_failure_binds_is_there_for_the_next_one(page: LabPage) -> None:
    page.run("b", "1 // 0")
    page.run("c", "x = 1")
    assert page.run("d", "print(x + 1)") == "2\n"
    page.settle()
    assert page.run("d") == "2\n"


def test_a_cell_that_failed_by_hand_is_not_executed_a_second_time(page: LabPage) -> None:
    page.run("b", "open('log', 'a').write('b'); 1 // 0")
    page.run("c", "print('c')")
    page.run("d", "print('d')")
    page.settle()
    assert page.value("open('log').read()") == "b"
    page.move("s", 5)
    page.until(lambda: page.state("d") == ("not run", True))
    assert page.value("open('log').read()") == "bb"


def test_a_cell_that_was_stopped_is_not_started_again(page: LabPage) -> None:
    page.run("c", "print('c', s.value)")
    page.insert("b", SLOW, before="c")
    page.stop_by_hand("b", "begun")
    assert page.run("c") == "c 3\n"
    page.settle()
    assert [page.text(cell) for cell in "bc"] == ["begins\nKeyboardInterrupt", "c 3\n"]
    assert [page.state(cell) for cell in "bc"] == [("failed", False), ("ran", False)]
    assert page.value("open('runs').read()") == "x"
    page.run("b", "print('quick')")
    page.move("s", 4)
    page.until(lambda: page.text("c") == "c 4\n")
    assert page.text("b") == "quick\n"


def test_cells_that_run_all_gave_up_show_what_they_showed_and_follow(page: LabPage) -> None:
    page.run("b", "k = 10 // s.value")
    page.run("c", "print('c', k)")
    page.run("d", "print('d')")
    page.cells["b"] = "1 // 0"
    page.run_all()
    page.settle()
    assert [page.text(cell) for cell in "bcd"] == ["ZeroDivisionError", "c 3\n", "d\n"]
    assert [page.state(cell) for cell in "bcd"] == [("failed", False), ("not run", True), ("not run", True)]
    page.run("b", "k = 10 // s.value")
    page.settle()
    assert [page.text(cell) for cell in "bcd"] == ["", "c 3\n", "d\n"]
    assert [page.state(cell)[1] for cell in "bcd"] == [False] * 3


def test_with_its_tag_a_cell_may_raise_and_the_cells_below_follow(page: LabPage) -> None:
    page.tags["b"] = ["raises-exception"]
    page.cells |= {"b": "1 // s.value - 1 // 0", "c": "print('c', s.value)"}
    page.run_all()
    page.settle()
    page.move("s", 5)
    page.until(lambda: page.text("c") == "c 5\n")
    assert page.state("b") == ("failed", False)


def test_stopping_what_runs_above_a_cell_run_by_hand_stops_that_cell_too(page: LabPage) -> None:
    page.run(
        "b", "import time\nfor _ in range(600 if s.value > 10 else 1): open('began', 'w').close(); time.sleep(0.1)"
    )
    page.run("c", "print('c', s.value)")
    page.say(kind="reactive", on=False)
    page.until(lambda: page.status["reactive"] is False)
    page.move("s", 20)
    page.stop_by_hand("c", "began")
    assert page.text("c") == "KeyboardInterrupt"
    page.move("s", 4)
    page.say(kind="reactive", on=True)
    page.until(lambda: page.text("c") == "c 4\n")


def test_a_cell_that_executes_has_no_badge_of_its_last_execution(page: LabPage) -> None:
    page.run("b", "import time\nfor _ in range(600 if s.value > 10 else 1): time.sleep(0.1)")
    page.until(lambda: page.state("b") == ("ran", False))
    page.move("s", 20)
    page.until(lambda: bool(page.busy) and page.state("b") == ("", False))
    page.say(kind="stop")
    page.kernel.manager.interrupt_kernel()
    page.until(lambda: page.state("b")[0] == "failed")


def test_what_goes_to_an_output_widget_is_not_the_cells(page: LabPage) -> None:
    into = "import ipywidgets\nfrom IPython.display import clear_output\nout = ipywidgets.Output()\nprint('above')\n"
    page.run("b", into + "with out:\n    print('inside')\n    clear_output(wait=True)\nprint('below')")
    page.run("c", "ipywidgets.interact(lambda m: print(m), m='x');")
    page.settle()
    shown = (
        "[[output.get('text', output['output_type']) for output in step.outputs] for step in get_ipython().nbapp.steps]"
    )
    assert page.value(shown)[-2:] == [["above\nbelow\n"], ["display_data"]]


def test_a_cell_run_by_hand_executes_though_walks_skip_it_with_its_neighbours(page: LabPage) -> None:
    page.run("b", "k = 1\nprint('k', k)")
    page.run("c", "import time\nat = time.time_ns()\nprint(at)")
    page.run("d", "print('d', s.value + k)")
    for value in (4, 5, 6):
        page.move("s", value)
        page.until(partial(_shows, page, f"d {value + 1}\n"))
    before = page.text("c")
    assert page.run("c") != before
    page.settle()
    assert page.text("c") != before


def _shows(page: LabPage, text: str) -> bool:
    return page.text("d") == text
