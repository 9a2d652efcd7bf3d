"""What the front end has, where the kernel differs: changes that were made silently, sent later if they still matter.

A slider that is being dragged must not be told a value that it was told before, and a label must not blink because
a walk takes its text back and gives it again. So silent changes are noted with the value that the front end has, and
`flush` sends the traits that really differ. This file does not know why something was changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from comm.base_comm import BaseComm
from ipywidgets import Widget

from nbapp._compat import ipywidgets as private
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.widgets.state.current import CurrentActivity
from nbapp.kernel.widgets.state.effects import Key
from nbapp.values.identity import ById, IdSet

_NEVER = object()
_PLAIN = (str, int, float, type(None))


class FrontendState:
    """Holds back what is sent of widgets. `same` compares two values of a trait."""

    def __init__(self, current: CurrentActivity, same: Callable[[Any, Any], bool]) -> None:
        self._current = current
        self._same = same
        self._behind: ById[Widget, dict[str, Any]] = ById()
        self._held: IdSet[Widget] = IdSet()
        self._together: IdSet[Widget] = IdSet()
        self._queued: ById[Widget, dict[str, Any]] = ById()
        self._overtold: IdSet[Key] = IdSet()  # queued, and a front end was told something else meanwhile
        self._original: Callable[..., None] = Widget.send_state

    def install(self, patches: Patching) -> None:
        """Take over `Widget.send_state`, and overhear what comms send."""

        def send_state(widget: Widget, key: str | Iterable[str] | None = None) -> None:
            """Send the widget's state, or a piece of it, unless it is held back."""
            self._send_state(widget, key)

        def send(comm: BaseComm, data: Any = None, *args: Any, **kwargs: Any) -> None:
            """Send a message to the front end."""
            method = data.get("method") if isinstance(data, dict) else None
            if method == "echo_update" and self._current.takes_echo(comm):
                return
            if method == "update_states":
                data = {**data, "states": self._with_queued(data["states"])}
            original(comm, data, *args, **kwargs)
            if method == "update":
                self._overheard(comm.comm_id, data.get("state") or ())
            elif method == "update_states":
                for model_id, model in data["states"].items():
                    self._overheard(model_id, model["state"])

        self._original = patches.put(Widget, "send_state", send_state)
        original = patches.put(BaseComm, "send", send)

    @contextmanager
    def hold(self, widget: Widget) -> Iterator[None]:
        """Send nothing of this widget inside."""
        held = widget in self._held
        self._held.add(widget)
        try:
            yield
        finally:
            if not held:
                self._held.discard(widget)

    def is_silent(self, widget: Widget) -> bool:
        """Whether nothing is sent of this widget now."""
        return self._current.muted > 0 or widget in self._held

    def note(self, widget: Widget, name: str, before: Any) -> None:
        """The trait was changed silently; the front end has the value from before."""
        if name in widget.keys:
            self._behind.setdefault(widget, {}).setdefault(name, before)

    def queued(self, widget: Widget, state: Mapping[str, Any]) -> None:
        """The front end sent new values of these traits, which will be applied later; on any thread."""
        self._queued.setdefault(widget, {}).update(state)
        self._overtold.difference_update((widget, name) for name in state)

    def overwritten(self, widget: Widget) -> list[str]:
        """The queued traits, now to be applied, of which the front end was told something else meanwhile."""
        names = [name for name in self._queued.pop(widget, {}) if (widget, name) in self._overtold]
        self._overtold.difference_update((widget, name) for name in names)
        return names

    def told(self, widget: Widget, names: Iterable[str]) -> None:
        """The front end itself says what it has."""
        for name in names:
            self._behind.get(widget, {}).pop(name, None)

    def constructed(self, widget: Widget) -> None:
        """What the front end does not know of this widget yet goes along with whatever is sent of it next."""
        self._together.add(widget)

    def flush(self, widget: Widget, but: Collection[Key] = ()) -> None:
        """Send what differs of one widget; `but` waits for a later flush."""
        self._together.discard(widget)
        names = self._differing(widget, but)
        if names and widget.comm is not None:
            self._original(widget, names)

    def flush_all(self) -> None:
        """Send what differs of every widget."""
        for widget in list(self._behind):
            self.flush(widget)

    def flush_constructed(self, but: Collection[Key]) -> None:
        """Send what differs of the widgets that were constructed again."""
        for widget in list(self._together):
            self.flush(widget, but)

    def resend(self, widget: Widget, names: Iterable[str]) -> None:
        """The front end shows values that the widget refused: send it those of the kernel."""
        names = [name for name in names if name in widget.keys]
        if names and widget.comm is not None:
            self._original(widget, names)

    def forget(self, widget: Widget) -> None:
        """The widget is closed."""
        self._behind.pop(widget, None)
        self.overwritten(widget)
        self._together.discard(widget)

    def _with_queued(self, states: dict[str, Any]) -> dict[str, Any]:
        """The states of all widgets for a page that is loading, as the other pages show them: queued values too.

        Until the page has made its models it misses what is sent. Values with buffers are sent again when applied.
        """
        states = dict(states)
        for widget, queued in list(self._queued.items()):
            if widget.model_id in states:
                model = states[widget.model_id]
                plain = {name: value for name, value in queued.items() if isinstance(value, _PLAIN)}
                states[widget.model_id] = {**model, "state": {**model["state"], **plain}}
        return states

    def _overheard(self, model_id: str, names: Collection[str]) -> None:
        """The front end was told values of these traits, whoever sent them, on any thread."""
        widget = private.instances.get(model_id)
        if widget is None:
            return
        queued = self._queued.get(widget, {})
        for name in names:
            self._behind.get(widget, {}).pop(name, None)
            if name in queued:
                self._overtold.add((widget, name))

    def _differing(self, widget: Widget, but: Collection[Key]) -> list[str]:
        behind = self._behind.pop(widget, {})
        waiting = {name: before for name, before in behind.items() if (widget, name) in but}
        if waiting:
            self._behind[widget] = waiting
        return [name for name, before in behind.items() if name not in waiting and self._differs(widget, name, before)]

    def _is_known(self, widget: Widget, name: str) -> bool:
        """Whether the front end has this value still, because it was never told another."""
        before = self._behind.get(widget, {}).pop(name, _NEVER)
        return before is not _NEVER and self._same(before, getattr(widget, name))

    def _differs(self, widget: Widget, name: str, before: Any) -> bool:
        if name not in widget.keys:
            return False
        now = getattr(widget, name)
        return not _is_closed(now) and not self._same(before, now)

    def _send_state(self, widget: Widget, key: str | Iterable[str] | None) -> None:
        if self.is_silent(widget):
            return
        if key is None:
            self._original(widget, None)
            return
        names = [key] if isinstance(key, str) else list(key)
        names = [name for name in names if not _front_end_sent(widget, name) and not self._is_known(widget, name)]
        if names and widget in self._together:
            self._together.discard(widget)
            names += self._differing(widget, ())
        if names:
            self._original(widget, names[0] if len(names) == 1 else names)


def _is_closed(value: Any) -> bool:
    """Whether a closed widget is in the value: no front end can be told about it."""
    if isinstance(value, (list, tuple)):
        return any(map(_is_closed, value))
    return isinstance(value, Widget) and value.comm is None


def _front_end_sent(widget: Widget, name: str) -> bool:
    """Whether the front end itself just sent this NaN, which is not equal to itself and would go back and forth."""
    lock = private.property_lock(widget)
    if not lock or name not in lock:
        return False
    to_json = private.to_json(widget, name)
    return _has_nan(lock[name]) and json_equal(to_json(getattr(widget, name), widget), lock[name])


def _has_nan(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_has_nan, value))
    return isinstance(value, float) and math.isnan(value)


def json_equal(one: Any, other: Any) -> bool:
    """Whether two values are the same to a front end: lists are tuples, NaN is NaN, 1 is 1.0, True is not 1."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(json_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(json_equal(one[name], other[name]) for name in one)
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    simple = isinstance(one, (str, int, float, type(None))) and isinstance(other, (str, int, float, type(None)))
    return bool(one == other) if simple else one is other
