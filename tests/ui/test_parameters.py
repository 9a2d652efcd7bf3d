"""A cell of parameters whose author asks for controls: what runs on a move, and what it is to papermill and Jupyter."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbformat import NotebookNode

from nbapp.testing import AppTest
from tests.commands import NBAPP, PATIENCE
from tests.kernel.kernels import Kernel
from tests.kernel.labpage import LabPage

Cell = tuple[str, Sequence[str]]
ASKED = ("parameters", "controls")
VALUES = (
    'n = 10  # how many\nregion: str = "East"\nrate: float = 1\nsince = date(2024, 1, 1)\nverbose = False\nxs = [1, 2]\n'
    "twice = n * 2"
)
BOOK: list[Cell] = [
    ("from datetime import date", ()),
    (VALUES, ASKED),
    ("print(n, twice)", ()),
    ("print(region, rate, since, verbose, xs)", ()),
]
VIEW = "application/vnd.jupyter.widget-view+json"


def written(path: Path, cells: Sequence[Cell]) -> Path:
    made = []
    for index, (source, tags) in enumerate(cells):
        made.append(nbformat.v4.new_code_cell(source, id=f"cell-{index}"))
        made[-1].metadata["tags"] = list(tags)
    spec = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=spec), path)
    return path


def ran_by_papermill(path: Path, **values: Any) -> NotebookNode:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # papermill's own
        options = {"cwd": str(path.parent), "progress_bar": False, "execution_timeout": PATIENCE}
        papermill.execute_notebook(str(path), str(path), values, **options)
    made: NotebookNode = nbformat.read(path, 4)
    return made


def text(outputs: Sequence[Any]) -> str:
    return "".join(output.get("text", "") for output in outputs)


def views(outputs: Sequence[Any]) -> int:
    return sum(VIEW in output.get("data", {}) for output in outputs)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppTest]:
    path = written(tmp_path_factory.mktemp("parameters") / "book.ipynb", BOOK)
    with AppTest.from_file(path) as started:
        yield started.run()


def test_there_is_one_control_for_each_literal_and_names_hold_plain_values(app: AppTest) -> None:
    assert app.error is None
    assert {name: (control.kind, control.value) for name, control in app.widgets.items()} == {
        "n": ("IntText", 10),
        "region": ("TextField", "East"),
        "rate": ("FloatText", 1.0),
        "since": ("DatePicker", dt.date(2024, 1, 1)),
        "verbose": ("Checkbox", False),
    }
    assert views(app.outputs(1)) == 5
    assert app.eval("(n, type(n).__name__, xs, twice)") == (10, "int", [1, 2], 20)
    assert "IntText" not in app.eval("repr([each for each in dir() if not each.startswith('_')])")


@pytest.mark.parametrize(
    ("name", "value", "executed", "shown"),
    [
        ("n", 20, (1, 2), "20 40\n"),
        ("region", "West", (1, 3), "West 1.0 2024-01-01 False [1, 2]\n"),
        ("rate", 0.5, (1, 3), "West 0.5 2024-01-01 False [1, 2]\n"),
        ("since", dt.date(2025, 2, 3), (1, 3), "West 0.5 2025-02-03 False [1, 2]\n"),
        ("verbose", True, (1, 3), "West 0.5 2025-02-03 True [1, 2]\n"),
        ("since", None, (1, 3), "West 0.5 2024-01-01 True [1, 2]\n"),
        ("n", 10, (1,), "10 20\n"),
    ],
)
def test_a_move_runs_the_cell_and_what_reads_that_name(
    app: AppTest, name: str, value: Any, executed: tuple[int, ...], shown: str
) -> None:
    app.set(name, value)
    assert (app.executed, text(app.outputs(2 if name == "n" else 3))) == (executed, shown)


def test_a_cell_that_fails_quotes_the_author(tmp_path: Path) -> None:
    path = written(
        tmp_path / "book.ipynb", [("from datetime import date", ()), ("n = 1\nday = date(2024, 2, 31)", ASKED)]
    )
    with AppTest.from_file(path) as failing:
        failing.run()
        (error,) = (output for output in failing.outputs(1) if output["output_type"] == "error")
    assert error["ename"] == "ValueError"
    quoted = "\n".join(error["traceback"])
    assert "2024" in quoted
    assert "__import__" not in quoted


def test_run_takes_values_by_name(tmp_path: Path) -> None:
    path, out = written(tmp_path / "book.ipynb", BOOK), tmp_path / "out.ipynb"
    command = [*NBAPP, "run", str(path), "--set", "n=7", "--set", "since=2024-02-29", "-o", str(out)]
    subprocess.run(command, check=True, timeout=PATIENCE, capture_output=True)
    cells = nbformat.read(out, 4).cells
    assert cells[1].source == VALUES
    assert (text(cells[2].outputs), text(cells[3].outputs)) == ("7 14\n", "East 1.0 2024-02-29 False [1, 2]\n")
    refused = subprocess.run(
        [*NBAPP, "run", str(path), "--set", "n=many"], capture_output=True, check=False, timeout=PATIENCE
    )
    assert refused.returncode == 2


@pytest.mark.parametrize("loads", ["from datetime import date", "%load_ext nbapp\nfrom datetime import date"])
def test_papermill_gives_its_values_with_and_without_nbapp(tmp_path: Path, loads: str) -> None:
    path = written(tmp_path / "book.ipynb", [(loads, ()), *BOOK[1:]])
    cells = ran_by_papermill(path, n=20, region="West").cells
    assert [cell.metadata.get("tags") for cell in cells][2] == ["injected-parameters"]
    assert [views(cell.outputs) for cell in cells] == [0] * 5
    assert (text(cells[3].outputs), text(cells[4].outputs)) == ("20 20\n", "West 1 2024-01-01 False [1, 2]\n")


def test_what_papermill_has_fixed_has_no_control_and_keeps_its_value(tmp_path: Path) -> None:
    path = written(tmp_path / "book.ipynb", BOOK)
    ran_by_papermill(path, n=20)
    with AppTest.from_file(path) as fixed:
        fixed.run()
        assert set(fixed.widgets) == {"region", "rate", "since", "verbose"}
        assert text(fixed.outputs(3)) == "20 20\n"
        fixed.set("region", "West")
        assert (fixed.executed, fixed.eval("n")) == ((1, 4), 20)


def test_verify_finds_the_same_in_clean_runs(tmp_path: Path) -> None:
    path = written(tmp_path / "book.ipynb", BOOK)
    command = [*NBAPP, "verify", str(path), "--steps", "12"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_in_jupyterlab_the_tag_counts_at_once_and_so_does_its_end() -> None:
    with Kernel() as kernel:
        page = LabPage(kernel)
        page.load()
        page.tags["a"] = ["parameters"]
        assert page.run("a", "n = 10") == ""
        assert page.run("b", "print('n is', n)") == "n is 10\n"
        page.tags["a"] = list(ASKED)
        page.arrange(**page.cells)
        page.settle()
        assert (page.value("n"), views(page.outputs["a"])) == (10, 1)
        assert page.steps["a"]["reason"] == "its tags have it run otherwise than before"
        assert page.run("a") == page.text("a")
        assert views(page.outputs["a"]) == 1
        page.move("get_ipython().nbapp.widgets()['n']", 4)
        page.until(lambda: page.text("b") == "n is 4\n")
        page.tags["a"] = ["parameters"]
        page.arrange(**page.cells)
        page.until(lambda: page.text("b") == "n is 10\n")
        assert views(page.outputs["a"]) == 0


def test_a_copy_with_the_tag_in_place_of_the_cell_has_controls_and_so_has_a_cell_that_comes_back() -> None:
    with Kernel() as kernel:
        page = LabPage(kernel)
        page.load()
        cells = {"load": page.cells["load"], "b": "print('n is', n)"}
        page.tags["a"] = ["parameters"]
        page.run("a", "n = 10")
        page.run("b", cells["b"])
        page.tags["copy"] = list(ASKED)
        page.arrange(load=cells["load"], copy="n = 10", b=cells["b"])
        page.run("copy")
        page.settle()
        assert views(page.outputs["copy"]) == 1
        page.arrange(load=cells["load"], b=cells["b"])
        page.settle()
        page.tags["copy"] = ["parameters"]
        page.arrange(load=cells["load"], copy="n = 10", b=cells["b"])
        page.until(lambda: page.text("b") == "n is 10\n" and views(page.outputs["copy"]) == 0)


def test_check_says_that_a_cell_of_parameters_could_have_controls(tmp_path: Path) -> None:
    def remedies(*tags: str) -> list[str]:
        path = written(tmp_path / "book.ipynb", [("n = 10\nxs = [1]\nname = 'x'", tags), ("print(n)", ())])
        ran = subprocess.run([*NBAPP, "check", path, "--json"], capture_output=True, check=False, timeout=PATIENCE)
        return [each["remedy"] for each in json.loads(ran.stdout)["findings"] if each["kind"] == "no-controls"]

    assert remedies("parameters") == ["the tag `controls` beside `parameters` makes controls of `n`, `name`"]
    assert remedies(*ASKED) == []
