"""A hundred hostile values for each trait of each widget class: a visitor changes what the author lets people set, to
values that fit, and nothing else; nothing raises.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import ipywidgets
import pytest
from ipywidgets import Widget
from ipywidgets.widgets.widget_float import _BoundedFloat
from ipywidgets.widgets.widget_int import _BoundedInt
from ipywidgets.widgets.widget_link import Link
from ipywidgets.widgets.widget_selection import _MultipleSelection, _Selection

from nbapp._compat import ipywidgets as private
from nbapp.kernel.widgets.updates.guard import guarded
from nbapp.ui import button, download, inputs, upload

DEEP: Any = []
for _ in range(50):
    DEEP = [DEEP]
NUMBERS = [
    *(0, 1, -1, 2, 7, 99, 10**6, 10**12, -(10**12), 2**63, -(2**63) - 1, 10**40, -(10**400), 10**400),
    *(0.0, -0.0, 0.5, 1.5, -3.25, 1e308, -1e308, 5e-324, math.inf, -math.inf, math.nan),
]
TEXTS = [
    *("", " ", "a", "0", "-1", "1e999", "nan", "true", "null", "x" * 100_000, "\0", "\ud800", "\u202e", "é", "e\u0301"),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "'; drop table x; --"),
    *(
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\windows",
        "${7*7}",
        "{{7*7}}",
        "{0.__class__}",
        "%s%n",
        "__import__('os')",
    ),
    *("IPY_MODEL_", "IPY_MODEL_unknown", "#fff", "red", "10px", "100%", "2020-13-45", "2020-02-30", "25:61", "\n\r\t"),
]
SHAPES = [
    *(None, True, False, [], {}, [[]], [{}], {"": ""}, DEEP, [None], [True, False], [0, 0], [1, 0], [0, 10**9]),
    *([math.nan, 1], [1, 2, 3], ["a"], ["a", "b"], [0] * 10_000, {"value": 1}, {"__class__": "x"}, {"year": 2020}),
    *({"year": 99999, "month": 99, "date": 99}, {"hours": 99, "minutes": 99, "seconds": 99, "milliseconds": 9999}),
    *({"name": "../x", "type": "", "size": -1, "content": "x", "last_modified": 0}, [{"name": "x"}], [[0, 1], [2, 3]]),
    *(
        [["a", "b"]],
        [{"type": "text/html"}],
        ["\ud800"],
        {"buffer": None},
        [10**400],
        ["IPY_MODEL_unknown"],
        {"x": {"y": {"z": {}}}},
        [1.5, 2.5],
        [-1],
        [99],
        ["0"],
        {"0": 1},
    ),
]
HOSTILE = [*NUMBERS, *TEXTS, *SHAPES]
# What people set in a page, by class: everything else of a control is its author's.
EDITED = {"value", "index", "selected_index", "error", "playing", "repeat", "_playing", "_repeat"}
GAMEPAD = {"name", "mapping", "connected", "timestamp", "buttons", "axes", "index"}
MADE: dict[str, Callable[[], Widget]] = {
    "GridspecLayout": lambda: ipywidgets.GridspecLayout(1, 2),
    "Box": lambda: ipywidgets.Box([ipywidgets.Label("a")]),
    "Dropdown": lambda: ipywidgets.Dropdown(options=["a", "b"]),
    "RadioButtons": lambda: ipywidgets.RadioButtons(options=["a", "b"]),
    "Select": lambda: ipywidgets.Select(options=["a", "b"]),
    "SelectMultiple": lambda: ipywidgets.SelectMultiple(options=["a", "b"]),
    "SelectionSlider": lambda: ipywidgets.SelectionSlider(options=["a", "b"]),
    "SelectionRangeSlider": lambda: ipywidgets.SelectionRangeSlider(options=["a", "b"]),
    "ToggleButtons": lambda: ipywidgets.ToggleButtons(options=["a", "b"]),
    "Combobox": lambda: ipywidgets.Combobox(options=["a", "b"], ensure_option=True),
}


def _classes() -> Iterator[type[Widget]]:
    """Every class that a page can be shown, ours as well, links aside, which join two widgets."""
    for module in (ipywidgets, inputs, button, download, upload):
        for name in sorted(dir(module)):
            kind = getattr(module, name)
            if isinstance(kind, type) and issubclass(kind, Widget) and not issubclass(kind, Link):
                yield kind


KINDS = [kind for kind in dict.fromkeys(_classes()) if kind.__name__ not in ("interactive", "ValueWidget")]


@pytest.fixture(autouse=True)
def _judged() -> Iterator[None]:
    undo = guarded()
    yield
    undo()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.__module__.partition('.')[0]}.{kind.__name__}")
def test_hostile_values_change_nothing_but_what_people_set(kind: type[Widget]) -> None:
    """Also while the control is off: then nothing at all."""
    assert len(HOSTILE) >= 100
    widget = _made(kind)
    try:
        _try_all(widget, EDITED | GAMEPAD if isinstance(widget, ipywidgets.Controller) else EDITED)
        if widget.has_trait("disabled"):
            widget.disabled = True
            _try_all(widget, set())
    finally:
        widget.close()


def _made(kind: type[Widget]) -> Widget:
    if kind.__module__.startswith("ipywidgets"):
        return MADE.get(kind.__name__, kind)()
    return kind(options=["a", "b"]) if issubclass(kind, (_Selection, _MultipleSelection)) else kind()


def _try_all(widget: Widget, edited: set[str]) -> None:
    paths: Iterator[dict[str, Any]] = cycle(
        ({"buffer_paths": []}, {}, {"buffer_paths": None})
    )  # a page may leave out what it need not say
    for name in widget.keys:
        before = _state(widget)
        for value in HOSTILE:
            data = {"method": "update", "state": {name: value}, **next(paths)}
            widget._handle_msg({"content": {"comm_id": widget.model_id, "data": data}, "buffers": []})
            _check(widget)
        changed = {key for key, was in _state(widget).items() if was != before[key]}
        assert changed <= edited, (name, changed)
        assert name in edited or not changed, (name, changed)


def _check(widget: Any) -> None:
    """What a control may hold, whatever was sent."""
    if isinstance(widget, (_BoundedInt, _BoundedFloat)):
        assert widget.min <= widget.value <= widget.max
    if isinstance(widget, _Selection):
        assert widget.index is None or 0 <= widget.index < 2
    if isinstance(widget, _MultipleSelection):
        assert all(0 <= index < 2 for index in widget.index)
    if isinstance(widget, ipywidgets.Combobox):
        assert widget.value in ("", "a", "b")


def _state(widget: Widget) -> dict[str, str]:
    """All that a page is told of it, as text: NaN is itself there."""
    return {name: repr(private.to_json(widget, name)(getattr(widget, name), widget)) for name in widget.keys}


@pytest.mark.parametrize("paths", [{"buffer_paths": []}, {}, {"buffer_paths": None}])
def test_what_may_be_set_is_set_and_what_may_not_is_left_out_however_the_page_says_it(paths: dict[str, Any]) -> None:
    slider = ipywidgets.IntSlider(max=10)
    for state, value in (({"value": 4}, 4), ({"max": 1000}, 4), ({"max": 1000, "value": 7}, 7), ({"value": 1000}, 10)):
        data = {"method": "update", "state": state, **paths}
        slider._handle_msg({"content": {"comm_id": slider.model_id, "data": data}, "buffers": []})
        assert (slider.value, slider.max) == (value, 10)
    slider.close()


@pytest.mark.parametrize("value", ["nan", math.nan, "x", [1], None])
def test_a_link_in_the_page_lets_no_value_through_that_does_not_fit(value: Any) -> None:
    """The page sets the target of a link by itself, to what its source may hold."""
    source, target = ipywidgets.FloatSlider(), ipywidgets.FloatProgress(value=3.0)
    link = ipywidgets.jslink((source, "value"), (target, "value"))
    for value_sent, shown in ((4.5, 4.5), (value, 4.5)):
        data = {"method": "update", "state": {"value": value_sent}, "buffer_paths": []}
        target._handle_msg({"content": {"comm_id": target.model_id, "data": data}, "buffers": []})
        assert target.value == shown
    link.unlink()
