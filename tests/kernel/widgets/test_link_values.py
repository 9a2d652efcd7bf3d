"""Values that a link brings to widgets, and the values that the author's widgets have for one."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import ipywidgets as w
import pytest
from ipywidgets import Widget

from nbapp.kernel.widgets.updates.current_values import values
from nbapp.kernel.widgets.updates.link_values import LinkValues

TREE = ["a", "b", "c"]


def give(widget: Widget, value: object) -> list[str]:
    """Give the widget called `x` a link's value; what is told."""
    asked = LinkValues({"x": value}, lambda widget, value: widget.set_trait("value", value))
    assert asked.give({"x": widget})
    return asked.over()


CONTROLS: list[tuple[Any, object, object]] = [
    (lambda: w.IntSlider(3), 5, 5),
    (lambda: w.IntSlider(3), "5", 5),
    (lambda: w.FloatSlider(0.5), 2.5, 2.5),
    (lambda: w.FloatLogSlider(10), 100.0, 100.0),
    (lambda: w.IntRangeSlider(value=(2, 4)), [3, 8], (3, 8)),
    (lambda: w.BoundedFloatText(1), 7.25, 7.25),
    (lambda: w.Checkbox(False), True, True),
    (lambda: w.Text("a"), "5", "5"),
    (lambda: w.Text("a"), "true, [1", "true, [1"),
    (lambda: w.Textarea("a"), "two\nlines", "two\nlines"),
    (lambda: w.Dropdown(options=TREE), "b", "b"),
    (lambda: w.Dropdown(options=[("one", 1), ("two", 2)]), "two", 2),
    (lambda: w.RadioButtons(options=TREE), "c", "c"),
    (lambda: w.SelectionSlider(options=[1, 2, 3]), "3", 3),
    (lambda: w.SelectMultiple(options=TREE), ["a", "c"], ("a", "c")),
    (lambda: w.SelectionRangeSlider(options=TREE), ["a", "b"], ("a", "b")),
    (lambda: w.DatePicker(), "2026-11-29", dt.date(2026, 11, 29)),
    (lambda: w.NaiveDatetimePicker(), "2026-11-29T12:30:00", dt.datetime(2026, 11, 29, 12, 30)),
    (lambda: w.ColorPicker(value="red"), "#00ff00", "#00ff00"),
    (lambda: w.TagsInput(value=["a"]), ["x", "y"], ["x", "y"]),
]


@pytest.mark.parametrize(("make", "sent", "value"), CONTROLS)
def test_a_control_gets_the_links_value(make: Any, sent: object, value: object) -> None:
    widget = make()
    assert give(widget, sent) == []
    assert widget.value == value


@pytest.mark.parametrize(("make", "sent", "value"), CONTROLS)
def test_what_a_control_has_now_is_what_a_link_gives_it_again(make: Any, sent: object, value: object) -> None:
    author, visitor = make(), make()
    author.value = value
    found = json.loads(json.dumps(values({"x": author})))
    assert found.keys() == {"x"}
    assert give(visitor, found["x"]) == []
    assert visitor.value == author.value


@pytest.mark.parametrize(
    ("widget", "sent", "value", "told"),
    [
        (w.IntSlider(3, max=30, description="Number"), 50, 30, "“Number” is 30 instead of 50."),
        (w.IntSlider(3, min=1), -4, 1, "“x” is 1 instead of -4."),
        (w.IntRangeSlider(value=(2, 4), max=10), [3, 80], (3, 10), "“x” is (3, 10) instead of [3, 80]."),
        (w.BoundedFloatText(1, max=9), "1e9", 9, "“x” is 9.0 instead of 1e9."),
    ],
)
def test_a_value_out_of_bounds_goes_to_the_nearest_and_is_told(
    widget: Any, sent: object, value: object, told: str
) -> None:
    assert give(widget, sent) == [told]
    assert widget.value == value


@pytest.mark.parametrize(
    ("widget", "sent", "why"),
    [
        (w.Dropdown(options=TREE), "z", "none of the options"),
        (w.SelectMultiple(options=TREE), ["a", "z"], "none of the options"),
        (w.IntSlider(3), "many", "not a whole number"),
        (w.IntSlider(3), 2.5, "not a whole number"),
        (w.IntSlider(3), None, "not a whole number"),
        (w.IntSlider(3), {"a": 1}, "not a whole number"),
        (w.FloatSlider(3), float("nan"), "not a finite number"),
        (w.Checkbox(False), "maybe", "neither yes nor no"),
        (w.DatePicker(), "yesterday", "not a date"),
        (w.IntSlider(3, disabled=True), 5, "not for visitors to change"),
        (w.Text("a", disabled=True), "b", "not for visitors to change"),
        (w.HTML("<b>a</b>"), "<script>", "not for visitors to change"),
        (w.Label("a"), "b", "not for visitors to change"),
        (w.IntProgress(3), 5, "not for visitors to change"),
        (w.VBox(), "b", "no value to set"),
    ],
)
def test_a_value_that_is_not_legal_changes_nothing_and_is_told(widget: Any, sent: object, why: str) -> None:
    before = getattr(widget, "value", None)
    (told,) = give(widget, sent)
    assert why in told
    assert getattr(widget, "value", None) == before


def test_a_control_that_is_gone_is_told_once_the_notebook_has_run() -> None:
    asked = LinkValues({"x": 5, "y": 6}, lambda widget, value: widget.set_trait("value", value))
    assert not asked.give({"x": 3})
    assert asked.give({"x": w.IntSlider(3)})
    assert asked.over() == ["There is no control “y” any more to be set to 6."]
    assert not asked.give({"y": w.IntSlider(3)})


def test_each_control_is_given_its_value_once() -> None:
    widget = w.IntSlider(3)
    asked = LinkValues({"x": 5}, lambda widget, value: widget.set_trait("value", value))
    assert asked.give({"x": widget})
    widget.value = 8
    assert not asked.give({"x": widget})
    assert widget.value == 8


def test_what_visitors_cannot_change_and_what_is_secret_is_not_in_a_link() -> None:
    slider = w.IntSlider(3)
    namespace = {
        "slider": slider,
        "again": slider,
        "_hidden": w.IntSlider(4),
        "password": w.Password("hunter2"),
        "off": w.Text("a", disabled=True),
        "html": w.HTML("a"),
        "box": w.VBox([slider]),
        "button": w.Button(),
        "upload": w.FileUpload(),
        "none": w.DatePicker(),
        "nothing": w.Dropdown(options=[]),
        "number": 3,
    }
    assert values(namespace) == {"slider": 3}


def test_a_choice_among_equal_labels_is_left_out_rather_than_given_wrong() -> None:
    assert values({"x": w.Dropdown(options=[("same", 1), ("same", 2)], value=2)}) == {}
