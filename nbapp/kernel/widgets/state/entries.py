"""What the undo log notes: what a cell changed on a widget, and what a callback wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ipywidgets import Widget

from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.state.current import Calling


@dataclass(slots=True, eq=False)
class Entry:
    """What one cell changed on one widget: the traits and the private attributes as they were before.

    `given` are the traits that it assigned itself; others followed from them.
    """

    cell: CellId
    widget: Widget
    attributes: dict[str, Any]
    before: dict[str, Any] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Written:
    """What a callback wrote; None when it was other code beside the cells."""

    value: Any
    by: Calling | None

    @property
    def by_link(self) -> bool:
        """Whether a one-way link wrote it, which a user's own change does not end."""
        return self.by is not None and self.by.is_link

    @property
    def by_library(self) -> bool:
        """Whether a library made it from a trait that it observes."""
        return self.by is not None and self.by.is_library
