"""What one execution of a cell reads from widgets and writes to them. This file does not know how it is noticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import FrameType
from typing import Any

from ipywidgets import Widget
from traitlets import directional_link, link

from nbapp._compat import ipywidgets as private
from nbapp.core.memos.kinds import CALLED, CHOICE, CONSUMED, OPEN, TRAIT, UNCALLED, Kind
from nbapp.core.memos.memo import Component
from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.callbacks.registry import CallbackRegistry
from nbapp.kernel.widgets.identity.keys import Making
from nbapp.kernel.widgets.state.callers import user_frame, user_frames
from nbapp.kernel.widgets.state.effects import Assigned, Consumed, Effects, Key, Registration, WidgetTrace
from nbapp.kernel.widgets.state.trait_versions import TraitVersions, is_immutable
from nbapp.kernel.widgets.state.undo_log import UndoLog
from nbapp.kernel.widgets.state.user_values import CHOSEN, family, is_choice
from nbapp.values.digest import Digest
from nbapp.values.identity import ById, IdSet

UNTOUCHED = Digest("untouched")  # of a trait that the user never changed
DISTURBED = Digest("disturbed")  # of a trait that was set while the cell ran: no trait has this version
THERE = Digest("there")  # of a widget that is open, or can be opened again
_MADE_BY_LIBRARIES = frozenset({"result", "kwargs", "outputs"})  # from traits that they observe


class Recorder:
    """The execution of a cell under way."""

    def __init__(self, making: Making, undo_log: UndoLog, registry: CallbackRegistry, versions: TraitVersions) -> None:
        self.cell: CellId = making.cell
        self.making = making
        self.seen: set[tuple[int, str]] = set()  # the id of a widget, and a trait
        self.widgets: dict[str, Widget] = {}
        self._alive: list[Widget] = []
        self._reads: dict[Component, Digest] = {}
        self._own: IdSet[Key] = IdSet()
        self._assigned: ById[Key, Assigned] = ById()
        self._consumed: ById[Key, Consumed] = ById()
        self._observed: list[Key] = []
        self._mutable: ById[Key, tuple[Any, Digest]] = ById()  # values of traits that it read and may change inside
        self._disturbed: set[Component] = set()
        self._registered: list[tuple[int, Any]] = []  # the line of the cell, and what was registered there
        self._undo_log = undo_log
        self._registry = registry
        self._versions = versions

    def read(self, widget: Widget, name: str) -> None:
        """The author's code reads a trait: an input of the cell, unless the cell itself gave it.

        Of a widget that the cell builds only the user's choice is an input, or what its results are made from.
        """
        key = widget, name
        if (id(widget), name) in self.seen:
            return
        self.seen.add((id(widget), name))
        self._alive.append(widget)  # its id is its own as long as this lasts
        if widget.comm is None or key in self._own:
            return
        if widget in self.making.made and name in _MADE_BY_LIBRARIES:
            for observed in self._observed:
                self.read(*observed)
        elif widget in self.making.made:
            self._note_choice(widget, name)
        else:
            value = self._undo_log.value_before(widget, name)
            version = self._versions.of_value(widget, name, value)
            self._note(TRAIT, widget, name, version)
            if not is_immutable(value):
                self._mutable[key] = value, version
            if any(other is widget for other, _ in self._own):
                self._note_choice(widget, name)  # limits that the cell gave let another value through

    def about_to_write(self, widget: Widget, name: str) -> None:
        """What an assignment does depends on: limits it is checked against, callbacks it fires."""
        if widget.comm is None or widget in self.making.made:
            return
        if name == "outputs":
            self.read(widget, name)  # what is printed comes after what is there
        self.asked(widget)
        for other in (name, *CHOSEN):  # what a limit makes of the user's choice may fire callbacks too
            if widget.has_trait(other) and self._registry.active(widget, other):
                self.read(widget, other)
                self._note_choice(widget, other)
        for other in private.validators(widget):
            if other != name and other not in family(widget, name) and not is_choice(widget, other):
                self.read(widget, other)

    def written(self, widget: Widget, name: str, before: Any, after: Any) -> None:
        """The author's code assigned a trait."""
        key = widget, name
        self._own.update((widget, other) for other in family(widget, name))
        self._assigned.pop(key, None)  # replayed in the order of the last assignments
        self._assigned[key] = Assigned(widget, name, before, after)

    def fired(self, widget: Widget) -> None:
        """Callbacks of a widget run as part of the cell."""
        if widget.comm is not None:
            self._note(CALLED, widget, "", self._registry.version(widget, self.cell))

    def asked(self, widget: Widget) -> None:
        """Which callbacks a widget has is an input: the author's code assigns a trait, removes some, or clicks."""
        if widget.comm is not None and widget not in self.making.made:
            self._note(UNCALLED, widget, "", self._registry.version(widget, self.cell))

    def consumed(self, widget: Widget, name: str) -> None:
        """A library used a trait's value for the cell, and observes it from now on."""
        self._observed.append((widget, name))
        if widget.comm is None or widget in self.making.made or (widget, name) in self._own:
            return
        value = getattr(widget, name)
        version = self._versions.of_value(widget, name, value)
        self._consumed[widget, name] = Consumed(widget, name, version, value)
        self._note(CONSUMED, widget, name, version, f"{self.cell}:")

    def registered(self, frame: FrameType, handler: Any) -> None:
        """A callback was registered by the code in this frame, maybe a library's on behalf of the cell's own."""
        own = user_frame(frame)
        cell = next((frame for frame in user_frames(own) if frame.f_code.co_name == "<module>"), None)
        if cell is not None and cell.f_code.co_filename == own.f_code.co_filename:
            self._registered.append((own.f_lineno, handler))

    def disturbed(self, widget: Widget, name: str) -> None:
        """Code beside the cell set a trait; the cell may have read it before, after, or both. On any thread."""
        if widget.comm is not None:
            self._disturbed.update(kind.of(f"{widget.comm.comm_id}.{name}") for kind in (TRAIT, CHOICE))

    def _note_changed_inside(self) -> None:
        """What it changed inside the value of a trait, `widget.d['k'] = 1`, cannot be done again without it."""
        for (widget, name), (value, version) in self._mutable.items():
            now = private.trait_values(widget).get(name)
            if now is value and self._versions.of_value(widget, name, value) != version:
                self.disturbed(widget, name)

    def _note_sources(self, links: Sequence[link | directional_link]) -> None:
        """What the author's code reads of the target of a link that it made is what the source has, over any number."""
        before = -1
        while before != len(self.seen):
            before = len(self.seen)
            for each in links:
                (target, name), (source, read) = each.target, each.source
                if (id(target), name) in self.seen and issubclass(type(source), Widget):
                    self.read(source, read)

    def complete(self, trace: WidgetTrace) -> None:
        """The execution is over: fill in its trace."""
        self._note_changed_inside()
        for built in self.making.built:
            for part in built.everything():
                part.is_open = part.widget.comm is not None
            if built.is_open:
                trace.reads[OPEN.of(built.widget.model_id)] = THERE
        registered = self._registry.of(self.cell)
        links = [each for item in registered if issubclass(type(each := _bound(item)), (link, directional_link))]
        for each in links:
            if issubclass(type(each), link) and each.target in self._assigned:
                self._assigned[each.target] = replace(self._assigned[each.target], link=each)
        self._note_sources(links)
        trace.registered = self._registered
        trace.renewed = frozenset(self.making.renewed)
        trace.reads.update(self._reads)
        trace.reads.update({name: DISTURBED for name in list(self._disturbed) if name in self._reads})
        trace.effects = Effects(
            self.cell,
            tuple(self.making.built),
            tuple(item for item in self._assigned.values() if item.widget.comm is not None),
            registered,
            tuple(self._consumed.values()),
            self._registry.removed_by(self.cell),
            trace.failed,
        )

    def _note_choice(self, widget: Widget, name: str) -> None:
        self._note(CHOICE, widget, name, choice_version(self._undo_log, self._versions, widget, name))

    def _note(self, kind: Kind, widget: Widget, name: str, version: Digest, cell: str = "") -> None:
        model_id = widget.comm.comm_id
        self.widgets[model_id] = widget
        self._reads.setdefault(kind.of(f"{cell}{model_id}.{name}" if name else model_id), version)


def _bound(item: Registration) -> Any:
    return getattr(item.handler, "__self__", None)


def choice_version(undo_log: UndoLog, versions: TraitVersions, widget: Widget, name: str) -> Digest:
    """The version of what the user chose for a trait, whatever the widget made of it."""
    choices = undo_log.choices.get(widget, {})
    if name not in choices:
        return UNTOUCHED
    if family(widget, name) != {name}:
        return versions.of_value(widget, "", (choices.get("value"), choices.get("label")))
    return versions.of_value(widget, "", choices[name])
