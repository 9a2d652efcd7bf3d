"""Shows a notebook in JupyterLab through our extension: outputs patched in place, and where each cell stands.

Until an extension says hello a front end is taken for a plain one. What is sent is what differs from what was sent
before; a page that says hello is told everything. This file does not know what the extension makes of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from nbapp import __version__
from nbapp.core.notebook import Cell, CellError, CellId, Output
from nbapp.core.step import State, Step
from nbapp.kernel.frontends.plain import Plain, identity
from nbapp.kernel.frontends.protocol import PROTOCOL, FromKernel, StepNow

EDITED = "it was edited since it ran; run it to use what it says now"
MOVED = "a widget above it moved while nbapp was off; turn Reactive on, or run it"


@dataclass(slots=True)
class Lab:
    """Listens to an app. `send` may be called from any thread; `client` is the page that told the cells last."""

    plain: Plain
    send: Callable[[FromKernel], None]
    client: str = ""
    reactive: bool = True
    _by: dict[CellId, Step] = field(default_factory=dict)  # the step by which that was said: again it says nothing
    _said: dict[CellId, StepNow] = field(default_factory=dict)  # by the steps alone
    _steps: dict[CellId, StepNow] = field(default_factory=dict)  # as told, with what was edited or is behind
    _outputs: dict[CellId, list[Output]] = field(default_factory=dict)
    _fresh: set[CellId] = field(default_factory=set)
    _for_hand: bool = False
    _done: set[CellId] = field(default_factory=set)  # cells of the walk under way that were brought up to date
    _edited: frozenset[CellId] = frozenset()
    _behind: set[CellId] = field(default_factory=set)
    _news: dict[CellId, StepNow] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def hello(self, client: str) -> None:
        """A page with the extension is there."""
        with self._lock:
            self.client = client
            self._status()
            self._news = dict(self._steps)
            self._flush()
            for cell_id, outputs in self._outputs.items():
                self._send_outputs(cell_id, outputs)

    def heard_from(self, client: str) -> None:
        """This page told the cells last."""
        self.client = client

    def arranged(self, cells: Collection[CellId], edited: frozenset[CellId]) -> None:
        """These code cells are there, and these say something else than what ran."""
        with self._lock:
            for gone in self._steps.keys() - set(cells):
                del self._steps[gone], self._said[gone]
                self._by.pop(gone, None)
                self._outputs.pop(gone, None)
                self._news.pop(gone, None)
            changed, self._edited = self._edited ^ edited, edited
            self._note(changed)
            self._flush()

    # --- what the app tells

    def asked(self, cell_id: CellId, parent: dict[str, Any]) -> None:
        """The front end listens to this request from now on for what the cell shows, and has cleared that."""
        self.plain.asked(cell_id, parent)

    def runs(self, cell_id: CellId) -> None:
        """The front end's request is executed now: it gets the outputs by itself."""
        with self._lock:
            self._fresh.add(cell_id)
            self._for_hand = True
            self._edited -= {cell_id}
            self._under_way(cell_id)

    def put_out(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """The front end shows this already."""
        with self._lock:
            self._outputs[cell_id] = [*outputs, *_missing(outputs, error)]
        self.plain.put_out(cell_id, outputs, error)

    def step(self, step: Step) -> None:
        """Note where the cell stands. What it shows is old when a cell above it failed."""
        with self._lock:
            cell_id = step.cell.id
            if cell_id in self._fresh and (step.state == "skipped" or step.kept):
                return  # the walk that follows a cell run by hand: that it ran is the news
            self._done.add(cell_id)
            if self._by.get(cell_id) is step and cell_id not in self._behind:
                return  # it was said
            self._by[cell_id] = step
            self._said[cell_id] = {
                "cell": cell_id,
                "state": _state(step),
                "reason": step.reason,
                "seconds": round(step.seconds, 4),
                "stale": step.state == "not run" and not step.cleared,
            }
            self._behind.discard(cell_id)
            self._note([cell_id])
            if step.state in ("ran", "failed"):
                self._flush()

    def shown(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """Send what the cell shows, unless the front end shows it already."""
        with self._lock:
            before = self._outputs.get(cell_id)
            now = [*outputs, *_missing(outputs, error)]
            self._outputs[cell_id] = now
            if self.client and (before is None or list(map(identity, before)) != list(map(identity, now))):
                self._send_outputs(cell_id, now)
        if not self.client:
            self.plain.shown(cell_id, outputs, error)

    def patches(self) -> bool:
        """The extension changes outputs in place; a plain front end clears the cell."""
        return bool(self.client)

    def busy(self, cell: Cell | None, index: int, total: int) -> None:
        """Say which cell is executing."""
        with self._lock:
            if cell is not None and cell.id not in self._done:  # it may be told late, from another thread
                self._under_way(cell.id)
                self._flush()
        if self.client:
            self.send({"kind": "busy", "cell": cell.id if cell else "", "index": index + 1, "total": total})

    def over(self, *, is_whole: bool = True) -> None:
        """The walk ended: what was only skipped is told too."""
        with self._lock:
            if not self._for_hand:
                self._fresh.clear()
            self._for_hand = False
            self._done.clear()
            self._flush()

    def behind(self, cells: Collection[CellId]) -> None:
        """With nbapp off, a widget moved that these cells were made from."""
        with self._lock:
            self._behind.update(cells)
            self._note(cells)
            self._flush()

    def switched(self, on: bool) -> None:
        """The switch was moved, by whomever."""
        with self._lock:
            self.reactive = on
            self._status()

    # --- sending

    def _note(self, cells: Iterable[CellId]) -> None:
        """What is to be told of cells, where it differs from what was told."""
        for cell_id in self._said.keys() & set(cells):
            now = self._said[cell_id]
            if cell_id in self._edited:
                now = {**now, "stale": True, "reason": EDITED}
            elif cell_id in self._behind:
                now = {**now, "stale": True, "reason": MOVED}
            if self._steps.get(cell_id) != now:
                self._steps[cell_id] = self._news[cell_id] = now

    def _under_way(self, cell_id: CellId) -> None:
        """The cell executes: what was said of its last execution does not hold any more, nothing is known yet."""
        if cell_id in self._said:
            self._by.pop(cell_id, None)
            self._said[cell_id] = {"cell": cell_id, "state": "", "reason": "", "seconds": 0.0, "stale": False}
            self._note([cell_id])

    def _status(self) -> None:
        if self.client:
            self.send({"kind": "status", "protocol": PROTOCOL, "version": __version__, "reactive": self.reactive})

    def _flush(self) -> None:
        news, self._news = self._news, {}
        if news and self.client:
            self.send({"kind": "steps", "steps": list(news.values())})

    def _send_outputs(self, cell_id: CellId, outputs: list[Output]) -> None:
        self.send({"kind": "outputs", "client": self.client, "cell": cell_id, "outputs": list(map(dict, outputs))})


def _state(step: Step) -> State:
    """How a cell stands; one that ended the run on purpose ran."""
    if step.error is not None and step.error.is_end:
        return "skipped" if step.kept else "ran"
    return step.state


def _missing(outputs: Iterable[Output], error: CellError | None) -> list[Output]:
    """The error that ended a cell, when it is not among the outputs."""
    if error is None or error.is_end or any(output["output_type"] == "error" for output in outputs):
        return []
    lines = list(error.traceback) or [f"{error.name}: {error.message}"]
    return [{"output_type": "error", "ename": error.name, "evalue": error.message, "traceback": lines}]
