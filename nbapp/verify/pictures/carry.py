"""Takes what people and callbacks put into a notebook from the app's process to a fresh one.

A clean run starts from the user's choices, each given to its widget when it is constructed, and from what callbacks
wrote, which applies just after the cell it belongs to. Widgets travel as the place where they were built; functions
and classes of the notebook by their name. This file runs no cell.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import cloudpickle
from ipywidgets import Widget

from nbapp.core.notebook import CellId, Notebook
from nbapp.core.overlay import TOP, Overlay
from nbapp.kernel.widgets.inspection import WidgetInspection
from nbapp.kernel.widgets.state.effects import Built
from nbapp.values.identity import ById
from nbapp.verify.pictures.picture import places
from nbapp.verify.pictures.seen import Given, Number, Place

Choices = dict[Place, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Namespace:
    """The globals of a notebook; `made` tells the position of the cell that made each."""

    names: dict[str, Any]
    made: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """What callbacks wrote that belongs to one cell. `deleted` are names that they unbound."""

    names: Mapping[str, Any]
    deleted: tuple[str, ...]
    traits: tuple[tuple[Widget, str, Any], ...]


def given(notebook: Notebook, widgets: WidgetInspection, overlay: Overlay, known: Namespace) -> Given:
    """What was given to this app, ready to travel."""
    where = ById((widget, place) for place, widget in places(widgets, notebook))
    target = io.BytesIO()
    pickler = _Pickler(target, notebook, where, known)
    pickler.dump(_choices(where, widgets, pickler))
    owners, lost, lost_traits = [], set[tuple[CellId, str]](), set[tuple[Place, str]]()
    for index, owner in enumerate((TOP, *(cell.id for cell in notebook)), start=-1):
        pickler.index = index
        part = _part(owner, widgets, overlay)
        kept = {name: value for name, value in part.names.items() if pickler.takes(value, alone=True)}
        lost |= {(owner, name) for name in part.names.keys() - kept.keys()}
        traits = tuple(item for item in part.traits if pickler.takes(item))
        lost_traits |= {(where[widget], name) for widget, name, _ in part.traits if widget in where} - {
            (where[widget], name) for widget, name, _ in traits
        }
        if kept or part.deleted or traits:
            owners.append(owner)
            pickler.dump(Part(kept, part.deleted, traits))
    return Given(target.getvalue(), tuple(owners), frozenset(lost), frozenset(lost_traits))


def _choices(where: Mapping[Widget, Place], widgets: WidgetInspection, pickler: _Pickler) -> Choices:
    """The user's choices; an option that cannot travel is known by its label."""
    found: Choices = {}
    for widget, place in where.items():
        chosen = widgets.choices(widget)
        if chosen:
            found[place] = {name: value if pickler.takes(value) else None for name, value in chosen.items()}
    return found


def _part(owner: CellId, widgets: WidgetInspection, overlay: Overlay) -> Part:
    deleted = tuple(name for name, binding in overlay.of(owner).items() if name.isidentifier() and binding is None)
    names = {name: value for name, value in overlay.written(owner).items() if name.isidentifier()}  # globals only
    # A library makes its results from traits and the author's functions: a clean run makes them itself, unless
    # callbacks also left something that the functions may have used.
    written = widgets.written(owner).items()
    traits = tuple((*key, item.value) for key, item in written if overlay or not item.by_library)
    return Part(names, deleted, traits)


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """`index` is the cell after which what is written arrives; -1 is above the first."""

    def __init__(
        self, target: io.BytesIO, notebook: Notebook, where: Mapping[Widget, Place], known: Namespace, index: int = -1
    ) -> None:
        super().__init__(target, protocol=5)
        self.index = index
        self._parts = notebook, where, known
        self._order = {cell.id: index for index, cell in enumerate(notebook)}

    def takes(self, value: Any, *, alone: bool = False) -> bool:
        """Whether a value can travel; `alone` refuses what travels by its name only."""
        if alone and self._is_made_by_code(value):
            return False
        try:
            _Pickler(io.BytesIO(), *self._parts, self.index).dump(value)
        except Exception:  # noqa: BLE001 - whatever the value's reduce method raises means that it cannot travel
            return False
        return True

    def _is_made_by_code(self, value: Any) -> bool:
        """Whether a cell's code defines it: a function or a class of the notebook."""
        _, _, known = self._parts
        if isinstance(value, FunctionType):
            return value.__globals__ is known.names
        return isinstance(value, type) and value.__module__ == known.names.get("__name__")

    def persistent_id(self, value: Any) -> Any:
        """What stands for a value that the fresh process has its own of, at the time when this arrives."""
        _, where, known = self._parts
        if value is known.names:
            return ("namespace",)
        if isinstance(value, Widget):
            place = where.get(value)
            if place is None or self._order[CellId(place[0])] > self.index:
                raise pickle.PicklingError("a widget that is not there yet")
            return "widget", place
        if self._is_made_by_code(value):
            name = value.__qualname__
            if known.names.get(name) is not value or known.made.get(name, -1) > self.index:
                raise pickle.PicklingError("a function or class that is not there yet")
            return "name", name
        return None

    def reducer_override(self, value: Any) -> Any:
        """What an upload holds stays what it is: cloudpickle would make bytes of it."""
        if isinstance(value, memoryview):
            return memoryview, (value.tobytes(),)
        return super().reducer_override(value)


@dataclass(slots=True)
class Arriving:
    """Gives what travelled to the notebook of this process, while its cells run."""

    notebook: Notebook
    what: Given
    widgets: WidgetInspection
    namespace: dict[str, Any]
    _choices: Choices = field(default_factory=dict)
    _unpickler: Any = None

    def install(self) -> None:
        """From now on each widget gets its user's choices when it is constructed."""
        self._unpickler = _Unpickler(io.BytesIO(self.what.stream), self)
        self._choices = self._unpickler.load() if self.what.stream else {}
        self.widgets.give_when_built(lambda cls: self._choices.get(place) if (place := self._place(cls)) else None)

    def _place(self, cls: type) -> Place | None:
        """The place of a widget that is about to be constructed."""
        about = self.widgets.about_to_build(cls)
        return None if about is None else (about[0], tuple(_number(kind, before) for kind, before in about[1]))

    def after(self, owner: CellId) -> None:
        """What callbacks wrote over the results of this cell.

        Raises:
            KeyError: it names a widget or a function that this notebook has not made.
        """
        if owner not in self.what.owners:
            return
        part: Part = self._unpickler.load()
        self.namespace.update(part.names)
        for name in part.deleted:
            self.namespace.pop(name, None)
        self.widgets.write(owner, part.traits)

    def widget(self, place: Place) -> Widget:
        """The widget that was built at this place.

        Raises:
            KeyError: none was.
        """
        return dict(places(self.widgets, self.notebook))[place]


def _number(cls: type, shelf: Sequence[Built]) -> Number:
    kind = cls.__qualname__
    return kind, sum(built.cls.__qualname__ == kind for built in shelf)


class _Unpickler(pickle.Unpickler):
    def __init__(self, source: io.BytesIO, arriving: Arriving) -> None:
        super().__init__(source)
        self._arriving = arriving

    def persistent_load(self, pid: Any) -> Any:
        """This process's own."""
        if pid[0] == "namespace":
            return self._arriving.namespace
        if pid[0] == "widget":
            return self._arriving.widget(pid[1])
        return self._arriving.namespace[pid[1]]
