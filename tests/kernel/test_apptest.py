"""`AppTest` as its users see it: a real kernel, widgets changed as a front end changes them, and nothing left over."""

from __future__ import annotations

import datetime as dt
import doctest
import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from nbapp.errors import NbappError, UsageError
from nbapp.testing import AppTest, KernelDied, apptest
from nbapp.testing.child import Child, InKernel

PATIENCE = 30.0  # seconds

CELLS = [
    "import ipywidgets as W\nn = W.IntSlider(3, max=20)\nregion = W.Dropdown(options=['East', 'West'], value='West')\n"
    "go = W.Button()\nclicks = []\ngo.on_click(lambda button: clicks.append(1))",
    "m = n.value * 2",
    "print(m, region.value)",
    "len(clicks)",
]


@pytest.fixture(scope="module")
def app() -> Iterator[AppTest]:
    """For tests that leave it as `CELLS` make it."""
    with AppTest.from_cells(CELLS) as app:
        yield app.run()


@pytest.fixture
def fresh(app: AppTest) -> AppTest:
    """The app of the module with its cells and values as they were."""
    for index, source in enumerate(CELLS):
        app.edit(index, source)
    return app.run().set_many({"n": 3, "region": "West"})


def text(app: AppTest, index: int) -> str:
    (output,) = app.outputs(index)
    shown: str = output.get("text") or output["data"]["text/plain"]
    return shown


def kernels() -> set[int]:
    """The kernels that this process started and that are alive."""
    children = psutil.Process().children(recursive=True)
    return {child.pid for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE}


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never held"
        time.sleep(0.01)


# --- running and looking


def test_the_example_of_the_documentation_is_true() -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    (example,) = doctest.DocTestFinder(recurse=False).find(apptest.AppTest, "AppTest", module=apptest)
    report: list[str] = []
    runner.run(example, out=report.append)
    assert report == []


def test_a_run_executes_every_cell_and_shows_its_outputs() -> None:
    with AppTest.from_cells(CELLS) as app:
        assert app.run() is app
        assert app.executed == (0, 1, 2, 3)
        assert [(step.index, step.state, step.reason) for step in app.steps] == [
            (index, "ran", "first run") for index in range(4)
        ]
        assert all(step.seconds > 0 for step in app.steps)
        assert app.outputs(2) == [{"output_type": "stream", "name": "stdout", "text": "6 West\n"}]
        assert app.outputs(1) == []
        assert app.error is None
        assert app.run().executed == ()
        assert {step.state for step in app.steps} == {"skipped"}


def test_a_value_reruns_what_depends_on_it(fresh: AppTest) -> None:
    assert fresh.set("n", 5).executed == (1, 2)
    assert text(fresh, 2) == "10 West\n"
    assert fresh.set("region", "East").executed == (2,)
    assert text(fresh, 2) == "10 East\n"
    assert fresh.set("region", "West").executed == ()
    assert [step.state for step in fresh.steps] == ["skipped", "skipped", "restored", "skipped"]
    assert text(fresh, 2) == "10 West\n"


def test_several_values_make_one_rerun(fresh: AppTest) -> None:
    fresh.set_many({"n": 7, "region": "East"})
    assert fresh.executed == (1, 2)
    assert text(fresh, 2) == "14 East\n"


def test_the_last_value_of_many_wins(fresh: AppTest) -> None:
    for value in range(20):
        fresh.set("n", value)
    assert text(fresh, 2) == "38 West\n"


def test_a_click_calls_the_callback_once(fresh: AppTest) -> None:
    before = fresh.eval("len(clicks)")
    assert fresh.click("go").executed == (3,)
    assert text(fresh, 3) == str(before + 1)


def test_a_change_that_nobody_reads_executes_nothing(fresh: AppTest) -> None:
    fresh.edit(2, "print(m)").run()
    assert fresh.set("region", "East").executed == ()


# --- widgets

