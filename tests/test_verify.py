"""`nbapp verify` as a person runs it: notebooks that agree, one that cannot, and a walk that shows why."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest

from nbapp.testing import AppTest
from nbapp.verify.check import Verification, differences
from nbapp.verify.script import script
from nbapp.verify.shrink import Shrink
from nbapp.verify.walk import Action, Step, perturbed
from tests.commands import NBAPP, PATIENCE, called, in_a_terminal, interrupted

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
SLIDER = "import codecs\nimport ipywidgets as W\nn = W.IntSlider(3, max=9)\nn"
# Kept in the interpreter, out of everybody's sight: nothing tells that the last cell depends on the one before it.
HIDDEN = [
    SLIDER,
    "codecs.register_error('mine', lambda error, number=1000 + n.value: (str(number), error.end))",
    "threshold = int('é'.encode('ascii', 'mine'))\nprint(threshold)",
]


def notebook(folder: Path, *sources: str, **metadata: object) -> Path:
    path = folder / "app.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# Title"), *map(nbformat.v4.new_code_cell, sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


def verify(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return called("verify", *arguments, cwd=cwd)


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What `verify` says of a notebook that nobody can cache."""
    path = notebook(tmp_path_factory.mktemp("hidden"), *HIDDEN)
    command = [*NBAPP, "verify", str(path), "--seed", "1", "--steps", "5"]
    return subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE, check=False)


@pytest.fixture
def app() -> Iterator[AppTest]:
    with AppTest.from_cells(HIDDEN) as app:
        yield app.run()


# --- notebooks that agree


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("classic", 2),
        ("inputs", 2),
        pytest.param("three-lines", 2, marks=pytest.mark.soak),
        pytest.param("dashboard", 1, marks=pytest.mark.soak),
        pytest.param("sales", 1, marks=pytest.mark.soak),
        pytest.param("pipeline", 1, marks=pytest.mark.soak),
        pytest.param("driving", 1, marks=pytest.mark.soak),
        pytest.param("faces", 1, marks=pytest.mark.soak),
    ],
)
def test_a_sample_agrees_with_clean_runs(name: str, steps: int) -> None:
    ran = verify(NOTEBOOKS / f"{name}.ipynb", "--steps", steps, "--seed", 7)
    assert (ran.returncode, ran.stderr) == (0, "")
    (line,) = ran.stdout.splitlines()
    assert line.startswith(f"{steps} step")
    assert " cells agree with clean runs (seed 7); " in line


def test_what_callbacks_wrote_is_given_to_the_clean_run() -> None:
    click = "said = []\ndef more(button):\n    said.append(n.value)\n    note.value = f'{len(said)} times'\ngo.on_click(more)"
    sources = [f"{SLIDER}\ngo = W.Button()\nnote = W.Label()", click, "print(said, note.value, n.value)"]
    with AppTest.from_cells(sources) as app:
        app.run().click("go").set("n", 5).click("go")
        assert app.outputs(2)[0]["text"] == "[3, 5] 2 times 5\n"
        assert differences(app) == []
        assert differences(app.edit(2, "print(said * 2)").run()) == []


def test_what_a_cell_below_changed_of_what_callbacks_wrote_is_not_given_to_the_clean_run() -> None:
    noted = "seen = []\nn.observe(lambda change: seen.append(change['new']), 'value')"
    with AppTest.from_cells(
        [f"{SLIDER}\nk = W.IntSlider(1)", noted, "print(seen)", "if k.value > 1: n.value = 4"]
    ) as app:
        app.run().set("n", 5).set("n", 2).set("k", 2)
        assert (app.outputs(2)[0]["text"], app.eval("seen")) == ("[5, 2]\n", [5, 2, 4])
        assert differences(app) == []


def test_options_that_cannot_travel_are_chosen_by_their_labels() -> None:
    kinds = "class A: pass\nclass B: pass\npick = W.SelectMultiple(options=[('a', A), ('b', B)])"
    with AppTest.from_cells([SLIDER, kinds, "print([kind.__name__ for kind in pick.value])"]) as app:
        assert app.run().set("pick", ["b"]).outputs(2)[0]["text"] == "['B']\n"
        assert differences(app) == []


def test_what_callbacks_wrote_and_no_other_process_can_have_is_told_and_not_compared() -> None:
    click = (
        "class Model: pass\ndef make(button):\n    global model, steps\n    model, steps = Model(), (i for i in [1])\n"
        "    box.children = [W.Label('new')]\ngo.on_click(make)"
    )
    sources = [f"{SLIDER}\ngo = W.Button()\nbox = W.VBox()\nbox", click, "there = 'model' in globals()", "m = n.value"]
    with AppTest.from_cells(sources) as app, Verification(Path.cwd()) as check:
        assert check.differences(app.run().click("go").set("n", 5)) == []
        assert check.lost == {"`model`", "`steps`", "the children of the VBox of cell 1"}
        assert check.frozen == {}


