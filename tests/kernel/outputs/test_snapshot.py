"""What a page without a connection is told of a cell: its outputs, and the looks of its widgets."""

from __future__ import annotations

import base64
import json
from typing import Any

import ipywidgets as w
import pytest
from traitlets import Unicode

from nbapp._compat.ipywidgets import instances
from nbapp.core.notebook import Output
from nbapp.kernel.outputs.outputs import VIEW
from nbapp.kernel.outputs.snapshot import MOST, WIDGET, snapshot

TEXT: Output = {"output_type": "stream", "name": "stdout", "text": "said"}


def view(widget: w.Widget) -> Output:
    return {"output_type": "display_data", "data": {VIEW: {"model_id": widget.model_id}}, "metadata": {}}


def look(widget: w.Widget) -> Any:
    (taken,) = snapshot([view(widget)], instances)
    assert taken["output_type"] == WIDGET
    json.dumps(taken)
    return taken["state"]


def test_outputs_stay_as_they_are_and_a_view_becomes_the_widgets_state() -> None:
    slider = w.IntSlider(value=3, max=9, description="n", layout={"width": "50%"})
    text, widget, after = snapshot([TEXT, view(slider), TEXT], instances)
    assert text == after == TEXT
    state = widget["state"]
    assert (state["kind"], state["value"], state["max"], state["description"]) == ("IntSliderModel", 3, 9, "n")
    assert state["layout"] == {"width": "50%"}


def test_boxes_hold_their_children_and_an_output_widget_its_outputs() -> None:
    inner = w.Output()
    inner.append_stdout("inside")
    state = look(w.HBox([w.VBox([w.Label("deep")]), inner]))
    assert state["children"][0]["children"][0]["value"] == "deep"
    assert state["children"][1]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "inside"}]


def test_bytes_are_base64_and_what_is_no_json_is_left_out() -> None:
    assert look(w.Image(value=b"\x89PNG"))["value"] == base64.b64encode(b"\x89PNG").decode()
    assert look(w.FloatText(value=float("nan")))["value"] is None


def test_of_a_widget_that_is_not_ipywidgets_only_the_room_is_told() -> None:
    class Chart(w.DOMWidget):
        _model_module = Unicode("charts").tag(sync=True)
        _model_name = Unicode("ChartModel").tag(sync=True)
        secret = Unicode("data").tag(sync=True)

    assert look(Chart(layout={"height": "300px"})) == {"kind": "", "layout": {"height": "300px"}}


def test_what_is_closed_raises_or_holds_itself_is_told_as_nothing() -> None:
    closed = w.Label("x")
    gone = view(closed)
    closed.close()
    assert snapshot([gone], instances) == [{"output_type": WIDGET, "state": None}]

    class Raises(w.Label):
        def get_state(self, *arguments: Any, **options: Any) -> Any:
            if self.value == "no more":
                raise ValueError("no")
            return super().get_state(*arguments, **options)

    raises = Raises()
    with raises.hold_sync():
        raises.set_trait("value", "no more")
        assert look(raises) is None
        raises.set_trait("value", "")
    ring = w.VBox()
    ring.children = (ring,)
    deepest, depth = look(ring), 0
    while deepest is not None:
        deepest, depth = deepest["children"][0], depth + 1
    assert 1 < depth < 50
    ring.children = ()


@pytest.mark.parametrize("is_widget", [False, True])
def test_what_is_too_large_ends_it(is_widget: bool) -> None:
    text = "x" * (MOST + 1)
    widget = w.HTML(text)  # made here: tests of other files in this process close what they find
    too_large = view(widget) if is_widget else {**TEXT, "text": text}
    assert snapshot([TEXT, too_large, TEXT], instances) == [TEXT]