VALUES: dict[str, tuple[str, Any, Any]] = {
    "IntSlider": ("W.IntSlider()", 5, 5),
    "IntSlider beyond its end": ("W.IntSlider(max=9)", 50, 9),
    "FloatSlider": ("W.FloatSlider()", 0.5, 0.5),
    "IntRangeSlider": ("W.IntRangeSlider()", (3, 7), (3, 7)),
    "BoundedIntText": ("W.BoundedIntText()", 8, 8),
    "FloatText": ("W.FloatText()", 1.25, 1.25),
    "Checkbox": ("W.Checkbox()", True, True),
    "ToggleButton": ("W.ToggleButton()", True, True),
    "Text": ("W.Text()", "words", "words"),
    "Textarea": ("W.Textarea()", "more\nwords", "more\nwords"),
    "Combobox": ("W.Combobox(options=['a'])", "b", "b"),
    "Dropdown by value": ("W.Dropdown(options=[('one', 1), ('two', 2)])", 2, 2),
    "Dropdown by label": ("W.Dropdown(options=[('one', 1), ('two', 2)])", "two", 2),
    "Dropdown of nothing": ("W.Dropdown(options=['a'], value='a')", None, None),
    "RadioButtons": ("W.RadioButtons(options=['a', 'b'])", "b", "b"),
    "Select": ("W.Select(options=['a', 'b'])", "b", "b"),
    "ToggleButtons": ("W.ToggleButtons(options=['a', 'b'])", "b", "b"),
    "SelectionSlider": ("W.SelectionSlider(options=['a', 'b'])", "b", "b"),
    "SelectionRangeSlider": ("W.SelectionRangeSlider(options=['a', 'b', 'c'])", ("b", "c"), ("b", "c")),
    "SelectMultiple": ("W.SelectMultiple(options=['a', 'b', 'c'])", ["a", "c"], ("a", "c")),
    "SelectMultiple of none": ("W.SelectMultiple(options=['a'], value=['a'])", [], ()),
    "ColorPicker": ("W.ColorPicker()", "#00ff00", "#00ff00"),
    "DatePicker": ("W.DatePicker()", dt.date(2026, 1, 2), dt.date(2026, 1, 2)),
    "TimePicker": ("W.TimePicker()", dt.time(12, 30), dt.time(12, 30)),
    "NaiveDatetimePicker": (
        "W.NaiveDatetimePicker()",
        dt.datetime(2026, 1, 2, 3, 4),
        dt.datetime(2026, 1, 2, 3, 4),
    ),
    "TagsInput": ("W.TagsInput()", ["a", "b"], ["a", "b"]),
    "IntsInput": ("W.IntsInput()", [1, 2], [1, 2]),
    "Play": ("W.Play()", 3, 3),
    "Tab": ("W.Tab([W.VBox(), W.VBox()])", 1, None),
}


@pytest.fixture(scope="module")
def controls() -> Iterator[AppTest]:
    lines = [f"w{index} = {made}" for index, (made, _, _) in enumerate(VALUES.values())]
    used = [f"seen = [getattr(w, 'value', None) for w in ({', '.join(f'w{i}' for i in range(len(VALUES)))})]"]
    with AppTest.from_cells(["import ipywidgets as W\n" + "\n".join(lines), *used]) as app:
        yield app.run()


@pytest.mark.parametrize("kind", VALUES)
def test_a_widget_gets_its_value_as_from_a_front_end(controls: AppTest, kind: str) -> None:
    index = list(VALUES).index(kind)
    _, value, seen = VALUES[kind]
    controls.set(f"w{index}", value)
    assert controls.eval(f"seen[{index}]") == seen


def test_a_tab_is_selected(controls: AppTest) -> None:
    index = list(VALUES).index("Tab")
    controls.set(f"w{index}.selected_index", 1)
    assert controls.eval(f"w{index}.selected_index") == 1


def test_a_file_is_uploaded() -> None:
    cells = [
        "import ipywidgets as W\nfiles = W.FileUpload(multiple=True)",
        "{f.name: bytes(f.content) for f in files.value}",
    ]
    with AppTest.from_cells(cells) as app:
        app.run().set("files", {"a.csv": b"x,y", "b.bin": bytes(range(256))})
        assert app.eval(cells[1]) == {"a.csv": b"x,y", "b.bin": bytes(range(256))}
        assert "b'x,y'" in text(app, 1)


