"""What a cell shows as data that stands by itself: for a page that has no connection to its kernel so far.

In place of a displayed widget stands its state, as front ends get it, with its children in it. Only what gives a
control its look and its size is taken, and of a widget that is not known nothing but its layout.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbapp.core.notebook import Output
from nbapp.kernel.outputs.limits import characters
from nbapp.kernel.outputs.outputs import view_of

MOST = 400_000  # characters of one cell
ALL = 10**9  # as many as a file may have
WIDGET = "widget"  # the type of the output that stands for one
_DEEPEST = 12  # boxes in boxes
_REFERENCE = "IPY_MODEL_"
_LOOKS = frozenset(
    {
        *("_options_labels", "base", "button_style", "description", "format", "indent", "index", "max", "min"),
        *("orientation", "outputs", "placeholder", "readout", "readout_format", "rows", "selected_index", "titles"),
        "value",
    }
)
_NAMES = frozenset({"_model_module", "_model_name"})
_PARTS = frozenset({"children", "layout", "style"})
_KNOWN = ("@jupyter-widgets/base", "@jupyter-widgets/controls", "@jupyter-widgets/output")

Widgets = Mapping[str, Any]  # the open ones by model id
State = dict[str, Any]


def snapshot(outputs: Sequence[Output], widgets: Widgets, most: int = MOST) -> list[Output]:
    """These outputs with the states of displayed widgets in them; nothing for what cannot be told, and for what is
    above `most` characters.
    """
    return list(_taken(outputs, widgets, most, _DEEPEST))


def _taken(outputs: Sequence[Output], widgets: Widgets, room: int, depth: int) -> Iterator[Output]:
    for output in outputs:
        view = view_of(output)
        found = output if view is None else {"output_type": WIDGET, "state": _look(view, widgets, room, depth)}
        room -= characters(found)
        if room < 0:
            return
        yield found


def _look(model_id: str, widgets: Widgets, room: int, depth: int) -> State | None:
    """How a widget looks; None: it is not there, or would not tell."""
    widget = widgets.get(model_id.removeprefix(_REFERENCE))
    if widget is None or depth == 0:
        return None
    try:
        if widget.get_state(_NAMES)["_model_module"] not in _KNOWN:
            return {"kind": "", "layout": _style(widget.get_state({"layout"})["layout"], widgets)}
        state = widget.get_state((_NAMES | _LOOKS | _PARTS) & set(widget.keys))
    except Exception:  # noqa: BLE001 -- the author's and libraries' code: the log tells of it when the page connects
        return None
    found = {name: _plain(state[name]) for name in _LOOKS & state.keys() if name != "outputs"}
    found |= {name: _style(state[name], widgets) for name in ("layout", "style") if name in state}
    found["kind"] = state["_model_name"]
    if "children" in state:
        found["children"] = [_look(child, widgets, room, depth - 1) for child in state["children"]]
    if "outputs" in state:
        found["outputs"] = list(_taken(state["outputs"], widgets, room, depth - 1))
    return found


def _style(reference: Any, widgets: Widgets) -> State:
    """What a layout or a style says: the names and values that are set."""
    widget = widgets.get(str(reference).removeprefix(_REFERENCE))
    state = widget.get_state() if widget is not None else {}
    return {name: value for name, value in state.items() if name[:1] != "_" and isinstance(value, (str, int, float))}


def _plain(value: Any) -> Any:
    """A value as JSON; bytes as base64."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode()
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return None
    return value
