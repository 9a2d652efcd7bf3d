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
from nbapp.core.step import Step
from nbapp.kernel.plain import Plain, identity
from nbapp.kernel.wire import PROTOCOL, FromKernel, StepNow

EDITED = "it was edited since it ran; run it to use what it says now"
MOVED = "a widget above it moved while nbapp was off; turn Reactive on, or run it"


@dataclass(slots=True)
class Lab:
    """Listens to an app. `send` may be called from any thread; `client` is the page that told the cells last."""

    plain: Plain
    send: Callable[[FromKernel], None]
    client: str = ""
    reactive: bool = True
    _steps: dict[CellId, StepNow] = field(default_factory=dict)
    _outputs: dict[CellId, list[Output]] = field(default_factory=dict)
    _by_hand: set[CellId] = field(default_factory=set)
    _fresh: set[CellId] = field(default_factory=set)
    _for_hand: bool = False
    _edited: frozenset[CellId] = frozenset()
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

    def arranged(self, cells: Collection[CellId], edited: frozenset[CellId]) -> None:
        """These code cells are there, and these say something else than what ran."""
        with self._lock:
            for gone in self._steps.keys() - set(cells):
                del self._steps[gone]
                self._outputs.pop(gone, None)
                self._news.pop(gone, None)
            changed, self._edited = self._edited ^ edited, edited
            self._mark(changed - edited, stale=False, reason="")
            self._mark(edited, stale=True, reason=EDITED)
            self._flush()

    # --- what the app tells

    def runs(self, cell_id: CellId, parent: dict[str, Any]) -> None:
        """The front end runs this cell with this request, and gets its outputs by itself."""
        with self._lock:
            self._by_hand.add(cell_id)
            self._edited -= {cell_id}
        self.plain.runs(cell_id, parent)

    def step(self, step: Step) -> None:
        """Note where the cell stands. What it shows is old when a cell above it failed."""
        self.plain.step(step)
        with self._lock:
            cell_id = step.cell.id
            if cell_id in self._by_hand and step.state in ("ran", "failed"):
                self._by_hand.discard(cell_id)
                self._fresh.add(cell_id)
                self._for_hand = True
                self._outputs[cell_id] = list(step.outputs)
            elif cell_id in self._fresh and step.state == "skipped":
                return  # the walk that follows a cell run by hand: that it ran is the news
            edited = cell_id in self._edited
            now: StepNow = {
                "cell": cell_id,
                "state": step.state,
                "reason": EDITED if edited else step.reason,
                "seconds": round(step.seconds, 4),
                "stale": edited or step.state == "not run",
            }
            if self._steps.get(cell_id) != now:
                self._steps[cell_id] = self._news[cell_id] = now
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
        if self.client:
            self.send({"kind": "busy", "cell": cell.id if cell else "", "index": index + 1, "total": total})

    def over(self) -> None:
        """The walk ended: what was only skipped is told too."""
        with self._lock:
            if not self._for_hand:
                self._fresh.clear()
            self._for_hand = False
            self._flush()

    def behind(self, cells: Collection[CellId]) -> None:
        """With nbapp off, a widget moved that these cells were made from."""
        with self._lock:
            self._mark(cells, stale=True, reason=MOVED)
            self._flush()

    def switched(self, on: bool) -> None:
        """The switch was moved, by whomever."""
        with self._lock:
            self.reactive = on
            self._status()

    # --- sending

    def _mark(self, cells: Iterable[CellId], *, stale: bool, reason: str) -> None:
        for cell_id in cells:
            before = self._steps.get(cell_id)
            if before is not None and before["stale"] != stale:
                now: StepNow = {**before, "stale": stale, "reason": reason or before["reason"]}
                self._steps[cell_id] = self._news[cell_id] = now

    def _status(self) -> None:
        if self.client:
            self.send({"kind": "status", "protocol": PROTOCOL, "version": __version__, "reactive": self.reactive})

    def _flush(self) -> None:
        news, self._news = self._news, {}
        if news and self.client:
            self.send({"kind": "steps", "steps": list(news.values())})

    def _send_outputs(self, cell_id: CellId, outputs: list[Output]) -> None:
        self.send({"kind": "outputs", "client": self.client, "cell": cell_id, "outputs": list(map(dict, outputs))})


def _missing(outputs: Iterable[Output], error: CellError | None) -> list[Output]:
    """The error that ended a cell, when it is not among the outputs."""
    if error is None or any(output["output_type"] == "error" for output in outputs):
        return []
    lines = list(error.traceback) or [f"{error.name}: {error.message}"]
    return [{"output_type": "error", "ename": error.name, "evalue": error.message, "traceback": lines}]
