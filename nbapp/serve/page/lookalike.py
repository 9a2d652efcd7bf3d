"""What looks like a widget, in its place and of its size, until the widget itself is there. Nothing of it can be used.

The classes are the page's own (nbapp-recorded.css): no script or style of a library takes a lookalike for its widget.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

State = Mapping[str, Any]
Markup = Callable[[Sequence[Mapping[str, Any]]], str]

_SIZES = re.compile(
    r"(min_|max_)?(width|height)|margin|padding|border(_(top|right|bottom|left))?|display|visibility|overflow"
    r"|flex|flex_flow|order|align_(content|items|self)|justify_(content|items)|object_(fit|position)|grid_\w+"
)
_VALUE = re.compile(r"[^;{}<>\"\\]*")
_AREAS = re.compile(r'(\s*"[\w .-]*")+\s*')  # of a grid: a text for each row


def control(state: State | None, markup: Markup) -> str:
    """The lookalike of a widget by its state; nothing for one that is not known, except the room that it asks for."""
    if state is None:
        return ""
    make = _MAKERS.get(state["kind"])
    return make(state, markup) if make is not None else _div("room", "", state)


def _div(name: str, inner: str, state: State) -> str:
    return f'<div class="nbapp-like nbapp-like-{name}"{_layout(state)}>{inner}</div>'


def _layout(state: State, without: str = "") -> str:
    found = state.get("layout") or {}
    styles = [
        f"{name.replace('_', '-')}: {value}"
        for name, value in found.items()
        if name != without and _SIZES.fullmatch(name) and isinstance(value, str)
        if _VALUE.fullmatch(value) or (name == "grid_template_areas" and _AREAS.fullmatch(value))
    ]
    return f' style="{html.escape("; ".join(styles))}"' if styles else ""


def _span(name: str, inner: str, style: str = "") -> str:
    styled = f' style="{style}"' if style else ""
    return f'<span class="nbapp-like-{name}"{styled}>{inner}</span>'


def _words(value: Any) -> str:
    return html.escape("" if value is None else str(value))


def _label(state: State) -> str:
    width = (state.get("style") or {}).get("description_width", "")
    style = f"width: {html.escape(width)}" if width and _VALUE.fullmatch(width) else ""
    return _span("label", _words(state["description"]), style) if state.get("description") else ""


def _row(name: str, inner: str, state: State) -> str:
    return _div(f"row nbapp-like-{name}", _label(state) + inner, state)


# --- controls


def _slider(state: State, _: Markup) -> str:
    at = _places(state)
    bar = _span("bar", "", f"left: {100 * at[0]:.2f}%; width: {100 * (at[1] - at[0]):.2f}%") if len(at) > 1 else ""
    handles = "".join(_span("handle", "", f"left: {100 * place:.2f}%") for place in at)
    if state.get("orientation") == "vertical":
        return _div("upright", _label(state) + _span("track", "") + _readout(state), state)
    return _row("slider", _span("track", bar + handles) + _readout(state), state)


def _places(state: State) -> list[float]:
    """Where on its track the handles of a slider stand, or where a bar ends: from 0 to 1, one or two."""
    labels = state.get("_options_labels")
    value = state.get("index") if labels is not None else state.get("value")
    least, most = (0, max(1, len(labels) - 1)) if labels is not None else (state.get("min"), state.get("max"))
    try:
        first, length = float(least or 0), float(most or 0) - float(least or 0) or 1.0
        found: Sequence[Any] = value if isinstance(value, (list, tuple)) else [value]
        values = list(map(float, found))
        if state.get("base"):  # of a logarithmic one, least and most are exponents
            values = [math.log(each, state["base"]) for each in values]
        return [min(1.0, max(0.0, (each - first) / length)) for each in values]
    except (TypeError, ValueError):
        return [0.0]


def _readout(state: State) -> str:
    if state.get("readout") is False:
        return ""
    return _span("readout", _words(_shown(state)))


def _shown(state: State) -> str:
    labels, index = state.get("_options_labels"), state.get("index")
    if labels is not None:
        found = index if isinstance(index, (list, tuple)) else [index]
        return "-".join(str(labels[at]) for at in found if isinstance(at, int) and 0 <= at < len(labels))
    value = state.get("value")
    return " – ".join(map(_number(state), value)) if isinstance(value, (list, tuple)) else _number(state)(value)


def _number(state: State) -> Callable[[Any], str]:
    """How a slider writes numbers: of d3's formats those that are also Python's."""
    asked = str(state.get("readout_format") or "")

    def write(value: Any) -> str:
        try:
            return format(value, asked)
        except (TypeError, ValueError):
            return str(value)

    return write


def _field(state: State, _: Markup) -> str:
    value = state.get("value")
    if isinstance(value, Mapping):  # a date, a time: the browser writes them in its own way
        value = ""
    text = _words(value) or _span("hint", _words(state.get("placeholder", "").replace("\u200b", "")))
    return _row("text", _span("field", text), state)


def _secret(state: State, markup: Markup) -> str:
    return _field({**state, "value": "•" * len(str(state.get("value") or ""))}, markup)


def _area(state: State, _: Markup) -> str:
    rows = state.get("rows") or 2
    return _row("area", _span("field", _words(state.get("value")), f"--nbapp-rows: {int(rows)}"), state)


def _dropdown(state: State, _: Markup) -> str:
    return _row("text", _span("field nbapp-like-choice", _words(_shown(state))), state)


def _list(state: State, _: Markup) -> str:
    chosen = state.get("index")
    chosen = chosen if isinstance(chosen, (list, tuple)) else [chosen]
    labels = list(enumerate(state.get("_options_labels") or ()))
    rows = int(state.get("rows") or 5)
    lines = "".join(_span("line nbapp-like-on" if at in chosen else "line", _words(text)) for at, text in labels[:rows])
    return _row("list", _span("field", lines, f"--nbapp-rows: {rows}"), state)


def _radio(state: State, _: Markup) -> str:
    options = enumerate(state.get("_options_labels") or ())
    items = (_span("item", _span("dot" + _on(at == state.get("index")), "") + _words(text)) for at, text in options)
    return _row("radio", _span("items", "".join(items)), state)


def _on(on: object) -> str:
    return " nbapp-like-on" if on else ""


def _toggles(state: State, _: Markup) -> str:
    options = enumerate(state.get("_options_labels") or ())
    buttons = (_span(f"button{_on(at == state.get('index'))}", _words(text)) for at, text in options)
    return _row("toggles", _span("items", "".join(buttons)), state)


def _checkbox(state: State, _: Markup) -> str:
    indent = _span("label", "") if state.get("indent", True) else ""
    box = _span("box" + _on(state.get("value")), "")
    return _div("row nbapp-like-check", indent + box + _words(state.get("description")), state)


def _button(state: State, _: Markup) -> str:
    look = f" nbapp-like-{state['button_style']}" if state.get("button_style") in _LOOKS else ""
    icon = _span("icon", "") if state.get("icon") else ""
    return _div(f"button{look}{_on(state.get('value'))}", icon + _words(state.get("description")), state)


def _upload(state: State, markup: Markup) -> str:
    files = state.get("value")
    said = f"{state.get('description') or ''} ({len(files) if isinstance(files, (list, tuple)) else 0})"
    return _button({**state, "description": said, "value": False}, markup)


_LOOKS = ("primary", "success", "info", "warning", "danger")


def _progress(state: State, _: Markup) -> str:
    bar = _span("bar", "", f"width: {100 * _places(state)[-1]:.2f}%")
    return _row("progress", _span("track", bar), state)


def _play(state: State, _: Markup) -> str:
    return _div("row nbapp-like-play", _span("button", "") * 3, state)


def _words_alone(state: State, _: Markup) -> str:
    return _div("words", _words(state.get("value")), state)


def _html(state: State, _: Markup) -> str:
    return _row("html", f'<div class="nbapp-like-content">{state.get("value") or ""}</div>', state)


def _image(state: State, _: Markup) -> str:
    asked = str(state.get("format"))
    kind = {"svg": "svg+xml"}.get(asked, asked) if asked.isalnum() else "png"
    source = f"data:image/{kind};base64,{html.escape(str(state.get('value') or ''))}"
    return f'<img class="nbapp-like" alt="" src="{source}"{_layout(state)}>'


def _color(state: State, _: Markup) -> str:
    swatch = _span("swatch", "", f"background: {_words(state.get('value'))}")
    return _row("text", _span("field", _words(state.get("value"))) + swatch, state)


def _tags(state: State, _: Markup) -> str:
    value = state.get("value")
    tags = value if isinstance(value, (list, tuple)) else ()
    return _div("row nbapp-like-tags", "".join(_span("tag", _words(each)) for each in tags), state)


def _controller(state: State, _: Markup) -> str:
    return _div("plain", "Connect gamepad and press any button", state)


# --- what holds others


def _children(state: State, markup: Markup) -> str:
    return "".join(control(child, markup) for child in state.get("children", ()))


def _holds_panes(state: State) -> bool:
    kinds = {child["kind"] for child in state.get("children", ()) if child is not None}
    return bool(kinds & {"BoxModel", "VBoxModel", "HBoxModel", "GridBoxModel", "OutputModel"})


def _vbox(state: State, markup: Markup) -> str:
    return _div("vbox", _children(state, markup), state)


def _hbox(state: State, markup: Markup) -> str:
    return _div("hbox" + (" nbapp-like-panes" if _holds_panes(state) else ""), _children(state, markup), state)


def _grid(state: State, markup: Markup) -> str:
    return _div("grid", _children(state, markup), state)


def _tab(state: State, markup: Markup) -> str:
    chosen = state.get("selected_index")
    tabs = "".join(_span("tab" + _on(at == chosen), _words(text)) for at, text in enumerate(state.get("titles") or ()))
    return _div("tabs", f'<div class="nbapp-like-bar-of-tabs">{tabs}</div>{_pane(state, markup)}', state)


def _pane(state: State, markup: Markup) -> str:
    children, chosen = state.get("children") or (), state.get("selected_index")
    shown = control(children[chosen], markup) if isinstance(chosen, int) and 0 <= chosen < len(children) else ""
    return f'<div class="nbapp-like-pane">{shown}</div>'


def _accordion(state: State, markup: Markup) -> str:
    chosen, titles = state.get("selected_index"), list(state.get("titles") or ())
    parts = [
        f'<div class="nbapp-like-fold">{_words(titles[at] if at < len(titles) else "")}</div>'
        + (_pane(state, markup) if at == chosen else "")
        for at in range(len(state.get("children", ())))
    ]
    return _div("folds", "".join(parts), state)


def _stack(state: State, markup: Markup) -> str:
    return _div("stack", _pane(state, markup), state)


def _outputs(state: State, markup: Markup) -> str:
    return _div("outputs", markup(state.get("outputs") or ()), state)


def _each(make: Callable[[State, Markup], str], *names: str) -> dict[str, Callable[[State, Markup], str]]:
    return {f"{name}Model": make for name in names}


_MAKERS = {
    **_each(_slider, "IntSlider", "FloatSlider", "FloatLogSlider", "IntRangeSlider", "FloatRangeSlider"),
    **_each(_slider, "SelectionSlider", "SelectionRangeSlider"),
    **_each(_field, "IntText", "FloatText", "BoundedIntText", "BoundedFloatText", "Text", "Combobox"),
    **_each(_field, "DatePicker", "Time", "Datetime", "NaiveDatetime"),
    **_each(_tags, "TagsInput", "ColorsInput", "IntsInput", "FloatsInput"),
    **_each(_controller, "Controller"),
    **_each(_secret, "Password"),
    **_each(_area, "Textarea"),
    **_each(_dropdown, "Dropdown"),
    **_each(_list, "Select", "SelectMultiple"),
    **_each(_radio, "RadioButtons"),
    **_each(_toggles, "ToggleButtons"),
    **_each(_checkbox, "Checkbox"),
    **_each(_button, "Button", "ToggleButton"),
    **_each(_upload, "FileUpload"),
    **_each(_progress, "IntProgress", "FloatProgress"),
    **_each(_play, "Play"),
    **_each(_words_alone, "Label"),
    **_each(_html, "HTML", "HTMLMath"),
    **_each(_image, "Image"),
    **_each(_color, "ColorPicker"),
    **_each(_vbox, "Box", "VBox"),
    **_each(_hbox, "HBox"),
    **_each(_grid, "GridBox"),
    **_each(_tab, "Tab"),
    **_each(_accordion, "Accordion"),
    **_each(_stack, "Stack"),
    **_each(_outputs, "Output"),
}
