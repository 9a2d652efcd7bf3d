"""`nbapp run` as a person or a script runs it: exit codes, one clear line, and a file that is whole."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from tests.commands import NBAPP, PATIENCE, called, in_a_terminal, interrupted

SLIDER = "import ipywidgets as W\nn = W.IntSlider(3)\nn"
SAMPLE = [SLIDER, "print('n is', n.value)\nn.value * 2", "from IPython.display import Markdown\nMarkdown('*done*')"]


def notebook(folder: Path, *sources: str, name: str = "app.ipynb", **metadata: Any) -> Path:
    cells = [nbformat.v4.new_markdown_cell("# Title"), *map(nbformat.v4.new_code_cell, sources)]
    path = folder / name
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


def nbapp_run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return called("run", *arguments, cwd=cwd)


def outputs(path: Path) -> list[list[dict[str, Any]]]:
    written = nbformat.read(path, as_version=4)
    nbformat.validate(written)
    return [cell.outputs for cell in written.cells if cell.cell_type == "code"]


def test_a_notebook_that_works_is_silent_and_its_exit_code_is_0(tmp_path: Path) -> None:
    command = [*NBAPP, "run", str(notebook(tmp_path, *SAMPLE))]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_a_profile_tells_where_the_time_went(tmp_path: Path) -> None:
    ran = nbapp_run(notebook(tmp_path, "rows = [1]", "rows.append(2)"), "--profile")
    assert ran.returncode == 0
    assert [line.partition(":")[0] for line in ran.stderr.splitlines()[:3]] == ["all cells", "cell 1", "cell 2"]


def test_the_outputs_are_written_as_a_valid_notebook(tmp_path: Path) -> None:
    path, out = notebook(tmp_path, *SAMPLE), tmp_path / "out.ipynb"
    before = path.read_bytes()
    assert nbapp_run(path, "-o", out).returncode == 0
    slider, computed, done = outputs(out)
    assert "application/vnd.jupyter.widget-view+json" in slider[0]["data"]
    assert computed[0]["text"] == "n is 3\n"
    assert (computed[1]["data"]["text/plain"], computed[1]["execution_count"]) == ("6", 2)
    assert done[0]["data"]["text/markdown"] == "*done*"
    written = nbformat.read(out, as_version=4)
    assert written.cells[0].source == "# Title"
    assert [cell.execution_count for cell in written.cells[1:]] == [1, 2, 3]
    model = slider[0]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert model in written.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert path.read_bytes() == before


def test_half_a_letter_in_an_output_is_written_and_so_is_all_else(tmp_path: Path) -> None:
    halves = r"print('a \ud800 b')", r"from IPython.display import HTML; HTML('<i>c \udcff d</i>')", "1 + 1"
    path, out, page = notebook(tmp_path, *halves), tmp_path / "out.ipynb", tmp_path / "out.html"
    assert [(ran.returncode, ran.stderr) for ran in (nbapp_run(path, "-o", out), nbapp_run(path, "-o", page))] == [
        (0, "")
    ] * 2
    printed, shown, computed = outputs(out)
    assert (printed[0]["text"], shown[0]["data"]["text/html"]) == ("a \ud800 b\n", "<i>c \udcff d</i>")
    assert computed[0]["data"]["text/plain"] == "2"
    assert "a \ufffd b" in page.read_text(encoding="utf-8")


def test_values_are_set_before_the_outputs_are_made(tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    assert nbapp_run(notebook(tmp_path, *SAMPLE), "--set", "n=8", "-o", out).returncode == 0
    assert outputs(out)[1][0]["text"] == "n is 8\n"


def test_it_runs_in_the_notebooks_folder(tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    (folder / "words.txt").write_text("hello")
    out = tmp_path / "out.ipynb"
    path = notebook(folder, "print(open('words.txt').read())")
    assert nbapp_run(path.relative_to(tmp_path), "-o", "out.ipynb", cwd=tmp_path).returncode == 0
    assert outputs(out)[0][0]["text"] == "hello\n"


def test_a_failed_cell_is_named_and_the_exit_code_is_1(tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    ran = nbapp_run(notebook(tmp_path, "a = 1", "print('before')\nb = a / 0", "c = 1"), "-o", out)
    assert (ran.returncode, ran.stdout) == (1, "")
    lines = ran.stderr.splitlines()
    assert "\x1b" not in ran.stderr  # it went into a file
    assert lines[-1] == "cell 2 failed: ZeroDivisionError: division by zero"
    assert any("b = a / " in line or "ZeroDivisionError" in line for line in lines[:-1])
    assert [output["output_type"] for output in outputs(out)[1]] == ["stream", "error"]
    assert outputs(out)[2] == []


def test_source_that_is_no_python_is_told_without_a_name_that_is_no_file(tmp_path: Path) -> None:
    ran = nbapp_run(notebook(tmp_path, "print("))
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] in (
        "cell 1 failed: SyntaxError: incomplete input (line 1)",  # Python's words are other ones in each version
        "cell 1 failed: _IncompleteInputError: incomplete input (line 1)",
        "cell 1 failed: SyntaxError: '(' was never closed (line 1)",
    )


def test_a_cell_that_takes_too_long_fails(tmp_path: Path) -> None:
    ran = nbapp_run(notebook(tmp_path, "import time\ntime.sleep(60)"), "--timeout", "0.3")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == "cell 1 failed: TimeoutError: the cell was stopped after 0.3 s"


def test_a_kernel_that_dies_is_told_with_its_cell(tmp_path: Path) -> None:
    ran = nbapp_run(notebook(tmp_path, "a = 1", "import os\nos._exit(1)"), "-o", tmp_path / "out.ipynb")
    assert ran.returncode == 1
    assert ran.stderr.startswith("the kernel died in cell 2")
    assert not (tmp_path / "out.ipynb").exists()


def test_cells_tagged_to_be_skipped_are_not_run(tmp_path: Path) -> None:
    path = notebook(tmp_path, "print(1)", "1/0", "print(3)")
    content = json.loads(path.read_text())
    content["cells"][2]["metadata"]["tags"] = ["skip-execution"]
    path.write_text(json.dumps(content))
    out = tmp_path / "out.ipynb"
    assert nbapp_run(path, "-o", out).returncode == 0
    assert outputs(out)[1] == []
    assert nbformat.read(out, as_version=4).cells[2].source == "1/0"


# --- what is refused: one line, exit code 2, nothing written


def refused(tmp_path: Path, *arguments: object) -> str:
    before = sorted(tmp_path.iterdir())
    ran = nbapp_run(*arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert sorted(tmp_path.iterdir()) == before
    (line,) = ran.stderr.splitlines()
    return line


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "nowhere.ipynb") == "nbapp run: nowhere.ipynb: no such file"


def test_what_is_no_notebook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words.ipynb").write_text("words")
    assert "is not a notebook" in refused(tmp_path, "words.ipynb")
    (tmp_path / "old.ipynb").write_text('{"nbformat": 3, "worksheets": []}')
    assert "nbformat 3" in refused(tmp_path, "old.ipynb")


def test_another_language_is_refused(tmp_path: Path) -> None:
    notebook(tmp_path, "1", kernelspec={"name": "ir", "display_name": "R", "language": "R"})
    assert "needs a Python kernel" in refused(tmp_path, "app.ipynb")


def test_an_unknown_name_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    notebook(tmp_path, *SAMPLE)
    line = refused(tmp_path, "app.ipynb", "--set", "m=1", "-o", "out.ipynb")
    assert line.startswith("nbapp run: --set")
    assert "m" in line
    assert "n" in line


def test_a_value_that_the_widget_refuses_is_refused(tmp_path: Path) -> None:
    notebook(tmp_path, *SAMPLE)
    line = refused(tmp_path, "app.ipynb", "--set", "n=many", "-o", "out.ipynb")
    assert "n" in line
    assert "many" in line


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--set", "n"], "NAME=VALUE"),
        (["-o", "."], "is a folder"),
        (["-o", "nowhere/out.ipynb"], "there is no folder"),
        (["--timeout", "0"], "above 0"),
        (["--timeout", "soon"], "--timeout"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_before_anything_runs(
    tmp_path: Path, arguments: list[str], says: str
) -> None:
    notebook(tmp_path, "open('ran', 'w')")
    assert says in refused(tmp_path, "app.ipynb", *arguments)


def test_a_failed_cell_is_not_blamed_on_a_value(tmp_path: Path) -> None:
    ran = nbapp_run(notebook(tmp_path, "1/0", SLIDER), "--set", "n=5")
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].startswith("cell 1 failed")


# --- the file


def test_the_file_that_was_there_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    out.write_text("old")
    out.chmod(0o640)
    link = tmp_path / "link.ipynb"
    link.symlink_to(out)
    assert nbapp_run(notebook(tmp_path, "1"), "-o", link).returncode == 0
    assert link.is_symlink()
    assert out.stat().st_mode & 0o777 == 0o640
    assert outputs(out)[0][0]["data"]["text/plain"] == "1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.ipynb", "link.ipynb", "out.ipynb"]


def test_a_new_file_can_be_read_as_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    assert nbapp_run(notebook(tmp_path, "1"), "-o", tmp_path / "out.ipynb").returncode == 0
    assert (tmp_path / "out.ipynb").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_the_notebook_itself_can_be_written(tmp_path: Path) -> None:
    path = notebook(tmp_path, "6 * 7")
    assert nbapp_run(path, "-o", path).returncode == 0
    assert outputs(path)[0][0]["data"]["text/plain"] == "42"
    assert nbapp_run(path, "-o", path).returncode == 0
    assert len(outputs(path)[0]) == 1


# --- while it runs


def test_a_person_sees_how_far_it_is(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import time", "time.sleep(0.5)", "1")
    seen = in_a_terminal("run", str(path))
    assert b"cell 2" in seen
    assert b"1/3" in seen
    assert b"3/3" in seen


def test_ctrl_c_stops_everything(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)")
    pid = tmp_path / "pid"
    interrupted(tmp_path, "run", str(path), once=lambda: pid.exists() and bool(pid.read_text()))
    assert not psutil.pid_exists(int(pid.read_text()))
