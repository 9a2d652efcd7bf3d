"""Which cells show something older than the widgets: what would run if nbapp were on. Executes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection

from nbapp.core.memos.memo import Component, Memo
from nbapp.core.notebook import CellId, Notebook
from nbapp.kernel.widgets.state.effects import Key
from nbapp.kernel.widgets.state.user_values import family
from nbapp.values.identity import IdSet


def behind(
    notebook: Notebook,
    in_place: Callable[[CellId], Memo | None],
    trait: Callable[[Component], Key | None],
    moved: Collection[Key],
) -> list[CellId]:
    """The cells whose result was made from one of these traits, directly or through the cells above."""
    found: list[CellId] = []
    traits = IdSet((widget, alike) for widget, name in moved for alike in family(widget, name))
    names: set[str] = set()  # bound by those cells
    for cell in notebook:
        run = in_place(cell.id)
        if run is None:
            continue
        question = run.reads
        reads = not names.isdisjoint(question.names) or (question.everything and bool(names))
        if reads or any(trait(component) in traits for component in question.components):
            found.append(cell.id)
            names.update(run.after)
        else:
            names.difference_update(run.after)
    return found
