"""What the page of a served app holds after outputs came, changed and went. The front end is tested in tests/e2e."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipywidgets import IntSlider, Widget
from ipywidgets.widgets import widget as ipywidgets_widget

from nbapp.core.notebook import Cell, CellError, CellId, Output
from nbapp.core.step import State, Step
from nbapp.kernel.frontends.cell_view import pairs
from nbapp.kernel.frontends.page_model import Model
from nbapp.kernel.frontends.voila_page import BUSY_MARK, VoilaPage
from nbapp.kernel.frontends.voila_page import CELL as BOX

VIEW = "application/vnd.jupyter.widget-view+json"
CELL = Cell(CellId("one"), "1")


def text(said: str) -> Output:
    return {"output_type": "stream", "name": "stdout", "text": said}


def view(widget: Widget) -> Output:
    return {
        "output_type": "display_data",
        "data": {"text/plain": "w", VIEW: {"model_id": widget.model_id}},
        "metadata": {},
    }


def models() -> dict[str, Any]:
    return {key: model for key, model in ipywidgets_widget._instances.items() if isinstance(model, Model)}


def state(reference: str) -> dict[str, Any]:
    found: dict[str, Any] = ipywidgets_widget._instances[reference.removeprefix("IPY_MODEL_")].get_state()
    return found


class Reader:
    """Reads a page as a front end does: from the models' states."""

    def __init__(self, page: VoilaPage) -> None:
        self.page = page

    @property
    def box(self) -> str:
        return f"IPY_MODEL_{BOX}{CELL.id}"

    def shown(self, reference: str | None = None) -> list[Any]:
        """The outputs and widgets of the cell in order."""
        held = state(reference or self.box)
        if held["_model_name"] == "OutputModel":
            return list(held["outputs"])
        if held["_model_name"] != "VBoxModel":
            return [reference]
        return [thing for child in held["children"] for thing in self.shown(child)]

    def children(self) -> list[str]:
        return list(state(self.box)["children"])


@pytest.fixture
def page() -> Iterator[VoilaPage]:
    yield from opened(tracebacks=True)


@contextmanager
def visitors_page() -> Iterator[VoilaPage]:
    yield from opened(tracebacks=False)


def opened(*, tracebacks: bool) -> Iterator[VoilaPage]:
    page = VoilaPage(tracebacks=tracebacks)
    page.open((CELL,))
    yield page
    for model in models().values():
        model.dismiss()


def step(page: VoilaPage, state: State, index: int = 0) -> None:
    page.step(Step(index, CELL, state, ""))


@pytest.mark.parametrize(
    ("old", "new", "taken"),
    [
        ("", "", []),
        ("", "ab", [None, None]),
        ("abc", "abc", [0, 1, 2]),
        ("abc", "aXc", [0, 1, 2]),
        ("bc", "abc", [None, 0, 1]),
        ("abc", "ac", [0, 2]),
        ("abc", "acX", [0, 2, None]),
        ("abcd", "bXd", [1, 2, 3]),
        ("ab", "XYab", [None, None, 0, 1]),
        ("aXb", "aYZb", [0, 1, None, 2]),
        ("aa", "aaa", [0, 1, None]),
        ("ab", "ba", [1, None]),
    ],
)
def test_an_output_takes_over_the_widget_of_its_equal_or_of_its_place(
    old: str, new: str, taken: list[int | None]
) -> None:
    assert pairs([text(said) for said in old], [text(said) for said in new]) == taken


def test_outputs_keep_their_widgets_when_one_is_inserted_and_removed(page: VoilaPage) -> None:
    reader = Reader(page)
    page.shown(CELL.id, (text("a"), text("b")), None)
    before = reader.children()
    page.shown(CELL.id, (text("a"), text("new"), text("b")), None)
    assert [before[0], before[1]] == [reader.children()[0], reader.children()[2]]
    page.shown(CELL.id, (text("b"),), None)
    assert reader.children() == [before[1]]


def test_a_displayed_widget_is_a_child_itself_and_stays_while_texts_come_and_go(page: VoilaPage) -> None:
    reader, slider, other = Reader(page), IntSlider(), IntSlider()
    page.shown(CELL.id, (view(slider), view(other)), None)
    before = reader.children()
    assert f"IPY_MODEL_{slider.model_id}" in before
    outputs = (text("above"), view(slider), text("between"), text("more"), view(other), text("below"))
    page.shown(CELL.id, outputs, None)
    assert reader.children() == before
    references = [f"IPY_MODEL_{widget.model_id}" for widget in (slider, other)]
    assert reader.shown() == [outputs[0], references[0], outputs[2], outputs[3], references[1], outputs[5]]


def test_a_view_of_a_widget_that_is_closed_shows_nothing(page: VoilaPage) -> None:
    slider = IntSlider()
    closed = view(slider)
    slider.close()
    page.shown(CELL.id, (text("a"), closed, text("b")), None)
    assert Reader(page).shown() == [text("a"), text("b")]


