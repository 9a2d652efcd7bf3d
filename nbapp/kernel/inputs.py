"""Reads `--set NAME=VALUE` text as the type of the widget it is for."""

from __future__ import annotations

from typing import Any

from ipywidgets import Widget


def parse(widget: Widget, text: str) -> Any:
    """The value that the text means to this widget."""
    return type(widget.value)(text)
