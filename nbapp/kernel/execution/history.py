"""The names that IPython keeps in the notebook's namespace: its history (`_`, `_3`, `Out`, `In`) and its own functions.

The history is about what was executed in this kernel, and in which order; a skipped cell has no place in it. So the
cells of an app neither see nor make one: there, these names are unbound until the notebook binds them itself. Cells
that an author runs by hand have it as ever. This file does not know who executes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell

_RESULTS = ("_", "__", "___")
_INPUTS = ("_i", "_ii", "_iii")
_NUMBERED = re.compile(r"_(i?)(\d+)")
_OF_PYTHON = frozenset(
    {"__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtin__", "__builtins__", "__annotations__"}
    | {"__file__", "__session__", "__warningregistry__", "__conditional_annotations__", "__annotate__"}
)
_UNBOUND = object()
_NOTHING = object()


class History:
    """What is IPython's in the namespace of one shell."""

    def __init__(self, shell: ZMQInteractiveShell) -> None:
        self._shell: Any = shell
        self._names: dict[str, Any] = shell.user_ns
        self._at_start = {name: value for name, value in shell.user_ns.items() if name.startswith("__")}

    def owns(self, name: str) -> bool:
        """Whether a name holds what IPython, or Python, put there: not when the notebook bound it since."""
        if name in _OF_PYTHON:
            return True
        value = self._names.get(name, _UNBOUND)
        if value is _UNBOUND:
            return False
        known = (self._at_start.get(name, _NOTHING), self._shell.user_ns_hidden.get(name, _NOTHING), self._kept(name))
        return any(value is each for each in known)

    def _kept(self, name: str) -> object:
        """What IPython last put into a name of the history."""
        if name in _RESULTS:
            return getattr(self._shell.displayhook, name)
        manager = self._shell.history_manager
        if name in _INPUTS:
            return getattr(manager, name, None)
        if (found := _NUMBERED.fullmatch(name)) is None:
            return _UNBOUND
        number = int(found[2])
        if found[1]:
            return self._names[name] if number < len(manager.input_hist_raw) else _UNBOUND
        return manager.output_hist.get(number, _UNBOUND)

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """No history for the code in the block; names that the block binds stay bound."""
        taken = {name: self._names.pop(name) for name in self._all() if self.owns(name)}
        try:
            yield
        finally:
            for name, value in taken.items():
                self._names.setdefault(name, value)

    def _all(self) -> Iterator[str]:
        yield from (*_RESULTS, *_INPUTS, "In", "Out")
        for number in self._shell.history_manager.output_hist:
            yield f"_{number}"
        for number in range(len(self._shell.history_manager.input_hist_raw)):
            yield f"_i{number}"

    def keeps_nothing(self) -> tuple[Any, str, Any]:
        """The place where IPython keeps a result, and what stands in for it: keeping nothing."""
        return self._shell.displayhook, "update_user_ns", lambda result: None
