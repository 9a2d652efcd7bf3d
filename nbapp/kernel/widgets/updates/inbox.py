"""What front ends sent to widgets and nobody has seen yet: newest values, and every click.

The comm handler runs on any thread. It queues, echoes (a front end waits for the echo of its own message, so it is
sent at once and with that message as parent) and says that something came. This file does not apply anything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ipykernel.comm.comm import BaseComm
from ipywidgets import Widget
from ipywidgets.widgets import widget as ipywidgets_widget

from nbapp._compat.ipykernel import SUBSHELL_OF_REPLY
from nbapp._compat.ipywidgets import HANDLE_MESSAGE, message_handler, put_buffers, remove_buffers
from nbapp.kernel.common.interruptible import on_main_thread
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.widgets.identity.reconciler import Rebuilding
from nbapp.kernel.widgets.state.effects import Key
from nbapp.kernel.widgets.state.frontend_state import FrontendState
from nbapp.kernel.widgets.state.undo_log import UNLOGGED
from nbapp.values.identity import ById, IdSet

States = ById[Widget, dict[str, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Custom:
    """A click or another message of a widget's own."""

    widget: Widget
    content: Any
    buffers: Any


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """A trait that code beside the cells, such as a thread, has set; nothing is known of it elsewhere yet."""

    widget: Widget
    name: str


@dataclass(slots=True)
class Inbox:
    """Updates in order: newest value per widget and trait, but none is moved across a click.

    `matters` tells whether an update of these traits can concern the notebook. `touch` is called after each.
    """

    touch: Callable[[], None]
    matters: Callable[[Widget, Collection[str]], bool]
    frontend_state: FrontendState
    rebuilding: Rebuilding
    updates: int = 0
    pending: bool = False
    _entries: list[States | Custom | Beside] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _original: Callable[..., None] = field(init=False)

    def install(self, patches: Patching, widgets: Collection[Widget]) -> None:
        """Take over the messages of all widgets, also of those that are open."""

        def _handle_msg(widget: Widget, msg: Any) -> None:
            self.handle(widget, msg)

        self._original = patches.put(Widget, HANDLE_MESSAGE, _handle_msg)
        rebind(widgets)
        if hasattr(BaseComm, SUBSHELL_OF_REPLY):
            _follow_the_front_end(patches)

    def handle(self, widget: Widget, msg: Mapping[str, Any]) -> None:
        """A message from a front end, on any thread."""
        content = msg["content"]["data"]
        method = content.get("method")
        if method == "update":
            state = content.get("state", {})
            put_buffers(state, content.get("buffer_paths", ()), msg.get("buffers") or ())
            self._echo(widget, state)
            self._add(ById([(widget, state)]), matters=self.matters(widget, state))
        elif method == "custom" and "content" in content:
            self._add(Custom(widget, content["content"], msg.get("buffers") or []), matters=True)
        elif method == "request_state":
            self.rebuilding.send_state(widget)
        else:
            self._original(widget, msg)

    def foreign(self) -> list[Widget]:
        """The widgets that something waits for and that are not of ipywidgets: they may have handlers of their own."""
        with self._lock:
            waiting = [(it.widget,) if isinstance(it, (Custom, Beside)) else it for it in self._entries]
        widgets = IdSet(widget for entry in waiting for widget in entry)
        return [widget for widget in widgets if not type(widget).__module__.startswith("ipywidgets.")]

    def waits(self) -> bool:
        """Whether anything is queued, even if it cannot concern the notebook."""
        return bool(self._entries)

    def take(self) -> tuple[list[States | Custom | Beside], bool]:
        """Everything that is queued, oldest first, and whether any of it matters: another thread may add some."""
        with self._lock:
            taken = self._entries, self.pending
            self._entries, self.pending = [], False
            return taken

    def beside(self, widget: Widget, name: str, *, matters: bool) -> bool:
        """Code beside the cells set a trait; False when that can be taken in at once: nobody reads it, no thread."""
        if not matters and on_main_thread():
            return False
        entry = Beside(widget, name)
        queued = [each for each in self._entries if isinstance(each, Beside)]
        if not any(each.widget is widget and each.name == name for each in queued):
            self._add(entry, matters=matters)
        return True

    def waiting(self) -> ById[Key, Any]:
        """What is queued, by widget and trait: the newest value as a front end writes it, None if no front end did."""
        found: ById[Key, Any] = ById()
        with self._lock:
            for entry in self._entries:
                if isinstance(entry, Beside):
                    found[entry.widget, entry.name] = None
                elif isinstance(entry, Custom):
                    found[entry.widget, ""] = entry.content
                else:
                    found.update(
                        ((widget, name), new) for widget, state in entry.items() for name, new in state.items()
                    )
        return found

    def drop(self, updates: Mapping[Key, Any]) -> None:
        """Ignore these values of a front end, by widget and trait; what came meanwhile stays."""
        with self._lock:
            for (widget, name), value in updates.items():
                for state in (entry.get(widget, {}) for entry in self._entries if isinstance(entry, ById)):
                    if name in state and state[name] is value:
                        del state[name]
                self.frontend_state.overwritten(widget)
            kept = [_full(entry) if isinstance(entry, ById) else entry for entry in self._entries]
            self._entries = [entry for entry in kept if entry]
            self.pending = self.pending and bool(self._entries)

    def _add(self, entry: States | Custom | Beside, *, matters: bool) -> None:
        with self._lock:
            last = self._entries[-1] if self._entries else None
            if isinstance(entry, ById):
                for widget, state in entry.items():
                    self.frontend_state.queued(widget, state)
            if isinstance(entry, ById) and isinstance(last, ById):
                for widget, state in entry.items():
                    last[widget] = {**last.pop(widget, {}), **state}
            else:
                self._entries.append(entry)
            if matters:
                self.pending = True
                self.updates += 1
        if matters or not isinstance(entry, Beside):
            self.touch()

    def _echo(self, widget: Widget, state: Mapping[str, Any]) -> None:
        comm = self.rebuilding.comm(widget)
        if not ipywidgets_widget.JUPYTER_WIDGETS_ECHO or comm is None:
            return
        names = [name for name in state if name in widget.keys and widget.trait_metadata(name, "echo_update", True)]
        if names:
            echoed, paths, buffers = remove_buffers({name: state[name] for name in names})
            comm.send(data={"method": "echo_update", "state": echoed, "buffer_paths": paths}, buffers=buffers)


def handlers_inside(widget: Widget) -> tuple[object, ...]:
    """What a widget has that may call the author's code, or be it."""
    return (type(widget), *(value for name, value in vars(widget).items() if name not in UNLOGGED))


def _full(states: States) -> States:
    return ById((widget, state) for widget, state in states.items() if state)


def _follow_the_front_end(patches: Patching) -> None:
    """Let messages of widgets come on the thread that the front end names, while a cell blocks the main thread.

    ipykernel 7.4 would send them to the thread that published last on the comm: where a cell set the widget.
    """

    def reply_subshell_for(comm: BaseComm, data: Any, default: str | None) -> str | None:
        return default if comm.target_name == "jupyter.widget" else original(comm, data, default)

    original = patches.put(BaseComm, SUBSHELL_OF_REPLY, reply_subshell_for)


def rebind(widgets: Collection[Widget]) -> None:
    """Give open comms the handler that the class of their widgets has now."""
    for widget in widgets:
        if widget.comm is not None:
            widget.comm.on_msg(message_handler(widget))
