"""Plain Jupyter without cell ids: nbclient runs the cells, then the controls are moved as a front end does.

`Ran` is what one kernel showed: at first, when all controls stood elsewhere, and when they were back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import nbformat
import psutil
import zmq
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode

from benchmarks.corpus.moves import Move, encoded, message, moves
from benchmarks.corpus.notebooks import notebook
from benchmarks.corpus.picture import Leaves, States, controls, leaves

_AGAIN = 0.1  # seconds
_PATIENCE = 120  # seconds for a cell, or for a kernel to answer
Values = Mapping[tuple[str, int], Mapping[str, Any]]  # the states of controls, by class and number of construction

_GIVE = """
def _give(encoded):
    import ast, base64
    from ipywidgets import Widget, interactive
    values, counts, given = dict(ast.literal_eval(base64.b64decode(encoded).decode())), {{}}, {{}}
    def give(widget):
        for name, value in given[id(widget)].items():
            widget.set_trait(name, widget.trait_metadata(name, "from_json", widget._trait_from_json)(value, widget))
    def made(widget):
        name = widget._model_name
        counts[name] = number = counts.get(name, -1) + 1
        if (name, number) in values:
            given[id(widget)] = values[name, number]
            give(widget)
    Widget.on_widget_constructed(made)
    by_library = interactive.widget_from_abbrev
    def widget_from_abbrev(self, *arguments, **named):  # gives a new widget the default of the function's argument
        widget = by_library(*arguments, **named)
        if id(widget) in given:
            give(widget)
        return widget
    interactive.widget_from_abbrev = widget_from_abbrev
_give({encoded!r})
del _give
"""
_STATES = """
def _states(path):
    import json
    from ipywidgets import Widget
    state = Widget.get_manager_state()["state"]
    shown = {{key: dict(each["state"], _buffers=[b["data"] for b in each.get("buffers", ())] or None)
        for key, each in state.items()}}
    json.dump(shown, open(path, "w"), default=str)
_states({path!r})
del _states
"""


@dataclass(slots=True)
class Ran:
    """What a notebook showed. `front` is as the front end has it, `kernel` as the kernel has it, at each of the stages.

    `aside` is what callbacks put out where no cell shows it. `seconds` and `cpu` are those of the whole run of the
    cells with the start of the kernel.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    front: list[Leaves] = field(default_factory=list)
    kernel: list[Leaves] = field(default_factory=list)
    planned: list[Move] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    values: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)


