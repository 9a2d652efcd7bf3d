"""Identity of widgets over reruns: a cell that builds a widget again gets the same object and comm back.

The constructor runs again *on the same object, around its open comm*: so changed arguments, subclasses with code of
their own, and sub-widgets (layout, style) all come out as in a clean run, and only what really differs is sent. Where
that is not possible a fresh widget takes over the user's choices. A widget that was put away meanwhile is the same
object and model again, and otherwise as good as new. This file does not know what made the cell run.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MethodType, WrapperDescriptorType
from typing import Any

from ipywidgets import Widget
from ipywidgets.widgets import utils
from traitlets import HasTraits

from nbapp._compat import ipywidgets as private
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.common.stand_in import called, is_passing, is_settled, settled, standin, theirs
from nbapp.kernel.widgets.callbacks.registry import CallbackRegistry
from nbapp.kernel.widgets.state.callers import is_library
from nbapp.kernel.widgets.state.current import CurrentActivity
from nbapp.kernel.widgets.state.effects import Built, is_dispatcher
from nbapp.kernel.widgets.state.frontend_state import FrontendState
from nbapp.kernel.widgets.state.under_way import UnderWay
from nbapp.kernel.widgets.state.undo_log import UNLOGGED, UndoLog
from nbapp.kernel.widgets.state.user_values import put_back
from nbapp.libraries.ipywidgets import MACHINERY, attributes, hung
from nbapp.values.authors import PACKAGE
from nbapp.values.identity import ById, IdSet

_NEVER = object()


class Rebuilding:
    """The widgets that are being constructed again: other threads must not see or send them half done."""

    def __init__(self) -> None:
        self._comms: ById[Widget, Any] = ById()
        self._asked: IdSet[Widget] = IdSet()
        self._lock = threading.RLock()

    @contextmanager
    def of(self, widget: Widget) -> Iterator[None]:
        """The widget is constructed again inside; a front end that asked for its state meanwhile gets it after."""
        with self._lock:
            self._comms[widget] = widget.comm
        try:
            yield
        finally:
            with self._lock:
                del self._comms[widget]
                asked = widget in self._asked
                self._asked.discard(widget)
            if asked:
                widget.send_state()

    def comm(self, widget: Widget) -> Any:
        """The widget's open comm, or None."""
        return self._comms.get(widget) or widget.comm

    def send_state(self, widget: Widget) -> None:
        """A front end asks for the widget's state."""
        with self._lock:
            if widget in self._comms:
                self._asked.add(widget)
            else:
                widget.send_state()


