"""The values of widgets that cells saw when they last ran: to tell in words what moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ipywidgets import Widget

from nbapp._compat.ipywidgets import trait_values
from nbapp.core.memos.kinds import CONTROLS
from nbapp.core.memos.memo import Component

_LONGEST = 40  # characters of a value
_REMEMBERED = 10_000


class LastValues:
    """Values by component. `find` gives the widget and the trait of a component."""

    def __init__(self, namespace: Mapping[str, Any], find: Callable[[Component], tuple[Widget, str] | None]) -> None:
        self._namespace = namespace
        self._find = find
        self._values: dict[Component, str] = {}
        self._newer: dict[Component, str] = {}

    def walk_begins(self) -> None:
        """What cells saw in the last walk is what they saw last."""
        self._values.update(self._newer)
        self._newer.clear()

    def saw(self, components: Iterable[Component]) -> None:
        """A cell ran and read these."""
        if len(self._values) > _REMEMBERED:
            self._values.clear()
        for component in components:
            found = self._widget_of(component)
            if found is not None:
                self._newer[component] = _short(*found)

    def _widget_of(self, component: Component) -> tuple[Widget, str] | None:
        return self._find(component) if any(kind.owns(component) for kind in CONTROLS) else None

    def tell(self, component: Component) -> str | None:
        """What happened to a trait since a cell saw it last: by the name of the global that holds the widget."""
        found = self._widget_of(component)
        if found is None:
            return None
        widget, trait = found
        name = next(
            (name for name, value in list(self._namespace.items()) if value is widget and name[:1] != "_"), None
        )
        if name is None:
            return None
        before, now = self._values.get(component), _short(widget, trait)
        moved = "" if before is None or before == now else f" from {before} to {now}"
        return f"`{name}.{trait}` changed{moved}"


def _short(widget: Widget, trait: str) -> str:
    text = repr(trait_values(widget).get(trait))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\u2026"
