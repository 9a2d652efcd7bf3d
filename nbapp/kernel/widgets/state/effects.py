"""What one execution of a cell did to widgets, as values: what it read, built, assigned and registered.

The walk keeps these with its records and hands them back when the cell is skipped. This file does nothing with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ipywidgets import CallbackDispatcher, Widget
from traitlets import link

from nbapp._compat.ipywidgets import transform
from nbapp.core.memos.memo import Component
from nbapp.core.notebook import CellId
from nbapp.libraries.ipywidgets import offered
from nbapp.values.digest import Digest
from nbapp.values.uses import Handed

BUILT_BYTES = 4_000  # a widget with its values; a slider is three of them
Key = tuple[Widget, str]  # a widget and the name of one of its traits
Site = tuple[int, int]  # where code built a widget: the number of a code object, and the instruction


@dataclass(slots=True, eq=False)
class Built:
    """A widget that a cell built, and what its constructor made of it.

    `hint` is its key, description or name, `site` and `nth` where it was built and how many were before at that place.
    `inside` are the widgets that its constructor built. `values` are its traits and `attributes` its other
    attributes as the constructor left them. While it is constructed again, `before` is what it was and `comm` its
    open comm. Of one that was put away `model_id` is the id under which it is opened again.
    """

    widget: Widget
    cls: type
    hint: str
    site: Site
    nth: int
    inside: list[Built] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    before: Built | None = None
    comm: Any = None
    model_id: str = ""
    is_open: bool = True

    @property
    def kind(self) -> tuple[str, str]:
        """The class by name: a class that was defined again is the same kind."""
        return self.cls.__module__, self.cls.__qualname__

    def everything(self) -> Iterator[Built]:
        """This widget and all that were built inside it."""
        yield self
        for built in self.inside:
            yield from built.everything()


@dataclass(slots=True, eq=False)
class Registration:
    """A callback that code of a cell registered: on a trait of a widget, or on a dispatcher of clicks or messages.

    `owner` is None when no cell was running. `version` is kept from when it was first needed: a callback may change
    what it holds on to, and is the same callback then.
    """

    owner: CellId | None
    target: Any
    name: Any
    type: Any
    handler: Any
    version: Digest | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Assigned:
    """A trait that code of the cell assigned, with the value before and the value it gave.

    `link` is the link in both directions that assigned it, and that gives it the value of its source at any time.
    """

    widget: Widget
    name: str
    before: Any
    after: Any
    link: link | None = None

    @property
    def value(self) -> Any:
        """The value to give now."""
        if self.link is None:
            return self.after
        return transform(self.link)(getattr(*self.link.source))


@dataclass(slots=True, eq=False)
class Consumed:
    """A trait whose value a library used for the cell and observes since (`link`, `interact`).

    `version` is what it had then, `delivered` the last value its callback was given.
    """

    widget: Widget
    name: str
    version: Digest
    delivered: Any


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """All that one execution left on widgets."""

    cell: CellId
    built: tuple[Built, ...] = ()
    assigned: tuple[Assigned, ...] = ()
    registered: tuple[Registration, ...] = ()
    consumed: tuple[Consumed, ...] = ()
    removed: tuple[Registration, ...] = ()  # callbacks that other cells registered
    failed: bool = False  # it is what the cell did until it raised

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.built or self.assigned or self.registered or self.consumed or self.removed or self.failed)

    def held(self) -> tuple[object, ...]:
        """The objects of the notebook that widgets have: callbacks, what selections offer, what was assigned."""
        widgets = (part.widget for built in self.built for part in built.everything())
        chosen = (value for widget in widgets for value in offered(widget))
        return (*(item.handler for item in self.registered), *chosen, *(item.after for item in self.assigned))

    @property
    def nbytes(self) -> int:
        """About how much memory this holds, the widgets themselves included, in bytes."""
        return BUILT_BYTES * sum(1 for built in self.built for _ in built.everything())


@dataclass(slots=True)
class WidgetTrace:
    """What one execution of a cell did to widgets; complete when its context is left.

    `reads` gives each component that user code read the version it had at the first read. Set `failed` before
    leaving when the execution raised: widgets that it did not come to build then stay as they are. `renewed` stand for
    what hung on widgets that were built again. `registered` are the lines on which it registered callbacks, with those.
    """

    reads: dict[Component, Digest]
    effects: Effects
    failed: bool = False
    renewed: frozenset[int] = frozenset()
    registered: list[tuple[int, Any]] = field(default_factory=list)

    def saw_registered(self, item: Handed, names: Mapping[str, Any]) -> bool:
        """Whether a function that the cell hands over was registered where it does, given the notebook's names."""
        handlers = [handler for line, handler in self.registered if item.first <= line <= item.last]
        return any(handler is names.get(item.name) for handler in handlers)


def is_dispatcher(value: object) -> bool:
    """Whether an attribute holds callbacks; `isinstance` would ask a weak proxy for its object, which may be gone."""
    return issubclass(type(value), CallbackDispatcher)
