"""Reads the text of `--set NAME=VALUE` as a value of the widget it is for. Sets nothing.

Numbers, dates and text are written as they are, an option by its label or value, a list as JSON, a range as `3..8`.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from typing import Any

from ipywidgets import Widget
from traitlets import Bool, CBool, CFloat, CInt, Float, Int, TraitError, TraitType, Unicode

from nbapp._compat import ipywidgets as private
from nbapp.errors import UsageError

_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
_DATES: dict[str, Callable[[str], Any]] = {
    "Datetime": dt.datetime.fromisoformat,
    "Date": dt.date.fromisoformat,
    "Time": dt.time.fromisoformat,
}


def parse(widget: Widget, text: str, *, bounded: bool = True) -> Any:
    """The value that a text means to a widget. Not `bounded`: what is out of its bounds goes to the nearest one.

    Raises:
        UsageError: it means none that the widget takes; the message says what it takes.
    """
    if isinstance(widget, private.MultipleSelection):
        return _several(widget, text)
    if isinstance(widget, private.Selection):
        return _option(widget, text)
    trait = widget.traits().get("value")
    if trait is None:
        raise UsageError(f"{_kind(widget)} has no value to set")
    value = _read(widget, trait, text)
    if bounded:
        _check_bounds(widget, value, text)
    try:
        return private.validated(widget, trait, value)
    except TraitError as error:
        raise UsageError(f"{text!r} is no value for {_kind(widget)}", str(error)) from error


def _kind(widget: Widget) -> str:
    name = type(widget).__name__
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def _read(widget: Widget, trait: TraitType[Any, Any], text: str) -> Any:
    """The text as the trait's type."""
    kinds = type(trait).__name__, type(widget).__name__
    if isinstance(trait, (Bool, CBool)):
        return _yes_or_no(widget, text)
    if isinstance(trait, (Int, CInt, Float, CFloat)):
        return _number(widget, text, whole=isinstance(trait, (Int, CInt)))
    if isinstance(trait, Unicode):
        return text
    for word, read in _DATES.items():
        if any(kind.startswith((word, f"Naive{word}")) for kind in kinds):
            return _date(widget, text, read, word)
    if "Color" in "".join(kinds):
        return text
    return _list(widget, text)


def _yes_or_no(widget: Widget, text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise UsageError(f"{text!r} is neither yes nor no", f"{_kind(widget)} takes true or false")
    return text.lower() in _YES


def _number(widget: Widget, text: str, *, whole: bool) -> int | float:
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        takes = "a whole number" if whole else "a number"
        raise UsageError(f"{text!r} is not {takes}", f"{_kind(widget)} takes {takes}{_bounds(widget)}") from None
    if not whole and not math.isfinite(value):
        raise UsageError(f"{text!r} is not a finite number", f"{_kind(widget)} takes a number{_bounds(widget)}")
    return value


def _date(widget: Widget, text: str, read: Callable[[str], Any], word: str) -> Any:
    try:
        value = read(text)
    except ValueError:
        example = {"Date": "2026-11-22", "Time": "14:30", "Datetime": "2026-11-22T14:30"}[word]
        raise UsageError(f"{text!r} is not a {word.lower()}", f"{_kind(widget)} takes one as {example}") from None
    if word == "Datetime" and "Naive" not in type(widget).__name__ and value.tzinfo is None:
        return value.astimezone()
    return value


def _list(widget: Widget, text: str) -> Any:
    """A JSON list, or a range written `3..8` or `3,8`."""
    for separator in ("..", ","):
        low, found, high = text.partition(separator)
        if found and not text.startswith("["):
            try:
                return tuple(_json_number(part) for part in (low, high))
            except ValueError:
                continue
    try:
        value = json.loads(text)
        makes_sense = isinstance(value, list) or not isinstance(widget.value, (list, tuple))
    except ValueError:
        makes_sense = False
    if not makes_sense:
        raise UsageError(f"{text!r} is no value for {_kind(widget)}", 'write a list as ["a","b"], a range as 3..8')
    return tuple(value) if isinstance(value, list) and isinstance(widget.value, tuple) else value


def _json_number(text: str) -> int | float:
    value = json.loads(text)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(text)
    return value


def _check_bounds(widget: Widget, value: Any, text: str) -> None:
    """A widget would silently clamp; on the command line that is a mistake."""
    low, high = getattr(widget, "min", None), getattr(widget, "max", None)
    if type(widget).__name__ == "FloatLogSlider":
        low, high = widget.base**low, widget.base**high
    for part in value if isinstance(value, tuple) else (value,):
        try:
            outside = (low is not None and part < low) or (high is not None and part > high)
        except TypeError:
            return  # not comparable: the trait says what is wrong
        if outside:
            raise UsageError(f"{text} is out of bounds", f"{_kind(widget)} takes {low} to {high}")


def _bounds(widget: Widget) -> str:
    low, high = getattr(widget, "min", None), getattr(widget, "max", None)
    return "" if low is None or high is None else f" from {low} to {high}"


def _option(widget: Any, text: str) -> Any:
    """The value of the option that has this label, or else whose value is written so."""
    values = private.option_values(widget)
    for words in (private.option_labels(widget), tuple(map(str, values))):
        if text in words:
            return values[words.index(text)]
    raise UsageError(
        f"{text!r} is none of the options", ", ".join(map(str, private.option_labels(widget))) or "there are none"
    )


def _several(widget: Any, text: str) -> tuple[Any, ...]:
    """The values of several options: one label, a JSON list of labels or values, labels with commas between; a range of
    two is a list or `first..last`. Nothing is none of them.
    """
    labels = private.option_labels(widget)
    try:
        wanted = [text] if text in labels else json.loads(text or "[]")
    except ValueError:
        wanted = text.split("..")
        if len(wanted) == 1 and any(part in labels for part in text.split(",")):
            wanted = text.split(",")
    wanted = wanted if isinstance(wanted, list) else [text]
    return tuple(_option(widget, part if isinstance(part, str) else str(part)) for part in wanted)
