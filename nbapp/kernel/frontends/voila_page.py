"""The page of a served app: a view of each cell (`cell_view.py`), and what its script and its server are told."""

from __future__ import annotations

import contextvars
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakKeyDictionary

from comm import create_comm
from comm.base_comm import BaseComm
from ipywidgets import Label, Layout, VBox, Widget
from ipywidgets import Output as OutputWidget

from nbapp._compat.ipywidgets import instances
from nbapp.core.notebook import Cell, CellError, CellId, Notebook, Output
from nbapp.core.step import Step
from nbapp.kernel.common.author_log import ErrorLog
from nbapp.kernel.frontends.cell_view import CellView
from nbapp.kernel.frontends.observer import Silent
from nbapp.kernel.frontends.page_model import Model, is_open
from nbapp.kernel.frontends.page_states import CLOSED
from nbapp.kernel.outputs.limits import PAGE
from nbapp.kernel.outputs.outputs import bounded, view_of
from nbapp.kernel.outputs.readable import discreet, readable
from nbapp.kernel.outputs.snapshot import ALL, snapshot

BUSY_MARK = "nbapp-busy"  # the model id by which the page's script finds the busy mark
SAVED = "nbapp-saved"  # by which it finds the version of the notebook that is shown
ADDRESS = "nbapp-address"  # by which it finds what the page's address asks for, and tells of another one
TOLD = "nbapp-told"  # and by which it finds what is to be told
CELL = "nbapp-cell-"  # and, with the id of a cell, the box that shows it: a page is written before there is a kernel
RECORD = "nbapp-record"  # the comm by which the server hears what cells show
_BETWEEN = 0.5  # seconds between two records of a cell that goes on


class ForServer(Protocol):
    """What the server of a page is told, besides its page."""

    def busy(self, is_busy: bool) -> None:
        """Cells take a while, or are done."""

    def over(self) -> None:
        """A walk ended, at the last cell."""

    def state(self) -> dict[str, object]:
        """All of it, as JSON values."""


class PageAddress(Protocol):
    """What of the address of a page is the kernel's business."""

    def query(self) -> dict[str, object]:
        """What the address is to ask for, as JSON values."""

    def goes_to(self, content: object) -> None:
        """The address is another one now, as the page's script says; on any thread."""


