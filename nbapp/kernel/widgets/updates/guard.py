"""What a visitor may do to widgets: use the controls as the author shows them, and nothing else.

A page could set any trait of any widget: the bounds of a slider, the text of a label, `disabled`. Of ipywidgets' own
controls it is known which traits their views set; of other libraries' widgets only which no view sets.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import ipywidgets
from ipywidgets import Widget
from ipywidgets.widgets.widget_link import Link

from nbapp._compat import ipywidgets as private
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.widgets.updates.uploads import is_upload

_OURS = frozenset({"@jupyter-widgets/base", "@jupyter-widgets/controls", "@jupyter-widgets/output"})
_SET_BY_VIEWS = frozenset({"value", "index", "selected_index", "error", "playing", "repeat", "_playing", "_repeat"})
_ONLY_SHOWN = (
    *(ipywidgets.HTML, ipywidgets.HTMLMath, ipywidgets.Label, ipywidgets.Valid, private.Media),
    *(ipywidgets.IntProgress, ipywidgets.FloatProgress, ipywidgets.Output),
)
_GAMEPAD = (
    ipywidgets.Controller,
    ipywidgets.widgets.widget_controller.Button,
    ipywidgets.widgets.widget_controller.Axis,
)
_SET_BY_NONE = re.compile(
    r"_(model|view)_\w+|_dom_classes|_esm|_css|_anywidget_id|layout|style|tooltip|tabbable|comm|keys"
)


def guarded() -> Callable[[], None]:
    """Judge what pages send from now on; call what is returned to stop it. Widgets that are open stay as they are."""
    patches = Patching()

    def _handle_msg(widget: Widget, msg: dict[str, Any]) -> None:
        data = msg["content"]["data"]
        if data.get("method") == "custom" and _is_off(widget):
            return
        if data.get("method") == "update":
            state, paths, buffers = data.get("state"), data.get("buffer_paths") or (), msg.get("buffers") or ()
            if not isinstance(state, dict):
                return
            bad = [name for name, value in state.items() if not may_set(widget, name, value, paths, buffers)]
            if bad:
                _put_right(widget, bad)
            kept = {name: value for name, value in state.items() if name not in bad}
            paths = [path for path in paths if path[0] in kept]
            if not kept or len(paths) != len(buffers):
                return
            data = {**data, "state": kept, "buffer_paths": paths}
            msg = {**msg, "content": {**msg["content"], "data": data}}
        original(widget, msg)

    original = patches.put(Widget, private.HANDLE_MESSAGE, _handle_msg)
    return patches.undo


def may_set(widget: Widget, name: str, value: Any, buffer_paths: Any = (), buffers: Any = ()) -> bool:
    """Whether a visitor may give a trait this value, whose binary parts are the buffers at these paths."""
    if name not in widget.keys:
        return False
    if _may_view_set(widget, name, value, buffer_paths, buffers):
        return True
    return _is_linked(widget, name) and _fits(widget, name, value)


def _may_view_set(widget: Widget, name: str, value: Any, buffer_paths: Any, buffers: Any) -> bool:
    if _SET_BY_NONE.fullmatch(name) or _is_off(widget):
        return False
    is_ours = private.model_module(widget) in _OURS and private.view_module(widget) in (*_OURS, None)
    if is_ours and not isinstance(widget, _GAMEPAD):
        if name not in _SET_BY_VIEWS or isinstance(widget, _ONLY_SHOWN):
            return False
        if isinstance(widget, ipywidgets.FileUpload) and name == "value":
            return is_upload(widget, value, buffer_paths, buffers)
        return not any(path and path[0] == name for path in buffer_paths) and _fits(widget, name, value)
    return True


def _fits(widget: Widget, name: str, value: Any) -> bool:
    """Whether the widget would take a value, as it is asked here: one that it refuses only after it has it may stay
    (ipywidgets puts back what was there, unless that is refused too, or what is raised is no TraitError)."""
    if _is_no_number(widget, value) or _is_no_option(widget, value):
        return False
    trait = widget.traits()[name]
    try:
        given = private.from_json(widget, name)(value, widget)
        if type(widget).__module__.partition(".")[0] == "ipywidgets":  # the code of an author's own class runs once
            given = private.validated(widget, trait, given)
        elif hasattr(trait, "validate") and not (given is None and trait.allow_none):
            given = trait.validate(widget, given)
    except Exception:  # noqa: BLE001 -- whatever a visitor's value does to code that expects another one
        return False
    return not _is_no_number(widget, given)


def _is_no_option(widget: Widget, value: Any) -> bool:
    """Whether a text is none of those that the author offers; only the browser asks that of a Combobox."""
    return isinstance(widget, ipywidgets.Combobox) and widget.ensure_option and value not in widget.options


def _is_no_number(widget: Widget, value: Any) -> bool:
    """Whether a value of a bounded control is NaN, which lies in no bounds and passes comparisons, or infinite."""
    numbers = value if isinstance(value, (list, tuple)) else [value]
    bounded = isinstance(widget, (private.BoundedFloat, private.BoundedFloatRange))
    return bounded and any(isinstance(number, float) and not math.isfinite(number) for number in numbers)


def _is_off(widget: Widget) -> bool:
    return getattr(widget, "disabled", False) is True


def _is_linked(widget: Widget, name: str) -> bool:
    """Whether a link in the page, as `jslink` makes it, sets this trait."""
    links = [link for link in list(private.instances.values()) if isinstance(link, Link)]
    ends = [link.target for link in links] + [link.source for link in links if type(link) is Link]
    return any(end[0] is widget and end[1] == name for end in ends if end)


def _put_right(widget: Widget, names: list[str]) -> None:
    """Tell the page what these traits are."""
    known = [name for name in names if name in widget.keys]
    if known and widget.comm is not None:
        state, paths, buffers = private.remove_buffers(widget.get_state(key=known))
        widget.comm.send({"method": "update", "state": state, "buffer_paths": paths}, buffers=buffers)
