"""`nbapp run`: exit codes, one line for each mistake, outputs written whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest


def write(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nbapp", "run", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


SLIDER = "import ipywidgets as widgets; n = widgets.IntSlider(value=1, max=10)"


def test_it_writes_the_outputs_and_leaves_the_notebook_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "app.ipynb", SLIDER, "n.value * 2", "print('done')")
    before, target = path.read_bytes(), tmp_path / "out.ipynb"
    done = run(path, "--set", "n=5", "-o", target)
    assert (done.returncode, done.stderr) == (0, "")
    written = nbformat.read(target, 4)
    nbformat.validate(written)
    assert written.cells[1].outputs[0].data["text/plain"] == "10"
    assert written.cells[1].outputs[0].execution_count == 2
    assert written.cells[2].outputs[0].text == "done\n"
    assert path.read_bytes() == before
    assert sorted(child.name for child in tmp_path.iterdir()) == ["app.ipynb", "out.ipynb"]


def test_a_cell_that_fails_is_named_and_its_outputs_are_written(tmp_path: Path) -> None:
    path, target = write(tmp_path / "app.ipynb", "x = 1", "print('before'); 1 / 0", "x"), tmp_path / "out.ipynb"
    done = run(path, "-o", target)
    assert done.returncode == 1
    assert done.stderr == f"nbapp run: {path}: code cell 2 failed: ZeroDivisionError: division by zero\n"
    assert [output.output_type for output in nbformat.read(target, 4).cells[1].outputs] == ["stream", "error"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["m=5"], "no widget is called m"),
        (["n"], "write it as NAME=VALUE"),
        (["n=many"], "n"),
        (["n=99"], "10"),
    ],
)
def test_an_impossible_value_is_one_line_and_exit_code_2(tmp_path: Path, values: list[str], words: str) -> None:
    path = write(tmp_path / "app.ipynb", SLIDER, "n.value")
    done = run(path, *[part for value in values for part in ("--set", value)])
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr


def test_a_missing_file_and_a_missing_folder_are_one_line_and_exit_code_2(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere.ipynb")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    path = write(tmp_path / "app.ipynb", "1")
    done = run(path, "-o", tmp_path / "nowhere" / "out.ipynb")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
