"""What `nbapp serve` says of a notebook in which nothing seems to move, before anybody opens its page."""

from __future__ import annotations

from pathlib import Path

from nbapp.serve.prepare import read  # isort: skip -- before nbformat: `nbapp.serve` halves its import
from nbapp.check.code import has_widgets, no_controls
from nbapp.check.source import Source
from nbapp.errors import UsageError


def hint(path: Path) -> str:
    """One line for the author of a notebook whose code names no widget; empty when it names one, or cannot be read.

    A module of the author's may make widgets all the same: nothing is run to find out.
    """
    try:
        notebook = read(path)
    except UsageError:
        return ""  # the server says it, or the page does when the file is mended
    sources = Source.of_notebook(notebook)
    if has_widgets(sources):
        return ""
    return f"{path.name} names no widget, so nothing on its page may move: {no_controls(sources).remedy}"