def test_the_widgets_are_listed_by_name(fresh: AppTest) -> None:
    widgets = fresh.widgets
    assert sorted(widgets) == ["go", "n", "region"]
    assert (widgets["n"].kind, widgets["n"].value, widgets["n"].options) == ("IntSlider", 3, None)
    assert widgets["region"].options == ("East", "West")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda app: app.set("regoin", "East"),
            "no widget is called regoin: did you mean region? the widgets are go, n",
        ),
        (lambda app: app.set("zzz", 1), "no widget is called zzz: the widgets are go, n, region"),
        (lambda app: app.set("m", 1), "no widget is called m: the widgets are go, n, region"),
        (lambda app: app.set("region", "North"), "region has no option 'North': its options: 'East', 'West'"),
        (lambda app: app.set("n", "many"), "n is an IntSlider, which refuses 'many'"),
        (lambda app: app.set("go", 1), "go is a Button, which has no value"),
        (lambda app: app.set("n.nothing", 1), "n is an IntSlider, which has no trait nothing"),
        (lambda app: app.set("n.readout", float("nan")), "n is an IntSlider, which refuses nan"),
        (lambda app: app.click("n"), "n is an IntSlider, which cannot be clicked: give it a value: set('n', ...)"),
        (lambda app: app.set_many({"n": 4, "region": "North"}), "region has no option 'North'"),
    ],
)
def test_what_no_person_could_do_is_refused_and_changes_nothing(
    fresh: AppTest, change: Callable[[AppTest], object], message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        change(fresh)
    assert str(refused.value).startswith(message)
    assert fresh.eval("(n.value, region.value)") == (3, "West")
    assert text(fresh.set("n", 4), 2) == "8 West\n"


def test_before_the_first_run_there_are_no_widgets() -> None:
    with AppTest.from_cells(CELLS) as app:
        with pytest.raises(UsageError, match="has not run"):
            app.set("n", 1)
        assert text(app.run(), 2) == "6 West\n"


# --- the notebook changes


def test_cells_are_edited_inserted_deleted_and_moved() -> None:
    with AppTest.from_cells(["a = 1", "b = a + 1", "c = b * 10"]) as app:
        app.run()
        assert app.edit(0, "a = 5").run().eval("c") == 60
        assert app.insert(2, "b += 1").run().eval("c") == 70
        assert app.insert(4, "d = c").run().eval("d") == 70
        assert app.delete(2).run().eval("d") == 60
        assert app.move(3, 0).cells == ("d = c", "a = 5", "b = a + 1", "c = b * 10")
        app.run()
        assert app.error is not None
        assert (app.error.index, app.error.name, app.error.message) == (0, "NameError", "name 'c' is not defined")
        assert app.move(0, 3).run().eval("d") == 60
        assert app.error is None


def test_of_what_a_kernel_sends_at_once_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    many = "import ipywidgets as W\nmany = [W.IntSlider() for _ in range(1_000)]"
    waited_for, pauses = Child._waited_for, [3.0]

    def slowly(child: Child, get: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        time.sleep(pauses.pop() if pauses else 0)  # meanwhile the kernel closes 3,000 comms
        return waited_for(child, get)

    with AppTest.from_cells([many]) as app:
        app.run()
        monkeypatch.setattr(Child, "_waited_for", slowly)
        assert app.edit(0, "many = 1").run().eval("many") == 1
        assert not pauses
        assert app.eval("get_ipython().kernel.iopub_thread.socket.sndhwm") == 0


def test_a_value_and_an_edit_come_together(fresh: AppTest) -> None:
    assert text(fresh.edit(1, "m = n.value * 100").set("n", 4), 2) == "400 West\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda app: app.edit(9, ""),
        lambda app: app.delete(4),
        lambda app: app.insert(5, ""),
        lambda app: app.move(0, 4),
        lambda app: app.move(-5, 0),
        lambda app: app.outputs(4),
    ],
)
def test_a_cell_that_is_not_there_is_refused(fresh: AppTest, change: Callable[[AppTest], object]) -> None:
    before = fresh.cells
    with pytest.raises(IndexError, match="the notebook has 4 code cells"):
        change(fresh)
    assert fresh.cells == before


def test_negative_positions_count_from_the_end(fresh: AppTest) -> None:
    assert fresh.edit(-1, "'last'").run().outputs(-1)[0]["data"]["text/plain"] == "'last'"


