"""What of a visitor's doing must not lie where other visitors' kernels read: what the author did not offer.

A choice, a slider's place or a click is one of those that the author offers to everybody. A text, a file, a number
without bounds or whatever another library's widget sends may be anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ipywidgets
from ipywidgets import Widget

from nbapp._compat.ipywidgets import (
    Boolean,
    BoundedFloat,
    BoundedFloatRange,
    BoundedInt,
    BoundedIntRange,
    MultipleSelection,
    Selection,
    SelectionContainer,
)
from nbapp.persistence.current import CURRENT

_OFFERED = (
    *(Boolean, BoundedFloat, BoundedFloatRange, BoundedInt, BoundedIntRange, Selection, MultipleSelection),
    *(SelectionContainer, ipywidgets.Button),
)


def is_offered(widget: Widget) -> bool:
    """Whether all that a visitor can do to a control is what its author offers to everybody."""
    return isinstance(widget, _OFFERED)


def note(widget: Widget, names: Iterable[str] = ()) -> None:
    """A visitor did something to a widget: from now on results may hold what is theirs, and are not written."""
    if not is_offered(widget):
        what: Any = ", ".join(names) or "a message"
        CURRENT.hold_back(f"a visitor gave {type(widget).__name__} {what}")
