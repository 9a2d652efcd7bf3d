"""The corpus runner judges rightly: what is the same is not told, what differs is, and what is chance is told apart."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from benchmarks.corpus.__main__ import Notebook, compare
from benchmarks.corpus.moves import message, moves
from benchmarks.corpus.notebooks import found, sources
from benchmarks.corpus.picture import controls, leaves
from benchmarks.corpus.plain import Ran

CORPUS = Path(__file__).parent.parent / "benchmarks" / "notebooks" / "corpus"
VIEW = "application/vnd.jupyter.widget-view+json"


def view(model: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {VIEW: {"model_id": model}, "text/plain": "x"}, "metadata": {}}


def text(words: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": words}


SLIDER = {"_model_name": "IntSliderModel", "value": 3, "min": 0, "max": 5, "step": 2, "layout": "IPY_MODEL_l"}
STATES: dict[str, dict[str, Any]] = {
    "a": SLIDER,
    "b": {"_model_name": "VBoxModel", "children": ["IPY_MODEL_a", "IPY_MODEL_o"]},
    "o": {"_model_name": "OutputModel", "outputs": [text("in "), text("there")]},
}


def test_there_are_fifty_notebooks_of_all_kinds_and_each_is_code() -> None:
    names = [path.stem for path in found(CORPUS)]
    kinds = {kind: sum(name.startswith(kind) for name in names) for kind in ("interact", "callback", "link", "display")}
    assert (len(names), kinds) == (50, {"interact": 20, "callback": 18, "link": 6, "display": 6})
    transform = TransformerManager().transform_cell
    for path in found(CORPUS):
        cells = sources(path)
        assert cells
        for cell in cells:
            ast.parse(transform(cell))


def test_a_picture_has_no_ids_and_what_is_shown_inside() -> None:
    shown = leaves([[view("b")], [text("at 0x7f0011223344 in 3.2 ms\n")]], STATES, tracebacks=False)
    assert shown == {
        "0/0/widget": "VBoxModel",
        "0/0/_model_name": "VBoxModel",
        "0/0/children/0/widget": "IntSliderModel",
        "0/0/children/0/_model_name": "IntSliderModel",
        "0/0/children/0/value": "3",
        "0/0/children/0/min": "0",
        "0/0/children/0/max": "5",
        "0/0/children/0/step": "2",
        "0/0/children/1/widget": "OutputModel",
        "0/0/children/1/_model_name": "OutputModel",
        "0/0/children/1/outputs/0/stdout": "in there",
        "1/0/stdout": "at 0x… in <time>\n",
    }


def test_controls_are_found_where_they_stand_and_moved_within_their_bounds() -> None:
    shown = controls([[view("b")]], STATES)
    assert shown == {"0/0": "b", "0/0/children/0": "a", "0/0/children/1": "o"}
    (move,) = moves(shown, STATES)
    assert (move.path, move.there, move.back) == ("0/0/children/0", {"value": 5}, {"value": 3})
    assert message(move, back=True)[0] == {"method": "update", "state": {"value": 3}, "buffer_paths": []}


@pytest.mark.parametrize(
    ("first", "moved", "back", "clean", "wanted"),
    [
        ("a", "a", "a", "a", [["a"], ["a"], ["a"]]),  # rests on nothing
        ("a", "b", "c", "a", [["a"], ["b"], ["c"]]),  # a callback's doing
        ("a", "a", "a", "b", [["a"], ["b"], ["a"]]),  # a cell reads the control: plain Jupyter does not follow
        ("a", "b", "c", "b", [["a"], ["b", "b"], ["a", "c"]]),  # both, as with `interact`
        ("a", "b", "c", "d", [["a"], ["d", "b"], ["a", "c"]]),  # a cell reads it, and a callback wrote there
    ],
)
def test_what_the_app_must_show(first: str, moved: str, back: str, clean: str, wanted: list[list[str]]) -> None:
    notebook = Notebook([], Path(), Ran(kernel=[{"x": first}, {"x": moved}, {"x": back}]), {"x": clean})
    assert [notebook.wanted(stage, "x") for stage in range(3)] == wanted


def written(folder: Path, *cells: str) -> Path:
    path = folder / "small.ipy"
    path.write_text("".join(f"# %%\n{cell}\n" for cell in cells))
    return path


def test_a_notebook_whose_cells_read_its_control_is_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, "import ipywidgets as W\nn = W.IntSlider(3)\nn", "print(n.value * 2)")
    notebook, result = compare(path)
    assert (result.controls, result.loaded, result.app, result.chance) == (1, [], [], False)
    assert notebook.plain.kernel[1]["1/0/stdout"] == "6\n"  # plain Jupyter does not follow
    assert notebook.clean["1/0/stdout"] == "8\n"


def test_a_difference_is_told_with_its_cell_and_chance_is_told_apart(tmp_path: Path) -> None:
    differs = "import sys\nprint('nbapp.kernel.app' in sys.modules)"  # what loading does to every kernel
    chance = "import random\nprint(random.random())"
    _, result = compare(written(tmp_path, differs, chance))
    assert result.chance
    assert result.loaded == [
        f"{stage}, cell 1, 0/stdout: 'True\\n' instead of 'False\\n'" for stage in ("at first", "moved", "back")
    ]
    assert {line.partition(", ")[2] for line in result.app} == {"cell 1, 0/stdout: 'True\\n' instead of 'False\\n'"}
