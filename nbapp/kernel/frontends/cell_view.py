"""What shows one cell in a page: a box of widgets, kept as the cell's outputs change.

Voila prints a cell's outputs once, so what must change later is a widget. Each output is an `Output` widget of its
own whose `outputs` the kernel assigns, and a displayed widget is itself a child of the box: nothing is rebuilt around
a slider being dragged or a field being typed in. A front end rebuilds all views behind the first child that differs,
so in a cell with widgets the outputs between two of them live in a box that stays: text that comes and goes above a
slider leaves the slider alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ipywidgets import Output as OutputWidget
from ipywidgets import VBox

from nbapp.core.notebook import Output
from nbapp.kernel.frontends.page_model import Model, is_open
from nbapp.kernel.outputs.outputs import view_of


@dataclass(slots=True)
class CellView:
    """What shows one cell: its widgets, and strips of outputs before, between and after them."""

    shape: Model
    model_id: str
    box: Model = field(init=False)
    shown: Sequence[Output] = ()
    _strips: list[Strip] = field(init=False)
    _widgets: list[str] = field(default_factory=list)
    _marks: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.box = _box(self.shape, "nbapp-cell", self.model_id)
        self._strips = [Strip(self.box, self.shape)]

    def show(self, outputs: Sequence[Output]) -> None:
        """Make the box show these outputs in this order; what is equal already stays as it is."""
        self.shown = outputs
        widgets, texts = split(outputs)
        if widgets != self._widgets:
            self._arrange(widgets)
        for strip, items in zip(self._strips, texts, strict=True):
            strip.show(items)

    def close(self) -> None:
        """The cell is gone."""
        self.show(())
        self.box.dismiss()

    def stale(self, stale: bool) -> None:
        """Mark the outputs as out of date, or as up to date again."""
        self._mark("nbapp-stale", stale)

    def under_way(self, under_way: bool, *, has_made: bool = False) -> None:
        """Mark the outputs as being made again, or as made; `has_made`: those that it shows are new already."""
        self._mark("nbapp-fresh", has_made)
        self._mark("nbapp-under-way", under_way)

    def fresh(self) -> None:
        """A cell that is under way has made what it shows now."""
        if "nbapp-under-way" in self._marks:
            self._mark("nbapp-fresh", True)

    def _mark(self, name: str, on: bool) -> None:
        if on is not (name in self._marks):
            self._marks ^= {name}
            self.box.set(_dom_classes=["nbapp-cell", *sorted(self._marks)])

    def _arrange(self, widgets: list[str]) -> None:
        """Give the box these widgets, with a strip before, between and after them."""
        wanted = len(widgets) + 1 if widgets else 0
        kept = self._strips[:wanted] if self._widgets else []
        for strip in self._strips[len(kept) :]:
            strip.show([])
            if strip.box is not self.box:
                strip.box.dismiss()
        new = (Strip(_box(self.shape, "nbapp-strip"), self.shape) for _ in range(wanted - len(kept)))
        self._strips = [*kept, *new] if widgets else [Strip(self.box, self.shape)]
        self._widgets = widgets
        if widgets:
            between = (part for strip, widget in zip(self._strips, widgets) for part in (strip.box.reference, widget))
            self.box.set(children=[*between, self._strips[-1].box.reference])
        else:
            self.box.set(children=[])


@dataclass(slots=True)
class Strip:
    """Outputs one below the other, each in a widget of its own."""

    box: Model
    shape: Model
    _shown: list[Output] = field(default_factory=list)
    _items: list[Model] = field(default_factory=list)

    def show(self, outputs: list[Output]) -> None:
        """Show these outputs: an equal one keeps its widget, a changed one is sent, and nothing else."""
        items: list[Model] = []
        for index, output in zip(pairs(self._shown, outputs), outputs, strict=True):
            if index is None:
                items.append(self._item(output))
            else:
                items.append(self._items[index])
                if self._shown[index] != output:
                    self._items[index].set(outputs=[output])
        gone = [item for item in self._items if item not in items]
        if gone or len(items) != len(self._items):
            self.box.set(children=[item.reference for item in items])
        self._shown, self._items = outputs, items
        for item in gone:
            item.dismiss()

    def _item(self, output: Output) -> Model:
        state = {"outputs": [output], "msg_id": "", "layout": self.shape.reference, "_dom_classes": ["nbapp-item"]}
        return Model(OutputWidget, state)


def _box(shape: Model, name: str, model_id: str | None = None) -> Model:
    state = {"children": [], "box_style": "", "layout": shape.reference, "_dom_classes": [name]}
    return Model(VBox, state, model_id)


def split(outputs: Sequence[Output]) -> tuple[list[str], list[list[Output]]]:
    """References to the widgets among outputs, and the other outputs before, between and after them.

    A view of a widget that is closed shows nothing, as in every front end.
    """
    widgets: list[str] = []
    texts: list[list[Output]] = [[]]
    for output in outputs:
        view = view_of(output)
        if view is None:
            texts[-1].append({key: value for key, value in output.items() if key != "transient"})
        elif is_open(view):
            widgets.append(f"IPY_MODEL_{view}")
            texts.append([])
    return widgets, texts


def pairs(old: list[Output], new: list[Output]) -> list[int | None]:
    """For each new output the index of the old one whose widget it takes over: an equal one, or one in its place.

    The indices rise, so that no widget changes places.
    """
    found: list[int | None] = []
    start = 0
    for output in new:
        index = next((index for index in range(start, len(old)) if old[index] == output), None)
        start = start if index is None else index + 1
        found.append(index)
    return list(_filled(found, len(old)))


def _filled(found: list[int | None], end: int) -> Iterator[int | None]:
    free = 0
    for position, index in enumerate(found):
        if index is not None:
            free = index + 1
            yield index
            continue
        taken = next((later for later in found[position + 1 :] if later is not None), end)
        yield free if free < taken else None
        free += free < taken
