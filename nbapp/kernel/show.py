"""The page of a served app: one box of widgets per cell, kept as the cell's outputs change. It knows no cells' code.

Voila prints a cell's outputs once, so what must change later is a widget. Each output is an `Output` widget of its
own whose `outputs` the kernel assigns, and a displayed widget is itself a child of the box: nothing is rebuilt around
a slider being dragged or a field being typed in. A front end rebuilds all views behind the first child that differs,
so in a cell with widgets the outputs between two of them live in a box that stays: text that comes and goes above a
slider leaves the slider alone.
"""

from __future__ import annotations

import contextvars
import html
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ipywidgets import Label, Layout, VBox, Widget
from ipywidgets import Output as OutputWidget

from nbapp.core.notebook import Cell, CellError, CellId, Output
from nbapp.core.step import Step
from nbapp.kernel.listener import Silent
from nbapp.kernel.model import Model, is_open
from nbapp.kernel.outputs import VIEW, view_of

BUSY_MARK = "nbapp-busy"  # the model id by which the page's script finds the busy mark
_FAILED = "Cell {} could not be computed. Change a control above, or ask the author."
_FAILED_THERE = "This could not be computed (cell {}). Try another value, or ask the author."
_FAILED_SOMEWHERE = "This could not be computed. Try another value, or ask the author."
_STOPPED = "Cell {} was stopped. Change a control above to run it again."


class Page(Silent):
    """Listens to an app and shows it. `tracebacks`: whether a failed cell shows its traceback or a friendly line.

    Any thread may call it: outputs of a cell that blocks the kernel come from the thread that sends them.
    """

    def __init__(self, *, tracebacks: bool) -> None:
        self._tracebacks = tracebacks
        self._lock = threading.RLock()
        self._views: dict[CellId, CellView] = {}
        self._positions: dict[CellId, int] = {}
        self._shape: Model
        self._mark: Model
        self._context: contextvars.Context

    def open(self) -> None:
        """Open the page's own widgets. The app that it listens to is installed, and the first walk is about to start.

        Of this walk the server hears, through the messages that answer the request that is being handled.
        """
        self._context = contextvars.copy_context()
        self._shape = Model(Layout, {})
        self._mark = Model(Label, {"value": "", "layout": self._shape.reference}, BUSY_MARK)

    def view(self, cell_id: CellId) -> dict[str, Any]:
        """What displays the widget that shows a cell, by MIME type."""
        with self._lock:
            model_id = self._view(cell_id).box.model_id
        return {VIEW: {"version_major": 2, "version_minor": 0, "model_id": model_id}, "text/plain": ""}

    def step(self, step: Step) -> None:
        """Note where the cell stands, and mark what a failure above it left out of date."""
        with self._lock:
            self._positions[step.cell.id] = step.index + 1
            self._view(step.cell.id).stale(step.state == "not run")

    def shown(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """Show a cell's outputs and the error that ended it."""
        with self._lock:
            position = self._positions.get(cell_id, 0)
            self._view(cell_id).show(readable(outputs, error, position, tracebacks=self._tracebacks))

    def patches(self) -> bool:
        """Outputs change in place."""
        return True

    def hide_errors(self, raised_in: Callable[[Widget], CellId | None]) -> None:
        """From now on the author's own Output widgets show one friendly line in every page where an exception was.

        In the kernel they keep what they have: the notebook may read it.
        """
        OutputWidget.class_traits()["outputs"].metadata["to_json"] = lambda outputs, widget: discreet(
            outputs, self._positions.get(raised_in(widget) or CellId(""))
        )

    def busy(self, cell: Cell | None, index: int, total: int) -> None:
        """Tell the page's script which cell is executing; None: none is."""
        position = self._positions.get(cell.id, index + 1) if cell else 0
        value = json.dumps({"cell": position, "of": total}) if cell else ""
        self._context.copy().run(self._mark.set, value=value)

    def _view(self, cell_id: CellId) -> CellView:
        view = self._views.get(cell_id)
        if view is None:
            view = self._views[cell_id] = CellView(self._shape)
        return view


@dataclass(slots=True)
class CellView:
    """What shows one cell: its widgets, and strips of outputs before, between and after them."""

    shape: Model
    box: Model = field(init=False)
    _strips: list[Strip] = field(init=False)
    _widgets: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.box = _box(self.shape, "nbapp-cell")
        self._strips = [Strip(self.box, self.shape)]

    def show(self, outputs: Sequence[Output]) -> None:
        """Make the box show these outputs in this order; what is equal already stays as it is."""
        widgets, texts = split(outputs)
        if widgets != self._widgets:
            self._arrange(widgets)
        for strip, items in zip(self._strips, texts, strict=True):
            strip.show(items)

    def stale(self, stale: bool) -> None:
        """Mark the outputs as out of date, or as up to date again."""
        self.box.set(_dom_classes=["nbapp-cell", "nbapp-stale"] if stale else ["nbapp-cell"])

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


def _box(shape: Model, name: str) -> Model:
    return Model(VBox, {"children": [], "box_style": "", "layout": shape.reference, "_dom_classes": [name]})


def readable(outputs: Sequence[Output], error: CellError | None, position: int, *, tracebacks: bool) -> list[Output]:
    """What whoever opens the page may see of a cell.

    A visitor sees no warnings and no tracebacks, which tell of files and code; one line says which cell failed. Who
    stopped a cell knows why it ended, and needs no traceback either.
    """
    stopped = error is not None and error.name == "KeyboardInterrupt"
    hidden = {"error"} if stopped else set()
    if not tracebacks:
        hidden |= {"error", "stderr"}
    shown = [output for output in outputs if not hidden & {output["output_type"], output.get("name")}]
    if error is None:
        return shown
    if stopped or not tracebacks:
        return [*shown, _line((_STOPPED if stopped else _FAILED).format(position))]
    if any(output["output_type"] == "error" for output in shown):
        return shown
    lines = list(error.traceback) or [f"{error.name}: {error.message}"]
    return [*shown, {"output_type": "error", "ename": error.name, "evalue": error.message, "traceback": lines}]


def discreet(outputs: Sequence[Output], position: int | None) -> list[Output]:
    """What a visitor may see of an Output widget: no warnings, and one line for the exceptions."""
    shown = [output for output in outputs if output.get("name") != "stderr" and output["output_type"] != "error"]
    if not any(output["output_type"] == "error" for output in outputs):
        return shown
    return [*shown, _line(_FAILED_THERE.format(position) if position else _FAILED_SOMEWHERE)]


def _line(text: str) -> Output:
    markup = f'<p class="nbapp-error" role="alert">{html.escape(text)}</p>'
    return {"output_type": "display_data", "data": {"text/html": markup, "text/plain": text}, "metadata": {}}


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
