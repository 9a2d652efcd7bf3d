"""`%load_ext nbapp` in a plain kernel, as Notebook 7 or JupyterLab without an extension talk to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kernel.front_end import FrontEnd
from tests.kernel.kernels import Kernel

SLIDER = "import ipywidgets as widgets\ns = widgets.IntSlider(value=3, max=50)\ns"


def test_cells_below_follow_a_slider_and_nothing_else_is_sent(page: FrontEnd) -> None:
    page.run("a", "%load_ext nbapp")
    page.run("b", SLIDER)
    page.run("c", "n = s.value")
    page.run("d", "print('n is', n)")
    page.run("e", "print('always the same')")
    page.sent.clear()
    page.move("s", 8)
    page.until("d", "n is 8\n")
    assert set(page.sent) == {"d"}
    assert page.value("n") == 8


def test_loading_runs_nothing_and_earlier_names_are_there(page: FrontEnd) -> None:
    page.run("a", "data = [1]")
    page.run("b", "%load_ext nbapp")
    page.run("c", SLIDER)
    assert page.run("d", "data.append(s.value)\nprint(data)") == "[1, 3]\n"
    page.move("s", 7)
    page.until("d", "[1, 7]\n")


def test_a_cell_run_again_starts_from_what_the_cells_above_left(page: FrontEnd) -> None:
    page.run("a", "%load_ext nbapp")
    page.run("b", "data = [1]")
    assert page.run("c", "data.append(2)\nprint(data)") == "[1, 2]\n"
    assert page.run("c", "data.append(2)\nprint(data)") == "[1, 2]\n"


def test_a_cell_that_raises_shows_its_error_and_the_next_change_recovers(page: FrontEnd) -> None:
    page.run("a", "%load_ext nbapp")
    page.run("b", SLIDER)
    page.run("c", "print(10 // s.value)")
    page.move("s", 0)
    page.until("c", "ZeroDivisionError")
    page.move("s", 5)
    page.until("c", "2\n")


def test_the_order_of_cells_is_that_of_the_saved_file(tmp_path: Path) -> None:
    cells = [{"id": name, "cell_type": "code"} for name in ("first", "second")]
    path = tmp_path / "saved.ipynb"
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))
    with Kernel() as kernel:
        page = FrontEnd(kernel)
        page.run("x", f"import os; os.environ['JPY_SESSION_NAME'] = {str(path)!r}")
        page.run("y", "%load_ext nbapp")
        page.run("second", "print(n)")
        page.run("first", "n = 4")
        page.until("second", "4\n")


def test_what_follows_a_move_sees_it(page: FrontEnd) -> None:
    page.run("a", "%load_ext nbapp")
    page.run("b", SLIDER)
    page.run("c", "n = s.value")
    page.run("d", "m = [n]")
    for moved in (7, 3):
        page.move("s", moved)
        assert page.value("(s.value, n, m)") == [moved, moved, [moved]]
    page.run("e", "unread = widgets.IntSlider()")
    page.move("unread", 6)
    assert page.run("f", "print(unread.value)") == "6\n"


def test_the_magic_tells_and_switches(page: FrontEnd) -> None:
    page.run("a", "%load_ext nbapp")
    page.run("b", SLIDER)
    page.run("c", "print(s.value)")
    assert "nbapp is on" in page.run("m", "%nbapp")
    assert page.run("m", "%nbapp off") == "nbapp is off.\n"
    page.run("t", "t = widgets.IntSlider(max=50)")
    for name in ("s", "t"):
        page.move(name, 9)
        assert page.value(f"{name}.value") == 9
    assert page.text("c") == "3\n"
    page.run("m", "%nbapp on")
    page.until("c", "9\n")
    assert page.run("w", "%nbapp why 2").startswith("cell 2 ")
    assert page.run("w", "%nbapp profile").startswith("all cells: your code ")
    assert page.run("w", "%nbapp clear") == "Earlier results are forgotten.\n"
    assert "does not know" in page.run("w", "%nbapp what")


def test_a_console_is_told_why_nothing_follows(page: FrontEnd) -> None:
    page.kernel.run("%load_ext nbapp")
    page.kernel.run("n = 1")
    page.kernel.run("%nbapp")
    (told,) = [message["content"]["text"] for message in page.kernel.seen if message["msg_type"] == "stream"]
    assert "a console does not say which cell it runs" in told


def test_unload_leaves_nothing_behind(page: FrontEnd) -> None:
    kernel = "get_ipython().kernel"
    traces = (
        f"[str(type({kernel}.session.send.__self__)), 'do_execute' in vars({kernel}), 'nbapp' in vars(get_ipython()),"
        " 'nbapp' in get_ipython().magics_manager.magics['line'], type(s).__call__.__qualname__,"
        " type(s)._handle_msg.__module__, type(s).observe.__module__]"
    )
    page.run("b", SLIDER)
    before = page.value(traces)
    page.run("a", "%load_ext nbapp")
    page.run("c", "n = s.value\nprint(n)")
    page.run("z", "%unload_ext nbapp")
    assert page.value(traces) == before
    page.move("s", 20)
    assert page.value("[s.value, n]") == [20, 3]


def test_without_a_kernel_it_says_what_it_needs() -> None:
    from IPython.core.interactiveshell import InteractiveShell

    from nbapp.errors import UsageError
    from nbapp.kernel.extension import load

    with pytest.raises(UsageError, match="needs a Jupyter kernel"):
        load(InteractiveShell.instance())
    InteractiveShell.clear_instance()
