"""Which cells show something older than the widgets: what would run if nbapp were on."""

from __future__ import annotations

from collections.abc import Callable, Collection

from nbapp.core.memos.lineage import Lineage
from nbapp.core.memos.memo import Component
from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.state.effects import Key
from nbapp.kernel.widgets.state.user_values import family
from nbapp.values.identity import IdSet


def behind(lineage: Lineage, trait: Callable[[Component], Key | None], moved: Collection[Key]) -> list[CellId]:
    """The cells whose result was made from one of these traits, directly or through the cells above."""
    traits = IdSet((widget, alike) for widget, name in moved for alike in family(widget, name))
    return lineage.reached(lambda memo: any(trait(component) in traits for component in memo.reads.components))
