"""Which callbacks are registered on which widgets, and by which cell. This file does not call them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary, ref

from ipywidgets import CallbackDispatcher, Widget, interactive
from traitlets import All

from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.callbacks.registration import (
    DISPATCH,
    as_written,
    attach,
    detach,
    dispatchers,
    handlers_of,
    is_again,
    is_own,
    is_same,
    listed,
    own_of,
)
from nbapp.kernel.widgets.state.effects import Registration
from nbapp.kernel.widgets.state.trait_versions import TraitVersions
from nbapp.kernel.widgets.state.undo_log import UndoLog
from nbapp.values.digest import Digest, Opaque
from nbapp.values.identity import ById

NO_CALLBACKS = Digest("no callbacks")


class CallbackRegistry:
    """All registrations on live widgets; in a walk those of cells that were not passed yet are not active."""

    def __init__(self, undo_log: UndoLog, versions: TraitVersions) -> None:
        self._undo_log = undo_log
        self._versions = versions
        self._on: ById[Widget, list[Registration]] = ById()
        self._homes: WeakKeyDictionary[CallbackDispatcher, tuple[ref[Widget], Any]] = WeakKeyDictionary()
        self._serial = itertools.count(1)
        self._removed: dict[CellId, list[Registration]] = {}  # by cells that did not register them

    def add(self, item: Registration) -> bool:
        """Note a registration; whether it is new."""
        items = self._on.setdefault(item.target, [])
        if any(is_same(item, other) and item.owner == other.owner for other in items):
            return False
        items.append(item)
        return True

    def discard(self, widget: Widget, which: Callable[[Registration], bool]) -> None:
        """CallbackRegistry were removed by the code that runs, whoever made them."""
        left = [item for item in self._on.get(widget, ()) if not which(item)]
        if left:
            self._on[widget] = left
        else:
            self._on.pop(widget, None)

    def remove(self, widget: Widget, which: Callable[[Registration], bool], by: CellId | None) -> None:
        """CallbackRegistry are about to be removed; when a cell does it, those of others are back in the next walk."""
        gone = [item for item in self._on.get(widget, ()) if which(item) and self._undo_log.is_active(item.owner)]
        self.discard(widget, gone.__contains__)
        others = [item for item in gone if item.owner != by]
        if by is not None and others:
            self._removed.setdefault(by, []).extend(others)

    def removed(self, widget: Widget, before: Iterable[Registration], by: CellId | None) -> None:
        """They were, and maybe some that the widget had on itself `before`; but not those of cells further down."""
        for item in self._on.get(widget, ()):
            if not self._undo_log.is_active(item.owner):
                attach(item)
        left = own_of(widget)
        lost = [item for item in before if not any(is_same(item, other) for other in left)]
        if by is not None and lost:
            self._removed.setdefault(by, []).extend(lost)

    def removed_by(self, cell: CellId) -> tuple[Registration, ...]:
        """What the code of a cell removed of others' registrations."""
        return tuple(self._removed.get(cell, ()))

    def remove_again(self, items: Iterable[Registration], by: CellId) -> None:
        """A cell is skipped that removed these, or others with the same code."""
        for item in items:
            like = (other for other in self._on.get(item.target, ()) if self._is_like(item, other))
            found = item if is_own(item) else next(like, None)
            if found is not None:
                detach(found)
                self.discard(item.target, [found].__contains__)
                self._removed.setdefault(by, []).append(found)

    def take_back(self, passed: Collection[CellId] = ()) -> None:
        """Register again what cells removed that the walk has not come to."""
        for cell in self._removed.keys() - set(passed):
            for item in self._removed.pop(cell):
                if item.target.comm is not None:
                    attach(item)
                    if not is_own(item):
                        self.add(item)

    def _forget_removed(self, which: Callable[[Registration], bool]) -> None:
        for cell, items in self._removed.items():
            self._removed[cell] = [item for item in items if not which(item)]

    def is_told(self, owner: CellId, widget: Widget, name: str) -> bool:
        """Whether the callbacks of a cell on a trait are called now: it is active, and no other cell removed one."""
        gone = (item for items in self._removed.values() for item in items if item.owner == owner)
        is_removed = any(item.target is widget and item.name in (name, All) for item in gone)
        return self._undo_log.is_active(owner) and not is_removed

    def drop(self, owner: CellId) -> None:
        """Remove what code of a cell registered, unless another cell registered the same."""
        self._forget_removed(lambda item: item.owner == owner)
        for widget, items in list(self._on.items()):
            mine = [item for item in items if item.owner == owner]
            self.discard(widget, mine.__contains__)
            for item in mine:
                if not self.owners(widget, item.name, item.type, item.handler):
                    detach(item)

    def go_on(self, items: Iterable[Registration], owner: CellId) -> None:
        """These, which the cell registered before, take the place of those like them that it registered now."""
        going = list(items)
        for item in going:
            new = (other for other in self._on.get(item.target, ()) if other.owner == owner and other not in going)
            like = next((other for other in new if is_again(other, item)), None)
            if like is not None:
                items = self._on[item.target]
                items[items.index(like)] = item
                handlers = handlers_of(like)
                handlers[handlers.index(like.handler)] = item.handler

    def is_of(self, widget: Widget, echoes: Collection[CellId]) -> bool:
        """Whether one of these cells registered something on the widget."""
        return any(item.owner in echoes for item in self._on.get(widget, ()))

    def bring_back(self, items: Iterable[Registration], owner: CellId) -> None:
        """Register again what was dropped, for this cell."""
        for item in items:
            if item.target.comm is not None:
                attach(item)
                self.add(item if item.owner == owner else replace(item, owner=owner))

    def attach(self, widget: Widget) -> None:
        """The widget was constructed again, so that its own lists are new: put the callbacks of other cells back."""
        self.index(widget)
        for item in self._on.get(widget, ()):
            attach(item)

    def adopt(self, widget: Widget) -> None:
        """The widget was there before: its callbacks belong to no cell."""
        self.index(widget)
        for item in listed(widget):
            if not is_own(item):
                self.add(item)
        for name, dispatcher in dispatchers(widget):
            for handler in dispatcher.callbacks:
                if getattr(handler, "__self__", None) is not widget:
                    self.add(Registration(None, widget, name, DISPATCH, handler))

    def closed(self, widget: Widget) -> None:
        """The widget is gone; should it come back, it comes without callbacks."""
        for item in self._on.pop(widget, ()):
            detach(item)
        self._forget_removed(lambda item: item.target is widget)

    # --- dispatchers

    def index(self, widget: Widget) -> None:
        """Note whose the dispatchers of a widget are."""
        for name, dispatcher in dispatchers(widget):
            self._homes[dispatcher] = ref(widget), name

    def give_home(self, dispatcher: CallbackDispatcher, widget: Widget) -> None:
        """Note whose a dispatcher is that lies in a dict of a widget: its handlers by event."""
        for name, value in vars(widget).items():
            for key in [key for key, held in value.items() if held is dispatcher] if type(value) is dict else ():
                self._homes[dispatcher] = ref(widget), (name, key)

    def home(self, dispatcher: CallbackDispatcher) -> tuple[Widget | None, Any]:
        """The widget that a dispatcher belongs to, and the attribute that holds it, with the key if that is a dict."""
        found = self._homes.get(dispatcher)
        return (None, "") if found is None else (found[0](), found[1])

    # --- questions

    def owners(self, widget: Widget, name: Any, kind: Any, handler: Any) -> list[CellId | None]:
        """The cells that registered this callback."""
        wanted = Registration(None, widget, name, kind, handler)
        return [item.owner for item in self._on.get(widget, ()) if is_same(item, wanted)]

    def __bool__(self) -> bool:
        """Whether anything is registered."""
        return bool(self._on)

    def any_on(self, widget: Widget) -> bool:
        """Whether anything is registered on a widget."""
        return widget in self._on

    def giver(self, widget: Widget, name: str) -> CellId | None:
        """The cell whose code, or whose callback, gives a trait its values; else the one that built the widget."""
        callback = next((item.owner for item in reversed(self._on.get(widget, ())) if item.owner), None)
        return self._undo_log.writer(widget, name) or callback or self._undo_log.builder.get(widget)

    def active(self, widget: Widget, name: str) -> bool:
        """Whether a callback would run now when the trait changes."""
        items = self._on.get(widget, ())
        return any(item.name in (name, All) and self._undo_log.is_active(item.owner) for item in items)

    def of(self, owner: CellId) -> tuple[Registration, ...]:
        """What code of a cell registered."""
        return tuple(item for items in self._on.values() for item in items if item.owner == owner)

    def live(self) -> list[Any]:
        """The callbacks as the user wrote them."""
        return [part for items in self._on.values() for item in items for part in as_written(item.handler)]

    def version(self, widget: Widget, without: CellId | None = None) -> Digest:
        """The version of the active callbacks on a widget; `without` those of one cell."""
        items = [
            item
            for item in self._on.get(widget, ())
            if self._undo_log.is_active(item.owner) and (without is None or item.owner != without)
        ]
        items.sort(key=lambda item: self._undo_log.place(item.owner))
        parts = [(str(item.name), str(item.type), self._code(item)) for item in items]
        if isinstance(widget, interactive):
            parts.append(("update", "", self._function(widget)))  # which the author may call
        return self._versions.of_parts(*parts) if parts else NO_CALLBACKS

    def _function(self, widget: interactive) -> Digest:
        try:
            return self._versions.of_parts(widget.f)
        except Opaque:
            return Digest(f"function {id(widget.f)}")

    def _is_like(self, one: Registration, other: Registration) -> bool:
        """Whether they are of the same cell, which the walk has passed, and have the same code."""
        if not self._undo_log.is_active(other.owner) or (one.owner, one.name, one.type) != (
            other.owner,
            other.name,
            other.type,
        ):
            return False
        return one.handler is other.handler or self._code(one) == self._code(other)

    def _code(self, item: Registration) -> Digest:
        if item.version is None:
            try:
                item.version = self._versions.of_parts(*as_written(item.handler))
            except Opaque:
                item.version = Digest(f"registration {next(self._serial)}")
        return item.version
