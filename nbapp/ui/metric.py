"""`ui.metric`: one number with what it is called and how it has changed, large enough to be read across a room."""

from __future__ import annotations

from html import escape
from numbers import Integral, Real
from typing import Any, Literal

import ipywidgets

Good = Literal["up", "down", "neither"]
_ARROWS = {1: "▲", -1: "▼", 0: ""}
_WORDS = {1: "up", -1: "down", 0: "unchanged"}
# A page's own colours, which have contrast on its background; elsewhere the notebook's. The arrow says the same.
_COLOURS = {
    "good": "var(--nbapp-good, var(--jp-success-color0, #1a7f37))",
    "bad": "var(--nbapp-bad, var(--jp-error-color0, #b3261e))",
    "plain": "inherit",
}


def metric(label: str, value: object, delta: object = None, *, good: Good = "up") -> Any:
    """A card of one number, as an `ipywidgets.HTML`: put several into an `HBox`.

    Args:
        label: what the number is.
        value: the number, or a text such as "1.2 M €". Numbers get separators of thousands, floats two digits at most.
        delta: by how much it has changed, or a text that begins with - where it has become less; None: nothing is said.
        good: in which direction a change is good news, and green; the other one is red.
    """
    shown = f'<div style="opacity:.8;font-size:.9em">{escape(label)}</div>'
    shown += (
        f'<div style="font-size:2em;line-height:1.3;font-variant-numeric:tabular-nums">{escape(_text(value))}</div>'
    )
    if delta is not None:
        shown += _change(delta, good)
    return ipywidgets.HTML(
        f'<div style="padding:4px 16px 4px 0;line-height:1.4;overflow-wrap:break-word">{shown}</div>'
    )


def _change(delta: object, good: Good) -> str:
    direction, text = _direction(delta), _text(delta).lstrip("+-−")
    kind = "plain" if good == "neither" or not direction else "good" if (direction > 0) == (good == "up") else "bad"
    spoken = f'<span style="position:absolute;clip-path:inset(50%)">{_WORDS[direction]} </span>'
    arrow = f'<span aria-hidden="true">{_ARROWS[direction]} </span>'
    return f'<div style="color:{_COLOURS[kind]};font-size:.9em">{spoken}{arrow}{escape(text)}</div>'


def _direction(delta: object) -> int:
    if isinstance(delta, Real):
        number = float(delta)
        return (number > 0) - (number < 0)
    text = str(delta).strip()
    return 0 if not text else -1 if text[0] in "-−" else 1


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    if isinstance(value, Integral):
        return f"{int(value):,}"
    whole, point, digits = f"{float(value):,.2f}".partition(".")
    digits = digits.rstrip("0")
    return whole + (point + digits if digits else "")