def test_the_author_sees_the_traceback_and_a_visitor_one_line_with_the_cells_position(
    page: VoilaPage,
) -> None:
    error = CellError("ValueError", "no <b>", ("Traceback", "ValueError: no <b>"))
    published = {"output_type": "error", "ename": "ValueError", "evalue": "no <b>", "traceback": ["Traceback", "x"]}
    warning = {"output_type": "stream", "name": "stderr", "text": "file.py:3: a warning"}
    step(page, "failed", index=6)
    page.shown(CELL.id, (text("so far"), warning, published), error)
    assert Reader(page).shown() == [text("so far"), warning, published]
    page.shown(CELL.id, (text("so far"),), error)
    assert Reader(page).shown()[1]["traceback"] == ["Traceback", "ValueError: no <b>"]
    with visitors_page() as other:  # in a kernel of its own: its boxes have the same ids
        step(other, "failed", index=6)
        other.shown(CELL.id, (text("so far"), warning, published), error)
        so_far, line = Reader(other).shown()
    assert so_far == text("so far")
    assert (
        line["data"]["text/plain"] == "This could not be computed (cell 7). Change a control above, or ask the author."
    )
    assert "ValueError" not in json.dumps(line)


def test_a_traceback_that_the_author_showed_on_purpose_is_an_output_like_any_other(
    page: VoilaPage,
) -> None:
    on_purpose = {"output_type": "error", "ename": "ValueError", "evalue": "", "traceback": ["Traceback"]}
    page.shown(CELL.id, (on_purpose, text("went on")), None)
    assert Reader(page).shown() == [on_purpose, text("went on")]
    with visitors_page() as other:
        other.shown(CELL.id, (on_purpose, text("went on")), None)
        assert Reader(other).shown() == [text("went on")]


def test_a_cell_that_was_stopped_says_so_without_a_traceback(page: VoilaPage) -> None:
    published = {"output_type": "error", "ename": "KeyboardInterrupt", "evalue": "", "traceback": ["Traceback"]}
    step(page, "failed", index=1)
    page.shown(CELL.id, (text("so far"), published), CellError("KeyboardInterrupt", "the cell was stopped"))
    so_far, line = Reader(page).shown()
    assert so_far == text("so far")
    assert line["data"]["text/plain"] == "This was stopped (cell 2). Change a control above to run it again."


def test_cells_below_a_failure_are_marked_until_they_are_up_to_date(page: VoilaPage) -> None:
    box = Reader(page).box
    step(page, "not run")
    assert state(box)["_dom_classes"] == ["nbapp-cell", "nbapp-stale"]
    step(page, "skipped")
    assert state(box)["_dom_classes"] == ["nbapp-cell"]


@pytest.mark.usefixtures("page")
def test_closing_all_widgets_leaves_the_page_open() -> None:
    before = models()
    slider = IntSlider()
    Widget.close_all()
    assert slider.comm is None
    assert models() == before
    assert before


def test_ipywidgets_hands_out_the_pages_widgets_with_all_others(page: VoilaPage) -> None:
    page.shown(CELL.id, (text("a"),), None)
    states = Widget.get_manager_state()["state"]
    assert states[BUSY_MARK]["model_name"] == "LabelModel"
    assert {"VBoxModel", "OutputModel"} <= {state["model_name"] for state in states.values()}


def test_the_busy_mark_says_which_cell_of_how_many(page: VoilaPage) -> None:
    step(page, "ran", index=4)
    page.busy(CELL, 0, 9)
    assert json.loads(state(BUSY_MARK)["value"]) == {"cell": 5, "of": 9}
    page.busy(Cell(CellId("new"), ""), 6, 9)
    assert json.loads(state(BUSY_MARK)["value"]) == {"cell": 7, "of": 9}
    page.busy(None, 6, 9)
    assert state(BUSY_MARK)["value"] == ""


def _marks() -> set[str]:
    return set(state(f"nbapp-cell-{CELL.id}")["_dom_classes"])


def test_what_a_cell_has_made_before_it_is_marked_as_under_way_is_not_pale(page: VoilaPage) -> None:
    """The mark comes after 0.3 s; what threads added between two walks is of the run before."""
    other = Step(0, Cell(CellId("above"), ""), "skipped", "")
    page.shown(CELL.id, (text("old"),), None)
    page.step(Step(1, CELL, "ran", ""))
    page.over()
    page.shown(CELL.id, (text("old, and a thread's"),), None)
    page.step(other)
    page.busy(CELL, 1, 2)
    assert _marks() == {"nbapp-cell", "nbapp-under-way"}
    page.busy(None, 1, 2)
    page.over()
    page.step(other)
    page.shown(CELL.id, (text("new"),), None)
    page.busy(CELL, 1, 2)
    assert _marks() == {"nbapp-cell", "nbapp-under-way", "nbapp-fresh"}
    page.busy(None, 1, 2)
    assert _marks() == {"nbapp-cell"}


@given(st.lists(st.lists(st.sampled_from("abcXYZ"), max_size=6), max_size=6))
def test_after_any_changes_the_page_holds_what_was_shown_last_and_nothing_else(rounds: list[list[str]]) -> None:
    sliders = {name: IntSlider() for name in "XYZ"}
    for page in opened(tracebacks=True):
        for names in rounds:
            outputs = tuple(view(sliders[name]) if name in sliders else text(name) for name in names)
            page.shown(CELL.id, outputs, None)
            expected = [f"IPY_MODEL_{sliders[name].model_id}" if name in sliders else text(name) for name in names]
            assert Reader(page).shown() == expected
            widgets = sum(name in sliders for name in names)
            texts = len(names) - widgets
            assert len(models()) == 7 + texts + (widgets + 1 if widgets else 0)
    for slider in sliders.values():
        slider.close()
