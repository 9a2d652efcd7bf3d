"""Who gave widget traits their values: the user, cells, callbacks; and how a walk takes back what cells gave.

A walk begins with the traits as the user and the constructors left them. Each cell that executes or is skipped adds
its assignments; every change is logged with the value before, so that the log can be undone from any cell on. What a
callback wrote stays with the cell that last wrote the trait (`overlay`) until that cell executes again. This file
does not know how changes are noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ipywidgets import Widget
from traitlets import TraitError, Undefined

from nbapp._compat.ipywidgets import OF_MESSAGES, trait_values
from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.state.current import CurrentActivity
from nbapp.kernel.widgets.state.effects import Assigned, Key, is_dispatcher
from nbapp.kernel.widgets.state.entries import Entry, Written
from nbapp.kernel.widgets.state.frontend_state import FrontendState
from nbapp.kernel.widgets.state.triggers import Triggers
from nbapp.kernel.widgets.state.user_values import NEVER_CHOSEN, family, is_answer, is_choice, put_back
from nbapp.kernel.widgets.state.written_beside import WrittenBeside
from nbapp.libraries.ipywidgets import MACHINERY
from nbapp.values.identity import ById, IdSet, WeakById

UNLOGGED = frozenset({"comm", "keys", "log", "msg_id"}) | OF_MESSAGES
_NEVER = object()
Assign = Callable[[Widget, str, Any], None]
_Writes = Sequence[tuple[Key, Written]]  # of callbacks


class UndoLog:
    """The user's choices, the log of this walk, and what callbacks wrote."""

    def __init__(
        self, current: CurrentActivity, frontend_state: FrontendState, same: Callable[[Any, Any], bool]
    ) -> None:
        self._current = current
        self._frontend_state = frontend_state
        self._same = same
        self.choices: WeakById[Widget, dict[str, Any]] = WeakById()
        self.builder: WeakById[Widget, CellId] = WeakById()
        self.defaults: WeakById[Widget, Mapping[str, Any]] = WeakById()
        self._walking = False
        self.failed: CellId | None = None  # the first that did, in this walk
        self.replaying: CellId | None = None
        self.taken_back: IdSet[Key] = IdSet()
        self._order: list[CellId] = []
        self._marks: dict[CellId, int] = {}
        self._places: dict[CellId, int] = {}
        self._log: list[Entry] = []
        self._open: ById[Widget, Entry] = ById()
        self._first: ById[Key, Entry] = ById()
        self._overlays: dict[CellId, ById[Key, Written]] = {}
        self.triggers = Triggers()
        self._beside = WrittenBeside(self._overlays, self.put)
        self.user_edits: IdSet[Key] = IdSet()  # since the last walk that came to its end
        self._written_last: IdSet[Widget] = IdSet()
        self.called: IdSet[Key] = IdSet()  # traits that callbacks changed last

    # --- the order of the walk

    def begin(self) -> None:
        """A walk begins: nothing that cells assigned holds any more; choices do as far as the constructor lets them."""
        for widget, name in self.triggers.let_go():
            self.choices.get(widget, {}).pop(name, None)
            self.put(widget, name, self.defaults.get(widget, {}).get(name, Undefined))
        with self._current.mute(), self._current.derive():
            for widget in self._undo(0, skips=True):
                if widget.comm is not None:
                    self.rechoose(widget)
        self._order.clear()
        self._marks.clear()
        self._walking = True
        self.failed = None

    def end(self) -> None:
        """The walk is over: callbacks of all cells are there, unless one failed."""
        self._walking = False

    def enter(self, cell: CellId) -> None:
        """The walk comes to this cell; when it was here before, everything from here on is undone."""
        self.go_back(cell)
        self._places[cell] = len(self._order)
        self._order.append(cell)
        self._marks[cell] = len(self._log)
        if self._open:
            self._open = ById()

    def pass_by(self, cells: Collection[CellId]) -> None:
        """The walk comes to these cells, one after the other, and leaves each without doing anything."""
        first = len(self._order)
        for cell in self._marks.keys() & set(cells):
            self.go_back(cell)
        self._places.update(zip(cells, range(first, first + len(cells)), strict=True))
        self._order.extend(cells)
        self._marks.update(dict.fromkeys(cells, len(self._log)))
        self._open = ById()

    def go_back(self, cell: CellId) -> None:
        """The walk returns to just above this cell."""
        if cell not in self._marks:
            return
        self._undo(self._marks[cell])
        position = self._order.index(cell)
        for later in self._order[position:]:
            del self._marks[later]
        del self._order[position:]
        self._walking = True
        if self.failed not in self._marks:
            self.failed = None

    def did(self, cell: CellId, *, failed: bool) -> None:
        """The cell was brought up to date; below one that failed those are not there that the walk does not come to."""
        if failed and self.failed is None:
            self.failed = cell

    def executes(self) -> None:
        """A cell is about to execute, or the walk is over: what cells further down showed is really gone by now."""
        self._beside.take_back()

    def passed(self) -> frozenset[CellId]:
        """The cells that the walk came to."""
        return frozenset(self._marks)

    def is_active(self, owner: CellId | None) -> bool:
        """Whether a callback of this cell is registered in a clean run that has come this far, or stopped here."""
        return owner is None or not (self._walking or self.failed is not None) or owner in self._marks

    def place(self, owner: CellId | None) -> int:
        """The position of a cell in the notebook, as far as walks told."""
        return -1 if owner is None else self._places.get(owner, len(self._places))

    # --- cells

    def before(self, cell: CellId, widget: Widget, name: str, value: Any) -> None:
        """A cell changes a trait that has this value."""
        entry = self._entry(cell, widget)
        if name not in entry.before:
            entry.before[name] = self._beside.clean((widget, name), value)
            self._first.setdefault((widget, name), entry)

    def value(self, widget: Widget, name: str) -> Any:
        """What the trait is in a clean run that has come this far."""
        return self._beside.clean((widget, name), getattr(widget, name))

    def gives(self, cell: CellId, widget: Widget, name: str) -> None:
        """A cell is about to assign a trait."""
        self.before(cell, widget, name, getattr(widget, name))
        self._entry(cell, widget).given.update(family(widget, name))

    def standing(self, widget: Widget) -> dict[str, Any]:
        """The user's choices on a widget that no cell of this walk has assigned over."""
        given = {name for entry in self._log if entry.widget is widget for name in entry.given}
        return {name: value for name, value in self.choices.get(widget, {}).items() if name not in given}

    def _entry(self, cell: CellId, widget: Widget) -> Entry:
        entry = self._open.get(widget)
        if entry is None:
            attributes = {name: value for name, value in vars(widget).items() if _is_private(name, value)}
            entry = self._open[widget] = Entry(cell, widget, attributes)
            self._log.append(entry)
        return entry

    def value_before(self, widget: Widget, name: str) -> Any:
        """The trait's value when the cell under way began."""
        entry = self._open.get(widget)
        value = entry.before.get(name, _NEVER) if entry is not None else _NEVER
        return getattr(widget, name) if value is _NEVER else value

    def replay(self, cell: CellId, assigned: tuple[Assigned, ...], assign: Assign, *, anew: bool) -> None:
        """Do silently what a skipped cell did, then what callbacks wrote over it. `assign` raises TraitError.

        Unless the cell was made `anew`, what nobody took back is there: a thread may be writing it.
        """
        if anew:
            self._beside.leave(cell)
        overlay = self._overlays.get(cell)
        self._do_again(cell, assigned, list(overlay.items()) if overlay else (), assign, anew=anew)

    def _do_again(
        self, cell: CellId, assigned: tuple[Assigned, ...], overlay: _Writes, assign: Assign, *, anew: bool
    ) -> None:
        if not assigned and not overlay:
            return
        self.replaying = cell
        try:
            for item in assigned:
                if item.widget.comm is not None:
                    self._replay(cell, item, assign)
            for (widget, name), written in overlay:
                if self._beside.is_kept((widget, name)):
                    self.before(cell, widget, name, written.value)
                    continue
                lost = anew or (widget, name) in self._first or (widget, name) in self.taken_back
                if lost and widget.comm is not None and not self._same(getattr(widget, name), written.value):
                    with suppress(TraitError):  # no longer legal: what the cell gives stays
                        assign(widget, name, written.value)
        finally:
            self.replaying = None
            self._beside.arrive(cell)

    def stay(self, left: Mapping[CellId, tuple[Assigned, ...]], assign: Assign) -> None:
        """Do again what cells that the walk did not come to did to widgets of such cells: these are shown still."""
        self._open = ById()
        for cell, assigned in sorted(left.items(), key=lambda each: self.place(each[0])):
            own = tuple(item for item in assigned if self.builder.get(item.widget) in left)
            written = [item for item in self.overlay(cell).items() if self.builder.get(item[0][0]) in left]
            self._do_again(cell, own, written, assign, anew=False)

    def _replay(self, cell: CellId, item: Assigned, assign: Assign) -> None:
        value = item.value
        self.gives(cell, item.widget, item.name)
        if self._beside.is_kept((item.widget, item.name)):
            return
        try:
            assign(item.widget, item.name, value)
        except TraitError:
            # A clean run would have failed here too, unless the order of assignments made it legal: keep it.
            self.put(item.widget, item.name, value)

    # --- callbacks and the user

    def written(self, widget: Widget, name: str, value: Any) -> None:
        """A callback, or code that runs beside the cells, changed a trait."""
        writer, by = self.writer(widget, name), self._current.calling
        if self._current.applying:
            self._written_last.add(widget)
        if by is None or not by.is_library:
            self.called.add((widget, name))
        if self._beside.write((widget, name), value, by):
            return
        if writer is None and (is_choice(widget, name) or name in self.choices.get(widget, {})):
            self._choose(widget, name, value)
            return
        owners = {writer or self.builder.get(widget)}
        if by is not None and by.is_library and self._changed_by(by.owner, widget, name):
            owners.add(by.owner)  # what it made when its cell executed is outdated too
        for owner in owners:
            if owner is None:
                continue
            overlay = self._overlays.setdefault(owner, ById())
            overlay.pop((widget, name), None)
            overlay[widget, name] = Written(value, by)

    def take_written(self) -> IdSet[Widget]:
        """The widgets of which callbacks changed traits as what the front end sent was applied, since the last time."""
        written, self._written_last = self._written_last, IdSet()
        return written

    def edited(self, widget: Widget, name: str, value: Any, roots: frozenset[str]) -> None:
        """The user changed a trait: one of `roots`, or what follows from them."""
        key = widget, name
        self.user_edits.add(key)
        self.called.discard(key)
        for overlay in self._overlays.values():
            if key in overlay and not overlay[key].by_link:
                del overlay[key]
        is_chosen = is_answer(widget, name) or not roots.isdisjoint(family(widget, name))
        is_root = name not in NEVER_CHOSEN and is_chosen
        if is_root:
            self._choose(widget, name, value)
            self.triggers.pulled(widget, name)
        if key in self._first and not (is_root and widget in self.defaults):
            self._first[key].before[name] = value

    def forget_callbacks(self, cell: CellId) -> None:
        """The cell gives new results: what callbacks wrote over the earlier ones goes."""
        self._beside.leave(cell)
        self._overlays.pop(cell, None)

    def overlay(self, cell: CellId) -> ById[Key, Written]:
        """What callbacks wrote over the results of a cell."""
        return self._overlays.get(cell, ById())

    def put_overlay(self, cell: CellId, overlay: ById[Key, Written]) -> None:
        """Callbacks wrote this over the results of a cell."""
        self._overlays[cell] = overlay

    def undelivered(self, cell: CellId) -> None:
        """What libraries made for a skipped cell was made from other values than its record."""
        overlay = self.overlay(cell)
        for key in [key for key, written in overlay.items() if written.by_library]:
            del overlay[key]

    def forget(self, cell: CellId) -> None:
        """The cell left the notebook."""
        self._beside.leave(cell)
        self._overlays.pop(cell, None)
        self._places.pop(cell, None)

    def moved(self, old: Widget, new: Widget) -> None:
        """Another widget stands where one stood: the user's choices and what callbacks wrote belong to the place."""
        if old in self.choices:
            self.choices[new] = self.choices.pop(old)
        for overlay in self._overlays.values():
            for key in [key for key in overlay if key[0] is old]:
                overlay[new, key[1]] = overlay.pop(key)

    def closed(self, widget: Widget) -> None:
        """The widget is gone, and the user's choices with it."""
        self._beside.closed(widget)
        self.choices.pop(widget, None)
        for overlay in self._overlays.values():
            for key in [key for key in overlay if key[0] is widget]:
                del overlay[key]

    def unchosen(self) -> list[tuple[Widget, dict[str, Any]]]:
        """What the widgets that their users changed would have without."""
        made = ((widget, self.defaults.get(widget, {}), choices) for widget, choices in self.choices.items())
        return [(widget, {name: given[name] for name in given.keys() & choices}) for widget, given, choices in made]

    def writer(self, widget: Widget, name: str) -> CellId | None:
        """The last cell of this walk that changed the trait; a choice, that assigned it."""
        entries = [entry for entry in reversed(self._log) if entry.widget is widget]
        if is_choice(widget, name):
            return next((entry.cell for entry in entries if name in entry.given), None)
        return next((entry.cell for entry in entries if name in entry.before), None)

    def _changed_by(self, cell: CellId | None, widget: Widget, name: str) -> bool:
        return any(entry.cell == cell and entry.widget is widget and name in entry.before for entry in self._log)

    def rechoose(self, widget: Widget) -> None:
        """Give a widget the user's choices, as if it had just been constructed."""
        choices = self.choices.get(widget, {})
        if widget in self.defaults:
            for name in choices:  # one that the constructor left alone had no value then
                self.put(widget, name, self.defaults[widget].get(name, Undefined))
        with self._current.derive():
            put_back(widget, choices)

    def _choose(self, widget: Widget, name: str, value: Any) -> None:
        self.choices.setdefault(widget, {})[name] = value

    # --- undoing

    def _undo(self, mark: int, *, skips: bool = False) -> IdSet[Widget]:
        """Put back directly what was there: those values were legal together, and nobody is told.

        As long as the walk only `skips`, what threads go on writing stays: it will be there again at once.
        """
        widgets = IdSet(entry.widget for entry in self._log[mark:])
        self._beside.looks_at(self._log)
        while len(self._log) > mark:
            entry = self._log.pop()
            for name, value in entry.before.items():
                key = entry.widget, name
                if self._first.get(key) is entry:
                    del self._first[key]
                self.taken_back.add(key)
                if not self._beside.undo(key, entry.cell, value, skips=skips):
                    self.put(entry.widget, name, value)
            vars(entry.widget).update(entry.attributes)
        self._open = ById()
        return widgets

    def put(self, widget: Widget, name: str, value: Any) -> None:
        """Store a value that the trait had before, without telling anyone."""
        now = trait_values(widget).get(name, _NEVER)
        if now is value or widget.comm is None:
            return
        if now is not _NEVER:
            self._frontend_state.note(widget, name, now)
        if value is Undefined:  # it had no value yet
            trait_values(widget).pop(name, None)
        else:
            trait_values(widget)[name] = value


def _is_private(name: str, value: Any) -> bool:
    return name.startswith("_") and name not in MACHINERY and not is_dispatcher(value)
