"""`nbapp check` as a person runs it: what it finds, what it does not, and how it ends."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from nbapp.check import code, outside
from nbapp.check.finding import Finding
from nbapp.check.hint import hint
from nbapp.check.outside import _imported
from nbapp.check.source import Source
from nbapp.core.notebook import Cell, CellId
from nbapp.testing import AppTest
from tests.commands import NBAPP, PATIENCE, called, in_a_terminal, interrupted

SLIDER = "import ipywidgets as W\nn = W.IntSlider(3)\nn"
NO_DIGEST = [SLIDER, "import time\ntime.sleep(0.2)\nlines = (i for i in range(9))", "shown = n.value, lines is None"]


def notebook(folder: Path, *sources: str, **metadata: Any) -> Path:
    path = folder / "app.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# Title"), *map(nbformat.v4.new_code_cell, sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


def found(path: Path, *options: str, code: int) -> list[tuple[str, str, int | None, str]]:
    """Level, kind, cell and what of each finding; the file stays as it was."""
    before = path.read_bytes()
    ran = called("check", path, "--json", *options)
    assert (ran.returncode, ran.stderr) == (code, "")
    assert path.read_bytes() == before
    return [(each["level"], each["kind"], each["cell"], each["what"]) for each in json.loads(ran.stdout)["findings"]]


def sources(*cells: str) -> list[Source]:
    return [Source.of(number, Cell(CellId(str(number)), cell)) for number, cell in enumerate(cells, 1)]


def kinds(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    findings = list(findings)
    assert all(each.remedy and each.why for each in findings)
    return [(each.kind, each.what) for each in findings]


# --- what is said before a notebook is served


def test_who_serves_a_notebook_without_a_widget_reads_what_would_make_it_an_app(tmp_path: Path) -> None:
    assert hint(notebook(tmp_path, "print(1)")) == (
        "app.ipynb names no widget, so nothing on its page may move: a widget makes it an app: "
        "`n = ipywidgets.IntSlider(3)` shown in one cell, and `n.value` used in another"
    )
    assert "make n a widget" in hint(notebook(tmp_path, "n = 3  #@param"))
    assert hint(notebook(tmp_path, SLIDER)) == hint(tmp_path / "missing.ipynb") == ""


# --- what a run tells


def test_a_notebook_that_works_has_nothing_to_tell(tmp_path: Path) -> None:
    command = [*NBAPP, "check", str(notebook(tmp_path, SLIDER, "print(n.value)"))]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "nothing found (2 of 2 cells ran)\n", "")


@pytest.mark.parametrize("name", ["three-lines", "inputs", "dashboard", "bakery", "sales"])
def test_the_samples_have_no_problem(name: str) -> None:
    path = Path(__file__).parent.parent / "notebooks" / f"{name}.ipynb"
    assert [each for each in found(path, code=0) if each[0] == "problem"] == []


def test_a_value_without_a_digest_is_told_with_its_cell_and_price(tmp_path: Path) -> None:
    (slow,) = found(notebook(tmp_path, *NO_DIGEST), code=0)
    assert slow == ("slow", "no-digest", 2, "`lines` is a generator, which cannot be compared")
    with AppTest.from_cells(NO_DIGEST) as app:
        assert app.run().set("n", 4).executed == (1, 2)  # as it was told: the slow maker too


def test_a_value_without_a_digest_that_no_move_uses_costs_nothing(tmp_path: Path) -> None:
    assert found(notebook(tmp_path, SLIDER, *NO_DIGEST[1:2], "lines is None", "n.value"), code=0) == []


def test_a_handle_costs_nothing(tmp_path: Path) -> None:
    path = notebook(tmp_path, SLIDER, f"#| nbapp: handle\n{NO_DIGEST[1]}", NO_DIGEST[2])
    assert [each for each in found(path, code=0) if each[1] == "no-digest"] == []


def test_what_is_slow_large_or_frozen_is_told(tmp_path: Path) -> None:
    moved = "import time\ntime.sleep(1.1 * (n.value > 0))"
    path = notebook(tmp_path, SLIDER, moved, "print('x' * 2_000_000)", "started = time.time()", "!true")
    assert found(path, code=0) == [
        ("slow", "slow", 2, "takes 1.1 s"),
        ("slow", "large", 3, "shows 2.0 MB"),
        ("note", "frozen", 4, "uses the clock"),
        ("note", "frozen", 5, "uses another program"),
    ]


def test_a_magic_that_nobody_knows_runs_at_each_move(tmp_path: Path) -> None:
    magic = "get_ipython().register_magic_function(lambda line: None, magic_name='mine')"
    path = notebook(tmp_path, SLIDER, magic, "%mine")
    assert ("note", "always", 3, "the magic %mine may do anything") in found(path, code=0)


def test_a_cell_that_fails_is_told_and_how_many_lie_below(tmp_path: Path) -> None:
    ran = called("check", notebook(tmp_path, SLIDER, "# divide\n1 / 0", "n.value", "2"))
    assert (ran.returncode, ran.stderr) == (3, "")
    head, what, remedy, count = ran.stdout.splitlines()
    assert head.split() == ["problem", "cell", "2", "1", "/", "0"]
    assert what.strip() == "fails: ZeroDivisionError: division by zero: the 2 cells below it are not run"
    assert remedy.strip().startswith("-> ")
    assert count == "1 problem (1 of 4 cells ran)"


def test_a_control_that_no_cell_shows_is_a_problem(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import ipywidgets as W\nn = W.IntSlider(3)\nm = W.Label()", "print(n.value)", "m")
    assert found(path, code=3) == [("problem", "no-controls", 1, "`n` is a control")]


def test_a_control_inside_a_box_or_an_output_is_shown(tmp_path: Path) -> None:
    inside = (
        "import ipywidgets as W\nn = W.IntSlider(3)\nout = W.Output()\nwith out: display(W.VBox([n]))\nW.HBox([out])"
    )
    assert found(notebook(tmp_path, inside), code=0) == []


def test_without_widgets_there_is_a_hint_what_makes_it_an_app(tmp_path: Path) -> None:
    (hint,) = found(notebook(tmp_path, "n = 3", "n * 2"), code=0)
    assert hint[:2] == ("note", "no-controls")
    assert found(notebook(tmp_path), code=0) == [hint]  # an empty notebook


@pytest.mark.parametrize(
    "cell", ["import nbapp.ui\nn = nbapp.ui.slider('n')", "from nbapp import ui\nn = ui.slider('n')", SLIDER]
)
def test_controls_below_a_cell_that_fails_are_no_missing_controls(tmp_path: Path, cell: str) -> None:
    assert [kind for _, kind, *_ in found(notebook(tmp_path, "1 / 0", cell), code=3)] == ["error"]


def test_colabs_forms_are_comments(tmp_path: Path) -> None:
    assert found(notebook(tmp_path, "n = 3 #@param {type: 'slider'}", "n * 2"), code=3) == [
        ("problem", "no-controls", 1, "no control")
    ]


def test_a_widget_that_the_page_cannot_draw_is_a_problem(tmp_path: Path) -> None:
    kind = "import traitlets\nclass Dial(W.DOMWidget):\n    _view_module = traitlets.Unicode('my-dial').tag(sync=True)"
    assert found(notebook(tmp_path, SLIDER, kind, "W.HBox([Dial()])"), code=3) == [
        ("problem", "extension", 3, "shows a Dial")
    ]


def test_a_kernel_that_dies_is_told_with_its_cell(tmp_path: Path) -> None:
    assert found(notebook(tmp_path, SLIDER, "import os\nos._exit(1)"), code=3) == [
        ("problem", "died", 2, "ends its kernel")
    ]


def test_a_cell_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = notebook(tmp_path, SLIDER, "import time\ntime.sleep(60)")
    ((_, kind, cell, what),) = found(path, "--timeout", "0.3", code=3)
    assert (kind, cell, what) == ("error", 2, "fails: TimeoutError: the cell was stopped after 0.3 s")


def test_what_seemed_to_be_missing_is_not_told_when_the_cell_ran(tmp_path: Path) -> None:
    made = "import pathlib\nname = 'a' + '.txt'\npathlib.Path(name).write_text('x')"
    path = notebook(tmp_path, SLIDER, made, "print(open('a.txt').read())")
    assert found(path, "--no-run", code=3) == [("problem", "file", 3, 'reads "a.txt"')]
    assert found(path, code=0) == []


def test_a_missing_module_is_told_once_and_those_below_too(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("")
    path = notebook(tmp_path, SLIDER, "import json, mine, not_there.deep", "from neither import x")
    assert found(path, code=3) == [
        ("problem", "module", 2, "imports `not_there`"),
        ("problem", "module", 3, "imports `neither`"),
    ]


def test_a_magic_may_need_a_module() -> None:
    imported = [name for source in sources("%matplotlib widget", "%matplotlib inline") for name, _ in _imported(source)]
    assert imported == ["ipympl"]


def test_a_kernel_that_is_not_installed_is_a_problem(tmp_path: Path) -> None:
    path = notebook(tmp_path, SLIDER, kernelspec={"name": "sales-env", "display_name": "Sales", "language": "python"})
    ((_, kind, cell, what),) = found(path, "--no-run", code=3)
    assert (kind, cell) == ("kernel", None)
    assert "`sales-env`" in what or "sales-env" in what
    path = notebook(tmp_path, SLIDER, kernelspec={"name": "ir", "display_name": "R", "language": "R"})
    ((_, kind, cell, what),) = found(path, code=3)
    assert (kind, what) == ("kernel", "is a notebook in R, and nbapp needs a Python kernel")


# --- what the code tells


def test_nothing_is_executed_without_a_run(tmp_path: Path) -> None:
    assert found(notebook(tmp_path, SLIDER, "open('ran', 'w').close()\n1/0"), "--no-run", code=0) == []
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("name = input('Name?')", "input"),
        ("from getpass import getpass\nkey = getpass()", "input"),
        ("exit()", "exit"),
        ("_ + 1", "history"),
        ("Out[3]", "history"),
        ("%%time\nx = _3", "history"),
        ("from google.colab import files", "colab"),
        ("%matplotlib notebook", "backend"),
        ("!pip install numpy", "installs"),
        ("%pip install -q numpy", "installs"),
        ("#| nbapp: sometimes\n1", "directive"),
        ("for i in 3", "syntax"),
        ("from IPython.display import FileLink\nFileLink('a.csv')", "file-link"),
        ("from IPython.display import FileLinks as Files\nFiles('.')", "file-link"),
        ("from IPython.display import *\nFileLink('a.csv')", "file-link"),
        ("from IPython import display\ndisplay.FileLink('a.csv')", "file-link"),
        ("import IPython\nIPython.display.FileLink('a.csv')", "file-link"),
    ],
)
def test_what_does_not_work_in_an_app_is_seen_in_the_code(cell: str, kind: str) -> None:
    assert [each.kind for each in code.look(sources(cell))] == [kind]


@pytest.mark.parametrize(
    "cell",
    [
        "def input(text): return text\ninput('x')",
        "for _ in range(3): pass\n_",
        "_ = str\n_('x')",
        "plan.exit()",
        "%matplotlib inline",
        "!pip list",
        "%%time\nx = 1",
        "#| nbapp: ttl=60\n1",
        "x = 'input()'",
        "class FileLink: pass\nFileLink()",
        "import shop\nshop.FileLink('a')",
    ],
)
def test_what_only_looks_like_it_is_not_told(cell: str) -> None:
    assert list(code.look(sources(cell))) == []


def test_tags_and_settings_of_a_page_that_make_no_sense_are_notes(tmp_path: Path) -> None:
    path = notebook(tmp_path, SLIDER, "print(n.value)", nbapp={"layout": {"width": "huge"}})
    content = json.loads(path.read_text())
    content["cells"][2]["metadata"]["tags"] = ["card=1", "mine"]
    path.write_text(json.dumps(content))
    assert found(path, "--no-run", code=0) == [
        ("note", "layout", None, "`width` is 'huge'"),
        ("note", "layout", 2, "the tag `card=1`"),
    ]


def test_paths_of_one_computer_are_told(tmp_path: Path) -> None:
    (tmp_path / "here.csv").write_text("")
    cells = sources(
        "a = open('/home/nobody-here/x.csv')",
        f"b = '{tmp_path}/here.csv'" if not str(tmp_path).startswith("/tmp") else "b = '/content/drive/x.csv'",
        "c = pd.read_csv('../x.csv')",
        "d = r'C:\\data\\x.csv'",
        f"e = 'https://host/x', '/api/rows', '{tempfile.gettempdir()}/x', '/', 'a/b', '%d / %d', '//div'",
        "'''/home/me: a docstring'''\nf'/home/me/{e}'",
    )
    found = list(outside.paths(cells, tmp_path))
    assert [each.cell for each in found] == [1, 2, 3, 4, 6]
    assert [each.kind for each in found] == ["path", "path", "outside", "path", "path"]


def test_missing_files_are_those_that_nothing_above_names(tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text("")
    cells = sources(
        "pd.read_csv('there.csv'); pd.read_csv('gone.csv')",
        "df.to_csv('made.csv'); open('log', 'w')",
        "pd.read_csv('made.csv'); open('log'); pd.read_sql('select 1', con); pd.read_csv('http://h/x.csv')",
        "!touch told.txt",
        "open('told.txt')",
        "try:\n    open('maybe')\nexcept OSError: pass",
    )
    assert kinds(outside.files(cells, tmp_path)) == [("file", 'reads "gone.csv"')]


# --- a file that is broken


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"cells": [\n<<<<<<< HEAD\n', "holds merge conflict marks at line 2"),
        ('{"cells": [{"cell_type": "co', "the file seems to be cut off"),
        ('{"cells": [', "the file seems to be cut off"),
        ("words", "invalid JSON at line 1"),
        ("", "is empty"),
        ('{"nbformat": 3}', "nbformat 3"),
    ],
)
def test_a_broken_file_is_a_problem_and_said_how(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "app.ipynb"
    path.write_text(text)
    ((level, kind, _, what),) = found(path, code=3)
    assert (level, kind) == ("problem", "file-broken")
    assert says in what
    assert says in called("run", path).stderr


# --- what is refused, and how it ends


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check", "nowhere.ipynb"], "nbapp check: nowhere.ipynb: no such file"),
        (["check", "."], "is a folder"),
        (["check", "app.ipynb", "--timeout", "0"], "--timeout 0"),
        (["check", "app.ipynb", "--jsn"], "nbapp check: it does not know --jsn; did you mean --json? (see nbapp check"),
        (["serve", "app.ipynb", "--no-browsr"], "did you mean --no-browser? (see nbapp serve --help)"),
        (["--no-browser", "serve", "app.ipynb"], "--no-browser stands behind 'nbapp serve'"),
        (["app.ipynb"], "did you mean 'nbapp serve app.ipynb'?"),
        (["folder/"], "did you mean 'nbapp serve folder/'?"),
        (["app.py"], "did you mean 'nbapp serve app.py'?"),
        (["chek", "app.ipynb"], "chek is no command; did you mean check?"),
        (["run", "app.ipynb", "more.ipynb"], "nbapp run: it does not know more.ipynb"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(tmp_path: Path, arguments: list[str], says: str) -> None:
    notebook(tmp_path, "open('ran', 'w')")
    ran = called(*arguments, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    assert says in line
    assert not (tmp_path / "ran").exists()


def test_an_empty_file_is_said_to_be_empty_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "app.ipynb").touch()
    ran = called("serve", "app.ipynb", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (2, "nbapp serve: app.ipynb is empty: write a cell in it and save it\n")


def test_a_script_is_told_how_it_becomes_a_notebook(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("# %%\nprint(1)\n")
    ran = called("serve", "app.py", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "app.py is a script, no notebook: make one of it with 'jupytext --to notebook app.py'" in ran.stderr


def test_nbapp_alone_shows_its_help() -> None:
    ran = called()
    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", called("--help").stdout)


def test_the_help_has_examples() -> None:
    assert "nbapp check sales.ipynb --no-run" in called("check", "--help").stdout


def test_ctrl_c_ends_everything(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)")
    pid = tmp_path / "pid"
    interrupted(tmp_path, "check", str(path), once=lambda: pid.exists() and bool(pid.read_text()))
    assert not psutil.pid_exists(int(pid.read_text()))


def test_a_person_sees_how_far_it_is(tmp_path: Path) -> None:
    path = notebook(tmp_path, "import time", "time.sleep(0.5)", SLIDER)
    seen = in_a_terminal("check", str(path))
    assert b"1/3" in seen
    assert b"(3 of 3 cells ran)" in seen