FRAMES = {
    "a frame": "pd.DataFrame({'a': [1, 2]})",
    "a series": "pd.Series([1, 2], name='q')",
    "in a dict": "{'x': pd.DataFrame({'a': [1, 2]})}",
}


@pytest.mark.parametrize(
    "frame", ["in a dict", *(pytest.param(name, marks=pytest.mark.soak) for name in ("a frame", "a series"))]
)
def test_a_frame_that_a_callback_changed_in_place_agrees(frame: str) -> None:
    change = "def change(button):\n    part = df['x'] if isinstance(df, dict) else df\n    part.iloc[0] = 7\ngo.on_click(change)"
    sources = [f"{SLIDER}\ngo = W.Button()\nimport pandas as pd\ndf = {FRAMES[frame]}", change, "print(df, n.value)"]
    with AppTest.from_cells(sources) as app:
        app.run().click("go").set("n", 5)
        assert "7" in app.outputs(2)[0]["text"]
        assert differences(app) == []


def test_what_reads_widgets_that_a_callback_made_is_not_compared() -> None:
    click = (
        "made = []\ndef make(button):\n    made.append(W.Text('typed'))\n    box.children = [W.Label('new')]\n"
        "go.on_click(make)"
    )
    reads = "k = len(box.children)", "print(k)", "print([text.value for text in made], n.value)", "m = n.value"
    with (
        AppTest.from_cells([f"{SLIDER}\ngo = W.Button()\nbox = W.VBox()", click, *reads]) as app,
        Verification(Path.cwd()) as check,
    ):
        app.run().click("go").set("n", 5)
        assert check.differences(app) == []
        assert check.lost == {"`made`", "the children of the VBox of cell 1"}
        app.insert(5, "#| nbapp: never\nhidden = n.value").run().set("n", 6)
        assert any("`hidden`" in line for line in check.differences(app))


def test_a_cell_that_gives_something_else_each_time_is_frozen_and_what_rests_on_it_too(tmp_path: Path) -> None:
    path = notebook(tmp_path, SLIDER, "import random\nx = random.random()", "y = x + n.value\nprint(y)", "n.value")
    ran = verify(path, "--steps", 3, "--seed", 1)
    assert (ran.returncode, ran.stderr) == (0, "cell 2 is frozen: it gives something else each time\n")


def test_numbers_that_a_library_counts_in_its_process_do_not_count() -> None:
    sources = [SLIDER, "from sklearn.linear_model import Ridge\nRidge(alpha=n.value)"]
    with AppTest.from_cells(sources) as app:
        assert differences(app.run().set("n", 5)) == []


def test_a_notebook_that_fails_is_compared_down_to_the_cell_that_fails(tmp_path: Path) -> None:
    ran = verify(notebook(tmp_path, SLIDER, "1 / (n.value - 3)", "n.value"), "--steps", 2, "--seed", 1)
    assert ran.returncode == 0
    assert ran.stderr.startswith("cell 2 fails: ZeroDivisionError: ")


# --- notebooks that do not


def test_a_difference_is_told_with_both_values_and_the_exit_code_is_3(
    failed: subprocess.CompletedProcess[str],
) -> None:
    assert failed.returncode == 3
    first, *found = failed.stderr.splitlines()
    assert first.endswith("differs from a clean run (seed 1):")
    assert found == [
        "  cell 3 shows: '1003\\n', after a clean run: '1000\\n'",
        "  `threshold` is: 1003, after a clean run: 1000",
    ]


