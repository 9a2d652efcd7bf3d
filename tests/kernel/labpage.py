"""What JupyterLab with our extension says to a kernel and hears from it, without a browser."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

from nbapp.kernel.frontends.protocol import PROTOCOL, TARGET
from tests.kernel.kernels import PATIENCE, Kernel

SLIDER = "import ipywidgets as widgets\ns = widgets.IntSlider(value=3, max=50)\ns"


class LabPage:
    """A document of code cells, and what the kernel told about them over the comm."""

    def __init__(self, kernel: Kernel, client: str = "page-1") -> None:
        self.kernel = kernel
        self.client = client
        self.cells: dict[str, str] = {}
        self.tags: dict[str, list[str]] = {}
        self.outputs: dict[str, list[dict[str, Any]]] = {}
        self.steps: dict[str, dict[str, Any]] = {}
        self.status: dict[str, Any] = {}
        self.busy: list[dict[str, Any]] = []
        self.heard: list[dict[str, Any]] = []
        self.plain: list[str] = []
        self.comm = ""
        self._requests: dict[str, str] = {}
        self._running: dict[str, str] = {}  # cells whose newest request is not answered, as the extension knows them

    def load(self) -> None:
        """`%load_ext nbapp` in the first cell, and the extension's hello."""
        self.run("load", "%load_ext nbapp")
        self.hello()

    def hello(self) -> None:
        """The extension finds the open comm, and is told everything."""
        self.status = {}
        self.say(kind="hello", protocol=PROTOCOL, client=self.client, cells=self._listed())
        self.until(lambda: bool(self.status))

    def say(self, **message: Any) -> None:
        """A message of the extension."""
        client = self.kernel.client
        client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": self.comm, "data": message}))

    def arrange(self, **cells: str) -> None:
        """The document has these cells now."""
        self.cells = cells
        self.say(kind="cells", client=self.client, cells=self._listed())

    def insert(self, cell: str, source: str, *, before: str) -> None:
        """Write a new cell above another."""
        self.cells.pop(cell, None)
        place = list(self.cells).index(before)
        items = list(self.cells.items())
        self.arrange(**dict([*items[:place], (cell, source), *items[place:]]))

    def run(self, cell: str, source: str | None = None) -> str:
        """Run a cell by hand; what it shows then."""
        request = self.send(cell, source)
        self.answered(request)
        return self.text(cell)

    def run_all(self) -> None:
        """Run all cells, as the menu does: each is asked for at once."""
        for request in [self.send(cell) for cell in self.cells]:
            self.answered(request)

    def stop_by_hand(self, cell: str, begun: str | Path) -> None:
        """Run a cell by hand and interrupt the kernel once a file is there."""
        flag = self.kernel.folder / begun
        flag.unlink(missing_ok=True)
        request = self.send(cell)
        self.kernel.wait(flag.exists)
        self.kernel.manager.interrupt_kernel()
        self.answered(request)

    def answered(self, request: str) -> str:
        """Wait until a request has been answered; the page knows it then. The status of the answer."""
        reply = None
        while reply is None:
            message = self.kernel.client.get_shell_msg(timeout=PATIENCE)
            reply = message if message["parent_header"].get("msg_id") == request else None
        idle = False
        while not idle:
            message = self.kernel.client.get_iopub_msg(timeout=PATIENCE)
            self._take(message)
            idle = message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
            idle = idle and message["parent_header"].get("msg_id") == request
        cell = self._requests[request]
        if self._running.get(cell) == request:
            del self._running[cell]
        return str(reply["content"]["status"])

    def settle(self) -> None:
        """Wait until nothing more follows: a request that is no cell is answered when every cell is up to date."""
        for _ in range(2):
            self.value("None")

    def send(self, cell: str, source: str | None = None) -> str:
        """Ask the kernel to run a cell; the id of the request."""
        self.cells[cell] = source if source is not None else self.cells[cell]
        client = self.kernel.client
        content = {
            "code": self.cells[cell],
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": "raises-exception" not in self.tags.get(cell, []),
        }
        message = client.session.msg(
            "execute_request", content, metadata={"cellId": cell, "tags": self.tags.get(cell, [])}
        )
        client.shell_channel.send(message)
        request = str(message["header"]["msg_id"])
        self._requests[request], self.outputs[cell], self._running[cell] = cell, [], request
        return request

    def move(self, name: str, value: Any) -> None:
        """Move a widget, as its view does."""
        model = self.value(f"{name}.comm.comm_id")
        client = self.kernel.client
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": model, "data": data}))

    def value(self, expression: str) -> Any:
        """An expression in the kernel, asked as a variable inspector does: silently, and without a cell."""
        value = self.kernel.run("", expression)
        for message in self.kernel.seen:
            self._take(message)
        return value

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what was heard."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, json.dumps([self.steps, self.outputs], indent=1)
            try:
                self._take(self.kernel.client.get_iopub_msg(timeout=0.2))
            except Empty:
                continue

    def text(self, cell: str) -> str:
        """What a cell shows, as plain text; errors by their names."""
        shown = (
            output.get("text") or output.get("ename") or output["data"].get("text/plain", "")
            for output in self.outputs.get(cell, [])
        )
        return "".join(shown)

    def state(self, cell: str) -> tuple[str, bool]:
        """Where a cell stands, and whether what it shows is stale."""
        step = self.steps[cell]
        return step["state"], step["stale"]

    def _listed(self) -> list[dict[str, Any]]:
        return [{"id": name, "source": text, "tags": self.tags.get(name, [])} for name, text in self.cells.items()]

    def _take(self, message: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        if kind == "comm_open" and content["target_name"] == TARGET:
            self.comm = content["comm_id"]
        elif kind == "comm_msg" and content["comm_id"] == self.comm:
            self._hear(content["data"])
        cell = self._requests.get(message["parent_header"].get("msg_id", ""))
        if cell is not None and cell in self._running and self._running[cell] != message["parent_header"]["msg_id"]:
            cell = None  # JupyterLab listens to the newest request of a cell only
        if cell is not None and kind in ("stream", "display_data", "execute_result", "error", "clear_output"):
            self.plain.append(cell)
            if kind != "clear_output":
                self.outputs[cell].append({"output_type": kind, **content})

    def _hear(self, data: dict[str, Any]) -> None:
        self.heard.append(data)
        if data["kind"] == "status":
            self.status = data
        elif data["kind"] == "steps":
            self.steps |= {step["cell"]: step for step in data["steps"]}
        elif data["kind"] == "outputs":
            if data["cell"] not in self._running:
                self.outputs[data["cell"]] = data["outputs"]
        elif data["kind"] == "busy":
            self.busy.append(data)
