"""What `verify` and `check` may ask of an app's widgets, and give to widgets in a process of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ipywidgets import Widget

from nbapp.core.notebook import CellId
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.widgets.identity.mounts import Mounts
from nbapp.kernel.widgets.identity.reconciler import Reconciler
from nbapp.kernel.widgets.state.current import CurrentActivity
from nbapp.kernel.widgets.state.effects import Built, Key
from nbapp.kernel.widgets.state.entries import Written
from nbapp.kernel.widgets.state.under_way import UnderWay
from nbapp.kernel.widgets.state.undo_log import UndoLog
from nbapp.kernel.widgets.state.user_values import put_back
from nbapp.kernel.widgets.trait_access import TraitAccess
from nbapp.values.identity import ById


@dataclass(frozen=True, slots=True)
class WidgetInspection:
    """The parts of the widgets that are asked."""

    _reconciler: Reconciler
    _mounts: Mounts
    _undo_log: UndoLog
    _under_way: UnderWay
    _current: CurrentActivity
    _traits: TraitAccess

    def built(self, cell: CellId) -> Collection[Built]:
        """What a cell built, in order."""
        return self._mounts.of(cell)

    def choices(self, widget: Widget) -> Mapping[str, Any]:
        """What its user chose, by trait."""
        return self._undo_log.choices.get(widget, {})

    def written(self, cell: CellId) -> Mapping[Key, Written]:
        """What callbacks wrote over the results of a cell."""
        return self._undo_log.overlay(cell)

    def about_to_build(self, cls: type) -> tuple[CellId, Sequence[tuple[type, Sequence[Built]]]] | None:
        """For a class that code of a cell calls now: the cell, and from the outermost widget under construction to this
        one its class and what was built before it there. None outside cells.
        """
        making, building = self._under_way.making(), self._current.building
        if making is None:
            return None
        before = making.built, *(built.inside for built in building)
        return making.cell, tuple(zip((*(built.cls for built in building), cls), before, strict=True))

    def give_when_built(self, chosen: Callable[[type], dict[str, Any] | None]) -> None:
        """From now on each widget gets, once it is constructed, what `chosen` says of its class before."""
        original = self._reconciler.construct

        def construct(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            choices = chosen(cls)
            widget = original(cls, args, kwargs)
            if choices is not None and isinstance(widget, Widget):
                self._choose(widget, choices)
            return widget

        Patching().place(self._reconciler, "construct", construct)

    def _choose(self, widget: Widget, choices: dict[str, Any]) -> None:
        self._undo_log.choices[widget] = choices
        with self._current.construct(Built(widget, type(widget), "", (0, 0), 0)):
            put_back(widget, choices)

    def write(self, cell: CellId, traits: Iterable[tuple[Widget, str, Any]]) -> None:
        """Write over the results of a cell, as callbacks did."""
        written = ById(((widget, name), Written(value, None)) for widget, name, value in traits)
        self._undo_log.put_overlay(cell, written)
        with self._current.mute():
            self._undo_log.replay(cell, (), self._traits.replay, anew=True)
