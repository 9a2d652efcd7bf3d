"""Shows outputs in a front end that has no extension: as replies to the cell's own execute request.

JupyterLab, Notebook 7 and VS Code keep listening to the request that ran a cell, so outputs sent with it as parent
replace what the cell shows, and what a thread puts out later is added. A cell that shows a widget is left alone when
its other outputs are equal, because sending a widget again makes a new view. After the page is reloaded nobody
listens any more until the cell is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nbapp._compat.ipykernel import topic
from nbapp.core.notebook import CellError, CellId, Output
from nbapp.kernel.frontends.observer import Silent
from nbapp.kernel.outputs.outputs import view_of

if TYPE_CHECKING:
    from ipykernel.ipkernel import IPythonKernel


class Plain(Silent):
    """A listener that talks to plain front ends over iopub."""

    def __init__(self, kernel: IPythonKernel) -> None:
        self._kernel = kernel
        self._parents: dict[CellId, dict[str, Any]] = {}
        self._shown: dict[CellId, list[Any]] = {}
        self._sent: set[CellId] = set()

    def asked(self, cell_id: CellId, parent: dict[str, Any]) -> None:
        """The front end listens to this request from now on for what the cell shows, and has cleared that."""
        self._parents[cell_id] = parent

    def put_out(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """The front end shows already what a cell run by hand has put out."""
        self._sent.discard(cell_id)
        self._shown[cell_id] = [identity(output) for output in outputs]

    def shown(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """Replace what the cell shows, or add to what was sent; nothing when it is the same."""
        now = [identity(output) for output in outputs]
        parent, before = self._parents.get(cell_id), self._shown.get(cell_id)
        if parent is None or before == now:
            return
        added = _added(before or [], outputs) if cell_id in self._sent else None
        if added is None:
            added = outputs
            self._send("clear_output", {"wait": bool(outputs)}, parent)
        self._shown[cell_id] = now
        self._sent.add(cell_id)
        for output in added:
            content = {key: value for key, value in output.items() if key != "output_type"}
            if output["output_type"] == "execute_result":
                content.setdefault("execution_count", self._kernel.execution_count)
            self._send(output["output_type"], content, parent)

    def _send(self, kind: str, content: dict[str, Any], parent: dict[str, Any]) -> None:
        kernel = self._kernel
        session: Any = kernel.session
        session.send(kernel.iopub_socket, kind, content, parent=parent, ident=topic(kernel, kind))


def identity(output: Output) -> Any:
    """What must be equal for two outputs to look the same: of a widget the view only, its text follows its value."""
    view = view_of(output)
    return ("widget", view) if view else dict(output)


def _added(before: Sequence[Any], outputs: Sequence[Output]) -> Sequence[Output] | None:
    """What to send after outputs of these identities to have all outputs; None when they do not begin so."""
    now = [identity(output) for output in outputs]
    if not before or now[: len(before)] == before:
        return outputs[len(before) :]
    last = len(before) - 1
    if last >= len(outputs) or now[:last] != before[:last] or not isinstance(before[last], dict):
        return None
    old, new = before[last], outputs[last]
    if old.get("output_type") != "stream" or old.get("name") != new.get("name"):
        return None
    if not new["text"].startswith(old["text"]):
        return None
    return [{**new, "text": new["text"][len(old["text"]) :]}, *outputs[last + 1 :]]
