"""Registers and runs user callbacks on widgets, each for the cell whose code registered it.

A cell that executes again drops its own registrations first, also those on other cells' widgets, and no others. In a
walk only the callbacks of cells that were passed run, as in a clean run. What a widget registers on itself while it
is constructed belongs to it. This file does not know what callbacks change.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ipywidgets import CallbackDispatcher, Widget
from traitlets import All, Bunch
from traitlets.traitlets import EventHandler, ObserveHandler

from nbapp._compat import ipywidgets as private
from nbapp.core.notebook import CellId
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.common.stand_in import faults, is_ours, settled, theirs
from nbapp.kernel.widgets.callbacks.registration import DISPATCH, own_of
from nbapp.kernel.widgets.callbacks.registry import CallbackRegistry
from nbapp.kernel.widgets.state.callers import is_library_frame
from nbapp.kernel.widgets.state.current import CurrentActivity
from nbapp.kernel.widgets.state.effects import Registration
from nbapp.kernel.widgets.state.trait_versions import TraitVersions
from nbapp.kernel.widgets.state.under_way import UnderWay
from nbapp.kernel.widgets.state.undo_log import UndoLog
from nbapp.kernel.widgets.state.user_values import is_choice
from nbapp.values.identity import ById


class Dispatch:
    """The hooks on registration and notification.

    `changed` is told each change of a trait, `show_error` shows the exception that is being handled.
    """

    def __init__(
        self,
        current: CurrentActivity,
        undo_log: UndoLog,
        versions: TraitVersions,
        registry: CallbackRegistry,
        under_way: UnderWay,
        changed: Callable[[Widget, Bunch], None],
        show_error: Callable[[], None],
    ) -> None:
        self._current = current
        self._undo_log = undo_log
        self._versions = versions
        self._registry = registry
        self._deferred: ById[Widget, dict[str, Bunch]] = ById()
        self._under_way = under_way
        self._changed = changed
        self._show_error = show_error

    def install(self, patches: Patching, widgets: Iterable[Widget]) -> None:
        """Take over registration and notification; adopt the callbacks of widgets that exist."""
        for widget in widgets:
            self._registry.adopt(widget)
        self._observe = patches.put(Widget, "observe", self.observe)
        self._unobserve = patches.put(Widget, "unobserve", self.unobserve)
        self._unobserve_all = patches.put(Widget, "unobserve_all", self.unobserve_all)
        self._notify = patches.put(Widget, private.NOTIFY_OBSERVERS, self.notify)
        self._on_msg = patches.put(Widget, "on_msg", self.on_msg)
        self._register = patches.put(CallbackDispatcher, "register_callback", self.register)
        self._dispatch = patches.put(CallbackDispatcher, "__call__", self.dispatch)

    # --- registering

    def observe(self, widget: Widget, handler: Any, names: Any = All, type: Any = "change") -> None:  # noqa: A002
        """Register a callback on traits."""
        self._observe(widget, handler, names, type)
        if not isinstance(handler, EventHandler) and not self._current.constructs(widget):
            for name in _names(names):
                self._add(Registration(self._under_way.owner(), widget, name, type, handler), sys._getframe(2))

    def unobserve(self, widget: Widget, handler: Any, names: Any = All, type: Any = "change") -> None:  # noqa: A002
        """Remove a callback from traits, whoever registered it; all of them when it is None."""
        gone = dict.fromkeys(_names(names), handler)

        def which(item: Registration) -> bool:
            return item.name in gone and item.type == type and (handler is None or item.handler == handler)

        with self._removing(widget, which):
            self._unobserve(widget, handler, names, type)

    def unobserve_all(self, widget: Widget, name: Any = All) -> None:
        """Remove all callbacks from a trait, or from all."""
        with self._removing(widget, lambda item: item.type != DISPATCH and (name is All or item.name == name)):
            self._unobserve_all(widget, name)

    def on_msg(self, widget: Widget, callback: Any, remove: bool = False) -> None:
        """Register a callback for custom messages, or remove it."""
        dispatcher = private.message_callbacks(widget)
        self._registry.index(widget)
        theirs(dispatcher.register_callback, callback, remove=remove)

    def register(self, dispatcher: CallbackDispatcher, callback: Any, remove: bool = False) -> None:
        """Register a callback for clicks or messages, or remove it."""
        asked_of = _caller(sys._getframe(1)).f_locals.get("self")
        if isinstance(asked_of, Widget) and not _holds(asked_of, dispatcher):
            self._registry.give_home(dispatcher, asked_of)
        widget, name = self._registry.home(dispatcher)
        if widget is None or any(_holds(built.widget, dispatcher) for built in self._current.building):
            self._register(dispatcher, callback, remove=remove)
        elif remove:
            with self._removing(widget, lambda item: item.name == name and item.handler == callback):
                self._register(dispatcher, callback, remove=True)
        else:
            self._register(dispatcher, callback)
            self._add(Registration(self._under_way.owner(), widget, name, DISPATCH, callback), sys._getframe(2))

    @contextmanager
    def _removing(self, widget: Widget, which: Callable[[Registration], bool]) -> Iterator[None]:
        """Around a removal."""
        by, before = self._under_way.asked(widget), own_of(widget)
        self._registry.remove(widget, which, by)
        yield
        self._registry.removed(widget, before, by)

    def _add(self, item: Registration, frame: FrameType) -> None:
        recording = self._under_way.here()
        if not self._registry.add(item) or recording is None:
            return
        recording.registered(frame, item.handler)
        if item.type != DISPATCH and is_library_frame(frame) and item.target.has_trait(item.name):
            recording.consumed(item.target, item.name)

    # --- running

    @contextmanager
    def defer(self, widget: Widget) -> Iterator[None]:
        """Inside, callbacks on the user's choices wait; on leaving, each is told the change that remained."""
        waiting = self._deferred[widget] = {}
        try:
            yield
        finally:
            del self._deferred[widget]
        for event in waiting.values():
            if not self._versions.same(event.old, event.new):
                self._call(widget, event, self._found(widget, event))

    def notify(self, widget: Widget, event: Any) -> None:
        """Tell everyone who observes a trait that it changed: first the library's own, then the user's."""
        event = event if isinstance(event, Bunch) else Bunch(event)
        if event.type == "change":
            self._changed(widget, event)
        if self._current.constructs(widget):
            self._notify(widget, event)
            return
        with self._current.derive():
            if not self._registry.any_on(widget):
                self._notify(widget, event)
                return
            own, found = self._own(widget, event), self._found(widget, event)
            settled(None)
            for handler in own:
                theirs(handler, event)
        if self._current.muted:
            return
        if widget in self._deferred and is_choice(widget, event.name):
            event.old = self._deferred[widget].get(event.name, event).old
            self._deferred[widget][event.name] = event
            return
        self._call(widget, event, found)

    def dispatch(self, dispatcher: CallbackDispatcher, *args: Any, **kwargs: Any) -> Any:
        """Run the callbacks of a click or a message; the last value that is not None."""
        widget, attribute = self._registry.home(dispatcher)
        if widget is not None:
            self._under_way.asked(widget)
        if widget is None or not self._registry.any_on(widget):
            return self._dispatch(dispatcher, *args, **kwargs)
        result = settled(None)
        for callback, owners in self._listed(dispatcher, widget, attribute):
            active = [owner for owner in owners if self._undo_log.is_active(owner)]
            if owners and not active:
                continue
            if not owners:
                value = self._shown(callback, *args, **kwargs)
            else:
                self._tell_fired(widget)
                with self._current.call(active[0], callback, observes=False):
                    value = self._shown(callback, *args, **kwargs)
            result = settled(result if value is None else value)
        return result

    def _listed(self, dispatcher: CallbackDispatcher, widget: Widget, attribute: Any) -> list[tuple[Any, list[Any]]]:
        """The callbacks in the order in which a clean run registers them: by the places of their cells."""
        found = [(each, self._registry.owners(widget, attribute, DISPATCH, each)) for each in dispatcher.callbacks]
        return sorted(found, key=lambda item: min(map(self._undo_log.place, item[1]), default=-1))

    def _tell_fired(self, widget: Widget) -> None:
        with faults.noted("Widget.observe"):
            self._under_way.fired(widget)

    def _own(self, widget: Widget, event: Bunch) -> list[Callable[[Bunch], Any]]:
        """What the library itself has registered for an event."""
        found: list[Callable[[Bunch], Any]] = []
        for name, kind, handler in _handlers(widget, event):
            if not self._registry.owners(widget, name, kind, handler):
                own = isinstance(handler, EventHandler) and handler.name is not None
                found.append(getattr(widget, handler.name) if own else handler)
        magic = f"_{event.name}_changed"
        if event.type == "change" and not isinstance(getattr(type(widget), magic, None), (ObserveHandler, type(None))):
            found.append(private.as_handler(getattr(widget, magic)))
        return found

    def _found(self, widget: Widget, event: Bunch) -> list[tuple[int, CellId | None, Callable[[Bunch], Any]]]:
        """The user's callbacks on an event, with the place of the cell that registered each."""
        found: list[tuple[int, CellId | None, Callable[[Bunch], Any]]] = []
        for name, kind, handler in _handlers(widget, event):
            owners = self._registry.owners(widget, name, kind, handler)
            active = [owner for owner in owners if self._undo_log.is_active(owner)]
            if active:
                found.append((self._undo_log.place(active[0]), active[0], handler))
        return sorted(found, key=lambda item: item[0])

    def _call(
        self, widget: Widget, event: Bunch, found: list[tuple[int, CellId | None, Callable[[Bunch], Any]]]
    ) -> None:
        if found:
            self._tell_fired(widget)
        for _, owner, handler in found:
            with self._current.call(owner, handler, observes=True):
                if self._current.applying:
                    self._shown(handler, event)
                else:
                    theirs(handler, event)

    def _shown(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return theirs(callback, *args, **kwargs)
        except Exception:  # noqa: BLE001 -- it is shown; one callback must not stop the others
            self._show_error()
            return None


def _caller(frame: FrameType) -> FrameType:
    """The innermost frame that is not ours."""
    while frame.f_back is not None and is_ours(frame):
        frame = frame.f_back
    return frame


def _names(names: Any) -> list[Any]:
    return [names] if names is All or isinstance(names, str) else list(names)


def _holds(widget: Widget, dispatcher: CallbackDispatcher) -> bool:
    return any(value is dispatcher for value in (*vars(widget).values(), *private.trait_values(widget).values()))


def _handlers(widget: Widget, event: Bunch) -> list[tuple[Any, Any, Any]]:
    """What observes an event, in the order in which traitlets calls it, with where it is listed."""
    return [
        (name, kind, handler)
        for name in (event.name, All)
        for kind in (event.type, All)
        for handler in private.notifiers(widget).get(name, {}).get(kind, ())
    ]
