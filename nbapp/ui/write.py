"""`ui.write`: shows texts as Markdown and everything else as a notebook does."""

from __future__ import annotations

from IPython.display import Markdown, display


def write(*things: object) -> None:
    """Show things below each other: a text as Markdown, anything else as a cell shows its result.

    Examples:
        >>> from nbapp import ui
        >>> ui.write("## Sales", "In **thousands**:")  # doctest: +SKIP
    """
    for thing in things:
        display(Markdown(thing) if isinstance(thing, str) else thing)
