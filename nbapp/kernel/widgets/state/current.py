"""What the present thread is doing to widgets: constructing one, deriving traits from another, running a callback."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ipywidgets import Widget
from traitlets import directional_link

from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.state.callers import is_library
from nbapp.kernel.widgets.state.effects import Built

_DERIVING = object()  # a trait is being set: what the library sets meanwhile follows from it


class Calling:
    """A user callback is running, registered by code of the cell `owner`.

    `is_library`: a library's, which makes again what it made from a trait that it `observes`. What a library does when
    somebody clicks is the user's doing, and no clean run makes it.
    """

    __slots__ = ("is_library", "is_link", "owner")

    def __init__(self, owner: CellId | None, handler: Any, *, observes: bool) -> None:
        self.owner = owner
        bound = getattr(handler, "__self__", None)
        self.is_link = isinstance(bound, directional_link)
        home = getattr(handler if bound is None else type(bound), "__module__", None) or ""
        self.is_library = observes and is_library(home)


class CurrentActivity(threading.local):
    """One per app; each thread sees its own.

    `muted`: changes are made silently: no user callback runs, nothing is sent. `applying`: a front end's update is
    being applied, of the traits `roots`. `building`: the widgets under construction, outermost first.
    """

    def __init__(self) -> None:
        self.stack: list[object] = []
        self.building: list[Built] = []
        self.muted = 0
        self.applying = 0
        self.roots: frozenset[str] = frozenset()
        self.unechoed: object = None  # the comm whose next echo was sent already

    def takes_echo(self, comm: object) -> bool:
        """Whether this is the echo of the update that is being applied, which was sent when the update came."""
        if self.unechoed is not comm:
            return False
        self.unechoed = None
        return True

    @contextmanager
    def unechoed_by(self, comm: object) -> Iterator[None]:
        """An update is applied inside whose echo this comm has sent before."""
        before, self.unechoed = self.unechoed, comm
        try:
            yield
        finally:
            self.unechoed = before

    @property
    def deriving(self) -> bool:
        """Whether whatever is set now only follows from a trait that is being set."""
        return bool(self.stack) and self.stack[-1] is _DERIVING

    @property
    def calling(self) -> Calling | None:
        """The innermost user callback that is running."""
        return next((item for item in reversed(self.stack) if isinstance(item, Calling)), None)

    def constructs(self, widget: Widget) -> bool:
        """Whether the widget is under construction."""
        return any(built.widget is widget for built in self.building)

    @contextmanager
    def derive(self) -> Iterator[None]:
        """What is set inside follows from something else."""
        self.stack.append(_DERIVING)
        try:
            yield
        finally:
            self.stack.pop()

    @contextmanager
    def call(self, owner: CellId | None, handler: Any, *, observes: bool) -> Iterator[None]:
        """A user callback runs inside, because of a trait that it `observes` or of a message; the cell `owner`
        registered it."""
        self.stack.append(Calling(owner, handler, observes=observes))
        try:
            yield
        finally:
            self.stack.pop()

    @contextmanager
    def construct(self, built: Built) -> Iterator[None]:
        """The widget is constructed inside."""
        self.building.append(built)
        try:
            yield
        finally:
            self.building.pop()

    @contextmanager
    def mute(self) -> Iterator[None]:
        """Changes inside are silent."""
        self.muted += 1
        try:
            yield
        finally:
            self.muted -= 1

    @contextmanager
    def apply(self, roots: Iterable[str]) -> Iterator[None]:
        """Changes inside come from the front end, which changed these traits."""
        before = self.roots
        self.applying += 1
        self.roots = frozenset(roots)
        try:
            yield
        finally:
            self.applying -= 1
            self.roots = before
