"""Widgets: versioned by which one it is; their traits are components of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbapp.core.host import HANDS
from nbapp.core.types import Adapter


def _parts(widget: Any) -> object:
    """Which widget it is, and what the author hung on it."""
    own = {} if hasattr(widget, "kwargs_widgets") else vars(widget)
    attributes = {name: value for name, value in own.items() if not name.startswith("_") and name not in _OWN}
    return type(widget).__qualname__, widget.comm.comm_id if widget.comm is not None else None, attributes


def offered(widget: Any) -> Iterable[object]:
    """What a selection offers: its value is one of these objects."""
    return (value for value in vars(widget).get("_options_values", ()) if type(value) not in _PLAIN)


_PLAIN = frozenset({str, int, float, bool, type(None)})
_OWN = frozenset({"keys", "comm", "children"})
_WIDGET = Adapter(parts=_parts, reach=offered, shared=False, words=frozenset({HANDS}))


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of ipywidgets."""
    return _WIDGET if kind.__name__ == "Widget" else None