class Reconciler:
    """Builds widgets for cells. `replaced` is told a widget and the one that was built in its place."""

    def __init__(
        self,
        current: CurrentActivity,
        undo_log: UndoLog,
        frontend_state: FrontendState,
        registry: CallbackRegistry,
        under_way: UnderWay,
        replaced: Callable[[Widget, Widget], None],
    ) -> None:
        self._current = current
        self._undo_log = undo_log
        self._frontend_state = frontend_state
        self._registry = registry
        self._under_way = under_way
        self._replaced = replaced
        self.rebuilding = Rebuilding()

    def install(self, patches: Patching) -> None:
        """Take over the construction of widgets."""

        def construct(cls: type, *args: Any, **kwargs: Any) -> Any:
            return self.construct(cls, args, kwargs) if issubclass(cls, Widget) else original(cls, *args, **kwargs)

        def open_comm(widget: Widget) -> None:
            """Open a comm to the front end, or take up the one that is open."""
            built = next((built for built in self._current.building if built.widget is widget), None)
            if built is not None and built.comm is not None:
                _take_up(widget, built.comm)
            elif built is not None and built.model_id:
                private.set_model_id(widget, built.model_id)
            open_(widget)

        original = self._construct = called(type.__call__)
        patches.place(type(Widget), "__call__", _CallingAClass(standin(type.__call__, construct)))
        open_ = patches.put(Widget, "open", open_comm)
        patches.place(utils, private.EXTERNAL_STACKLEVEL, _without_our_frames(vars(utils)[private.EXTERNAL_STACKLEVEL]))

    def construct(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a widget class."""
        making = self._under_way.making()
        if making is None or kwargs.get("comm") is not None or kwargs.get("model_id") is not None:
            widget = self._construct(cls, *args, **kwargs)
            self._registry.index(widget)
            return widget
        around = self._current.building[-1] if self._current.building else None
        built, old = making.place(cls, kwargs, around, sys._getframe(1))
        try:
            widget = self._build(built, old, args, kwargs)
        except BaseException:
            making.failed(built, old, around)
            raise
        built.before = None
        if isinstance(widget, Widget):
            making.add(built, around)
            self._undo_log.builder[widget] = making.cell
            self._registry.index(widget)
        return widget

    # --- building

    def _build(self, built: Built, old: Built | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if old is not None and old.model_id:
            self._undo_log.closed(old.widget)  # nothing that the user chose before it was gone comes back
        if old is None or not _can_construct_again(built.cls, old):
            return self._fresh(built, old, args, kwargs)
        if old.widget.comm is None:
            return self._reopen(built, old, args, kwargs)
        return self._again(built, old, args, kwargs)

    def _fresh(self, built: Built, old: Built | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        cls: Any = built.cls
        built.before = old
        widget = built.widget = theirs(cls.__new__, cls, *args, **kwargs)
        return self._initialise(built, old, args, kwargs) if isinstance(widget, cls) else widget

    def _reopen(self, built: Built, old: Built, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Construct an object that was put away as if it were new, and open its model under the old id."""
        widget = built.widget = old.widget
        built.model_id = old.model_id
        self._take_off(widget)
        vars(widget).clear()
        widget.setup_instance(*args, **kwargs)
        return self._initialise(built, None, args, kwargs)

    def _initialise(self, built: Built, old: Built | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        widget = built.widget
        try:
            with self._current.construct(built):
                _initialise(widget, args, kwargs)
                self._remember(built)
                if old is not None:
                    self._replaced(old.widget, widget)
                put_back(widget, self._undo_log.choices.get(widget, {}))
        except BaseException as error:
            if is_passing(error):
                for part in built.everything():
                    part.widget.close()
            raise
        return widget

    def _again(self, built: Built, old: Built, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Construct an existing object again; it is as it was when that fails."""
        widget = built.widget = old.widget
        built.before, built.comm = old, widget.comm
        cls, kept, values = type(widget), dict(vars(widget)), private.trait_values(widget)
        hanging = self._take_off(widget)
        internal = {name: value for name, value in kept.items() if name not in hanging}
        try:
            with self.rebuilding.of(widget):
                with self._frontend_state.hold(widget), self._current.construct(built):
                    _start_over(widget, built.cls, args, kwargs)
                    _initialise(widget, args, kwargs)
                    self._settle(built, old, internal)
                self._tell(widget, values)
        except BaseException as error:
            if is_settled() and not is_passing(error):
                raise  # it was constructed, and only we failed
            widget.__class__ = cls
            vars(widget).clear()
            vars(widget).update(kept)
            if is_library(built.cls.__module__) or not isinstance(error, Exception):
                raise
            built.inside.clear()
            built.comm = None  # it stays the old object's, which closes it
            return self._fresh(built, old, args, kwargs)
        finally:
            built.comm = None
        return widget

    def _take_off(self, widget: Widget) -> Collection[str]:
        """What hangs on the widget is about to be taken off: tell the walk, as names that have the widget share it."""
        now, making = attributes(widget), self._under_way.making()
        all_of_it = hung(widget, now)
        if all_of_it is not None and making is not None:
            making.renewed.add(id(all_of_it))
        return now

    def _settle(self, built: Built, old: Built, internal: dict[str, Any]) -> None:
        """Give back what the constructor does not own."""
        widget = built.widget
        if widget.comm is None:
            _take_up(widget, built.comm)
        self._remember(built)
        for name, value in internal.items():
            if name not in MACHINERY and name not in old.attributes and not is_dispatcher(value):
                vars(widget).setdefault(name, value)
        choices = self._undo_log.choices.get(widget)
        if choices:
            put_back(widget, choices)
        self._registry.attach(widget)

    def _remember(self, built: Built) -> None:
        widget = built.widget
        built.values = {name: value for name, value in private.trait_values(widget).items() if name not in UNLOGGED}
        built.attributes = {
            name: value for name, value in vars(widget).items() if name not in MACHINERY and not is_dispatcher(value)
        }
        self._undo_log.defaults[widget] = built.values

    def _tell(self, widget: Widget, values: dict[str, Any]) -> None:
        for name in widget.keys:
            if name in values and values[name] is not private.trait_values(widget).get(name, _NEVER):
                self._frontend_state.note(widget, name, values[name])
            elif name not in values:
                self._frontend_state.note(widget, name, _NEVER)
        self._frontend_state.constructed(widget)


def _without_our_frames(original: Any) -> Any:
    """Where ipywidgets finds the author's code, to warn there: our frames are as its own."""

    @functools.wraps(original)
    def external_stacklevel(internal: Iterable[str]) -> int:
        level: int = original([*internal, str(Path(PACKAGE, "kernel"))])
        return level - 1  # this frame is not there when the warning is given

    return external_stacklevel


class _CallingAClass:
    """Stands for `__call__` of a class of classes; who looks for its signature finds that of the constructor."""

    def __init__(self, ours: Any) -> None:
        self._ours = ours
        self.__wrapped__ = type.__call__

    @property  # type: ignore[misc]  # typeshed has an attribute that one may set
    def __class__(self) -> type:
        """That of what it stands for: `inspect` of Python 3.13 looks at this object and asks it for no method."""
        return WrapperDescriptorType

    def __get__(self, cls: Any, kind: Any = None) -> Any:
        return type.__call__ if cls is None else MethodType(self._ours, cls)


def _initialise(widget: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """What calling a class does with the object."""
    theirs(widget.__init__, *args, **kwargs)
    settled(widget)


def _take_up(widget: Widget, comm: Any) -> None:
    """Do with an open comm what opening one does in a fresh widget."""
    widget.comm = comm
    for name in widget.keys:
        if name not in private.trait_values(widget):
            getattr(widget, name)  # a dynamic default: layout or style


def _start_over(widget: Widget, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Make an object what it is when its constructor begins; `_trait_values` is never missing for other threads."""
    names = set(vars(widget))
    widget.__class__ = cls
    widget.setup_instance(*args, **kwargs)
    for name in names - MACHINERY:
        vars(widget).pop(name, None)


def _can_construct_again(cls: type, old: Built) -> bool:
    """Whether a constructor of this class can run again on the object: only widgets made it, and it is not lost."""
    is_there = old.widget.comm is not None or old.model_id
    if old.cls is not cls or not is_there or cls.__new__ is not Widget.__new__:
        return False
    return not any("__init__" in vars(base) and not _is_of_widgets(base) for base in cls.__mro__)


def _is_of_widgets(base: type) -> bool:
    return issubclass(base, HasTraits) or issubclass(HasTraits, base) or base.__module__ in ("typing", "abc")
