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
from traitlets.traitlets import EventHandler, ObserveHandler, _callback_wrapper

from nbapp.core.notebook import CellId
from nbapp.kernel.activity import Activity
from nbapp.kernel.choices import is_choice
from nbapp.kernel.effects import Registration
from nbapp.kernel.ledger import Ledger
from nbapp.kernel.patches import Patches
from nbapp.kernel.registrations import DISPATCH, Registrations, own_of
from nbapp.kernel.versions import Versions


class Callbacks:
    """The hooks on registration and notification.

    `owner` tells which cell's code is running, `changed` is told each change of a trait, `fired` that callbacks of
    a widget run, `registered` each registration with the frame that made it, `asked` that it matters which callbacks a
    widget has, `show_error` shows the exception that is being handled.
    """

    def __init__(self, activity: Activity, ledger: Ledger, versions: Versions, registrations: Registrations) -> None:
        self._activity = activity
        self._ledger = ledger
        self._versions = versions
        self._registrations = registrations
        self._deferred: dict[Widget, dict[str, Bunch]] = {}
        self.owner: Callable[[], CellId | None]
        self.changed: Callable[[Widget, Bunch], None]
        self.fired: Callable[[Widget], None]
        self.registered: Callable[[Registration, FrameType], None]
        self.asked: Callable[[Widget], CellId | None]
        self.show_error: Callable[[], None]

    def install(self, patches: Patches, widgets: Iterable[Widget]) -> None:
        """Take over registration and notification; adopt the callbacks of widgets that exist."""
        for widget in widgets:
            self._registrations.adopt(widget)
        self._observe = patches.put(Widget, "observe", _method(self.observe))
        self._unobserve = patches.put(Widget, "unobserve", _method(self.unobserve))
        self._unobserve_all = patches.put(Widget, "unobserve_all", _method(self.unobserve_all))
        self._notify = patches.put(Widget, "_notify_observers", _method(self.notify))
        self._on_msg = patches.put(Widget, "on_msg", _method(self.on_msg))
        self._register = patches.put(CallbackDispatcher, "register_callback", _method(self.register))
        self._dispatch = patches.put(CallbackDispatcher, "__call__", _method(self.dispatch))

    # --- registering

    def observe(self, widget: Widget, handler: Any, names: Any = All, type: Any = "change") -> None:  # noqa: A002
        """Register a callback on traits."""
        self._observe(widget, handler, names, type)
        if not isinstance(handler, EventHandler) and not self._activity.constructs(widget):
            for name in _names(names):
                self._add(Registration(self.owner(), widget, name, type, handler), sys._getframe(2))

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
        dispatcher = widget._msg_callbacks
        self._registrations.index(widget)
        dispatcher.register_callback(callback, remove=remove)

    def register(self, dispatcher: CallbackDispatcher, callback: Any, remove: bool = False) -> None:
        """Register a callback for clicks or messages, or remove it."""
        widget, name = self._registrations.home(dispatcher)
        if widget is None or any(_holds(built.widget, dispatcher) for built in self._activity.building):
            self._register(dispatcher, callback, remove=remove)
        elif remove:
            with self._removing(widget, lambda item: item.name == name and item.handler == callback):
                self._register(dispatcher, callback, remove=True)
        else:
            self._register(dispatcher, callback)
            self._add(Registration(self.owner(), widget, name, DISPATCH, callback), sys._getframe(2))

    @contextmanager
    def _removing(self, widget: Widget, which: Callable[[Registration], bool]) -> Iterator[None]:
        """Around a removal."""
        by, before = self.asked(widget), own_of(widget)
        self._registrations.remove(widget, which, by)
        yield
        self._registrations.removed(widget, before, by)

    def _add(self, item: Registration, frame: FrameType) -> None:
        if self._registrations.add(item):
            self.registered(item, frame)

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
                self._call(widget, event)

    def notify(self, widget: Widget, event: Any) -> None:
        """Tell everyone who observes a trait that it changed: first the library's own, then the user's."""
        event = event if isinstance(event, Bunch) else Bunch(event)
        if event.type == "change":
            self.changed(widget, event)
        if self._activity.constructs(widget):
            self._notify(widget, event)
            return
        with self._activity.derive():
            if not self._registrations.any_on(widget):
                self._notify(widget, event)
                return
            self._call_own(widget, event)
        if self._activity.muted:
            return
        if widget in self._deferred and is_choice(widget, event.name):
            event.old = self._deferred[widget].get(event.name, event).old
            self._deferred[widget][event.name] = event
            return
        self._call(widget, event)

    def dispatch(self, dispatcher: CallbackDispatcher, *args: Any, **kwargs: Any) -> Any:
        """Run the callbacks of a click or a message; the last value that is not None."""
        widget, attribute = self._registrations.home(dispatcher)
        if widget is not None:
            self.asked(widget)
        if widget is None or not self._registrations.any_on(widget):
            return self._dispatch(dispatcher, *args, **kwargs)
        result = None
        for callback in list(dispatcher.callbacks):
            owners = self._registrations.owners(widget, attribute, DISPATCH, callback)
            active = [owner for owner in owners if self._ledger.is_active(owner)]
            if owners and not active:
                continue
            if not owners:
                value = self._shown(callback, *args, **kwargs)
            else:
                self.fired(widget)
                with self._activity.call(active[0], callback):
                    value = self._shown(callback, *args, **kwargs)
            result = result if value is None else value
        return result

    def _call_own(self, widget: Widget, event: Bunch) -> None:
        for name, kind, handler in _handlers(widget, event):
            if not self._registrations.owners(widget, name, kind, handler):
                own = isinstance(handler, EventHandler) and handler.name is not None
                (getattr(widget, handler.name) if own else handler)(event)
        magic = f"_{event.name}_changed"
        if event.type == "change" and not isinstance(getattr(type(widget), magic, None), (ObserveHandler, type(None))):
            _callback_wrapper(getattr(widget, magic))(event)

    def _call(self, widget: Widget, event: Bunch) -> None:
        found = []
        for name, kind, handler in _handlers(widget, event):
            owners = self._registrations.owners(widget, name, kind, handler)
            active = [owner for owner in owners if self._ledger.is_active(owner)]
            if active:
                found.append((self._ledger.place(active[0]), active[0], handler))
        if found:
            self.fired(widget)
        for _, owner, handler in sorted(found, key=lambda item: item[0]):
            with self._activity.call(owner, handler):
                if self._activity.applying:
                    self._shown(handler, event)
                else:
                    handler(event)

    def _shown(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return callback(*args, **kwargs)
        except Exception:  # noqa: BLE001 -- it is shown; one callback must not stop the others
            self.show_error()
            return None


def _method(function: Callable[..., Any]) -> Any:
    """A method of ours as a plain function, which a class binds to its own instances."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__ = method.__qualname__ = getattr(function, "__name__", "method")
    method.__doc__ = function.__doc__
    return method


def _names(names: Any) -> list[Any]:
    return [names] if names is All or isinstance(names, str) else list(names)


def _holds(widget: Widget, dispatcher: CallbackDispatcher) -> bool:
    return any(value is dispatcher for value in (*vars(widget).values(), *widget._trait_values.values()))


def _handlers(widget: Widget, event: Bunch) -> list[tuple[Any, Any, Any]]:
    """What observes an event, in the order in which traitlets calls it, with where it is listed."""
    return [
        (name, kind, handler)
        for name in (event.name, All)
        for kind in (event.type, All)
        for handler in widget._trait_notifiers.get(name, {}).get(kind, ())
    ]
