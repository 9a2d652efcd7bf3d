"""A front end without our extension, as Notebook 7 or JupyterLab talk to a kernel."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty
from typing import Any

from nbapp.kernel.outputs.outputs import output_of
from tests.kernel.kernels import PATIENCE, Kernel


class FrontEnd:
    """What a notebook front end shows: the outputs of each cell, by the messages that answer its requests."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.shown: dict[str, list[str]] = {}
        self.outputs: dict[str, list[dict[str, Any]]] = {}
        self.sent: list[str] = []
        self.errors: list[str] = []
        self.models: dict[str, str] = {}
        self._cells: dict[str, str] = {}
        self._clear: set[str] = set()

    def run(self, cell: str, source: str) -> str:
        """Run a cell by hand; what it shows."""
        client = self.kernel.client
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        message = client.session.msg("execute_request", content, metadata={"cellId": cell})
        client.shell_channel.send(message)
        request = message["header"]["msg_id"]
        self._cells[request], self.shown[cell], self.outputs[cell] = cell, [], []
        while True:
            reply = client.get_iopub_msg(timeout=PATIENCE)
            self._take(reply)
            idle = reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle"
            if idle and reply["parent_header"].get("msg_id") == request:
                client.get_shell_msg(timeout=PATIENCE)
                return self.text(cell)

    def move(self, expression: str, value: Any) -> None:
        """Move a widget, as its view does."""
        model = self.models.get(expression) or self.value(f"{expression}.comm.comm_id")
        client = self.kernel.client
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": model, "data": data}))

    def value(self, expression: str) -> Any:
        """An expression in the kernel, asked as a variable inspector does: silently, and without a cell."""
        return self.kernel.run("", expression)

    def until(self, cell: str, text: str) -> None:
        """Wait until a cell shows this text."""
        self.until_it(lambda: self.text(cell) == text, text)

    def until_it(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds of what is shown."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, (what, self.shown)
            try:
                self._take(self.kernel.client.get_iopub_msg(timeout=0.2))
            except Empty:
                continue

    def text(self, cell: str) -> str:
        return "".join(self.shown[cell])

    def _take(self, message: dict[str, Any]) -> None:
        cell = self._cells.get(message["parent_header"].get("msg_id", ""))
        kind, content = message["msg_type"], message["content"]
        if cell is None or kind not in ("stream", "display_data", "execute_result", "error", "clear_output"):
            return
        self.sent.append(cell)
        if kind == "clear_output":
            self._clear.add(cell)
            if not content["wait"]:
                self.shown[cell], self.outputs[cell] = [], []
            return
        if cell in self._clear:
            self._clear.discard(cell)
            self.shown[cell], self.outputs[cell] = [], []
        if kind == "error":
            self.errors.append(f"{content['ename']}: {content['evalue']}")
        self.outputs[cell].append(dict(output_of(kind, content)))
        self.shown[cell].append(content.get("text") or content.get("ename") or content["data"].get("text/plain", ""))
