"""Each function of `nbapp.ui` shows what it should in a notebook that nobody looks at while it runs, with nbapp and without."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from nbapp import ui
from tests.matrix.clients import Manager
from tests.matrix.test_matrix import ENVIRONMENT, LOAD, PATIENCE, written

VIEW, STATES = "application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json"
# For each function a cell, and of the widgets that it shows the class and what they say; or the text.
Said = tuple[str, str, str] | str
CELLS: dict[str, tuple[str, list[Said]]] = {
    "slider": ("n = ui.slider('Size', 0, 10, 3)", [("IntSliderModel", "Size", "3")]),
    "number": ("x = ui.number('Rate', 0.5)", [("FloatTextModel", "Rate", "0.5")]),
    "select": ("x = ui.select('Region', ['East', 'West'])", [("DropdownModel", "Region", "")]),
    "text": ("x = ui.text('Name', 'Ada')", [("TextModel", "Name", "Ada")]),
    "checkbox": ("x = ui.checkbox('Show', True)", [("CheckboxModel", "Show", "True")]),
    "date": ("x = ui.date('Day', dt.date(2026, 1, 2))", [("DatePickerModel", "Day", "'year': 2026}")]),
    "upload": ("x = ui.upload('File')", [("FileUploadModel", "File", "[]")]),
    "button": ("x = ui.button('Go')", [("ButtonModel", "Go", "")]),
    "form": ("with ui.form():\n    x = ui.text('Title')", [("VBoxModel", "", "")]),
    "metric": ("ui.metric('Revenue', 1234567)", [("HTMLModel", "", "1,234,567")]),
    "download": ("ui.download('Get it', 'x', 'a.txt')", [("ButtonModel", "Get it", "")]),
    "table": ("x = ui.table(pd.DataFrame({'city': ['Oslo']}))", [("AnyModel", "", "")]),
    "progress": ("total = sum(ui.progress(range(5), 'Adding'))", [("HBoxModel", "", "")]),
    "write": ("ui.write('# A heading', 42)", ["# A heading", "42"]),
}  # fmt: skip
FIRST = "import datetime as dt\nimport pandas as pd\nfrom nbapp import ui"
STOPPED = {"above": "from nbapp import ui", "stop": "ui.stop('Choose a file.')", "below": "print('never')"}


def _nbclient(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    try:
        NotebookClient(notebook, timeout=PATIENCE, kernel_manager_class=Manager).execute()
    finally:
        nbformat.write(notebook, path)


def _nbconvert(path: Path) -> None:
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", str(path)]
    subprocess.run(command, env=ENVIRONMENT, cwd=path.parent, stderr=subprocess.PIPE, text=True, check=True)


def _papermill(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # papermill's own
        options = {"cwd": str(path.parent), "progress_bar": False, "execution_timeout": PATIENCE}
        papermill.execute_notebook(str(path), str(path), kernel_manager_class=Manager, **options)


Way = Callable[[Path], None]
each_way = pytest.mark.parametrize("way", [_nbclient, _nbconvert, _papermill])
loaded_or_not = pytest.mark.parametrize("loads", [LOAD, "pass"], ids=["nbapp", "plain"])


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of the notebook; kernels that are started find this tree."""
    monkeypatch.setenv("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    return tmp_path / "book.ipynb"


@each_way
@loaded_or_not
def test_each_function_shows_itself(way: Way, loads: str, path: Path) -> None:
    assert {*CELLS, "stop"} == {name for name in ui.__all__ if name.islower()}
    nbformat.write(written({"first": FIRST} | {name: source for name, (source, _) in CELLS.items()}, loads), path)
    way(path)
    notebook = nbformat.read(path, 4)
    states = notebook.metadata.widgets[STATES].state
    for cell, (name, (_, expected)) in zip(notebook.cells[-len(CELLS) :], CELLS.items(), strict=True):
        found = [_said(output, states) for output in cell.outputs]
        assert (name, [_alike(*pair) for pair in zip(found, expected, strict=True)]) == (name, expected)


@each_way
@loaded_or_not
def test_a_run_ends_where_its_author_says_and_tells_why(way: Way, loads: str, path: Path) -> None:
    nbformat.write(written(STOPPED, loads), path)
    with pytest.raises((CellExecutionError, PapermillExecutionError, subprocess.CalledProcessError)) as raised:
        way(path)
    assert "Choose a file." in str(getattr(raised.value, "stderr", raised.value))
    assert "Traceback" not in str(raised.value)
    assert not nbformat.read(path, 4).cells[-1].outputs


def _said(output: NotebookNode, states: NotebookNode) -> Said:
    """What an output shows: of a widget the class, its label and its value."""
    if VIEW not in output.data:
        return str(output.data.get("text/markdown") or output.data["text/plain"])
    model = states[output.data[VIEW]["model_id"]]
    return model.model_name, model.state.get("description", ""), str(model.state.get("value", ""))


def _alike(found: Said, wanted: Said) -> Said:
    """What is wanted, if that is found; a value that is HTML holds it."""
    if isinstance(found, str) or isinstance(wanted, str):
        return found
    return wanted if found[:2] == wanted[:2] and wanted[2] in found[2] else found
