"""`ui.stop`: the run ends there, and nothing went wrong."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from nbapp.testing import AppTest
from tests.test_run import nbapp_run

CELLS = (
    "from nbapp import ui",
    "n = ui.slider('n', 0, 9, 1)\nother = ui.slider('Other', 0, 9)",
    "print('above')\nif n > 4:\n    ui.stop('<Choose> less.')\nprint('below')",
    "print('last', n)",
)


def _texts(app: AppTest, index: int) -> list[str]:
    return [output.get("text") or output["data"]["text/plain"] for output in app.outputs(index)]


def test_what_is_below_does_not_run_and_shows_nothing() -> None:
    with AppTest.from_cells(CELLS) as app:
        app.run().set("n", 5)
        assert (app.error, app.executed, _texts(app, 2)) == (None, (1, 2), ["above\n", "<Choose> less."])
        assert "&lt;Choose&gt; less." in app.outputs(2)[1]["data"]["text/html"]
        assert (app.steps[3].state, app.steps[3].reason, app.outputs(3)) == (
            "not run",
            "below cell 3, which ended the run",
            [],
        )
        app.set("Other", 3)
        assert (app.executed, _texts(app, 2)) == ((1,), ["above\n", "<Choose> less."])  # as any other result
        app.set("n", 2)
        assert (app.executed, _texts(app, 2), _texts(app, 3)) == ((1, 2, 3), ["above\nbelow\n"], ["last 2\n"])
        app.set("n", 5).set("n", 2)
        assert (app.executed, _texts(app, 3)) == ((), ["last 2\n"])


def test_nbapp_run_tells_it_and_counts_it_as_no_failure(tmp_path: Path) -> None:
    cells = [nbformat.v4.new_code_cell(cell) for cell in (*CELLS, "1 / 0")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    ran = nbapp_run(tmp_path / "a.ipynb", "--set", "n=7")
    assert (ran.returncode, "cell 3 ended the run: <Choose> less." in ran.stdout + ran.stderr) == (0, True)


def test_without_nbapp_run_all_ends_there_with_the_line_alone(tmp_path: Path) -> None:
    cells = ["from nbapp import ui", "ui.stop('Choose less.')", "print('never')"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert notebook.cells[1].outputs[0].traceback == ["Choose less."]
    assert notebook.cells[2].outputs == []
