"""Notices what code does to widget traits: reads by the author's code, assignments, changes.

Reads are noticed in the trait descriptor, and only while a cell executes. A read counts when the frame that makes it
is not the machinery's, so that building, boxing and displaying a slider is no read of its value; a few methods that
only read on behalf of their caller count as the caller's.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ipywidgets import Widget
from traitlets import TraitType

from nbapp._compat.ipywidgets import GIVES_REPR, trait_values
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.common.stand_in import called, faults
from nbapp.kernel.widgets.callbacks.dispatch import Dispatch
from nbapp.kernel.widgets.callbacks.interact import RESULTS, follow_interactive
from nbapp.kernel.widgets.recorder import Recorder
from nbapp.kernel.widgets.state.callers import entry, gives_default_of_interact, is_library_frame
from nbapp.kernel.widgets.state.current import CurrentActivity
from nbapp.kernel.widgets.state.frontend_state import FrontendState
from nbapp.kernel.widgets.state.trait_versions import TraitVersions
from nbapp.kernel.widgets.state.under_way import UnderWay
from nbapp.kernel.widgets.state.undo_log import UNLOGGED, UndoLog
from nbapp.kernel.widgets.state.user_values import family, is_choice, put_back

_ANSWERS = frozenset({"lower", "upper", "get_interact_value", "get_state", "get_title", "trait_values", "__repr__"})
_ASKED = _ANSWERS | {"update"}  # of `interactive`: calls the author's function with the values as they are
_READ_INSIDE = _ANSWERS | {GIVES_REPR, "<genexpr>", "<dictcomp>"}
_DECIDES = frozenset({"widgets_from_abbreviations"})  # `interact` names a slider that has no description yet
_NONE: frozenset[int] = frozenset()
_SCALARS = (bool, int, float, str, bytes, type(None))
Set = Callable[..., None]  # takes a trait, the object that has it, and a value


class TraitAccess:
    """The hooks on traits, for the execution that is under way."""

    def __init__(
        self,
        current: CurrentActivity,
        undo_log: UndoLog,
        frontend_state: FrontendState,
        callbacks: Dispatch,
        versions: TraitVersions,
        under_way: UnderWay,
    ) -> None:
        self._current = current
        self._undo_log = undo_log
        self._frontend_state = frontend_state
        self._dispatch = callbacks
        self._versions = versions
        self._under_way = under_way

    def install(self, patches: Patching) -> None:
        """Take over the assignment of traits, and attributes of `interactive` that are results."""

        def set_trait(trait: TraitType[Any, Any], owner: Any, value: Any) -> None:
            if isinstance(owner, Widget):
                self._set(trait, owner, value, plainly)
            else:
                plainly(trait, owner, value)

        def set_by_name(trait: TraitType[Any, Any], owner: Any, value: Any) -> None:
            own: Set = type(trait).set  # a class with a way of its own may not come to that of all traits
            if isinstance(owner, Widget) and own is not TraitType.set and not trait.read_only:
                self._set(trait, owner, value, called(own, instead=True))
            else:
                original(trait, owner, value)

        plainly: Set = patches.put(TraitType, "set", set_trait)
        original: Set = patches.put(TraitType, "__set__", set_by_name)
        self._plainly = plainly
        follow_interactive(patches, self.read_result, self._wrote_result, self._under_way.fired)

    # --- executions

    @contextmanager
    def record(self, recording: Recorder) -> Iterator[None]:
        """Record what happens inside for an execution."""
        with self._under_way.executes(recording), Patching() as patches:
            patches.place(TraitType, "__get__", self._reader(recording))
            yield

    # --- reading

    def _reader(self, recording: Recorder) -> Callable[..., Any]:
        seen = recording.seen
        getframe = sys._getframe
        # A loop may read a slider 300,000 times: what is in `seen` and has its value where traitlets keeps it. By id,
        # as an author's class may have no hash; the recording holds what it saw.
        plain: dict[Any, set[int]] = {}

        def __get__(trait: Any, owner: Any, cls: Any = None) -> Any:  # noqa: N807
            if id(owner) in plain.get(trait, _NONE):
                try:
                    return trait_values(owner)[trait.name]
                except KeyError:
                    return trait.get(owner, cls)  # whose default is made when it is asked for
            if owner is None:
                return trait
            if isinstance(owner, Widget) and (id(owner), trait.name) not in seen:
                with faults.noted("TraitType.__get__"):
                    self.read(recording, owner, trait.name, getframe(1))
                    if (id(owner), trait.name) in seen and type(trait).get is TraitType.get:
                        plain.setdefault(trait, set()).add(id(owner))
            return trait.get(owner, cls)

        return functools.wraps(TraitType.__get__)(__get__)

    def read(self, recording: Recorder, widget: Widget, name: str, frame: FrameType) -> None:
        """Code in this frame reads a trait while the cell executes."""
        if is_library_frame(frame) and not _answers(frame):
            return
        if name not in UNLOGGED and not self._current.constructs(widget):
            recording.read(widget, name)

    def read_result(self, widget: Widget, name: str) -> None:
        """Code two frames up reads an attribute that is not a trait and that callbacks change."""
        if self._under_way.recording is not None:
            self.read(self._under_way.recording, widget, name, sys._getframe(2))

    # --- writing

    def _wrote_result(self, widget: Widget, name: str, value: Any) -> None:
        """A callback sets an attribute that is not a trait, from which cells read what it made."""
        if self._under_way.here() is None and self._current.calling is not None and not self._current.muted:
            self._undo_log.written(widget, name, value)

    def _set(self, trait: TraitType[Any, Any], widget: Widget, value: Any, put: Set) -> None:
        current, name = self._current, trait.name
        if name in UNLOGGED or current.constructs(widget):
            put(trait, widget, value)
            return
        self._versions.assigned(widget, str(name))
        is_root = not current.deriving
        recording = self._under_way.here() if is_root else None
        if recording is not None and is_choice(widget, str(name)) and gives_default_of_interact(sys._getframe(1)):
            self._give_default(recording, trait, widget, value)
            return
        with current.derive():
            if recording is None:
                put(trait, widget, value)
            else:
                self._assign(recording, trait, widget, value, put)
        if recording is None and is_root and current.calling is not None and not current.muted:
            self._undo_log.written(widget, str(name), getattr(widget, str(name)))  # an equal value is written too

    def _give_default(self, recording: Recorder, trait: TraitType[Any, Any], widget: Widget, value: Any) -> None:
        """`interact` completes a widget it has just built; that is construction, and the user's choice survives it."""
        with self._current.derive(), self._current.mute():
            self._plainly(trait, widget, value)
            roots = (*recording.making.built, *self._current.building)
            for built in (part for root in roots for part in root.everything() if part.widget is widget):
                names = family(widget, str(trait.name)).intersection(trait_values(widget))
                built.values.update({name: trait_values(widget)[name] for name in names})
            put_back(widget, self._undo_log.choices.get(widget, {}))
        self._frontend_state.constructed(widget)

    def _assign(self, recording: Recorder, trait: TraitType[Any, Any], widget: Widget, value: Any, put: Set) -> None:
        name = str(trait.name)
        recording.about_to_write(widget, name)
        before = getattr(widget, name)
        self._undo_log.gives(recording.cell, widget, name)
        self.assign(trait, widget, value, put)
        after = value if isinstance(value, _SCALARS) else trait_values(widget)[name]
        recording.written(widget, name, before, after)

    def assign(self, trait: TraitType[Any, Any], widget: Widget, value: Any, put: Set) -> None:
        """Set a trait as a cell does: the user's choices on the widget stay where they are still legal."""
        choices = self._undo_log.standing(widget) if widget in self._undo_log.choices else {}
        if not choices or is_choice(widget, str(trait.name)) or trait.name in choices:
            put(trait, widget, value)
            return
        with self._dispatch.defer(widget):
            with self._frontend_state.hold(widget):
                put(trait, widget, value)
                put_back(widget, choices)
            if not self._frontend_state.is_silent(widget):
                self._frontend_state.flush(widget, self._undo_log.taken_back)

    def replay(self, widget: Widget, name: str, value: Any) -> None:
        """Assign silently what a cell that is skipped assigned.

        Raises:
            TraitError: the widget refuses it.
        """
        if name in RESULTS:
            vars(widget)[name] = value
            return
        trait = getattr(type(widget), name)
        with self._current.derive():
            self.assign(trait, widget, value, type(trait).set)


def _answers(frame: FrameType) -> bool:
    """Whether the library reads on behalf of the author, who called one of the methods that only read, or decides."""
    if frame.f_code.co_name in _DECIDES:
        return True
    return frame.f_code.co_name in _READ_INSIDE and entry(frame).f_code.co_name in _ASKED
