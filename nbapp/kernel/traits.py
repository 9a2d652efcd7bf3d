"""Notices what code does to widget traits: reads by the author's code, assignments, changes.

Reads are noticed in the trait descriptor, and only while a cell executes. A read counts when the frame that makes it
is not the machinery's, so that building, boxing and displaying a slider is no read of its value; a few methods that
only read on behalf of their caller count as the caller's.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import Any

from ipywidgets import Output, Widget
from traitlets import Bunch, TraitType

from nbapp.core.notebook import CellId
from nbapp.kernel.activity import Activity
from nbapp.kernel.callbacks import Callbacks
from nbapp.kernel.choices import family, is_choice, put_back
from nbapp.kernel.effects import Registration
from nbapp.kernel.frames import entry, gives_default_of_interact, is_library_frame
from nbapp.kernel.interactives import follow_interactive
from nbapp.kernel.ledger import UNLOGGED, Ledger
from nbapp.kernel.patches import Patches
from nbapp.kernel.places import Making
from nbapp.kernel.recording import Recording
from nbapp.kernel.registrations import DISPATCH
from nbapp.kernel.sends import Sends
from nbapp.kernel.versions import Versions

_ANSWERS = frozenset({"lower", "upper", "get_interact_value", "get_state", "get_title", "trait_values", "__repr__"})
_ASKED = _ANSWERS | {"update"}  # of `interactive`: calls the author's function with the values as they are
_READ_INSIDE = _ANSWERS | {"_gen_repr_from_keys", "<genexpr>", "<dictcomp>"}
_DECIDES = frozenset({"widgets_from_abbreviations"})  # `interact` names a slider that has no description yet
_SCALARS = (bool, int, float, str, bytes, type(None))
Set = Callable[..., None]  # takes a trait, the object that has it, and a value
_here: ContextVar[Recording | None] = ContextVar("nbapp_recording", default=None)


class Traits:
    """The hooks on traits, and the execution they record for."""

    def __init__(
        self, activity: Activity, ledger: Ledger, sends: Sends, callbacks: Callbacks, versions: Versions
    ) -> None:
        self._activity = activity
        self._ledger = ledger
        self._sends = sends
        self._callbacks = callbacks
        self._versions = versions
        self._recording: Recording | None = None
        self._older_threads: frozenset[int | None] = frozenset()
        self.delivered: Callable[[Widget, str, Any], None]
        self.beside: Callable[[Widget, str], bool]

    def install(self, patches: Patches) -> None:
        """Take over the assignment of traits, and attributes of `interactive` that are results."""

        def set_trait(trait: TraitType[Any, Any], owner: Any, value: Any) -> None:
            if isinstance(owner, Widget):
                self._set(trait, owner, value, plainly)
            else:
                plainly(trait, owner, value)

        def set_by_name(trait: TraitType[Any, Any], owner: Any, value: Any) -> None:
            own: Set = type(trait).set  # a class with a way of its own may not come to that of all traits
            if isinstance(owner, Widget) and own is not set_trait and not trait.read_only:
                self._set(trait, owner, value, own)
            else:
                original(trait, owner, value)

        plainly: Set = patches.put(TraitType, "set", set_trait)
        original: Set = patches.put(TraitType, "__set__", set_by_name)
        self._plainly = plainly
        follow_interactive(patches, self.read_result, self.fired)

    # --- executions

    @contextmanager
    def record(self, recording: Recording) -> Iterator[None]:
        """Record what happens inside for an execution."""
        if self._recording is not None:
            raise RuntimeError(f"cell {recording.cell} cannot execute inside cell {self._recording.cell}")
        self._recording = recording
        self._older_threads = frozenset(thread.ident for thread in threading.enumerate())
        token = _here.set(recording)
        patches = Patches()
        patches.put(TraitType, "__get__", self._reader(recording))
        try:
            yield
        finally:
            patches.undo()
            _here.reset(token)
            self._recording = None

    def here(self) -> Recording | None:
        """The execution that the present code belongs to: its own code, its callbacks, threads that it started."""
        recording = self._recording
        if recording is None or self._activity.muted:
            return None
        if _here.get() is recording or threading.get_ident() not in self._older_threads:
            return recording
        return None

    def making(self) -> Making | None:
        """What the present code builds widgets for."""
        recording = self.here()
        return recording.making if recording is not None else None

    def owner(self) -> CellId | None:
        """The cell whose code is running, in an execution or in one of its callbacks."""
        recording = self.here()
        if recording is not None:
            return recording.cell
        calling = self._activity.calling
        return calling.owner if calling is not None else None

    # --- reading

    def _reader(self, recording: Recording) -> Callable[..., Any]:
        seen = recording.seen
        getframe = sys._getframe

        def __get__(trait: Any, owner: Any, cls: Any = None) -> Any:  # noqa: N807
            if owner is None:
                return trait
            if isinstance(owner, Widget) and (owner, trait.name) not in seen:
                self.read(recording, owner, trait.name, getframe(1))
            return trait.get(owner, cls)

        return __get__

    def read(self, recording: Recording, widget: Widget, name: str, frame: FrameType) -> None:
        """Code in this frame reads a trait while the cell executes."""
        if is_library_frame(frame) and not _answers(frame):
            return
        if name not in UNLOGGED and not self._activity.constructs(widget):
            recording.read(widget, name)

    def read_result(self, widget: Widget, name: str) -> None:
        """Code two frames up reads an attribute that is not a trait and that callbacks change."""
        if self._recording is not None:
            self.read(self._recording, widget, name, sys._getframe(2))

    # --- writing

    def _set(self, trait: TraitType[Any, Any], widget: Widget, value: Any, put: Set) -> None:
        activity, name = self._activity, trait.name
        if name in UNLOGGED or activity.constructs(widget):
            put(trait, widget, value)
            return
        self._versions.assigned(widget, str(name))
        is_root = not activity.deriving
        recording = self._writer(widget, name) if is_root else None
        if recording is not None and is_choice(widget, str(name)) and gives_default_of_interact(sys._getframe(1)):
            self._give_default(recording, trait, widget, value)
            return
        with activity.derive():
            if recording is None:
                put(trait, widget, value)
            else:
                self._assign(recording, trait, widget, value, put)
        if recording is None and is_root and activity.calling is not None and not activity.muted:
            self._ledger.written(widget, str(name), getattr(widget, str(name)))  # an equal value is written too

    def _give_default(self, recording: Recording, trait: TraitType[Any, Any], widget: Widget, value: Any) -> None:
        """`interact` completes a widget it has just built; that is construction, and the user's choice survives it."""
        with self._activity.derive(), self._activity.mute():
            self._plainly(trait, widget, value)
            roots = (*recording.making.built, *self._activity.building)
            for built in (part for root in roots for part in root.everything() if part.widget is widget):
                names = family(widget, str(trait.name)).intersection(widget._trait_values)
                built.values.update({name: widget._trait_values[name] for name in names})
            put_back(widget, self._ledger.choices.get(widget, {}))
        self._sends.constructed(widget)

    def _writer(self, widget: Widget, name: str | None) -> Recording | None:
        if name == "outputs" and isinstance(widget, Output) and not self._activity.muted:
            return self._recording  # outputs of the cell may arrive on the thread that sends them
        return self.here()

    def _assign(self, recording: Recording, trait: TraitType[Any, Any], widget: Widget, value: Any, put: Set) -> None:
        name = str(trait.name)
        recording.about_to_write(widget, name)
        before = getattr(widget, name)
        self._ledger.gives(recording.cell, widget, name)
        self.assign(trait, widget, value, put)
        after = value if isinstance(value, _SCALARS) else widget._trait_values[name]
        recording.written(widget, name, before, after)

    def assign(self, trait: TraitType[Any, Any], widget: Widget, value: Any, put: Set) -> None:
        """Set a trait as a cell does: the user's choices on the widget stay where they are still legal."""
        choices = self._ledger.standing(widget) if widget in self._ledger.choices else {}
        if not choices or is_choice(widget, str(trait.name)) or trait.name in choices:
            put(trait, widget, value)
            return
        with self._callbacks.defer(widget):
            with self._sends.hold(widget):
                put(trait, widget, value)
                put_back(widget, choices)
            if not self._sends.is_silent(widget):
                self._sends.flush(widget, self._ledger.taken_back)

    # --- changes

    def replay(self, widget: Widget, name: str, value: Any) -> None:
        """Assign silently what a cell that is skipped assigned.

        Raises:
            TraitError: the widget refuses it.
        """
        trait = getattr(type(widget), name)
        with self._activity.derive():
            self.assign(trait, widget, value, type(trait).set)

    def changed(self, widget: Widget, event: Bunch) -> None:
        """A trait has another value now."""
        name = event.name
        if name in UNLOGGED or self._activity.constructs(widget):
            return
        if self._sends.is_silent(widget):
            self._sends.note(widget, name, event.old)
        if self._activity.muted:
            if self._ledger.replaying is not None:
                self._ledger.before(self._ledger.replaying, widget, name, event.old)
            return
        recording = self._writer(widget, name)
        if recording is not None:
            self._ledger.before(recording.cell, widget, name, event.old)
            return
        if self._activity.calling is not None or name == "outputs":
            self.written(widget, name, event.new)
        elif self._activity.applying:
            self._ledger.edited(widget, name, event.new, self._activity.roots)
            self.delivered(widget, name, event.new)
        else:
            if self._recording is not None:
                self._recording.disturbed(widget, name)
            if not self.beside(widget, name):
                self.written(widget, name, event.new)

    def written(self, widget: Widget, name: str, value: Any) -> None:
        """A callback, or code beside the cells, has set a trait."""
        self._ledger.written(widget, name, value)
        self.delivered(widget, name, value)

    def fired(self, widget: Widget) -> None:
        """Callbacks of a widget run."""
        recording = self.here()
        if recording is not None:
            recording.fired(widget)

    def asked(self, widget: Widget) -> CellId | None:
        """It matters to the code which callbacks a widget has; the cell that executes, if one does."""
        recording = self.here()
        if recording is None:
            return None
        recording.asked(widget)
        return recording.cell

    def registered(self, item: Registration, frame: FrameType) -> None:
        """A callback was registered by the code in this frame."""
        recording = self.here()
        by_library = item.type != DISPATCH and is_library_frame(frame)
        if recording is not None and by_library and item.target.has_trait(item.name):
            recording.consumed(item.target, item.name)


def _answers(frame: FrameType) -> bool:
    """Whether the library reads on behalf of the author, who called one of the methods that only read, or decides."""
    if frame.f_code.co_name in _DECIDES:
        return True
    return frame.f_code.co_name in _READ_INSIDE and entry(frame).f_code.co_name in _ASKED
