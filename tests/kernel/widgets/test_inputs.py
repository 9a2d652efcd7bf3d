"""`--set NAME=VALUE`: a text becomes a value of the widget it is for, or one clear line."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ipywidgets as widgets
import pytest

from nbapp.errors import UsageError
from nbapp.kernel.widgets.updates.value_parser import parse

OPTIONS = [("First", 1), ("Second", 2), ("Third", 3)]


@pytest.mark.parametrize(
    ("widget", "text", "value"),
    [
        (widgets.IntSlider(min=0, max=9), "5", 5),
        (widgets.IntText(), "-5", -5),
        (widgets.FloatSlider(min=0, max=1), "0.5", 0.5),
        (widgets.FloatLogSlider(min=0, max=3), "100", 100.0),
        (widgets.BoundedIntText(min=0, max=9), "9", 9),
        (widgets.Checkbox(), "yes", True),
        (widgets.ToggleButton(), "0", False),
        (widgets.Text(), "5", "5"),
        (widgets.Textarea(), "two words", "two words"),
        (widgets.Dropdown(options=OPTIONS), "Second", 2),
        (widgets.RadioButtons(options=OPTIONS), "3", 3),
        (widgets.Dropdown(options=[("2", 1), ("1", 2)]), "1", 2),
        (widgets.ToggleButtons(options=["a", "b"]), "b", "b"),
        (widgets.Select(options=[1, 2]), "2", 2),
        (widgets.SelectionSlider(options=["low", "high"]), "high", "high"),
        (widgets.SelectMultiple(options=["a", "b", "c"]), '["a", "c"]', ("a", "c")),
        (widgets.SelectMultiple(options=["a", "b", "c"]), "b", ("b",)),
        (widgets.SelectMultiple(options=OPTIONS), "[1, 3]", (1, 3)),
        (widgets.SelectionRangeSlider(options=["a", "b", "c"]), "b..c", ("b", "c")),
        (widgets.IntRangeSlider(min=0, max=9), "3..8", (3, 8)),
        (widgets.FloatRangeSlider(min=0, max=9), "[0.5, 8]", (0.5, 8.0)),
        (widgets.TagsInput(), '["a", "b"]', ["a", "b"]),
        (widgets.DatePicker(), "2026-11-22", dt.date(2026, 11, 22)),
        (widgets.TimePicker(), "14:30", dt.time(14, 30)),
        (widgets.NaiveDatetimePicker(), "2026-11-22T14:30", dt.datetime(2026, 11, 22, 14, 30)),
        (widgets.ColorPicker(), "#ff8800", "#ff8800"),
        (widgets.Play(min=0, max=9), "4", 4),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, widgets.Widget) else None,
)
def test_a_text_is_read_as_the_widgets_type(widget: widgets.Widget, text: str, value: Any) -> None:
    found = parse(widget, text)
    assert (type(found), found) == (type(value), value)
    widget.value = found
    assert widget.value == value


@pytest.mark.parametrize(
    ("widget", "text", "words"),
    [
        (widgets.IntSlider(min=0, max=9), "ten", "a whole number from 0 to 9"),
        (widgets.IntSlider(min=0, max=9), "10", "0 to 9"),
        (widgets.IntSlider(min=0, max=9), "1.5", "a whole number"),
        (widgets.FloatSlider(min=0, max=1), "nan", "finite"),
        (widgets.FloatSlider(min=0, max=1), "-1", "0.0 to 1.0"),
        (widgets.FloatLogSlider(min=0, max=3), "5000", "1.0 to 1000.0"),
        (widgets.Checkbox(), "maybe", "true or false"),
        (widgets.Dropdown(options=OPTIONS), "Fourth", "First, Second, Third"),
        (widgets.SelectMultiple(options=["a", "b"]), '["a", "z"]', "a, b"),
        (widgets.IntRangeSlider(min=0, max=9), "3..80", "0 to 9"),
        (widgets.IntRangeSlider(min=0, max=9), "wide", "3..8"),
        (widgets.IntRangeSlider(min=0, max=9), "3", "3..8"),
        (widgets.SelectMultiple(options=["apple", "fig"]), "apple,kiwi", "'kiwi' is none of the options"),
        (widgets.DatePicker(), "tomorrow", "2026-11-22"),
        (widgets.ColorPicker(), "no colour", "ColorPicker"),
        (widgets.Button(), "1", "has no value"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, widgets.Widget) else None,
)
def test_an_impossible_text_is_one_line_that_says_what_is_taken(widget: widgets.Widget, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace(".", r"\.")) as refused:
        parse(widget, text)
    assert "\n" not in str(refused.value)