def test_the_smallest_failing_walk_is_a_script_that_fails(
    failed: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    assert failed.stdout.count("    app.") == 2  # the first run, and one gesture
    assert "    app.set('n', 0)\n" in failed.stdout
    (tmp_path / "walk.py").write_text(failed.stdout)
    ran = subprocess.run([sys.executable, "walk.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "AssertionError: cell 3 shows: '1003\\n', after a clean run: '1000\\n'" in ran.stderr


def test_differences_can_be_asked_for_in_a_test_of_ones_own(app: AppTest) -> None:
    assert differences(app) == []
    assert "`threshold` is: 1003, after a clean run: 1008" in differences(app.set("n", 8))
    assert differences(app.set("n", 3)) == []


def test_a_directive_that_hides_a_change_is_told() -> None:
    with AppTest.from_cells([SLIDER, "#| nbapp: never\nm = n.value * 2", "print(m)"]) as app:
        assert differences(app.run()) == []
        assert differences(app.set("n", 5)) == [
            "cell 2 is tagged never but depends on `n`",
            "cell 3 shows: '6\\n', after a clean run: '10\\n'",
            "`m` is: 6, after a clean run: 10",
        ]


def test_a_sample_that_is_broken_on_purpose_fails_and_says_why(tmp_path: Path) -> None:
    sample = nbformat.read(NOTEBOOKS / "three-lines.ipynb", as_version=4)
    next(cell for cell in sample.cells if "x.value**2" in cell.source).metadata["tags"] = ["nbapp:never"]
    nbformat.write(sample, tmp_path / "broken.ipynb")
    ran = verify(tmp_path / "broken.ipynb", "--seed", 1, "--steps", 5)
    assert ran.returncode == 3
    assert "  cell 3 is tagged never but depends on `x`\n" in ran.stderr
    assert "app.set('x', " in ran.stdout


def test_what_changes_inside_a_handle_unseen_is_told() -> None:
    sources = [SLIDER, "#| nbapp: handle\nclass Box: pass\nbox = Box()", "box.value = n.value", "print(box.value)"]
    with AppTest.from_cells(sources) as app:
        assert differences(app.run()) == []
        assert differences(app.set("n", 5)) == [
            "cell 2 is tagged handle, so changes inside `box` are not seen",
            "cell 4 shows: '3\\n', after a clean run: '5\\n'",
        ]


# --- the smallest walk


def test_calls_that_do_not_matter_are_left_out_and_values_made_simple() -> None:
    calls = tuple(Action("set", (name, value)) for value in range(40, 50) for name in "ab")
    kept = {("a", 44), ("b", 47)}

    def fails(candidate: Step) -> bool:
        names = {call.arguments[0] for call in candidate if call.arguments in kept or call.arguments[1] == 1}
        return names == {"a", "b"}

    shrunk = Shrink(fails, time.monotonic() + PATIENCE).smallest(calls)
    assert shrunk == (Action("set", ("a", 1)), Action("set", ("b", 1)))


def test_there_is_an_end_to_the_search_for_a_smaller_walk() -> None:
    calls = (Action("click", ("go",)),) * 8
    assert Shrink(lambda candidate: True, deadline=0.0).smallest(calls) == calls


def test_a_perturbed_cell_has_one_number_changed() -> None:
    source = "x = 3\ny = range(10)  # 5\nz = 'a1'"
    changed = {perturbed(source, random.Random(seed)) for seed in range(40)}
    assert changed == {source.replace("3", "2"), source.replace("3", "4"), source.replace("10", "9")} | {
        source.replace("10", "11")
    }
    assert perturbed("print('no number'", random.Random(1)) is None


def test_a_script_is_python_and_imports_what_its_values_need() -> None:
    import datetime

    calls = (Action("set", ("day", datetime.date(2024, 2, 29))), Action("delete", (1,)))
    text = script(Path("a b.ipynb"), 7, calls, ["cell 1 shows: 'x\\n', after a clean run: 'y\\n'"])
    compile(text, "walk.py", "exec")
    assert "import datetime\n" in text
    assert "    app.delete(1).run()\n" in text


# --- what is refused, and how it ends


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.ipynb"], "nbapp verify: nowhere.ipynb: no such file"),
        (["app.ipynb"], "needs a Python kernel"),
        (["app.ipynb", "--steps", "-1"], "--steps -1: give a number of steps, 0 or more"),
        (["app.ipynb", "--seed", "x"], "--seed"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(tmp_path: Path, arguments: list[str], says: str) -> None:
    notebook(tmp_path, "1", kernelspec={"name": "ir", "display_name": "R", "language": "R"})
    ran = verify(*arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    assert says in line


def test_a_kernel_that_dies_is_told(tmp_path: Path) -> None:
    ran = verify(notebook(tmp_path, "1", "import os\nos._exit(1)"))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("the kernel died")


def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import os, time\nopen(f'{os.getpid()}.pid', 'w').close()", "time.sleep(1)")
    # Until the app has run, and a clean run is under way.
    interrupted(tmp_path, "verify", str(path), once=lambda: len(list(tmp_path.glob("*.pid"))) >= 2)
    assert [path for path in tmp_path.glob("*.pid") if psutil.pid_exists(int(path.stem))] == []


def test_a_person_sees_how_far_it_is(tmp_path: Path) -> None:
    path = notebook(tmp_path, SLIDER)
    seen = in_a_terminal("verify", str(path), "--steps", "3", "--seed", "1")
    assert b"app.set('n'" in seen
    assert b"3 steps over 1 cell agree" in seen