class Plain:
    """One kernel with the cells of a notebook, and the front end to it."""

    def __init__(self, cells: Sequence[str], folder: Path, *, loading: bool) -> None:
        self.nb = notebook(list(cells), loading=loading)
        self.skipped = int(loading)
        resources = {"metadata": {"path": str(folder)}}
        self.client: Any = NotebookClient(
            self.nb, timeout=_PATIENCE, resources=resources, allow_errors=True, record_timing=False
        )
        self.aside: NotebookNode = nbformat.v4.new_code_cell()

    @asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """With a kernel."""
        async with self.client.async_setup_kernel(stdout=DEVNULL, stderr=DEVNULL):
            looking = asyncio.create_task(self._look_again())
            try:
                yield
            finally:
                looking.cancel()

    async def _look_again(self) -> None:
        """What sends on a socket of ZeroMQ takes the sign that there is something to read as well, and asyncio does not
        hear of it; nbclient sends on the socket on which it waits, and so do we."""
        while True:
            await asyncio.sleep(_AGAIN)
            self.client.kc.shell_channel.socket.get(zmq.EVENTS)

    async def run(self) -> None:
        """The cells, down to the first that fails."""
        for number, cell in enumerate(self.nb.cells):
            await self.client.async_execute_cell(cell, number)
            if any(output.output_type == "error" for output in cell.outputs):
                return

    async def code(self, source: str) -> None:
        """Code that is no cell, and that may not fail."""
        msg_id = self.client.kc.execute(source, silent=True, store_history=False)
        await self._done(msg_id)
        reply: dict[str, Any] = {"parent_header": {}}
        while reply["parent_header"].get("msg_id") != msg_id:
            reply = await asyncio.wait_for(self.client.kc.get_shell_msg(), _PATIENCE)
        if reply["content"]["status"] != "ok":
            raise RuntimeError("\n".join(reply["content"]["traceback"]))

    async def send(self, model: str, data: dict[str, Any], buffers: list[bytes]) -> None:
        """A comm message; returns when the kernel is through with it, and with what the front end answered."""
        if "state" in data:
            self.client.widget_state[model].update(data["state"])
        session = self.client.kc.session
        sent = session.msg("comm_msg", {"comm_id": model, "data": data})
        session.send(self.client.kc.shell_channel.socket, sent, buffers=buffers)
        await self._done(sent["header"]["msg_id"])
        await self._done(self.client.kc.kernel_info())

    async def _done(self, msg_id: str) -> None:
        """Take in messages until a request is done."""
        while True:
            received = await asyncio.wait_for(self.client.kc.get_iopub_msg(), _PATIENCE)
            try:
                self.client.process_message(received, self.aside, len(self.nb.cells))
            except CellExecutionComplete:
                if received["parent_header"].get("msg_id") == msg_id:
                    return

    # --- what is seen

    @property
    def outputs(self) -> list[list[Any]]:
        """What each cell shows; last, what callbacks put out aside."""
        cells = self.nb.cells[self.skipped :]
        return [*(list(cell.outputs) for cell in cells), list(self.aside.outputs)]

    def front(self) -> Leaves:
        """What the front end shows."""
        return leaves(self.outputs, self.client.widget_state, tracebacks=True)

    async def states(self) -> States:
        """The widgets as the kernel has them."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "states.json"
            await self.code(_STATES.format(path=str(path)))
            states: States = json.loads(path.read_text()) if path.exists() else {}
            return states

    async def kernel(self) -> Leaves:
        """What the kernel would have shown."""
        return leaves(self.outputs[:-1], await self.states(), tracebacks=False)

    def numbered(self, model: str) -> tuple[str, int]:
        """A widget by its class and how many of it came before."""
        states = self.client.widget_state
        name = states[model]["_model_name"]
        return name, [key for key, state in states.items() if state.get("_model_name") == name].index(model)


async def ran(cells: Sequence[str], folder: Path, *, loading: bool, plan: Sequence[Move] | None = None) -> Ran:
    """Run, move every control there, and back. Without a plan, it is made from what is shown."""
    found, plain = Ran(), Plain(cells, folder, loading=loading)
    begun = time.perf_counter()
    async with plain.started():
        await plain.run()
        found.seconds, found.cpu = time.perf_counter() - begun, _cpu(plain.client)
        found.planned = moves(controls(plain.outputs, plain.client.widget_state), plain.client.widget_state)
        await _seen(found, plain)
        plan = found.planned if plan is None else plan
        for back in (False, True):
            for move in plan:
                await _move(found, plain, move, back)
            await _seen(found, plain)
            if not back:
                found.values = _values(plain, plan)
    return found


async def clean(cells: Sequence[str], folder: Path, values: Values) -> Leaves:
    """Restart and Run All with these values in the controls, each given when it is constructed."""
    plain = Plain(cells, folder, loading=False)
    async with plain.started():
        await plain.code(_GIVE.format(encoded=encoded(values)))
        await plain.run()
        return await plain.kernel()


async def rerun(
    cells: Sequence[str], folder: Path, plan: Sequence[Move], again: Sequence[int], *, back: bool
) -> Leaves:
    """Move every control there (and back), then run some cells again by hand."""
    plain = Plain(cells, folder, loading=False)
    async with plain.started():
        await plain.run()
        for way in (False, True)[: 1 + back]:
            for move in plan:
                await _move(Ran(), plain, move, way)
        for index in again:
            plain.nb.cells[index].outputs = []
            await plain.client.async_execute_cell(plain.nb.cells[index], index)
        return await plain.kernel()


async def _move(found: Ran, plain: Plain, move: Move, back: bool) -> None:
    shown = controls(plain.outputs, plain.client.widget_state)
    model = shown.get(move.path)
    if model is None or plain.client.widget_state[model].get("_model_name") != move.kind:
        found.undone.append(f"{move.path} {move.kind}")
        return
    await plain.send(model, *message(move, back=back))


async def _seen(found: Ran, plain: Plain) -> None:
    """Look, in both kernels alike. The kernel comes first: with its answer it is through with the callbacks, and
    matplotlib has shown what it held back until the next request."""
    found.kernel.append(await plain.kernel())
    found.front.append(plain.front())


def _values(plain: Plain, plan: Sequence[Move]) -> dict[tuple[str, int], dict[str, Any]]:
    """What the moved controls stand at now."""
    shown, states = controls(plain.outputs, plain.client.widget_state), plain.client.widget_state
    found = {}
    for move in plan:
        model = shown.get(move.path)
        if model is not None and move.there is not None and states[model].get("_model_name") == move.kind:
            kept = move.kind == "FileUploadModel" and states[model].get("value")  # a front end keeps no content
            now = dict(move.there) if kept else {name: states[model].get(name) for name in move.there}
            found[plain.numbered(model)] = now
    return found


def _cpu(client: Any) -> float:
    """The processor time of the kernel."""
    with contextlib.suppress(psutil.Error):
        times = psutil.Process(client.km.provisioner.pid).cpu_times()
        return float(times.user + times.system)
    return 0.0


def differing(one: Leaves, other: Leaves) -> Iterator[str]:
    """The paths at which two pictures differ."""
    yield from (path for path in dict.fromkeys((*one, *other)) if one.get(path) != other.get(path))
