"""The widgets of a notebook over its reruns: identity, reads and writes, callbacks, and the front end's updates.

This file wires the parts. A walk goes: `apply` what the front end sent; `begin_walk`; for each cell top-down either
`cell` around its execution or `restore` what an earlier execution left; `end_walk`. In between the widgets always are
what a clean run with the user's values would have made of them at that point.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet, WeakValueDictionary

from ipywidgets import Widget
from ipywidgets.widgets import widget as ipywidgets_widget

from nbapp.core.digest import Digest
from nbapp.core.notebook import CellId
from nbapp.core.run import Component
from nbapp.kernel.activity import Activity
from nbapp.kernel.callbacks import Callbacks
from nbapp.kernel.choices import is_choice
from nbapp.kernel.consumption import Consumption
from nbapp.kernel.effects import Built, Effects, Trace
from nbapp.kernel.ledger import Ledger
from nbapp.kernel.patches import Patches
from nbapp.kernel.places import Codes, Making
from nbapp.kernel.queue import Beside, Custom, Queue, rebind
from nbapp.kernel.recording import CALLED, CHOICE, CONSUMED, OPEN, THERE, UNCALLED, UNTOUCHED, Recording, choice_version
from nbapp.kernel.registrations import Registrations
from nbapp.kernel.reuse import Reuse
from nbapp.kernel.sends import Sends
from nbapp.kernel.shelves import Shelves
from nbapp.kernel.traits import Traits
from nbapp.kernel.updates import Updates, show_error
from nbapp.kernel.versions import GONE, Versions


class Widgets:
    """All widgets of a kernel. `digest` raises `Opaque`; `touch` is called on any thread when an update was queued."""

    def __init__(self, digest: Callable[[object], Digest], touch: Callable[[], None]) -> None:
        self._patches = Patches()
        self._activity = Activity()
        self._versions = Versions(digest)
        self._sends = Sends(self._activity, self._versions.same)
        self._ledger = Ledger(self._activity, self._sends, self._versions.same)
        self._registrations = Registrations(self._ledger, self._versions)
        self._callbacks = Callbacks(self._activity, self._ledger, self._versions, self._registrations)
        self._reuse = Reuse(self._activity, self._ledger, self._sends, self._registrations)
        self._traits = Traits(self._activity, self._ledger, self._sends, self._callbacks, self._versions)
        self._queue = Queue(touch, self._matters, self._sends, self._reuse.rebuilding)
        self._updates = Updates(self._activity, self._sends)
        self._consumption = Consumption(self._versions.same, self._registrations.is_told)
        self._codes = Codes()
        self._shelves = Shelves()
        self._in_place: dict[CellId, Effects] = {}
        self._by_id: WeakValueDictionary[str, Widget] = WeakValueDictionary()
        self._read: WeakSet[Widget] = WeakSet()
        self.owner = self._callbacks.owner = self._traits.owner
        self._callbacks.changed = self._traits.changed
        self._callbacks.fired = self._traits.fired
        self._callbacks.registered, self._callbacks.asked = self._traits.registered, self._traits.asked
        self._callbacks.show_error = show_error
        self._reuse.making = self._traits.making
        self._traits.delivered = self._consumption.delivered
        self._traits.beside = lambda widget, name: self._queue.beside(widget, name, matters=widget in self._read)
        self.waiting, self.drop, self.giver = self._queue.waiting, self._queue.drop, self._registrations.giver

    def install(self) -> None:
        """Put the hooks into ipywidgets and traitlets; widgets that exist are taken over."""
        widgets = open_widgets()
        self._sends.install(self._patches)
        self._callbacks.install(self._patches, widgets)
        self._reuse.install(self._patches)
        self._traits.install(self._patches)
        self._queue.install(self._patches, widgets)

    def uninstall(self) -> None:
        """Take the hooks out again; what is queued is applied first."""
        self.apply()
        self._sends.flush_all()
        self._patches.undo()
        rebind(open_widgets())

    # --- the walk

    def begin_walk(self) -> None:
        """Take back what cells assigned, silently: the traits are the user's and the constructors' again."""
        self._ledger.begin()
        self._registrations.take_back()

    def go_back(self, cell_id: CellId) -> None:
        """The walk returns to just above this cell; what cells from here on assigned is taken back."""
        self._ledger.go_back(cell_id)
        self._registrations.take_back(self._ledger.passed())

    @contextmanager
    def cell(self, cell_id: CellId) -> Iterator[Trace]:
        """Around one execution of a cell."""
        self._ledger.enter(cell_id)
        self._ledger.executes(cell_id)
        self._registrations.drop(cell_id)
        self._consumption.set(cell_id)
        making = Making(cell_id, self._shelves.of(cell_id), lambda: self._shelves.spares(cell_id), self._codes)
        recording = Recording(making, self._ledger, self._registrations, self._versions)
        trace = Trace({}, Effects(cell_id))
        try:
            with self._traits.record(recording):
                yield trace
        except BaseException:
            trace.failed = True
            raise
        finally:
            self._executed(recording, trace)

    def restore(self, effects: Effects | None, cell: CellId) -> None:
        """The cell is skipped: make its widgets as that execution left them, which may have been another cell's."""
        self._ledger.enter(cell)
        if not effects and not self._in_place.get(cell) and not self._shelves.of(cell):
            return
        effects = effects or Effects(cell)
        with self._activity.mute():
            if self._in_place.get(cell) is not effects:
                self._bring_back(cell, effects)
            self._registrations.remove_again(effects.removed, cell)
            if not self._consumption.is_delivered(effects.consumed):
                self._ledger.undelivered(cell)
            self._ledger.replay(cell, effects.assigned, self._traits.replay)

    def end_walk(self, alive: Collection[CellId]) -> None:
        """Close what no cell built any more, and send what differs from what the front end has.

        When a newer update is queued neither is done: the end of the walk that follows does it. When a cell failed
        nothing is closed, because cells below it still show what they built.
        """
        passed = self._ledger.passed()
        for cell in self._in_place.keys() - set(alive) - passed:
            self.forget(cell)
        self._ledger.walking = False
        if self._queue.pending:
            return
        if passed.issuperset(alive):
            for widget in self._shelves.gone():
                self._put_away(widget)
        self._sends.flush_all()
        self._ledger.taken_back.clear()

    def forget(self, cell_id: CellId) -> None:
        """The cell left the notebook, or is about to run again from scratch."""
        self._registrations.drop(cell_id)
        self._consumption.set(cell_id)
        self._ledger.forget(cell_id)
        self._in_place.pop(cell_id, None)
        self._shelves.forget(cell_id)

    def version(self, component: Component) -> Digest:
        """The version of a component now; a fixed one when its widget is closed or unknown."""
        kind, _, rest = component.partition(":")
        cell, _, rest = rest.rpartition(":")
        model_id, _, name = rest.partition(".")
        widget = self._by_id.get(model_id)
        if widget is None:
            return UNTOUCHED if kind == CHOICE else GONE
        if kind == CHOICE:
            return choice_version(self._ledger, self._versions, widget, name)
        if kind == OPEN:
            return THERE if self._shelves.is_there(widget) else GONE
        if widget.comm is None or (name and not widget.has_trait(name)):
            return GONE  # `add_traits` gave it one for a while
        if kind in (CALLED, UNCALLED):
            return self._registrations.version(widget)
        if kind == CONSUMED:
            consumed = self._consumption.version(CellId(cell), widget, name)
            return consumed or self._versions.of(widget, name)
        return self._versions.of(widget, name)

    def trait(self, component: Component) -> tuple[Widget, str] | None:
        """The widget and the trait that a component is about, while the widget is there."""
        model_id, _, name = component.rpartition(":")[2].partition(".")
        widget = self._by_id.get(model_id)
        return None if widget is None or not name else (widget, name)

    # --- the front end

    @property
    def updates(self) -> int:
        """How many updates that matter were queued so far."""
        return self._queue.updates

    def pending(self) -> bool:
        """Whether an update that matters is queued."""
        return self._queue.pending

    def waits(self) -> bool:
        """Whether any update is queued, even one that cannot concern the notebook."""
        return self._queue.waits()

    def apply(self) -> bool:
        """Apply what is queued, on the main thread and outside cells; whether any of it matters."""
        self._ledger.walking = False
        entries, matters = self._queue.take()
        for entry in entries:
            if isinstance(entry, Custom):
                self._updates.message(entry.widget, entry.content, entry.buffers)
            elif isinstance(entry, Beside):
                self._traits.written(entry.widget, entry.name, getattr(entry.widget, entry.name))
            else:
                for widget, state in entry.items():
                    self._updates.state(widget, state)
        return matters

    def set_value(self, widget: Widget, value: Any) -> None:
        """Give a widget a value as its user would.

        Raises:
            TraitError: the widget refuses it.
        """
        self._updates.set_value(widget, value)

    def reset(self) -> None:
        """Give all widgets back the values that the notebook gave them, as if their users had."""
        for widget, values in self._ledger.unchosen():
            self._updates.put_back(widget, values)
            self._ledger.choices.pop(widget, None)

    # --- callbacks

    def has_callbacks(self) -> bool:
        """Whether any callback of the user is registered."""
        return bool(self._registrations)

    def callbacks(self) -> list[Any]:
        """The user's callbacks that are registered: functions, bound methods, partials."""
        return self._registrations.live()

    # --- parts

    def _executed(self, recording: Recording, trace: Trace) -> None:
        recording.complete(trace)
        cell, making = recording.cell, recording.making
        self._ledger.failed = trace.failed
        kept = making.left_over() if trace.failed else ()
        self._shelves.put(cell, (*making.built, *kept))
        self._in_place[cell] = trace.effects
        self._by_id.update(recording.widgets)
        self._by_id.update({built.widget.model_id: built.widget for built in making.built if built.is_open})
        self._read.update(recording.widgets.values())
        self._consumption.set(cell, trace.effects.consumed)
        self._sends.flush_constructed(self._ledger.taken_back)

    def _bring_back(self, cell: CellId, effects: Effects) -> None:
        self._shelves.put(cell, effects.built)
        self._in_place[cell] = effects
        for built in effects.built:
            self._bring_back_built(cell, built)
        self._registrations.drop(cell)
        self._registrations.bring_back(effects.registered, cell)
        self._consumption.set(cell, effects.consumed)

    def _bring_back_built(self, cell: CellId, built: Built) -> None:
        for part in built.inside:
            self._bring_back_built(cell, part)
        widget = built.widget
        if widget.comm is None and not built.is_open:
            return
        is_closed = widget.comm is None
        if is_closed:
            widget._trait_values.update(built.values)
        for name, value in built.values.items():
            self._ledger.put(widget, name, value)
        vars(widget).update(built.attributes)
        if is_closed:
            vars(widget).pop("_repr_mimebundle_", None)
            widget.open()
        self._ledger.builder[widget] = cell
        self._ledger.defaults[widget] = built.values
        self._by_id[widget.comm.comm_id] = widget
        self._ledger.rechoose(widget)

    def _put_away(self, widget: Widget) -> None:
        self._ledger.closed(widget)
        self._registrations.closed(widget)
        self._sends.forget(widget)
        self._versions.forget(widget)
        self._consumption.closed(widget)
        if widget.comm is not None:  # one that the author closed cannot come back: who closed it would not do so again
            self._shelves.put_away(widget)
            widget.close()

    def _matters(self, widget: Widget, names: Collection[str]) -> bool:
        if widget in self._read or self._registrations.any_on(widget):
            return True
        return any(is_choice(widget, name) for name in names)


def open_widgets() -> list[Widget]:
    """Every widget of this process whose comm is open."""
    return [widget for widget in ipywidgets_widget._instances.values() if isinstance(widget, Widget)]
