"""A notebook's kernel as a child process, driven from outside. Knows what to call in the kernel, not what it does."""

from __future__ import annotations

import base64
import os
import shutil
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty
from typing import Any

import cloudpickle
from jupyter_client.manager import KernelManager

from nbapp.errors import NbappError

_CODE = "await __import__('nbapp.kernel.remote', fromlist=['call']).call({!r})"
_ANSWER = "application/x-nbapp-answer"
_PROGRESS = "application/x-nbapp-progress"
Progress = Callable[[str], None]


class KernelDied(NbappError):
    """The kernel's process ended while it was asked something."""


class Child:
    """An ipykernel of this Python in a child process, with a folder of its own for sockets and settings."""

    def __init__(self, cwd: Path) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="nbapp-"))
        self._manager = KernelManager(
            transport="ipc", ip=str(self._home / "k"), connection_file=str(self._home / "connection.json")
        )
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = self._manager.kernel_spec
        assert spec is not None  # the default kernel's; its command is replaced by this Python's
        spec.argv = [*command, "--HistoryManager.enabled=False"]
        self._manager.start_kernel(cwd=str(cwd), env=_environment(self._home))
        # A forgotten app must not outlive this process, nor its own object.
        self._client = self._manager.client()
        self.close = weakref.finalize(self, _end, self._manager, self._client, self._home)
        try:
            self._client.start_channels()
            self._client.wait_for_ready(timeout=60)
        except BaseException:
            self.close()
            raise

    def call(self, name: str, *arguments: Any, progress: Progress | None = None, timeout: float | None = None) -> Any:
        """Call a function of `nbapp.kernel.remote` and wait for its value; what it raises is raised here.

        Raises:
            KernelDied: the kernel ended meanwhile.
            TimeoutError: no answer came within `timeout` seconds; the kernel is interrupted.
        """
        payload = base64.b64encode(cloudpickle.dumps((name, arguments))).decode()
        request = self._client.execute(_CODE.format(payload), store_history=False)
        deadline = None if timeout is None else time.monotonic() + timeout
        answer = None
        while True:
            message = self._next(deadline)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "display_data" and _ANSWER in content["data"]:
                answer = content["data"][_ANSWER]
            elif kind == "display_data" and _PROGRESS in content["data"] and progress is not None:
                progress(content["data"][_PROGRESS])
            elif kind == "error":
                raise NbappError(f"nbapp failed in the kernel: {content['ename']}: {content['evalue']}")
            elif kind == "status" and content["execution_state"] == "idle":
                break
        if answer is None:
            raise NbappError("the kernel gave no answer")
        value, error = cloudpickle.loads(base64.b64decode(answer))
        if error is not None:
            raise error
        return value

    def send(self, comm_id: str, data: Mapping[str, Any], buffers: tuple[bytes, ...]) -> None:
        """Send a comm message, as a front end does."""
        session = self._client.session
        message = session.msg("comm_msg", {"comm_id": comm_id, "data": dict(data)})
        session.send(self._client.shell_channel.socket, message, buffers=list(buffers))

    @property
    def is_open(self) -> bool:
        """Whether `close` was not called yet."""
        return self.close.alive

    def interrupt(self) -> None:
        """Stop the cell under way."""
        self._manager.interrupt_kernel()

    def _next(self, deadline: float | None) -> dict[str, Any]:
        while True:
            try:
                return self._client.get_iopub_msg(timeout=0.5)
            except Empty:
                if not self._manager.is_alive():
                    raise KernelDied("the kernel died", "a cell ended its process, or the memory ran out") from None
                if deadline is not None and time.monotonic() > deadline:
                    self.interrupt()
                    raise TimeoutError("the notebook took too long; it was interrupted") from None


def _environment(home: Path) -> dict[str, str]:
    """This process's environment, without what would make the kernel believe it belongs to another server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JPY_", "JUPYTERHUB_", "VOILA_"))}
    return {**kept, "IPYTHONDIR": str(home / "ipython"), "PYTHONUNBUFFERED": "1"}


def _end(manager: KernelManager, client: Any, home: Path) -> None:
    """End the kernel and remove its folder; the process that made it is this one, or it is not ours to end."""
    client.stop_channels()
    if manager.has_kernel:
        manager.shutdown_kernel(now=True)
    manager.cleanup_resources()
    shutil.rmtree(home, ignore_errors=True)
