"""AppTest drives a real kernel as a visitor would; these are the promises of its public API."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from traitlets import TraitError

from nbapp.child import KernelDied
from nbapp.errors import NbappError, UsageError
from nbapp.testing import AppTest

CONTROLS = """
import ipywidgets as widgets
n = widgets.IntSlider(value=1, max=10)
region = widgets.Dropdown(options=["East", "West"])
tags = widgets.SelectMultiple(options=["a", "b", "c"])
go = widgets.Button(description="Go")
clicks = 0
def on_go(button):
    global clicks
    clicks += 1
go.on_click(on_go)
"""


@pytest.fixture(scope="module")
def app() -> Iterator[AppTest]:
    cells = [CONTROLS, "m = n.value * 2", "print(m, region.value)", "print(list(tags.value))", "print(clicks)"]
    with AppTest.from_cells(cells) as app:
        yield app.run()


def ran(app: AppTest) -> list[int]:
    return [step.index for step in app.steps if step.state == "ran"]


def text(app: AppTest, index: int) -> str:
    return "".join(output["text"] for output in app.outputs(index))


def test_set_runs_only_what_reads_the_widget(app: AppTest) -> None:
    app.set("n", 4)
    assert ran(app) == [1, 2]
    assert text(app, 2).startswith("8 ")


def test_a_value_seen_before_runs_nothing(app: AppTest) -> None:
    app.set("n", 6).set("n", 7).set("n", 6)
    assert ran(app) == []
    assert {step.state for step in app.steps} == {"skipped", "restored"}
    assert text(app, 2).startswith("12 ")


def test_set_many_is_one_rerun(app: AppTest) -> None:
    app.set_many({"n": 3, "region": "West", "tags": ["a", "c"]})
    assert ran(app) == [1, 2, 3]
    assert text(app, 2) == "6 West\n"
    assert text(app, 3) == "['a', 'c']\n"


def test_click_calls_the_callback_once_and_its_readers_follow(app: AppTest) -> None:
    before = app.eval("clicks")
    app.click("go")
    assert app.eval("clicks") == before + 1
    assert ran(app) == [4]
    app.set("n", 9)
    assert app.eval("clicks") == before + 1
    assert text(app, 4) == f"{before + 1}\n"


def test_widgets_tell_their_state(app: AppTest) -> None:
    app.set("n", 5)
    assert app.widgets["n"].value == 5
    assert app.widgets["n"].kind == "IntSlider"
    assert app.widgets["n"].traits["max"] == 10
    assert set(app.widgets) == {"n", "region", "tags", "go"}


def test_a_value_out_of_bounds_is_clamped_as_a_front_end_would_see(app: AppTest) -> None:
    app.set("n", 99)
    assert app.eval("n.value") == 10


@pytest.mark.parametrize(
    ("name", "value", "error", "words"),
    [
        ("nn", 1, UsageError, "did you mean `n`"),
        ("nowhere", 1, UsageError, "widgets: "),
        ("region", "North", UsageError, "options: East, West"),
        ("n", "three", TraitError, "expected an int"),
    ],
)
def test_an_impossible_value_is_refused_and_changes_nothing(
    app: AppTest, name: str, value: Any, error: type[Exception], words: str
) -> None:
    before = app.eval("(n.value, region.value)")
    with pytest.raises(error, match=words):
        app.set(name, value)
    assert app.eval("(n.value, region.value)") == before


def test_eval_raises_what_the_expression_raises(app: AppTest) -> None:
    with pytest.raises(NameError, match="nowhere"):
        app.eval("nowhere")


def test_eval_says_when_a_value_cannot_be_sent(app: AppTest) -> None:
    with pytest.raises(TypeError, match="generator cannot be sent"):
        app.eval("(i for i in range(3))")


def test_cells_can_be_edited_inserted_moved_and_deleted() -> None:
    with AppTest.from_cells(["a = 1", "b = a + 1", "print(b)"]) as app:
        app.run()
        app.edit(1, "b = a + 10").run()
        assert ran(app) == [1, 2]
        app.insert(1, "a = 5").run()
        assert text(app, 3) == "15\n"
        app.delete(1).run()
        assert text(app, 2) == "11\n"
        app.move(2, 0).run()
        assert app.error is not None
        assert (app.error.index, app.error.name) == (0, "NameError")
        assert [step.state for step in app.steps] == ["failed", "not run", "not run"]
        app.move(0, 2).run()
        assert app.error is None
        assert text(app, 2) == "11\n"


def test_a_failed_cell_is_told_and_the_next_change_recovers() -> None:
    with AppTest.from_cells(["import ipywidgets as w; n = w.IntText(1)", "x = 1 / n.value", "print(x)"]) as app:
        app.run().set("n", 0)
        assert app.error is not None
        assert (app.error.index, app.error.name, app.error.message) == (1, "ZeroDivisionError", "division by zero")
        assert app.steps[2].state == "not run"
        app.set("n", 4)
        assert app.error is None
        assert text(app, 2) == "0.25\n"


def test_a_file_runs_in_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("from the folder")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# Title"), nbformat.v4.new_code_cell("print(open('data.txt').read())")]
    )
    path = tmp_path / "app.ipynb"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    with AppTest.from_file(path) as app:
        assert text(app.run(), 0) == "from the folder\n"
    assert path.read_bytes() == before


def test_a_cell_that_ends_the_process_is_told() -> None:
    with AppTest.from_cells(["import os", "os._exit(7)"]) as app, pytest.raises(KernelDied, match="the kernel died"):
        app.run()


def test_a_cell_that_never_ends_is_interrupted_after_the_timeout() -> None:
    with AppTest.from_cells(["import time; time.sleep(600)"], timeout=1) as app, pytest.raises(TimeoutError):
        app.run()


def test_set_before_run_says_what_to_do(tmp_path: Path) -> None:
    with AppTest.from_cells(["x = 1"], cwd=tmp_path) as app, pytest.raises(NbappError, match=r"call run\(\) first"):
        app.set("x", 2)


def test_close_leaves_no_process_and_no_folder() -> None:
    app = AppTest.from_cells(["import os"])
    pid, home = app.run().eval("os.getpid()"), Path(app.eval("os.environ['IPYTHONDIR']")).parent
    app.close()
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(pid)
    assert not home.exists()
