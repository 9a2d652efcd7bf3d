"""What a front end would send when a visitor gives a widget a value, or clicks a button. Sends nothing itself."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ipywidgets import Button, Widget
from ipywidgets.widgets.widget import _remove_buffers
from ipywidgets.widgets.widget_selection import _MultipleSelection, _Selection

from nbapp.errors import UsageError


@dataclass(frozen=True, slots=True)
class FrontEndMessage:
    """A comm message: the comm's id, its data, and binary parts."""

    comm_id: str
    data: dict[str, Any]
    buffers: tuple[bytes, ...] = ()


def message_of(name: str, widgets: Mapping[str, Widget], value: Any) -> FrontEndMessage:
    """The message for a new value of the widget called `name`.

    Raises:
        UsageError: no widget is called so, or it has no value that a visitor can change.
        TraitError: the value is not of the widget's type.
    """
    widget = _named(name, widgets)
    if isinstance(widget, _MultipleSelection):
        state: dict[str, Any] = {"index": [_option(name, widget, one) for one in value]}
    elif isinstance(widget, _Selection):
        state = {
            "index": None if value is None and None not in widget._options_values else _option(name, widget, value)
        }
    else:
        state = {_trait(name, widget): value}
        for trait_name in state:
            trait = widget.traits()[trait_name]
            to_json = trait.metadata.get("to_json", lambda given, _: given)
            state[trait_name] = to_json(trait.validate(widget, value) if hasattr(trait, "validate") else value, widget)
    state, paths, buffers = _remove_buffers(state)
    data = {"method": "update", "state": state, "buffer_paths": paths}
    return FrontEndMessage(widget.comm.comm_id, data, tuple(bytes(buffer) for buffer in buffers))


def click_of(name: str, widgets: Mapping[str, Widget]) -> FrontEndMessage:
    """The message for a click on the button called `name`.

    Raises:
        UsageError: no button is called so.
    """
    widget = _named(name, widgets)
    if not isinstance(widget, Button):
        raise UsageError(f"`{name}` is a {type(widget).__name__}, not a Button")
    return FrontEndMessage(widget.comm.comm_id, {"method": "custom", "content": {"event": "click"}})


def _named(name: str, widgets: Mapping[str, Widget]) -> Widget:
    if name in widgets:
        return widgets[name]
    close = difflib.get_close_matches(name, widgets, 1)
    known = f"did you mean `{close[0]}`?" if close else f"widgets: {', '.join(sorted(widgets)) or 'none'}"
    raise UsageError(f"no widget is called `{name}`", known)


def _option(name: str, widget: Any, value: Any) -> int:
    """The index of an option, by its value or its label."""
    for options in (widget._options_values, widget._options_labels):
        for index, option in enumerate(options):
            if option is value or (type(option) is type(value) and widget.equals(option, value)):
                return index
    for index, option in enumerate(widget._options_values):
        if widget.equals(option, value):
            return index
    raise UsageError(f"`{name}` has no option {value!r}", f"options: {', '.join(map(str, widget._options_labels))}")


def _trait(name: str, widget: Widget) -> str:
    """The trait that a visitor changes."""
    for trait in ("value", "selected_index", "index"):
        if widget.has_trait(trait):
            return trait
    raise UsageError(f"`{name}` is a {type(widget).__name__}, which has no value")
