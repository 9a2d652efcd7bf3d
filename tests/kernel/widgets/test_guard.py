"""Which traits a visitor's page may set, and to what: every core widget, every trait that it has."""

from __future__ import annotations

from typing import Any

import ipywidgets as w
import pytest
from traitlets import Float, Unicode

from nbapp.kernel.widgets.updates.guard import may_set

ALLOWED: list[tuple[Any, str, Any]] = [
    (w.IntSlider(), "value", 4),
    (w.FloatSlider(), "value", 4),
    (w.FloatSlider(), "value", 4.5),
    (w.IntRangeSlider(), "value", [1, 2]),
    (w.FloatRangeSlider(), "value", [1, 2.5]),
    (w.Dropdown(options="ab"), "index", 1),
    (w.Dropdown(options="ab"), "index", None),
    (w.Select(options="ab"), "index", 1),
    (w.SelectMultiple(options="ab"), "index", [0, 1]),
    (w.ToggleButtons(options="ab"), "index", 1),
    (w.RadioButtons(options="ab"), "index", 1),
    (w.SelectionSlider(options="ab"), "index", 1),
    (w.SelectionRangeSlider(options="abc"), "index", [0, 1]),
    (w.Text(), "value", "x"),
    (w.Textarea(), "value", "x"),
    (w.Password(), "value", "x"),
    (w.Combobox(), "value", "x"),
    (w.IntText(), "value", 3),
    (w.BoundedFloatText(), "value", 3.5),
    (w.Checkbox(), "value", True),
    (w.ToggleButton(), "value", True),
    (w.DatePicker(), "value", {"year": 2026, "month": 10, "date": 3}),
    (w.DatePicker(), "value", None),
    (w.TimePicker(), "value", {"hours": 1, "minutes": 2, "seconds": 3, "milliseconds": 0}),
    (w.ColorPicker(), "value", "red"),
    (w.TagsInput(), "value", ["a"]),
    (w.IntsInput(), "value", [1]),
    (w.Tab([w.Label(), w.Label()]), "selected_index", 1),
    (w.Accordion([w.Label()]), "selected_index", None),
    (w.Play(), "playing", True),
    (w.Play(), "value", 3),
]
REFUSED: list[tuple[Any, str, Any]] = [
    (w.IntSlider(), "max", 10**9),
    (w.IntSlider(), "value", "many"),
    (w.IntSlider(), "value", [1]),
    (w.FloatSlider(), "value", float("nan")),
    (w.FloatRangeSlider(), "value", [0.0, float("inf")]),
    (w.IntSlider(disabled=True), "value", 3),
    (w.IntSlider(disabled=True), "disabled", False),
    (w.Text(), "value", 3),
    (w.Text(), "description", "x"),
    (w.Text(), "layout", "IPY_MODEL_x"),
    (w.Text(), "_view_module", "evil"),
    (w.Text(), "made_up", 1),
    (w.Dropdown(options="ab"), "_options_labels", ["x"]),
    (w.Dropdown(options="ab"), "index", "0"),
    (w.DatePicker(), "value", {"year": 2026, "month": 99, "date": 3}),
    (w.HTML(), "value", "<script>"),
    (w.Label(), "value", "x"),
    (w.IntProgress(), "value", 3),
    (w.Output(), "outputs", []),
    (w.VBox(), "children", ["IPY_MODEL_x"]),
    (w.Layout(), "display", "none"),
    (w.Combobox(ensure_option=True), "ensure_option", False),
]


@pytest.mark.parametrize(("widget", "name", "value"), ALLOWED, ids=lambda part: str(part)[:20])
def test_what_the_views_of_controls_set_is_allowed(widget: Any, name: str, value: Any) -> None:
    assert may_set(widget, name, value)


@pytest.mark.parametrize(("widget", "name", "value"), REFUSED, ids=lambda part: str(part)[:20])
def test_what_no_view_sets_and_what_does_not_fit_is_refused(widget: Any, name: str, value: Any) -> None:
    assert not may_set(widget, name, value)


def test_what_a_link_in_the_page_sets_is_allowed() -> None:
    slider, label = w.IntSlider(), w.Label()
    link = w.jsdlink((slider, "value"), (label, "value"))
    assert may_set(label, "value", "3")
    link.close()
    assert not may_set(label, "value", "3")


def test_widgets_of_other_libraries_set_their_own_traits_but_not_where_their_code_comes_from() -> None:
    class Chart(w.DOMWidget):
        _model_module = Unicode("charts").tag(sync=True)
        _view_module = Unicode("charts").tag(sync=True)
        zoom = Float(1).tag(sync=True)

    chart = Chart()
    assert may_set(chart, "zoom", 2.0)
    assert not may_set(chart, "_view_module", "evil")
    assert not may_set(chart, "layout", "IPY_MODEL_x")
