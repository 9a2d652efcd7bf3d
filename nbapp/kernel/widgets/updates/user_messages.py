"""What a front end sends when a person changes a widget. Knows nothing of apps; applies nothing."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ipywidgets import Button, FileUpload, Widget
from traitlets import TraitError

from nbapp._compat import ipywidgets as private
from nbapp.errors import UsageError


@dataclass(frozen=True, slots=True)
class Gesture:
    """A comm message to a widget: its model, the message's data, and the binary parts taken out of it."""

    model_id: str
    data: dict[str, Any]
    buffers: tuple[bytes, ...] = ()


def click(name: str, widget: Widget) -> Gesture:
    """A click on a button.

    Raises:
        UsageError: the widget is no button.
    """
    if not isinstance(widget, Button):
        raise UsageError(f"{name} is {_kind(widget)}, which cannot be clicked", f"give it a value: set({name!r}, ...)")
    return Gesture(widget.model_id, {"method": "custom", "content": {"event": "click"}})


def change(name: str, widget: Widget, trait: str | None, value: Any) -> Gesture:
    """The message that gives a widget a value: its `value`, its selection, or the trait that was named.

    Raises:
        UsageError: the widget has no such trait, or it refuses the value.
    """
    if trait in (None, "value") and isinstance(widget, (private.Selection, private.MultipleSelection)):
        return _update(widget, {"index": _index(name, widget, value)})
    trait = trait or _main_trait(name, widget)
    if trait not in widget.keys:
        raise UsageError(f"{name} is {_kind(widget)}, which has no trait {trait} that a front end knows")
    if isinstance(widget, FileUpload) and isinstance(value, Mapping):
        value = [_file(*file) for file in value.items()]
    try:
        legal = private.validated(widget, widget.traits()[trait], value)
    except TraitError as error:
        raise UsageError(f"{name} is {_kind(widget)}, which refuses {value!r}", str(error)) from error
    if isinstance(legal, float) and not math.isfinite(legal):
        raise UsageError(f"{name} cannot be given {legal} by a page", f"set it in a cell: {name}.{trait} = ...")
    to_json = private.to_json(widget, trait)
    return _update(widget, {trait: to_json(legal, widget)})


def _update(widget: Widget, state: dict[str, Any]) -> Gesture:
    state, paths, buffers = private.remove_buffers(state)
    data = {"method": "update", "state": _as_in_a_browser(state), "buffer_paths": paths}
    return Gesture(widget.model_id, data, tuple(bytes(buffer) for buffer in buffers))


def _as_in_a_browser(value: Any) -> Any:
    """JavaScript writes 5.0 as 5, and some widgets take nothing else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _as_in_a_browser(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_in_a_browser(part) for part in value]
    return value


def _main_trait(name: str, widget: Widget) -> str:
    for trait in ("value", "selected_index"):
        if trait in widget.keys:
            return trait
    remedy = f"name one of its traits: set('{name}.TRAIT', ...)"
    raise UsageError(f"{name} is {_kind(widget)}, which has no value", remedy)


def _index(name: str, widget: Any, value: Any) -> int | list[int] | None:
    """The position of the value, or of the values, among the options; a label is good too."""
    if isinstance(widget, private.MultipleSelection):
        return [_position(name, widget, one) for one in value]
    if value is None and None not in private.option_values(widget):
        return None
    return _position(name, widget, value)


def _position(name: str, widget: Any, value: Any) -> int:
    for known in (private.option_values(widget), private.option_labels(widget)):
        for position, option in enumerate(known):
            if widget.equals(option, value):
                return position
    labels = ", ".join(map(repr, private.option_labels(widget)))
    raise UsageError(f"{name} has no option {value!r}", f"its options: {labels}")


def _file(name: str, content: bytes) -> dict[str, Any]:
    now = dt.datetime.now(dt.timezone.utc)
    return {"name": name, "type": "", "size": len(content), "content": memoryview(content), "last_modified": now}


def _kind(widget: Widget) -> str:
    kind = type(widget).__name__
    return f"an {kind}" if kind[0] in "AEIOU" else f"a {kind}"