def test_a_failed_cell_is_named_and_recovers(fresh: AppTest) -> None:
    fresh.edit(1, "m = 1 / n.value").run().set("n", 0)
    assert fresh.error is not None
    assert (fresh.error.index, fresh.error.name, fresh.error.message) == (1, "ZeroDivisionError", "division by zero")
    assert [step.state for step in fresh.steps] == ["skipped", "failed", "not run", "not run"]
    assert fresh.outputs(1)[0]["ename"] == "ZeroDivisionError"
    assert fresh.set("n", 1).error is None
    assert text(fresh, 2) == "1.0 West\n"


# --- values that come back


def test_eval_gives_the_value_itself(fresh: AppTest) -> None:
    assert fresh.eval("[m, {'a': (1, None)}]") == [6, {"a": (1, None)}]


def test_eval_gives_objects_of_classes_of_the_notebook(fresh: AppTest) -> None:
    fresh.edit(3, "class Point:\n    def __init__(self, x): self.x = x\n    def twice(self): return 2 * self.x").run()
    assert fresh.eval("Point(4)").twice() == 8


def test_an_exception_of_eval_is_raised_with_its_place_in_the_kernel(fresh: AppTest) -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        fresh.eval("1 / (m - 6)")
    assert isinstance(raised.value.__cause__, InKernel)
    assert "1 / (m - 6)" in str(raised.value.__cause__) or "<string>" in str(raised.value.__cause__)
    with pytest.raises(SyntaxError):
        fresh.eval("m = 1")
    with pytest.raises(NameError, match="nowhere"):
        fresh.eval("nowhere")


def test_an_exception_of_a_class_of_the_notebook_is_raised(fresh: AppTest) -> None:
    fresh.edit(3, "class Mine(Exception): pass\ndef throw(): raise Mine('why')").run()
    with pytest.raises(Exception, match="why") as raised:
        fresh.eval("throw()")
    assert type(raised.value).__name__ == "Mine"


def test_a_value_that_cannot_travel_is_named(fresh: AppTest) -> None:
    with pytest.raises(NbappError, match="generator cannot be pickled"):
        fresh.eval("(i for i in [])")


def test_a_value_that_cannot_be_loaded_here_is_named(tmp_path: Path) -> None:
    (tmp_path / "only_there.py").write_text("class There: pass\n")
    with AppTest.from_cells(["import only_there\nthere = only_there.There()"], cwd=tmp_path) as app:
        with pytest.raises(NbappError, match="only_there"):
            app.run().eval("there")
        assert app.eval("type(there).__name__") == "There"


def test_outputs_are_valid_in_a_notebook_file(fresh: AppTest) -> None:
    fresh.edit(3, "h = display('a', display_id='x')\nprint(1)\nh.update('b')\n2").run()
    outputs = fresh.outputs(3)
    cell = nbformat.v4.new_code_cell("", outputs=[nbformat.from_dict(output) for output in outputs])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    assert [output["output_type"] for output in outputs] == ["display_data", "stream", "execute_result"]
    assert outputs[0]["data"]["text/plain"] == "'b'"


def test_nothing_but_the_notebook_is_in_its_namespace() -> None:
    with AppTest.from_cells(["x = 1"]) as app:
        app.run().eval("x")
        mine = "[k for k in globals() if not k.startswith('_') and k not in get_ipython().user_ns_hidden]"
        assert app.eval(mine) == ["x"]


# --- where it runs


