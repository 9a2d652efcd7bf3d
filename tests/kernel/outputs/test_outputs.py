"""What messages become on a page, without a kernel."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from nbapp.core.notebook import Output
from nbapp.kernel.outputs.outputs import Growing, fold, join, output_of
from tests.kernel.outputs.messages import text, words


def display(value: str, display_id: str | None = None, kind: str = "display_data") -> Output:
    transient = {"display_id": display_id} if display_id else {}
    return output_of(kind, {"data": {"text/plain": value}, "metadata": {}, "transient": transient})


def update(value: str, display_id: str) -> Output:
    return display(value, display_id, "update_display_data")


def grown(*steps: Output | bool) -> Growing:
    """An output is added; True clears at the next output, False clears now."""
    growing = Growing()
    for step in steps:
        if isinstance(step, bool):
            growing.clear(wait=step)
        else:
            growing.add(step)
    return growing


@pytest.mark.parametrize(
    ("steps", "shown"),
    [
        ([text("a"), text("b")], ["ab"]),
        ([text("a"), text("b", "stderr"), text("c")], ["a", "b", "c"]),
        ([text("a"), display("d"), text("b")], ["a", "d", "b"]),
        ([text("a"), update("u", "elsewhere"), text("b")], ["ab"]),
        ([text("a"), False], []),
        ([text("a"), False, text("b")], ["b"]),
        ([text("a"), True], ["a"]),
        ([text("a"), True, text("b"), text("c")], ["bc"]),
        ([text("a"), True, False], []),
        ([text("a"), True, update("u", "x")], ["a"]),
        ([display("1", "x"), update("2", "x")], ["2"]),
        ([display("1", "x"), display("2", "x")], ["2", "2"]),
        ([display("1", "x"), False, update("2", "x")], []),
        ([display("1", "x"), display("1", "y"), update("2", "x")], ["2", "1"]),
        ([display("1"), display("2")], ["1", "2"]),
    ],
)
def test_a_cell_shows_what_jupyter_shows(steps: list[Output | bool], shown: list[str]) -> None:
    assert words(grown(*steps).shown()) == shown


def test_only_the_last_update_of_a_display_is_kept_after_the_outputs() -> None:
    outputs = grown(update("1", "x"), text("a"), update("2", "y"), update("3", "x")).outputs()
    assert outputs == (text("a"), update("2", "y"), update("3", "x"))


def test_a_new_display_with_the_same_id_replaces_the_update() -> None:
    assert grown(update("1", "x"), display("2", "x")).outputs() == (display("2", "x"),)


def test_what_was_given_out_does_not_change_when_more_arrives() -> None:
    growing = grown(text("a"), display("1", "x"))
    before = growing.outputs()
    growing.add(update("2", "x"))
    growing.add(text("b"))
    assert words(before) == ["a", "1"]


def test_fold_applies_updates_to_the_displays_of_other_cells_in_order() -> None:
    cells = [
        (display("1", "x"), text("a")),
        (update("2", "x"), text("b")),
        (display("3", "y"), update("4", "x")),
    ]
    assert [words(cell) for cell in fold(cells)] == [["4", "a"], ["b"], ["3"]]


def test_fold_lets_a_later_display_update_the_earlier_ones() -> None:
    assert [words(cell) for cell in fold([(display("1", "x"),), (display("2", "x"),)])] == [["2"], ["2"]]


def test_fold_hands_back_cells_that_need_no_change() -> None:
    cells = [(text("a"),), (display("1", "x"),), ()]
    assert all(one is other for one, other in zip(fold(cells), cells, strict=True))


def test_fold_changes_no_output_that_it_was_given() -> None:
    first = (display("1", "x"),)
    fold([first, (update("2", "x"),)])
    assert words(first) == ["1"]


def test_a_stream_goes_on_over_a_join() -> None:
    assert words(join([display("1"), text("a")], [text("b"), text("c", "stderr")])) == ["1", "ab", "c"]
    assert words(join([], [text("b")])) == ["b"]
    assert words(join([text("b", "stderr")], [text("b")])) == ["b", "b"]


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (b"\x89PNG", "iVBORw=="),
        (float("nan"), "nan"),
        (date(2026, 1, 2), "2026-01-02"),
        ({1: (True, None, 0.5)}, {"1": [True, None, 0.5]}),
    ],
)
def test_the_content_is_what_a_front_end_receives(value: Any, seen: Any) -> None:
    assert output_of("display_data", {"data": {"a/b": value}, "metadata": None})["data"] == {"a/b": seen}


def test_the_output_shares_nothing_with_the_message() -> None:
    value = {"rows": [1, 2]}
    output = output_of("display_data", {"data": {"application/json": value}, "metadata": {}})
    value["rows"].append(3)
    assert output["data"]["application/json"] == {"rows": [1, 2]}


def test_a_result_has_no_number() -> None:
    first, second = (
        output_of("execute_result", {"data": {"text/plain": "1"}, "metadata": {}, "execution_count": count})
        for count in (1, 2)
    )
    assert first == second


def test_what_is_no_json_raises_as_in_jupyter() -> None:
    with pytest.raises(TypeError):
        output_of("display_data", {"data": {"a/b": object()}, "metadata": {}})
