"""Reads a widget's trait for whoever called nbapp: it counts as a read of their cell. Knows no widget."""

from __future__ import annotations

from typing import Any


def trait(widget: Any, name: str) -> Any:
    """The value that a trait has, as the author would read it: `widget.name`."""
    return getattr(widget, name)
