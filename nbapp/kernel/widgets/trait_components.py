"""What a component of a record is about, when that is a widget: its version now, and who changed it last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from ipywidgets import Widget

from nbapp.core.memos.kinds import CALLED, CHOICE, CONSUMED, OPEN, UNCALLED, parts
from nbapp.core.memos.memo import Component
from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.callbacks.library_links import LibraryLinks
from nbapp.kernel.widgets.callbacks.registry import CallbackRegistry
from nbapp.kernel.widgets.closing import Closing
from nbapp.kernel.widgets.identity.mounts import Mounts
from nbapp.kernel.widgets.recorder import THERE, UNTOUCHED, choice_version
from nbapp.kernel.widgets.state.effects import Key
from nbapp.kernel.widgets.state.trait_versions import GONE, TraitVersions
from nbapp.kernel.widgets.state.undo_log import UndoLog
from nbapp.values.digest import Digest

_OF_CALLBACKS = (CALLED.kind, UNCALLED.kind)


@dataclass(slots=True)
class TraitComponents:
    """Answers for the components that cells were seen to read of widgets; `widgets` are these, by model id."""

    undo_log: UndoLog
    registry: CallbackRegistry
    versions: TraitVersions
    library_links: LibraryLinks
    mounts: Mounts
    closing: Closing
    widgets: WeakValueDictionary[str, Widget] = field(default_factory=WeakValueDictionary)

    def version(self, component: Component) -> Digest:
        """The version of a component now; a fixed one when its widget is closed or unknown."""
        kind, cell, widget, name = self._parts(component)
        if widget is None:
            return UNTOUCHED if kind == CHOICE.kind else GONE
        if kind == CHOICE.kind:
            return choice_version(self.undo_log, self.versions, widget, name)
        if kind == OPEN.kind:
            return THERE if self.mounts.is_there(widget) or self.closing.has(widget) else GONE
        if widget.comm is None or (name and not widget.has_trait(name)):
            return GONE  # `add_traits` gave it one for a while
        if kind in _OF_CALLBACKS:
            return self.registry.version(widget)
        consumed = self.library_links.version(cell, widget, name) if kind == CONSUMED.kind else None
        return consumed or self.versions.of_value(widget, name, self.undo_log.value(widget, name))

    def is_of_callbacks(self, component: Component, echoes: Collection[CellId]) -> bool:
        """Whether callbacks, or one of these cells, changed last what a component is about, and not the user."""
        kind, _, widget, name = self._parts(component)
        if widget is None or (widget, name) in self.undo_log.user_edits:
            return False
        if kind in _OF_CALLBACKS:
            return self.registry.is_of(widget, echoes)
        return (widget, name) in self.undo_log.called or self.undo_log.writer(widget, name) in echoes

    def trait(self, component: Component) -> Key | None:
        """The widget and the trait that a component is about, while the widget is there."""
        _, _, widget, name = self._parts(component)
        return None if widget is None or not name else (widget, name)

    def _parts(self, component: Component) -> tuple[str, CellId, Widget | None, str]:
        kind, rest = parts(component)
        cell, _, rest = rest.rpartition(":")
        model_id, _, name = rest.partition(".")
        return kind, CellId(cell), self.widgets.get(model_id), name
