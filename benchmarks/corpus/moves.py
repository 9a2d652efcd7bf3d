"""What a person does to each control once, there and back, as the messages that a front end sends. Knows no kernel."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.corpus.picture import States

_TEXTS = ("TextModel", "TextareaModel", "PasswordModel", "ComboboxModel")
_CHOICES = ("DropdownModel", "SelectModel", "RadioButtonsModel", "ToggleButtonsModel", "SelectionSliderModel")
_RANGES = ("IntRangeSliderModel", "FloatRangeSliderModel")
_FILE = b"city,people\nOslo,7\n"


@dataclass(frozen=True, slots=True)
class Move:
    """A control, by its path and class, and the states that a front end sends for it; None is a click."""

    path: str
    kind: str
    there: Mapping[str, Any] | None
    back: Mapping[str, Any] | None


def moves(shown: Mapping[str, str], states: States) -> list[Move]:
    """A move for each control that is shown and can be used."""
    found = []
    for path, model in shown.items():
        state = states[model]
        kind = str(state.get("_model_name"))
        if state.get("disabled"):
            continue
        if kind == "ButtonModel":
            found.append(Move(path, kind, None, None))
        elif there := _there(kind, state):
            found.append(Move(path, kind, there, {name: state.get(name) for name in there}))
    return found


def message(move: Move, *, back: bool) -> tuple[dict[str, Any], list[bytes]]:
    """The data and buffers of the message for a move."""
    state = move.back if back else move.there
    if state is None:
        return {"method": "custom", "content": {"event": "click"}}, []
    if move.kind == "FileUploadModel" and state["value"]:
        told = {key: part for key, part in state["value"][0].items() if key != "content"}
        update = {"method": "update", "state": {"value": [told]}, "buffer_paths": [["value", 0, "content"]]}
        return update, [_FILE]
    return {"method": "update", "state": dict(state), "buffer_paths": []}, []


def _there(kind: str, state: Mapping[str, Any]) -> dict[str, Any]:
    value: Any = state.get("value")
    if kind in _CHOICES:
        count = len(state["_options_labels"])
        return {"index": ((state["index"] if state["index"] is not None else -1) + 1) % count} if count else {}
    if kind == "SelectMultipleModel":
        return {"index": [0] if list(state["index"]) != [0] else [len(state["_options_labels"]) - 1]}
    if kind == "SelectionRangeSliderModel":
        return {"index": [0, max(len(state["_options_labels"]) - 2, 0)]}
    if kind in ("TabModel", "AccordionModel", "StackModel"):
        count = len(state["children"])
        return {"selected_index": ((state["selected_index"] or 0) + 1) % count} if count > 1 else {}
    if kind in _RANGES:
        return {
            "value": [value[0] + state["step"], value[1]] if value[0] + state["step"] <= value[1] else [*value[:1]] * 2
        }
    if kind in _TEXTS:
        options = state.get("options") or ()
        return {"value": str(options[-1]) if options else f"{value} and more".strip()}
    if kind == "FileUploadModel":
        about = {"name": "towns.csv", "type": "text/csv", "size": len(_FILE), "last_modified": 1_700_000_000_000}
        return {"value": [{**about, "content": _FILE}]}
    if kind == "ColorPickerModel":
        return {"value": "#336699"}
    if kind == "DatePickerModel":
        return {"value": {"year": 2024, "month": 1, "date": 29}}
    if kind == "TagsInputModel":
        return {"value": [*(state.get("allowed_tags") or ["more"])][-1:]}
    return _plain(kind, state, value)


def _plain(kind: str, state: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Numbers and truth values; nothing for a widget that only shows."""
    if "Progress" in kind or kind in ("ValidModel", "HTMLModel", "LabelModel", "OutputModel"):
        return {}
    if isinstance(value, bool):
        return {"value": not value}
    if not isinstance(value, (int, float)):
        return {}
    step = state.get("step") or 1
    if kind == "FloatLogSliderModel":
        return {"value": value * state["base"] ** step}
    top = state.get("max")
    return {"value": value + step if top is None or value + step <= top else value - step}


def encoded(values: Mapping[tuple[str, int], Mapping[str, Any]]) -> str:
    """Values by class and number as a literal that is safe in a line of code."""
    return base64.b64encode(repr([(key, dict(value)) for key, value in values.items()]).encode()).decode()
