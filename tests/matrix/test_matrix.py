"""Loading us breaks nothing: on every way in, what people use shows the same with nbapp as without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient import NotebookClient

from nbapp.testing import AppTest
from tests.kernel.front_end import FrontEnd
from tests.kernel.kernels import ROOT, Kernel
from tests.kernel.normal import normal
from tests.matrix.cells import CELLS, ERRORS
from tests.matrix.clients import Manager

LOAD = "%load_ext nbapp"
ALL = {**CELLS, **ERRORS}
PATIENCE = 60  # seconds for a cell, which takes at most three
Shown = dict[str, list[str]]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the cells write their files; kernels that are started find this tree."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shown, list[str]]:
    """What the cells show without nbapp, and what their Output widgets hold."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("plain"))
        return by_nbclient(ALL, "pass")


def written(cells: Mapping[str, str], first: str = LOAD) -> nbformat.NotebookNode:
    """A notebook with another cell in front."""
    v4 = nbformat.v4
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    code = [v4.new_code_cell(source) for source in (first, *cells.values())]
    notebook: nbformat.NotebookNode = v4.new_notebook(cells=code, metadata={"kernelspec": kernel})
    return notebook


def shown(cells: Mapping[str, str], notebook: nbformat.NotebookNode) -> tuple[Shown, list[str]]:
    """What an executed notebook holds."""
    code = [cell for cell in notebook.cells if cell.source in set(cells.values())]
    states = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    outputs = [model["state"]["outputs"] for model in states.values() if model["model_name"] == "OutputModel"]
    found = {name: normal(cell.outputs) for name, cell in zip(cells, code)}
    return found, sorted(json.dumps(normal(each)) for each in outputs)


def by_nbclient(cells: Mapping[str, str], first: str) -> tuple[Shown, list[str]]:
    notebook = written(cells, first)
    options: dict[str, Any] = {"timeout": PATIENCE, "kernel_name": "python3", "allow_errors": True}
    NotebookClient(notebook, kernel_manager_class=Manager, **options).execute()
    return shown(cells, notebook)


def the_same(found: Shown, plain: Shown) -> None:
    """Both show the same; says of the first cell that does not what it shows."""
    assert {name: found.get(name) for name in plain} == plain


def without(names: Sequence[str], cells: Mapping[str, str]) -> dict[str, str]:
    return {name: source for name, source in cells.items() if name not in names}


def test_nbclient(plain: tuple[Shown, list[str]]) -> None:
    found, widgets = by_nbclient(ALL, LOAD)
    the_same(found, plain[0])
    assert widgets == plain[1]


def test_nbconvert(plain: tuple[Shown, list[str]], tmp_path: Path) -> None:
    path = tmp_path / "book.ipynb"
    nbformat.write(written(ALL), path)
    convert = [
        sys.executable,
        "-m",
        "nbconvert",
        "--to",
        "notebook",
        "--execute",
        "--allow-errors",
        "--inplace",
        f"--ExecutePreprocessor.timeout={PATIENCE}",
        f"--ExecutePreprocessor.kernel_manager_class={Manager.__module__}.{Manager.__name__}",
    ]
    command = [*convert, str(path)]
    subprocess.run(command, check=True, env=ENVIRONMENT, cwd=tmp_path, timeout=10 * PATIENCE)
    the_same(shown(ALL, nbformat.read(path, 4))[0], plain[0])


def test_papermill(plain: tuple[Shown, list[str]], tmp_path: Path) -> None:
    path = tmp_path / "book.ipynb"
    nbformat.write(written(CELLS), path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # papermill's own
        options = {"cwd": str(tmp_path), "progress_bar": False, "execution_timeout": PATIENCE}
        papermill.execute_notebook(str(path), str(path), kernel_manager_class=Manager, **options)
    the_same(shown(CELLS, nbformat.read(path, 4))[0], {name: plain[0][name] for name in CELLS})


def test_apptest(plain: tuple[Shown, list[str]], tmp_path: Path) -> None:
    with AppTest.from_cells(list(CELLS.values()), cwd=tmp_path) as app:
        app.run()
        found = {name: normal(app.outputs(index)) for index, name in enumerate(CELLS)}
        the_same(found, {name: plain[0][name] for name in CELLS})


@pytest.mark.parametrize("error", ["an error", "no file", "a broken module", "a wrong value", "a wrong figure"])
def test_errors_in_an_app(error: str, plain: tuple[Shown, list[str]], app: AppTest) -> None:
    app.edit(len(app.cells) - 1, ERRORS[error])
    app.run()
    assert normal(app.outputs(len(app.cells) - 1)) == plain[0][error]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppTest]:
    """The cells that those with errors need, and a place for one of these."""
    needed = ["imports", "inline figure, shown", "interactive_output", "files"]
    sources = [*(CELLS[name] for name in needed), ERRORS["an error"].rpartition("\n")[0], ""]
    with AppTest.from_cells(["import pandas as pd", *sources], cwd=tmp_path_factory.mktemp("errors")) as app:
        yield app


def test_cells_by_hand() -> None:
    with Kernel() as kernel:
        plain = by_hand(FrontEnd(kernel), "pass")  # neither front end puts outputs into Output widgets
    with Kernel() as kernel:
        the_same(by_hand(FrontEnd(kernel), LOAD), plain)


def by_hand(page: FrontEnd, first: str) -> Shown:
    """What cells show that a person runs one after the other in a front end that names them."""
    page.run("load", first)
    found: Shown = {}
    for name, source in without(["display_id"], CELLS).items():  # this front end does not follow updates
        page.run(name, source)
        found[name] = normal(page.outputs[name])
    return found


def test_a_console_beside_the_notebook() -> None:
    with Kernel() as kernel:
        plain = typed(kernel)
    with Kernel() as kernel:
        page = FrontEnd(kernel)
        page.run("load", LOAD)
        page.run("slider", "import ipywidgets as W\ns = W.IntSlider(max=50)\ns")
        page.run("below", "print(s.value)")
        page.models["s"] = page.value("s.comm.comm_id")
        assert typed(kernel) == plain
        page.move("s", 8)
        page.until("below", "8\n")
        assert page.value("[x, items]") == [1, [1, 2]]


def typed(kernel: Kernel) -> str:
    """What a console shows of some lines that are typed into it."""
    lines = (
        "x = 1",
        "x",
        "items = [1]",
        "items.append(2)",
        "items",
        "print('text')",
        "1 / 0",
        "open('none')",
        "!echo hi",
    )
    console = [sys.executable, "-m", "jupyter_console", "--simple-prompt", "--ZMQTerminalInteractiveShell.banner="]
    done = subprocess.run(
        [*console, "--existing", kernel.manager.connection_file],
        input="\n".join([*lines, "exit(keep_kernel=True)", ""]),
        text=True,
        capture_output=True,
        env={**ENVIRONMENT, "TERM": "dumb"},
        timeout=60,
        check=False,
    )
    assert "hi" in done.stdout, done
    return "\n".join(normal([{"output_type": "stream", "name": "", "text": done.stdout}]))