def notebook(folder: Path, *sources: str, name: str = "n.ipynb") -> Path:
    path = folder / name
    cells = [nbformat.v4.new_markdown_cell("# Words"), *map(nbformat.v4.new_code_cell, sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_a_file_runs_in_its_folder_and_is_not_changed(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("hello")
    path = notebook(tmp_path, "text = open('words.txt').read()", "print(text)")
    before = path.read_bytes()
    with AppTest.from_file(path) as app:
        assert text(app.run(), 1) == "hello\n"
        app.edit(0, "text = 'other'").run()
    assert path.read_bytes() == before


def test_it_runs_in_another_folder_when_asked(tmp_path: Path) -> None:
    with AppTest.from_file(notebook(tmp_path, "import os"), cwd="/") as app:
        assert app.run().eval("os.getcwd()") == "/"


def test_cells_run_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with AppTest.from_cells(["import os"]) as app:
        assert app.run().eval("os.getcwd()") == str(tmp_path)


def test_what_cannot_be_opened_is_said_at_once(tmp_path: Path) -> None:
    before = kernels()
    (tmp_path / "words.ipynb").write_text("words")
    for path, message in [("nowhere.ipynb", "no such file"), ("words.ipynb", "not a notebook")]:
        with pytest.raises(UsageError, match=message):
            AppTest.from_file(tmp_path / path)
    with pytest.raises(UsageError, match="no folder"):
        AppTest.from_cells([], cwd=tmp_path / "nowhere")
    assert kernels() == before


def test_the_test_runners_settings_do_not_reach_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("MINE", "passed on")
    cells = ["import os, matplotlib.pyplot as plt\nplt.plot([1]);", "os.system('echo from a child process');"]
    with AppTest.from_cells(cells) as app:
        assert "image/png" in app.run().outputs(0)[0]["data"]
        assert text(app, 1) == "from a child process\n"
        assert app.eval("[k for k in os.environ if k.startswith('PYTEST') or k == 'MINE']") == ["MINE"]


def test_a_cell_that_takes_too_long_is_stopped() -> None:
    with AppTest.from_cells(["import time", "time.sleep(60)"], timeout=0.3) as app:
        failure = app.run().error
        assert failure is not None
        assert (failure.index, failure.name) == (1, "TimeoutError")


def test_apps_do_not_disturb_each_other() -> None:
    with AppTest.from_cells(["x = 1"]) as one, AppTest.from_cells(["x = 2"]) as other:
        assert (one.run().eval("x"), other.run().eval("x"), one.eval("x")) == (1, 2, 1)


# --- the end


def test_closing_leaves_no_process_no_file_and_no_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with AppTest.from_cells(["1"]) as warm:
        warm.run()
    others, files = kernels(), psutil.Process().num_fds()
    with AppTest.from_cells(["import subprocess, sys"]) as app:
        app.run()
        assert len(kernels() - others) == 1
        assert len(list(tmp_path.iterdir())) == 1
    assert kernels() == others
    assert list(tmp_path.iterdir()) == []
    gc.collect()
    assert psutil.Process().num_fds() <= files
    app.close()
    with pytest.raises(NbappError, match="closed"):
        app.run()
    assert [step.state for step in app.steps] == ["ran"]


def test_a_closed_kernel_says_goodbye(tmp_path: Path) -> None:
    source = "import atexit, pathlib\natexit.register(pathlib.Path('ended').touch)"
    with AppTest.from_cells([source], cwd=tmp_path) as app:
        app.run()
    assert (tmp_path / "ended").exists()


def test_a_forgotten_app_ends_when_it_is_collected() -> None:
    others = kernels()
    app = AppTest.from_cells(["1"])
    app.run()
    assert len(kernels() - others) == 1
    del app
    gc.collect()
    until(lambda: kernels() == others)


def test_a_forgotten_app_ends_with_its_process(tmp_path: Path) -> None:
    code = (
        "from nbapp.testing import AppTest\n"
        "app = AppTest.from_cells(['import os'])\nprint(app.run().eval('os.getpid()'), flush=True)\n"
    )
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, env=env)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert not psutil.pid_exists(int(ran.stdout))
    assert list(tmp_path.iterdir()) == []


def test_a_kernel_ends_when_its_process_was_killed(tmp_path: Path) -> None:
    code = (
        "import os\nfrom nbapp.testing import AppTest\n"
        "app = AppTest.from_cells(['import os'])\nprint(app.run().eval('os.getpid()'), flush=True)\nos.kill(os.getpid(), 9)"
    )
    env = {**os.environ, "TMPDIR": str(tmp_path)}  # nobody is left who could remove its folder
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, env=env)
    until(lambda: not psutil.pid_exists(int(ran.stdout)))


def test_a_fork_does_not_end_the_kernel_of_its_parent(fresh: AppTest) -> None:
    child = os.fork()
    if child == 0:
        fresh._child._end()
        os._exit(0)
    os.waitpid(child, 0)
    assert fresh.eval("m") == 6


@pytest.mark.parametrize("index", [0, 1])
def test_the_death_of_a_kernel_names_the_cell_that_ran(index: int) -> None:
    cells = ["a = 1", "b = 2"]
    with AppTest.from_cells(cells) as app:
        app.run().edit(index, "import os\nos._exit(1)")
        with pytest.raises(KernelDied, match=f"the kernel died while cell {index} ran: it left no message"):
            app.run()
        with pytest.raises(KernelDied):
            app.eval("a")


def test_a_crash_of_a_kernel_says_where_it_was() -> None:
    with AppTest.from_cells(["import os", "def crash():\n    os.abort()\ncrash()"]) as app:
        with pytest.raises(KernelDied) as died:
            app.run()
        assert "Fatal Python error: Aborted" in str(died.value)
        assert "in crash" in str(died.value)


def test_the_death_of_a_kernel_outside_cells_is_told_apart() -> None:
    with AppTest.from_cells(["import os"]) as app, pytest.raises(KernelDied, match="while no cell ran"):
        app.run().eval("os._exit(1)")


def test_an_interrupted_wait_ends_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    others = kernels()
    with AppTest.from_cells(["import time", "time.sleep(60)"]) as app:
        monkeypatch.setattr(app._child, "_published", interrupt)
        with pytest.raises(KeyboardInterrupt):
            app.run()
    assert kernels() == others


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_context_variables_go_from_cell_to_cell() -> None:
    cells = [
        "import contextvars, decimal, numpy as np\nfrom ipywidgets import IntSlider\nv = contextvars.ContextVar('v')\ns = IntSlider(2)",
        "decimal.getcontext().prec = 3\nnp.set_printoptions(precision=s.value)\nv.set(5)",
        "async def later():\n    v.set(v.get() + 1)\nawait later()",
        "print(decimal.Decimal(1) / 3, np.array([1 / 3]), v.get())",
    ]
    with AppTest.from_cells(cells) as app:
        assert app.run().outputs(3)[0]["text"] == "0.333 [0.33] 6\n"
        assert app.set("s", 3).outputs(3)[0]["text"] == "0.333 [0.333] 6\n"
        assert app.edit(1, "v.set(1)").run().outputs(3)[0]["text"].endswith("[0.33333333] 2\n")


def test_a_slider_keeps_its_value_when_its_cell_is_made_again_for_another_object() -> None:
    cells = [
        "from ipywidgets import IntSlider\nv = iter(range(9))\ns = IntSlider(2)",
        "x = s.value\nnext(v)",
        "print(x)",
    ]
    with AppTest.from_cells(cells) as app:
        app.run().set("s", 3)
        assert (app.eval("(s.value, x)"), app.outputs(2)[0]["text"]) == ((3, 3), "3\n")


def test_a_traceback_calls_each_cell_by_its_number() -> None:
    cells = [*CELLS[:1], "def half(x):\n    return 6 // x", "'above'", "half(n.value - 3)", "half(n.value - 4)"]
    with AppTest.from_cells(cells) as app:
        for moves, failing in (({}, 3), ({"n": 4}, 4), ({"n": 3}, 3)):
            app.run().set_many(moves)
            (output,) = app.outputs(failing)
            shown = "".join(output["traceback"])
            assert [f"In[{number}]" in shown for number in range(1, 6)] == [
                number in (2, failing + 1) for number in range(1, 6)
            ], shown
        assert app.eval("get_ipython().execution_count") == 1


@pytest.mark.parametrize(("kind", "chosen"), [("Dropdown", "ES"), ("SelectMultiple", ("DE", "ES"))])
def test_the_value_of_a_list_is_chosen_by_its_name_with_and_without_the_trait(kind: str, chosen: object) -> None:
    cells = [f"import ipywidgets\nland = ipywidgets.{kind}(options=['DE', 'ES'])\nland", "print(land.value)"]
    for name in ("land", "land.value"):
        with AppTest.from_cells(cells) as app:
            app.run()
            app.set(name, chosen)
            assert app.outputs(1)[0]["text"] == f"{chosen}\n"
            assert app.executed == (1,)
