"""Requests that are no cell: of a console on the notebook's kernel, an inspector, a front end without cell ids."""

from __future__ import annotations

import pytest

from tests.kernel.front_end import FrontEnd

SLIDER = "import ipywidgets as W\ns = W.IntSlider(max=50)\ns"
HEARS = "heard = []\ns.observe(lambda change: heard.append(change.new), 'value')"


def console(page: FrontEnd, code: str) -> None:
    """Run code as a front end without cell ids does."""
    kernel = page.kernel
    reply = kernel.finish(str(kernel.client.execute(code)))
    assert reply["status"] == "ok", reply


def move(page: FrontEnd, value: int) -> None:
    """Move the slider, and wait until it has moved."""
    page.move("s", value)
    page.kernel.wait(lambda: bool(page.value("s.value") == value))


def ready(page: FrontEnd) -> None:
    page.models["s"] = page.value("s.comm.comm_id")


@pytest.mark.parametrize("hears", [False, True], ids=["no callback", "callback"])
def test_names_of_a_front_end_without_cell_ids_stay(page: FrontEnd, hears: bool) -> None:
    for code in ("%load_ext nbapp", "x = 1", SLIDER, "items = [1]", "gone = 1", *([HEARS] if hears else [])):
        console(page, code)
    ready(page)
    move(page, 3)
    console(page, "items.append(2)\ndel gone")
    move(page, 4)
    console(page, "def f(): return x + 1")
    move(page, 5)
    assert page.value("[x, items, 'gone' in globals(), f()]") == [1, [1, 2], False, 2]
    if hears:
        assert page.value("heard") == [3, 4, 5]


def test_what_callbacks_bind_stays_too(page: FrontEnd) -> None:
    for code in (
        "%load_ext nbapp",
        SLIDER,
        "total = 0\ndef add(change):\n    global total, new\n    total += 1\n    new = 1",
    ):
        console(page, code)
    console(page, "s.observe(add, 'value')")
    ready(page)
    move(page, 3)
    move(page, 4)
    assert page.value("[total, new]") == [2, 1]


def test_a_console_beside_the_notebook_keeps_its_names(page: FrontEnd) -> None:
    page.run("a", "%load_ext nbapp")
    page.run("b", SLIDER)
    page.run("c", "data = [s.value]\nprint(data)")
    ready(page)
    console(page, "mine = [1]\nimport os\nos.environ['OF_CONSOLE'] = 'yes'")
    page.move("s", 8)
    page.until("c", "[8]\n")
    assert page.value("[mine, __import__('os').environ.get('OF_CONSOLE')]") == [[1], "yes"]
    console(page, "mine.append(2)\nother = mine")
    page.move("s", 9)
    page.until("c", "[9]\n")
    assert page.value("[mine, other is mine]") == [[1, 2], True]
    console(page, "del mine")
    page.move("s", 7)
    page.until("c", "[7]\n")
    assert page.value("['mine' in globals(), other]") == [False, [1, 2]]


def test_what_a_console_changes_of_the_notebook_is_input_until_its_cell_runs(page: FrontEnd) -> None:
    page.run("a", "%load_ext nbapp")
    page.run("b", SLIDER)
    page.run("c", "x = 1\nitems = [1]")
    page.run("d", "print(s.value, x, items)")
    ready(page)
    console(page, "x = 5\nitems.append(2)")
    page.until("d", "0 5 [1, 2]\n")
    page.move("s", 8)
    page.until("d", "8 5 [1, 2]\n")
    page.run("c", "x = 2\nitems = [1]")
    page.until("d", "8 2 [1]\n")


def test_names_from_before_the_first_cell_are_those_it_finds(page: FrontEnd) -> None:
    console(page, "%load_ext nbapp")
    console(page, "data = [1]\nimport os\nos.environ['EARLY'] = 'yes'")
    console(page, "data.append(2)")
    page.run("b", SLIDER)
    assert page.run("c", "import os\nprint(data, s.value, os.environ['EARLY'])") == "[1, 2] 0 yes\n"
    ready(page)
    page.move("s", 8)
    page.until("c", "[1, 2] 8 yes\n")


def test_a_silent_request_keeps_its_names(page: FrontEnd) -> None:
    page.run("a", "%load_ext nbapp")
    page.run("b", SLIDER)
    page.run("c", "print(s.value)")
    ready(page)
    kernel = page.kernel
    kernel.finish(str(kernel.client.execute("def inspect_me(): return 'here'", silent=True)))
    page.move("s", 8)
    page.until("c", "8\n")
    assert page.value("inspect_me()") == "here"
