"""Context variables over cells: what one cell sets, such as numpy's print options, the next one sees.

Each cell is a task of its own, and a task's context is a copy that goes with it. So what a cell set is kept in one
context that lasts as long as the kernel, and set again before the next cell and whatever else asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_OF_THE_REQUEST = "parent"  # in the names of ipykernel's variables that say which request is answered
_UNSET = object()


class Contexts:
    """The context variables that cells share."""

    def __init__(self) -> None:
        self._context = copy_context()
        self._own: set[ContextVar[Any]] = set()

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function where cells run, on the main thread."""
        return self._context.run(function, *args, **kwargs)

    def look(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that changes nothing as if where cells run, on any thread: only one can be in a context."""
        return self._context.copy().run(function, *args, **kwargs)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """In the current context, set what cells set; what is set inside they will see."""
        for variable in self._own:
            variable.set(self._context[variable])
        before = copy_context()
        try:
            yield
        finally:
            for variable, value in copy_context().items():
                if before.get(variable, _UNSET) is not value and _OF_THE_REQUEST not in variable.name:
                    self._context.run(variable.set, value)
                    self._own.add(variable)
