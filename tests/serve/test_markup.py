"""What a cell shows as HTML before its view is there. How it looks: tests/e2e/test_first_paint.py."""

from __future__ import annotations

import base64
import io
import re
import struct
import zlib
from typing import Any

import ipywidgets
import pytest
from matplotlib.figure import Figure

from nbapp.serve.page.lookalike import _MAKERS
from nbapp.serve.page.markup import markup


def display(data: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def widget(kind: str, **state: Any) -> str:
    return markup([{"output_type": "widget", "state": {"kind": f"{kind}Model", **state}}])


def png(width: int, height: int) -> str:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    whole = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return base64.b64encode(whole).decode()


def test_printed_text_is_escaped_and_coloured() -> None:
    shown = markup([{"output_type": "stream", "name": "stdout", "text": "<b> \x1b[31mred\x1b[0m"}])
    assert "&lt;b&gt;" in shown
    assert 'class="ansi-red-fg"' in shown
    assert 'data-mime-type="application/vnd.jupyter.stdout"' in shown


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"text/html": "<table></table>", "text/plain": "t"}, "<table></table>"),
        ({"text/markdown": "**a**", "text/plain": "t"}, "<strong>a</strong>"),
        ({"text/latex": "$x < y$"}, "$x &lt; y$"),
        ({"text/plain": "<x>"}, "&lt;x&gt;"),
        ({"image/svg+xml": "<svg/>"}, base64.b64encode(b"<svg/>").decode()),
    ],
)
def test_the_richest_kind_that_needs_no_script_is_shown(data: dict[str, Any], shown: str) -> None:
    assert shown in markup([display(data)])


def test_a_picture_has_the_size_that_it_will_have() -> None:
    assert 'width="640" height="480"' in markup([display({"image/png": png(640, 480)})])
    asked = {"image/png": {"width": 320}}
    assert 'width="320"' in markup([display({"image/png": png(640, 480)}, **asked)])
    assert "<img" in markup([display({"image/png": "no picture"})])
    assert "<img" in markup([display({"image/png": "AAAA"})])


def test_what_a_script_draws_is_room_or_its_picture() -> None:
    asked: dict[str, Any] = {"application/vnd.plotly.v1+json": {"layout": {"height": 300}}, "text/html": "<script/>"}
    assert markup([display(asked)]) == '<div style="height: 300px"></div>'
    chart = {**asked, "application/vnd.plotly.v1+json": {"layout": {}}}
    assert markup([display(chart)]) == '<div style="height: 450px"></div>'
    assert "<img" in markup([display({**chart, "image/png": png(2, 2)})])
    assert markup([display({"application/javascript": "alert(1)", "text/plain": "x"})]) == ""


def test_each_control_and_each_box_of_ipywidgets_has_a_lookalike() -> None:
    made: list[Any] = [found for found in vars(ipywidgets).values() if isinstance(found, type)]
    widgets = [found for found in made if issubclass(found, ipywidgets.DOMWidget)]
    kinds = {found.class_traits()["_model_name"].default_value for found in widgets}
    without = {"ValidModel", "VideoModel", "AudioModel"}  # they take the room that their layout asks for
    assert kinds - without - {"DOMWidgetModel"} <= set(_MAKERS)


@pytest.mark.parametrize("kind", sorted(_MAKERS))
def test_any_state_is_shown_and_none_gets_out_of_its_place(kind: str) -> None:
    evil = '"><script>alert(1)</script>'
    layout = {"width": "50%", "border": "1px; position: fixed", "height": evil, "position": "fixed", "margin": evil}
    for value in (None, 3, 1.5, True, evil, [1, 2], [evil], {"year": 2024}):
        state: dict[str, Any] = {
            "value": value,
            "index": value,
            "description": evil,
            "layout": layout,
            "titles": [evil],
        }
        state |= {"_options_labels": [evil], "format": evil, "style": {"description_width": evil}, "placeholder": evil}
        state |= {"min": value, "max": value, "children": [None], "selected_index": value, "readout_format": evil}
        shown = widget(kind.removesuffix("Model"), **({**state, "value": ""} if "HTML" in kind else state))
        assert "<script" not in shown
        assert "fixed" not in shown
        assert shown.count("<div") == shown.count("</div>")
        assert shown.count("<span") == shown.count("</span>")


def test_values_are_written_as_the_control_writes_them() -> None:
    assert ">2.50</span>" in widget("FloatSlider", value=2.5, min=0, max=10, readout_format=".2f")
    assert ">2 – 7</span>" in widget("IntRangeSlider", value=[2, 7], min=0, max=10, readout_format="d")
    assert ">b-c</span>" in widget("SelectionRangeSlider", index=[1, 2], _options_labels=["a", "b", "c"])
    assert "left: 50.00%" in widget("FloatLogSlider", value=100, base=10, min=0, max=4)
    assert ">••••</span>" in widget("Password", value="word")
    assert "word" not in widget("Password", value="word")


def test_a_widget_that_is_not_known_takes_the_room_that_it_asks_for() -> None:
    shown = widget("Chart", layout={"height": "300px"})
    assert shown == '<div class="nbapp-like nbapp-like-room" style="height: 300px"></div>'
    assert markup([{"output_type": "widget", "state": None}]) == ""


@pytest.mark.parametrize("dpi", [72, 100, 300])
@pytest.mark.parametrize(("mime", "kind"), [("image/png", "png"), ("image/svg+xml", "svg")])
def test_a_figure_says_how_many_inches_it_is_wide_whatever_its_resolution(dpi: int, mime: str, kind: str) -> None:
    figure = Figure(figsize=(11, 3), dpi=dpi)
    file = io.BytesIO()
    figure.savefig(file, format=kind, dpi=dpi)
    content = file.getvalue().decode() if kind == "svg" else base64.b64encode(file.getvalue()).decode()
    shown = markup([display({mime: content, "text/plain": repr(figure)})])
    found = re.search(r'style="--nbapp-inches: ([\d.]+)"', shown)
    assert found is not None
    assert float(found[1]) == pytest.approx(11, abs=0.01)
    assert "--nbapp-inches" not in markup([display({mime: content, "text/plain": "<PIL.PngImageFile>"})])


@pytest.mark.parametrize("content", ["no picture", "AAAA", png(640, 480), None])
def test_a_picture_that_does_not_tell_its_resolution_says_no_inches(content: object) -> None:
    shown = markup([display({"image/png": content or "", "text/plain": "<Figure size 640x480 with 1 Axes>"})])
    assert "--nbapp-inches" not in shown