class VoilaPage(Silent):
    """Listens to an app and shows it. `tracebacks`: whether a failed cell shows its traceback or a friendly line.

    Any thread may call it: outputs of a cell that blocks the kernel come from the thread that sends them.
    """

    def __init__(self, *, tracebacks: bool, log_as_json: bool = False) -> None:
        self._tracebacks = tracebacks
        self._lock = threading.RLock()
        self._views: dict[CellId, CellView] = {}
        self._positions: dict[CellId, int] = {}
        self._failures = ErrorLog(as_json=log_as_json)
        self._under_way: CellId | None = None
        self._raised: WeakKeyDictionary[Widget, list[Output]] = WeakKeyDictionary()
        self._shape: Model
        self._mark: Model
        self._saved: Model
        self._query: Model
        self._version = ""
        self.nothing: Model
        self._context: contextvars.Context
        self._record: BaseComm | None = None
        self._recorded: dict[CellId, float] = {}  # when, on the monotonic clock
        self._server: ForServer | None = None
        self._address: PageAddress | None = None
        self._was_stopped = False
        self._made = _MadeInWalk()

    def open(self, notebook: Notebook) -> None:
        """Open the page's own widgets. The app that it listens to is installed, and the first walk is about to start.

        Of this walk the server hears, through the messages that answer the request that is being handled.
        """
        self._context = contextvars.copy_context()
        self._shape = Model(Layout, {})
        self._mark = Model(Label, {"value": "", "layout": self._shape.reference}, BUSY_MARK)
        self._saved = Model(Label, {"value": "", "layout": self._shape.reference}, SAVED)
        goes_to = self._address.goes_to if self._address is not None else None
        self._query = Model(Label, {"value": "", "layout": self._shape.reference}, ADDRESS, goes_to)
        hidden = Model(Layout, {"display": "none"})
        self.nothing = Model(VBox, {"children": [], "layout": hidden.reference, "_dom_classes": []}, CLOSED)
        for cell in notebook:
            self._view(cell.id)
        self._record = create_comm(target_name=RECORD, comm_id=RECORD)

    def tells_server(self, server: ForServer) -> None:
        """From now on the server hears of it when something changes."""
        self._server = server

    def has_address(self, address: PageAddress) -> None:
        """The page's address will have the values of its controls, and they will follow it when it is another."""
        self._address = address

    def over(self, *, is_whole: bool = True) -> None:
        """A walk ended. Of one that was stopped or cut short the server is told nothing: with these values it may never
        end, or end the kernel.
        """
        with self._lock:
            self._made = _MadeInWalk()
        was_stopped, self._was_stopped = self._was_stopped, False
        if self._server is not None and is_whole and not was_stopped:
            self._server.over()
        if self._address is not None and not was_stopped:
            self.addressed()

    def addressed(self) -> None:
        """Tell the page's script what the address is to ask for now."""
        if self._address is not None:
            self._context.copy().run(self._query.set, value=json.dumps(self._address.query()))

    def comes_back(self) -> None:
        """The page is loaded again: tell the server what cells show, and what else it should know."""
        self.is_asked_for_again()
        self._record = create_comm(target_name=RECORD, comm_id=RECORD)
        self.record(with_state=True)

    def is_asked_for_again(self) -> None:
        """The request that is being handled is the one that the page is for."""
        self._context = contextvars.copy_context()

    def arrange(self, notebook: Notebook) -> None:
        """These cells are shown from now on, and no others."""
        with self._lock:
            ids = {cell.id for cell in notebook}
            for cell_id in self._views.keys() - ids:
                self._views.pop(cell_id).close()
            for cell_id in ids:
                self._view(cell_id)

    def saved(self, version: str = "", error: str = "") -> None:
        """Tell the page's script which version of the notebook it shows, or why a newer one cannot be shown."""
        value = json.dumps({"version": version or self._version, "error": error})
        self._version = version or self._version
        self._context.copy().run(self._saved.set, value=value)

    def record(self, *cells: CellId, of_the_moment: Sequence[CellId] = (), with_state: bool = False) -> None:
        """Tell the server what cells show, by default all: a page without a connection shows that meanwhile.

        Those `of_the_moment` are for this page only. `with_state`: and what the server should know besides.
        """
        if self._record is not None:
            with self._lock:
                views = {cell_id: self._views[cell_id] for cell_id in cells} if cells else dict(self._views)
                shown = {name: snapshot(view.shown, instances) for name, view in views.items()}
            news: dict[str, object] = {"shown": shown, "of_the_moment": list(of_the_moment)}
            if with_state and self._server is not None:
                news["state"] = self._server.state()
            self._context.copy().run(self._record.send, data=news)

    def as_it_stands(self) -> dict[CellId, list[Output]]:
        """What the cells show, all of it."""
        with self._lock:
            return {cell_id: snapshot(view.shown, instances, most=ALL) for cell_id, view in self._views.items()}

    def connects(self) -> None:
        """The page is about to connect: it sees for itself from now on."""
        if self._record is not None:
            self._record.close()
            self._record = None

    def step(self, step: Step) -> None:
        """Note where the cell stands, and mark what a failure above it left out of date."""
        with self._lock:
            self._made.step(step.cell.id)
            self._positions[step.cell.id] = step.index + 1
            self._view(step.cell.id).stale(step.state == "not run" and not step.cleared)

    def shown(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """Show a cell's outputs and the error that ended it."""
        with self._lock:
            position = self._positions.get(cell_id, 0)
            self._was_stopped |= error is not None and error.name == "KeyboardInterrupt"
            if error is not None and not self._tracebacks and not (error.is_end or error.name == "KeyboardInterrupt"):
                self._failures.tell(position, error)
            view = self._view(cell_id)
            view.show(readable(outputs, error, position, tracebacks=self._tracebacks))
            view.fresh()
            self._made.shows(cell_id)
        self._record_now_and_then(cell_id)

    def patches(self) -> bool:
        """Outputs change in place."""
        return True

    def send_outputs(self, raised_in: Callable[[Widget], CellId | None]) -> None:
        """From now on the author's own Output widgets show no closed widget in any page, and a visitor one friendly
        line where an exception was.

        In the kernel they keep what they have: the notebook may read it.
        """

        def to_json(outputs: Sequence[Output], widget: Widget) -> list[Output]:
            open_ = [output for output in outputs if (view := view_of(output)) is None or is_open(view)]
            shown = list(bounded(open_, PAGE))
            if self._tracebacks:
                return shown
            position = self._positions.get(raised_in(widget) or CellId(""))
            self._tell(widget, [output for output in shown if output["output_type"] == "error"], position)
            return discreet(shown, position)

        OutputWidget.class_traits()["outputs"].metadata["to_json"] = to_json

    def _record_now_and_then(self, cell_id: CellId) -> None:
        """A thread leaves it to the walk's own: states of widgets are told while nobody changes them."""
        if self._record is None:
            return
        now = time.monotonic()
        if threading.current_thread() is threading.main_thread() and now - self._recorded.get(cell_id, 0) > _BETWEEN:
            self._recorded[cell_id] = now
            self.record(cell_id)

    def _mark_under_way(self, cell: Cell | None) -> None:
        if self._under_way is not None and (cell is None or cell.id != self._under_way):
            self._view(self._under_way).under_way(False)
        self._under_way = cell.id if cell is not None else None
        if self._under_way is not None:
            self._view(self._under_way).under_way(True, has_made=self._under_way in self._made.news)

    def _tell(self, widget: Widget, errors: list[Output], position: int | None) -> None:
        """Tell the author of exceptions in an Output widget, once for each time that it gets some."""
        if errors and errors != self._raised.get(widget):
            last = errors[-1]
            self._failures.tell(position, CellError(last["ename"], last["evalue"], tuple(last["traceback"])))
        self._raised[widget] = errors

    def busy(self, cell: Cell | None, index: int, total: int) -> None:
        """Tell the page's script which cell is executing and mark it where it stands; None: none is."""
        position = self._positions.get(cell.id, index + 1) if cell else 0
        if self._server is not None:
            self._server.busy(cell is not None)
        with self._lock:
            self._context.copy().run(self._mark_under_way, cell)
        value = json.dumps({"cell": position, "of": total}) if cell else ""
        self._context.copy().run(self._mark.set, value=value)

    def tell(self, sentences: Sequence[str]) -> None:
        """Tell the visitor something about the page as a whole."""
        if sentences:
            state = {"value": " ".join(sentences), "layout": self._shape.reference}
            self._context.copy().run(Model, Label, state, TOLD)

    def _view(self, cell_id: CellId) -> CellView:
        view = self._views.get(cell_id)
        if view is None:
            view = self._views[cell_id] = CellView(self._shape, f"{CELL}{cell_id}")
        return view


@dataclass(slots=True)
class _MadeInWalk:
    """Which cells have shown something new since they began in this walk, and are not done: `news`."""

    news: set[CellId] = field(default_factory=set)
    _done: set[CellId] = field(default_factory=set)

    def step(self, cell: CellId) -> None:
        """A cell is up to date. Before the first step of a walk, threads of earlier ones may have shown something."""
        if not self._done:
            self.news.clear()
        self._done.add(cell)
        self.news.discard(cell)

    def shows(self, cell: CellId) -> None:
        """A cell shows something else than before."""
        if cell not in self._done:
            self.news.add(cell)
