"""What one execution of a cell reads from widgets and writes to them. This file does not know how it is noticed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ipywidgets import Widget
from traitlets import link

from nbapp.core.digest import Digest
from nbapp.core.notebook import CellId
from nbapp.core.run import Component
from nbapp.kernel.choices import CHOSEN, family, is_choice
from nbapp.kernel.effects import Assigned, Consumed, Effects, Key, Trace
from nbapp.kernel.ledger import Ledger
from nbapp.kernel.places import Making
from nbapp.kernel.registrations import Registrations
from nbapp.kernel.versions import Versions

UNTOUCHED = Digest("untouched")  # of a trait that the user never changed
DISTURBED = Digest("disturbed")  # of a trait that was set while the cell ran: no trait has this version
THERE = Digest("there")  # of a widget that is open, or can be opened again
_MADE_BY_LIBRARIES = frozenset({"result", "kwargs", "outputs"})  # from traits that they observe
TRAIT, CHOICE, CALLED, UNCALLED, CONSUMED = "trait", "choice", "callbacks", "uncalled", "consumed"
OPEN = "open"  # what a cell shows are views of the widgets that it built


class Recording:
    """The execution of a cell under way."""

    def __init__(self, making: Making, ledger: Ledger, registrations: Registrations, versions: Versions) -> None:
        self.cell: CellId = making.cell
        self.making = making
        self.seen: set[Key] = set()
        self.widgets: dict[str, Widget] = {}
        self._reads: dict[Component, Digest] = {}
        self._own: set[Key] = set()
        self._assigned: dict[Key, Assigned] = {}
        self._consumed: dict[Key, Consumed] = {}
        self._observed: list[Key] = []
        self._disturbed: set[Component] = set()
        self._ledger = ledger
        self._registrations = registrations
        self._versions = versions

    def read(self, widget: Widget, name: str) -> None:
        """The author's code reads a trait: an input of the cell, unless the cell itself gave it.

        Of a widget that the cell builds only the user's choice is an input, or what its results are made from.
        """
        key = widget, name
        if key in self.seen:
            return
        self.seen.add(key)
        if widget.comm is None or key in self._own:
            return
        if widget in self.making.made and name in _MADE_BY_LIBRARIES:
            for observed in self._observed:
                self.read(*observed)
        elif widget in self.making.made:
            self._note_choice(widget, name)
        else:
            value = self._ledger.value_before(widget, name)
            self._note(TRAIT, widget, name, self._versions.of_value(widget, name, value))
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
            if widget.has_trait(other) and self._registrations.active(widget, other):
                self.read(widget, other)
                self._note_choice(widget, other)
        for other in widget._trait_validators:
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
            self._note(CALLED, widget, "", self._registrations.version(widget, self.cell))

    def asked(self, widget: Widget) -> None:
        """Which callbacks a widget has is an input: the author's code assigns a trait, removes some, or clicks."""
        if widget.comm is not None and widget not in self.making.made:
            self._note(UNCALLED, widget, "", self._registrations.version(widget, self.cell))

    def consumed(self, widget: Widget, name: str) -> None:
        """A library used a trait's value for the cell, and observes it from now on."""
        self._observed.append((widget, name))
        if widget.comm is None or widget in self.making.made or (widget, name) in self._own:
            return
        value = getattr(widget, name)
        version = self._versions.of_value(widget, name, value)
        self._consumed[widget, name] = Consumed(widget, name, version, value)
        self._note(f"{CONSUMED}:{self.cell}", widget, name, version)

    def disturbed(self, widget: Widget, name: str) -> None:
        """Code beside the cell set a trait; the cell may have read it before, after, or both. On any thread."""
        if widget.comm is not None:
            self._disturbed.update(f"{kind}:{widget.comm.comm_id}.{name}" for kind in (TRAIT, CHOICE))

    def complete(self, trace: Trace) -> None:
        """The execution is over: fill in its trace."""
        for built in self.making.built:
            for part in built.everything():
                part.is_open = part.widget.comm is not None
            if built.is_open:
                trace.reads[f"{OPEN}:{built.widget.model_id}"] = THERE
        registered = self._registrations.of(self.cell)
        for item in registered:
            bound = getattr(item.handler, "__self__", None)
            if isinstance(bound, link) and bound.target in self._assigned:
                self._assigned[bound.target] = replace(self._assigned[bound.target], link=bound)
        trace.renewed = frozenset(self.making.renewed)
        trace.reads.update(self._reads)
        trace.reads.update({name: DISTURBED for name in list(self._disturbed) if name in self._reads})
        trace.effects = Effects(
            self.cell,
            tuple(self.making.built),
            tuple(item for item in self._assigned.values() if item.widget.comm is not None),
            registered,
            tuple(self._consumed.values()),
            self._registrations.removed_by(self.cell),
        )

    def _note_choice(self, widget: Widget, name: str) -> None:
        self._note(CHOICE, widget, name, choice_version(self._ledger, self._versions, widget, name))

    def _note(self, kind: str, widget: Widget, name: str, version: Digest) -> None:
        model_id = widget.comm.comm_id
        self.widgets[model_id] = widget
        self._reads.setdefault(f"{kind}:{model_id}.{name}" if name else f"{kind}:{model_id}", version)


def choice_version(ledger: Ledger, versions: Versions, widget: Widget, name: str) -> Digest:
    """The version of what the user chose for a trait, whatever the widget made of it."""
    choices = ledger.choices.get(widget, {})
    if name not in choices:
        return UNTOUCHED
    if family(widget, name) != {name}:
        return versions.of_value(widget, "", (choices.get("value"), choices.get("label")))
    return versions.of_value(widget, "", choices[name])
