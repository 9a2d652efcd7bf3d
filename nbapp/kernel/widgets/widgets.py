"""The widgets of a notebook over its reruns: identity, reads and writes, callbacks, and the front end's updates.

This file wires the parts. A walk goes: `apply` what the front end sent; `begin_walk`; for each cell top-down either
`cell` around its execution or `restore` what an earlier execution left; `end_walk`. In between the widgets always are
what a clean run with the user's values would have made of them at that point.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from ipywidgets import Widget

from nbapp._compat.ipywidgets import instances
from nbapp.core.notebook import CellId
from nbapp.kernel.common.patching import Patching
from nbapp.kernel.widgets.callbacks.dispatch import Dispatch
from nbapp.kernel.widgets.callbacks.library_links import LibraryLinks
from nbapp.kernel.widgets.callbacks.registry import CallbackRegistry
from nbapp.kernel.widgets.closing import Closing
from nbapp.kernel.widgets.hanging import Hanging
from nbapp.kernel.widgets.identity.keys import Codes, Making
from nbapp.kernel.widgets.identity.mounts import Mounts, keyed
from nbapp.kernel.widgets.identity.reconciler import Reconciler
from nbapp.kernel.widgets.inspection import WidgetInspection
from nbapp.kernel.widgets.recorder import Recorder
from nbapp.kernel.widgets.state.current import CurrentActivity
from nbapp.kernel.widgets.state.effects import Effects, WidgetTrace
from nbapp.kernel.widgets.state.frontend_state import FrontendState
from nbapp.kernel.widgets.state.trait_versions import TraitVersions
from nbapp.kernel.widgets.state.under_way import UnderWay
from nbapp.kernel.widgets.state.undo_log import UndoLog
from nbapp.kernel.widgets.state.user_values import is_answer, is_choice
from nbapp.kernel.widgets.trait_access import TraitAccess
from nbapp.kernel.widgets.trait_changes import TraitChanges
from nbapp.kernel.widgets.trait_components import TraitComponents
from nbapp.kernel.widgets.updates.apply import Updates, show_error
from nbapp.kernel.widgets.updates.inbox import Beside, Custom, Inbox, handlers_inside, rebind
from nbapp.kernel.widgets.widget_places import WidgetPlaces
from nbapp.values.digest import Digest
from nbapp.values.identity import WeakIdSet


class Widgets:
    """All widgets of a kernel. `digest` raises `Opaque`; `touch` is called on any thread when an update was queued.

    What is made while `is_importing` is a library's, no cell's.
    """

    def __init__(
        self, digest: Callable[[object], Digest], touch: Callable[[], None], is_importing: Callable[[], bool] = bool
    ) -> None:
        self._patches = Patching()
        current = self._current = CurrentActivity()
        versions = self._versions = TraitVersions(digest)
        under_way = self._under_way = UnderWay(current, is_importing)
        frontend_state = self._frontend_state = FrontendState(current, versions.same)
        undo_log = self._undo_log = UndoLog(current, frontend_state, versions.same)
        registry = self._registry = CallbackRegistry(undo_log, versions)
        links = self._library_links = LibraryLinks(versions.same, registry.is_told)
        self._codes, mounts = Codes(), Mounts()
        self._mounts, self.hanging = mounts, Hanging()
        self._closing = Closing(undo_log.builder, lambda: under_way.here() is not None)
        self._components = TraitComponents(undo_log, registry, versions, links, mounts, self._closing)
        self._places = WidgetPlaces(undo_log, mounts, self._closing, self.hanging, self._components.widgets)
        self._reconciler = Reconciler(current, undo_log, frontend_state, registry, under_way, self._places.replaced)
        self._inbox = Inbox(touch, self._matters, frontend_state, self._reconciler.rebuilding)
        self._changes = TraitChanges(current, undo_log, frontend_state, under_way, links.delivered, self._beside)
        changed = self._changes.changed
        self._dispatch = Dispatch(current, undo_log, versions, registry, under_way, changed, show_error)
        self._traits = TraitAccess(current, undo_log, frontend_state, self._dispatch, versions, under_way)
        self._updates = Updates(current, frontend_state)
        self.version, self.trait = self._components.version, self._components.trait
        self.is_of_callbacks, self.owner = self._components.is_of_callbacks, under_way.owner
        self.waiting, self.drop, self.giver = self._inbox.waiting, self._inbox.drop, registry.giver
        self._in_place: dict[CellId, Effects] = {}
        self._read: WeakIdSet[Widget] = WeakIdSet()

    def install(self) -> None:
        """Put the hooks into ipywidgets and traitlets."""
        widgets = open_widgets()
        self._frontend_state.install(self._patches)
        self._dispatch.install(self._patches, widgets)
        self._reconciler.install(self._patches)
        self._closing.install(self._patches)
        self._traits.install(self._patches)
        self._inbox.install(self._patches, widgets)

    def uninstall(self) -> None:
        """Take the hooks out again; what is queued is applied first."""
        self.apply()
        self._frontend_state.flush_all()
        self._patches.undo()
        rebind(open_widgets())

    # --- the walk

    def begin_walk(self) -> None:
        """Take back what cells assigned, silently: the traits are the user's and the constructors' again."""
        self._undo_log.begin()
        self._registry.take_back()

    def go_back(self, cell_id: CellId) -> None:
        """The walk returns to just above this cell; what cells from here on assigned is taken back."""
        self._undo_log.go_back(cell_id)
        self._registry.take_back(self._undo_log.passed())

    @contextmanager
    def cell(self, cell_id: CellId, holds: Callable[[object], bool] | None = None) -> Iterator[WidgetTrace]:
        """Around one execution of a cell. With `holds`, what callbacks did to its widgets stays; it tells whether a
        function that was registered holds what they changed, and must go on in the place of a new one like it."""
        self._undo_log.enter(cell_id)
        self._undo_log.executes()
        before = self._registry.of(cell_id) if holds is not None else ()
        self._registry.drop(cell_id)
        self._library_links.set(cell_id)
        making = Making(cell_id, self._mounts.of(cell_id), lambda: self._mounts.spares(cell_id), self._codes)
        recording = Recorder(making, self._undo_log, self._registry, self._versions)
        trace = WidgetTrace({}, Effects(cell_id))
        try:
            with self._traits.record(recording):
                yield trace
        except BaseException:
            trace.failed = True
            raise
        finally:
            if holds is not None:
                self._registry.go_on([item for item in before if holds(item.handler)], cell_id)
            self._executed(recording, trace)

    def restore(self, effects: Effects | None, cell: CellId) -> None:
        """The cell is skipped: make its widgets as that execution left them, which may have been another cell's."""
        self._undo_log.enter(cell)
        if not effects and not self._in_place.get(cell) and not self._mounts.of(cell):
            return
        effects = effects or Effects(cell)
        self._undo_log.did(cell, failed=effects.failed)
        with self._current.mute():
            anew = self._in_place.get(cell) is not effects
            if anew:
                self._bring_back(cell, effects)
            self._registry.remove_again(effects.removed, cell)
            if not self._library_links.is_delivered(effects.consumed):
                self._undo_log.undelivered(cell)
            self._undo_log.replay(cell, effects.assigned, self._traits.replay, anew=anew)

    def pass_by(self, cells: Collection[CellId]) -> bool:
        """The next cells are skipped, and left nothing on widgets; False where there is something of another run."""
        if any(map(self._in_place.get, cells)) or self._mounts.any_of(cells) or self.hanging.any_of(cells):
            return False
        self._undo_log.pass_by(cells)
        return True

    def all(self) -> list[Widget]:
        """The widgets that there are, also those that are closed and that something still holds."""
        return [*open_widgets(), *self._undo_log.builder]

    def end_walk(self, alive: Collection[CellId]) -> None:
        """Close what no cell built any more, and send what differs from what the front end has.

        When a newer update is queued neither is done: the end of the walk that follows does it. When a cell failed
        nothing is closed, because cells below it still show what they built.
        """
        passed, failed = self._undo_log.passed(), self._undo_log.failed
        for cell in self._in_place.keys() - set(alive) - passed:
            self.forget(cell)
        self._undo_log.end()
        if passed.issuperset(alive) or failed is not None:
            self._undo_log.triggers.answered()
            self._undo_log.executes()
        if self._inbox.pending:
            return
        if passed.issuperset(alive):
            self._undo_log.user_edits.clear()
            for widget in self._mounts.gone():
                self._put_away(widget)
        if failed is not None:
            left = {cell: effects.assigned for cell, effects in self._in_place.items() if cell not in passed}
            with self._current.mute():
                self._undo_log.stay(left, self._traits.replay)
        self._frontend_state.flush_all()
        self._undo_log.taken_back.clear()

    def forget(self, cell_id: CellId) -> None:
        """The cell left the notebook, or is about to run again from scratch."""
        self._registry.drop(cell_id)
        self._library_links.set(cell_id)
        self._undo_log.forget(cell_id)
        self._in_place.pop(cell_id, None)
        self._mounts.forget(cell_id)

    def forget_callbacks(self, cell: CellId) -> None:
        """What callbacks did to the widgets of a cell does not hold any more."""
        self._undo_log.forget_callbacks(cell)
        self._closing.forget(cell)
        self.hanging.forget(cell)

    # --- the front end

    @property
    def updates(self) -> int:
        """How many updates that matter were queued so far."""
        return self._inbox.updates

    def pending(self) -> bool:
        """Whether an update that matters is queued."""
        return self._inbox.pending

    def waits(self) -> bool:
        """Whether any update is queued, even one that cannot concern the notebook."""
        return self._inbox.waits()

    def apply(self) -> bool:
        """Apply what is queued, on the main thread and outside cells; whether any of it matters."""
        self._undo_log.end()
        entries, matters = self._inbox.take()
        for entry in entries:
            if isinstance(entry, Custom):
                self._updates.message(entry.widget, entry.content, entry.buffers)
            elif isinstance(entry, Beside):
                self._changes.written(entry.widget, entry.name, getattr(entry.widget, entry.name))
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
        for widget, values in self._undo_log.unchosen():
            self._updates.put_back(widget, values)
            self._undo_log.choices.pop(widget, None)

    def unchosen(self) -> list[tuple[Widget, dict[str, Any]]]:
        """The widgets that their users changed, and what these traits would have without."""
        return self._undo_log.unchosen()

    def chosen(self) -> list[Widget]:
        """The widgets whose value their users chose."""
        choices = self._undo_log.choices.items()
        return [widget for widget, traits in choices if "value" in traits and not is_answer(widget, "value")]

    def by_key(self) -> dict[str, Widget]:
        """The controls on the page that have a key, by it; another one with the same key has its number behind it."""
        return keyed(built.widget for _, shelf in self._mounts.items() for top in shelf for built in top.everything())

    # --- callbacks

    def has_callbacks(self) -> bool:
        """Whether any callback of the user is registered."""
        return bool(self._registry)

    def may_call_back(self) -> bool:
        """Whether what is queued may run code of the author's: registered callbacks, or what widgets of other
        libraries and of the author's own classes hand out themselves."""
        return self.waits() and (self.has_callbacks() or bool(self._inbox.foreign()))

    def only_called_back(self) -> bool:
        """Whether nobody changed a widget but callbacks, since the last walk that came to its end; and no click is
        over."""
        return not self._undo_log.user_edits and not self._undo_log.triggers

    def were_written(self) -> bool:
        """Whether callbacks have changed traits that cells read, since it was asked last."""
        return any(widget in self._read for widget in self._undo_log.take_written())

    def callbacks(self) -> list[Any]:
        """The user's callbacks that are registered: functions, bound methods, partials; and what those widgets have
        that may run such code, for which something is queued."""
        return [*self._registry.live(), *map(handlers_inside, self._inbox.foreign())]

    def inspect(self) -> WidgetInspection:
        """What `verify` and `check` may ask and give."""
        parts = self._reconciler, self._mounts, self._undo_log, self._under_way, self._current, self._traits
        return WidgetInspection(*parts)

    # --- parts

    def _executed(self, recording: Recorder, trace: WidgetTrace) -> None:
        recording.complete(trace)
        cell, making = recording.cell, recording.making
        self._undo_log.did(cell, failed=trace.failed)
        kept = making.left_over() if trace.failed else ()
        self._mounts.put(cell, (*making.built, *kept))
        self._in_place[cell] = trace.effects
        self._components.widgets.update(recording.widgets)
        self._components.widgets.update(
            {built.widget.model_id: built.widget for built in making.built if built.is_open}
        )
        self._read.update(recording.widgets.values())
        self._library_links.set(cell, trace.effects.consumed)
        with self._current.mute():
            self._undo_log.replay(cell, (), self._traits.replay, anew=True)
            self._closing.again(cell)
        self._frontend_state.flush_constructed(self._undo_log.taken_back)

    def _bring_back(self, cell: CellId, effects: Effects) -> None:
        self._places.bring_back(cell, effects)
        self._in_place[cell] = effects
        self._registry.drop(cell)
        self._registry.bring_back(effects.registered, cell)
        self._library_links.set(cell, effects.consumed)

    def _put_away(self, widget: Widget) -> None:
        self._undo_log.closed(widget)
        self._registry.closed(widget)
        self._frontend_state.forget(widget)
        self._versions.forget(widget)
        self._library_links.closed(widget)
        if widget.comm is not None:  # one that the author closed cannot come back: who closed it would not do so again
            self._mounts.put_away(widget)
            self._closing.put_away(widget)

    def _beside(self, widget: Widget, name: str) -> bool:
        return self._inbox.beside(widget, name, matters=widget in self._read)

    def _matters(self, widget: Widget, names: Collection[str]) -> bool:
        if widget in self._read or self._registry.any_on(widget):
            return True
        return any(is_choice(widget, name) for name in names)


def open_widgets() -> list[Widget]:
    """Every widget of this process whose comm is open."""
    return [widget for widget in instances.values() if isinstance(widget, Widget)]
