"""What the author asks an `interactive` by hand: its result, and to call its function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ipywidgets import Widget, interactive

from nbapp.kernel.common.patching import Patching
from nbapp.kernel.common.stand_in import faults
from nbapp.kernel.widgets.state.callers import is_library_frame

RESULTS = frozenset({"result", "kwargs"})  # attributes that are no traits


def follow_interactive(
    patches: Patching,
    read: Callable[[Widget, str], None],
    written: Callable[[Widget, str, Any], None],
    fired: Callable[[Widget], None],
) -> None:
    """`read` is called by an attribute that is a result, with its name, and `written` when it is set; `fired` when the
    author calls the function."""
    for name in RESULTS:
        patches.place(interactive, name, _Result(read, written, name))

    def update(widget: interactive, *args: Any) -> None:
        if not is_library_frame(sys._getframe(2)):
            fired(widget)
        original(widget, *args)

    original = patches.put(interactive, "update", update)


class _Result:
    """An attribute of `interactive` that its callback sets: reading it is reading what the callback made."""

    def __init__(
        self, read: Callable[[Widget, str], None], written: Callable[[Widget, str, Any], None], name: str
    ) -> None:
        self._read = read
        self._written = written
        self._name = name

    def __get__(self, widget: Any, cls: Any = None) -> Any:
        if widget is None:
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {self._name!r}")
        with faults.noted(f"interactive.{self._name}"):
            self._read(widget, self._name)
        if self._name not in vars(widget):
            raise AttributeError(f"{type(widget).__name__!r} object has no attribute {self._name!r}")
        return vars(widget)[self._name]

    def __set__(self, widget: Any, value: Any) -> None:
        vars(widget)[self._name] = value
        with faults.noted(f"interactive.{self._name}"):
            self._written(widget, self._name, value)
