"""The user's choices: which traits they live in, and how they are put back on a widget that was made again.

A choice that is no longer legal is clamped by the widget where it is a number, reduced to what is still offered where
several may be chosen, and left at the constructor's default otherwise. This file does not know who chose.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ipywidgets import (
    HTML,
    Audio,
    Combobox,
    FloatProgress,
    HTMLMath,
    Image,
    IntProgress,
    Label,
    Output,
    SelectionRangeSlider,
    Valid,
    Video,
    Widget,
)
from traitlets import TraitError

from nbapp._compat import ipywidgets as private

DISPLAYS = (HTML, HTMLMath, Label, IntProgress, FloatProgress, Valid, Output, Image, Audio, Video)
CHOSEN = frozenset({"value", "index", "label", "selected_index", "selected"})
CHOICE_TAG, ONCE = "choice", "once"  # `.tag(choice=...)`; any other word: it stays
_ONE_CHOICE = frozenset({"value", "index", "label"})
NEVER_CHOSEN = frozenset(
    {"comm", "keys", "layout", "style", "tooltip", "tabbable", "outputs", "msg_id", "error", "_dom_classes"}
    | {"_view_count", "_options_labels"}
)


def is_choice(widget: Widget, name: str) -> bool:
    """Whether a user of the page edits this trait."""
    return name in CHOSEN and not isinstance(widget, DISPLAYS)


def is_answer(widget: Widget, name: str) -> bool:
    """Whether this is a trait that a widget sets when it is sent a message, as a click: what its user chose."""
    return bool(widget.trait_metadata(name, CHOICE_TAG))


def is_trigger(widget: Widget, name: str) -> bool:
    """Whether what its user chose holds for one rerun only, as a click does."""
    return bool(widget.trait_metadata(name, CHOICE_TAG) == ONCE)


def family(widget: Widget, name: str) -> frozenset[str]:
    """The traits that are one choice together with this one."""
    if name in _ONE_CHOICE and isinstance(widget, (private.Selection, private.MultipleSelection)):
        return _ONE_CHOICE
    return frozenset({name})


def put_back(widget: Widget, choices: Mapping[str, Any]) -> None:
    """Give a widget the user's choices, as far as they are legal."""
    if isinstance(widget, private.Selection):
        _choose(widget, choices)
    elif isinstance(widget, private.MultipleSelection):
        _choose_several(widget, choices)
    for name, value in choices.items():
        if family(widget, name) is _ONE_CHOICE or not widget.has_trait(name):
            continue
        if isinstance(widget, Combobox) and name == "value" and not _is_offered(widget, value):
            continue
        with suppress(TraitError):  # no longer legal: the constructor's default stays
            widget.set_trait(name, value)


def _is_offered(widget: Combobox, text: str) -> bool:
    return not widget.ensure_option or text == "" or text in widget.options


def _choose(widget: private.Selection, choices: Mapping[str, Any]) -> None:
    if "value" not in choices:
        return
    with suppress(TraitError):  # not every selection may be empty
        if choices.get("label") is None and choices["value"] is None and choices.get("index") is None:
            widget.set_trait("index", None)
        elif (found := _find(widget, choices["value"], choices.get("label"))) is not None:
            widget.set_trait("index", found)


def _choose_several(widget: private.MultipleSelection, choices: Mapping[str, Any]) -> None:
    if "value" not in choices:
        return
    labels = tuple(choices.get("label") or ())
    values = labels if choices["value"] is None else tuple(choices["value"])  # what came from elsewhere has labels only
    labels = labels if len(labels) == len(values) else (None,) * len(values)
    found = [_find(widget, value, label) for value, label in zip(values, labels, strict=True)]
    index = tuple(position for position in found if position is not None)
    if len(index) == len(values) or (index and not isinstance(widget, SelectionRangeSlider)):
        with suppress(TraitError):
            widget.set_trait("index", index)


def _find(widget: Any, value: Any, label: str | None) -> int | None:
    """The position of an option: the same value and label, else the same value, else the same label."""
    options = enumerate(private.option_values(widget))
    equal = [position for position, option in options if _equals(widget, option, value)]
    labels = private.option_labels(widget)
    named = [position for position in equal if labels[position] == label]
    if named or equal:
        return (named or equal)[0]
    return labels.index(label) if label in labels else None


def _equals(widget: Any, option: Any, value: Any) -> bool:
    try:
        return bool(widget.equals(option, value))
    except (TypeError, ValueError):  # arrays and frames have no single truth
        return option is value
