"""What `verify` and `check` ask of an app: what its last walk rests on, and its widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbapp.core.memos.memo import Binding, Component, Memo
from nbapp.core.walk import Walk
from nbapp.kernel.widgets.inspection import WidgetInspection


@dataclass(frozen=True, slots=True)
class Inspection:
    """The last walk, empty before the first. `sources` and `makers` tell by position which cell put a binding there,
    and which one made its value; `memos` are the records that apply, by position of the cell.
    """

    widgets: WidgetInspection
    bindings: Mapping[Component, Binding] = field(default_factory=dict)
    sources: Mapping[Component, int] = field(default_factory=dict)
    makers: Mapping[Component, int] = field(default_factory=dict)
    memos: Mapping[int, Memo] = field(default_factory=dict)

    @classmethod
    def of(cls, widgets: WidgetInspection, walk: Walk | None) -> Inspection:
        """What there is to see of a walk."""
        if walk is None:
            return cls(widgets)
        env = walk.env
        return cls(widgets, env.bindings, env.source, env.maker, walk.memos)
