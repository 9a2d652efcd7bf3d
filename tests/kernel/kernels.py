"""A real ipykernel in a child process, and what tests call in it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from IPython.core.getipython import get_ipython
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from nbapp.core.notebook import Cell, CellId
from nbapp.kernel.common.context_vars import Contexts
from nbapp.kernel.common.ticker import Ticker
from nbapp.kernel.execution.executor import Executor
from nbapp.kernel.execution.sigint import Sigint
from nbapp.kernel.outputs.outputs import KINDS, Growing, output_of

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds until a test gives up
Message = dict[str, Any]


class Kernel:
    """A kernel as a front end sees it."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="nbapp-test-")
        env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}  # ipykernel looks
        env["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.manager = KernelManager(transport="ipc", ip=str(Path(self._folder) / "k"))
        self.manager.start_kernel(cwd=self._folder, env=env)
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        self.seen: list[Message] = []

    @property
    def folder(self) -> Path:
        """Where it runs."""
        return Path(self._folder)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def send(self, code: str, **expressions: str) -> str:
        """Ask the kernel to execute; the id of the request."""
        return str(self.client.execute(code, store_history=False, user_expressions=expressions))

    def finish(self, msg_id: str) -> Message:
        """The content of the reply; `seen` has every message published until the request was done."""
        self.seen = []
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            self.seen.append(message)
            idle = message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
            if idle and message["parent_header"].get("msg_id") == msg_id:
                break
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == msg_id:
                return dict(reply["content"])

    def run(self, code: str, expression: str = "None") -> Any:
        """Execute, and the value of a JSON expression afterwards. Raises RuntimeError with the kernel's traceback."""
        reply = self.finish(self.send(code, value=f"__import__('json').dumps(({expression}), default=repr)"))
        if reply["status"] != "ok":
            raise RuntimeError("\n".join(reply["traceback"]))
        value = reply["user_expressions"]["value"]
        if value["status"] != "ok":
            raise RuntimeError("\n".join(value["traceback"]))
        return json.loads(eval(value["data"]["text/plain"]))

    def cells(self, *sources: str, task: bool = False, **options: Any) -> list[dict[str, Any]]:
        """What the executor makes of these cells, one after the other, in a request or in a task beside it."""
        arguments = json.dumps({"sources": sources, "task": task, "options": options})
        found: list[dict[str, Any]] = self.run(f"await {INSIDE}.run_json({arguments!r})", f"{INSIDE}.last")
        return found

    def plain(self, source: str) -> list[dict[str, Any]]:
        """What a front end shows for the source when the kernel runs it without us."""
        self.finish(str(self.client.execute(source, allow_stdin=False)))
        growing = Growing()
        for message in self.seen:
            if message["msg_type"] == "clear_output":
                growing.clear(wait=message["content"]["wait"])
            elif message["msg_type"] in KINDS:
                growing.add(output_of(message["msg_type"], message["content"]))
        return list(growing.outputs())

    def start(self, *sources: str, **options: Any) -> None:
        """Start these cells in a task; `result` has what they made."""
        arguments = json.dumps({"sources": sources, "options": options})
        self.run(f"{INSIDE}.start_json({arguments!r})")

    def busy(self, *sources: str, task: bool = False, **options: Any) -> str:
        """Start these cells, in a request or in a task, and wait until one calls `started()`; the request's id."""
        flag = Path(self._folder) / "started"
        flag.unlink(missing_ok=True)
        arguments = json.dumps({"sources": sources, "task": False, "options": options})
        started = "started = lambda: open('started', 'w').close()\n"
        run = f"{INSIDE}.start_json({arguments!r})" if task else f"await {INSIDE}.run_json({arguments!r})"
        msg_id = self.send(started + run)
        self.wait(flag.exists)
        return msg_id

    def ended(self, msg_id: str, *, task: bool = False) -> list[dict[str, Any]]:
        """What the cells made that were started."""
        assert self.finish(msg_id)["status"] == "ok"
        if task:
            return self.result()
        found: list[dict[str, Any]] = self.run("", f"{INSIDE}.last")
        return found

    def result(self) -> list[dict[str, Any]]:
        """What the started cells made, once they are done."""
        self.wait(lambda: bool(self.run("", f"{INSIDE}.task.done()")))
        found: list[dict[str, Any]] = self.run("", f"{INSIDE}.task.result()")
        return found

    def wait(self, condition: Callable[[], bool]) -> None:
        """Ask again until it holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("the kernel did not get there")
            time.sleep(0.01)

    def published(self, kind: str) -> list[Message]:
        """The contents of the messages of one type that the last request saw."""
        return [message["content"] for message in self.seen if message["msg_type"] == kind]


class Inside:
    """One executor in the kernel, and what it returned."""

    def __init__(self) -> None:
        shell: Any = get_ipython()
        self.sigint = Sigint()
        self.executor = Executor(shell, self.sigint, Contexts(), Ticker(shell.kernel.iopub_thread), late=self._later)
        self.late: list[tuple[str, Any]] = []
        self.live: list[Any] = []
        self.last: list[dict[str, Any]] = []
        self.task: asyncio.Task[list[dict[str, Any]]]

    def _later(self, cell_id: CellId, outputs: Any) -> None:
        if outputs is not None:
            self.late.append((cell_id, outputs))

    async def run_json(self, arguments: str) -> None:
        asked = json.loads(arguments)
        work = self.run(asked["sources"], **asked["options"])
        self.last = await (asyncio.get_running_loop().create_task(work) if asked["task"] else work)

    def start_json(self, arguments: str) -> None:
        asked = json.loads(arguments)
        self.task = asyncio.get_running_loop().create_task(self.run(asked["sources"], **asked["options"]))

    async def run(self, sources: list[str], **options: Any) -> list[dict[str, Any]]:
        self.live = []
        made = []
        for index, source in enumerate(sources):
            cell = Cell(CellId(f"c{index}"), source)
            made.append(await self.executor.run(cell, live=self.live.append, **options))
        return [
            {
                "outputs": executed.outputs,
                "error": executed.error and dataclasses.asdict(executed.error),
                "seconds": executed.seconds,
            }
            for executed in made
        ]


_inside: list[Inside] = []


def inside() -> Inside:
    """The kernel's own `Inside`."""
    if not _inside:
        _inside.append(Inside())
    return _inside[0]


INSIDE = "__import__('tests.kernel.kernels', fromlist=['x']).inside()"
