"""Values in the address of a page: how they are read and written, and what a hostile one cannot do."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ipywidgets as w
import pytest
from ipywidgets import Widget

from nbapp.kernel.widgets.updates.query_values import QueryValues, controls, in_address, looked_after

TREE = ["a", "b", "c"]


def give(names: dict[str, Any], query: dict[str, list[str]], *, is_read: bool = False) -> list[str]:
    """Give widgets what an address asks for; what is told."""
    asked = QueryValues(query, lambda widget, value: widget.set_trait("value", value), is_read=is_read)
    asked.give(names)
    return asked.over()


CONTROLS: list[tuple[Any, list[str], object]] = [
    (lambda: w.IntSlider(3), ["5"], 5),
    (lambda: w.FloatSlider(0.5), ["2.5"], 2.5),
    (lambda: w.IntRangeSlider(value=(2, 4)), ["3..8"], (3, 8)),
    (lambda: w.FloatRangeSlider(value=(2, 4)), ["2.5..3.0"], (2.5, 3.0)),
    (lambda: w.Checkbox(False), ["true"], True),
    (lambda: w.Text("a"), ["two words & more"], "two words & more"),
    (lambda: w.Text("a"), [""], ""),
    (lambda: w.Text("a"), ["[1, 2]"], "[1, 2]"),
    (lambda: w.Dropdown(options=TREE), ["b"], "b"),
    (lambda: w.Dropdown(options=[("one", 1), ("two", 2)]), ["two"], 2),
    (lambda: w.SelectionSlider(options=[1, 2, 3]), ["3"], 3),
    (lambda: w.SelectMultiple(options=TREE), ["a", "c"], ("a", "c")),
    (lambda: w.SelectMultiple(options=TREE), ["c"], ("c",)),
    (lambda: w.SelectMultiple(options=TREE, value=["a"]), [""], ()),
    (lambda: w.SelectMultiple(options=["1", "[2]", "x..y"]), ["x..y"], ("x..y",)),
    (lambda: w.SelectMultiple(options=["1", "[2]", "x..y"]), ["[2]"], ("[2]",)),
    (lambda: w.SelectionRangeSlider(options=TREE), ["a..b"], ("a", "b")),
    (lambda: w.DatePicker(), ["2026-11-29"], dt.date(2026, 11, 29)),
    (lambda: w.TimePicker(), ["14:30:00"], dt.time(14, 30)),
    (lambda: w.ColorPicker(value="red"), ["#00ff00"], "#00ff00"),
    (lambda: w.TagsInput(value=["a"]), ['["x", "y"]'], ["x", "y"]),
]


@pytest.mark.parametrize(("make", "texts", "value"), CONTROLS)
def test_a_control_gets_what_the_address_asks_for_and_the_address_asks_for_what_it_has(
    make: Any, texts: list[str], value: object
) -> None:
    widget = make()
    assert give({"x": widget}, {"x": texts}) == []
    assert widget.value == value
    assert in_address(widget) == tuple(texts)


@pytest.mark.parametrize("text", ["a,c", '["a", "c"]'])
def test_several_options_may_be_written_together(text: str) -> None:
    widget = w.SelectMultiple(options=TREE)
    assert give({"x": widget}, {"x": [text]}) == []
    assert widget.value == ("a", "c")


def test_of_one_value_asked_for_twice_the_last_counts() -> None:
    widget = w.IntSlider(3)
    assert give({"x": widget}, {"x": ["5", "7"]}) == []
    assert widget.value == 7


HOSTILE: list[tuple[Any, list[str]]] = [
    (lambda: w.Dropdown(options=TREE), ["d"]),
    (lambda: w.IntSlider(3), ["NaN"]),
    (lambda: w.IntSlider(3), ["1e400"]),
    (lambda: w.FloatSlider(0.5), ["inf"]),
    (lambda: w.IntSlider(3, disabled=True), ["5"]),
    (lambda: w.HTML("<b>as it is</b>"), ["<script>alert(1)</script>"]),
    (lambda: w.Label("as it is"), ["other"]),
    (lambda: w.IntProgress(3), ["5"]),
    (lambda: w.Password("secret"), ["guess"]),
    (lambda: w.FileUpload(), ["[]"]),
    (lambda: w.Combobox(options=TREE, ensure_option=True, value="a"), ["d"]),
    (lambda: w.SelectMultiple(options=TREE), ["a", "d"]),
    (lambda: w.DatePicker(), ["yesterday"]),
]


@pytest.mark.parametrize(("make", "texts"), HOSTILE)
def test_what_a_visitor_may_not_set_stays_and_that_is_told(make: Any, texts: list[str]) -> None:
    widget = make()
    before = widget.value
    assert len(give({"x": widget}, {"x": texts})) == 1
    assert widget.value == before


def test_what_is_out_of_bounds_goes_to_the_nearest_and_is_told() -> None:
    widget = w.IntSlider(3, max=30, description="Number")
    assert give({"x": widget}, {"x": ["999"]}) == ["“Number” is 30 instead of 999."]
    assert widget.value == 30


def test_an_address_sets_no_name_but_a_widgets_and_says_which_was_not_used() -> None:
    names = {"n": w.IntSlider(3), "path": "/data", "_hidden": w.IntSlider(1)}
    assert give(names, {"path": ["/etc"], "m": ["5"]}) == [
        "The address asks for “path”, and no control here has that name.",
        "The address asks for “m”, and no control here has that name.",
    ]
    assert names["path"] == "/data"


def test_what_newsletters_add_and_what_the_notebook_reads_itself_is_not_told() -> None:
    assert give({}, {"utm_source": ["mail"], "fbclid": ["x"], "gclid": ["y"]}) == []
    assert give({}, {"customer": ["7"]}, is_read=True) == []


def test_a_password_is_not_told_either_and_its_name_is_taken_out_of_the_address() -> None:
    names = {"key": w.Password("p"), "file": w.FileUpload(), "n": w.IntSlider(3), "box": w.VBox()}
    (told,) = give(names, {"key": ["hunter2"]})
    assert "hunter2" not in told
    assert list(controls(names)) == ["n"]
    assert looked_after(names) == ["file", "key", "n"]


def test_what_cannot_be_read_back_is_not_written() -> None:
    class Odd(w.Text):
        pass

    widget: Widget = w.SelectMultiple(options=["a", "a"], index=(1,))
    assert in_address(Odd("x")) == ("x",)
    assert in_address(widget) in (None, ("a",))
    assert in_address(w.DatePicker()) is None
    assert in_address(w.BoundedFloatText(0.1)) == ("0.1",)
