"""A kernel in a child process, and calls into it. Knows nothing of notebooks and never imports what runs there."""

from __future__ import annotations

import base64
import contextlib
import os
import pickle
import queue
import shutil
import sys
import tempfile
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import cloudpickle
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

from nbapp.errors import NbappError

MIME = "application/vnd.nbapp.reply+pickle"
_CALL = '__import__("nbapp.kernel.remote", fromlist=["remote"]).call'  # an expression: it binds nothing
_READY = 60.0  # seconds for a kernel to start
_LOOK = 0.25  # seconds between looks whether the kernel is alive
_LEAVE = 3.0  # seconds for a kernel to end by itself
_LONGEST = 90  # bytes of a socket's path
# What changes how a kernel works when a test runner, or Jupyter around it, has set it.
_NOT_PASSED = ("PYTEST_", "JPY_", "MPLBACKEND")


class KernelDied(NbappError):
    """The kernel of an app ended by itself: a crash, `os._exit`, or the system took its memory away."""


class InKernel(Exception):
    """Where in the kernel an exception was raised: the cause of the exception that a call raises."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


class ThisPython(KernelSpecManager):
    """Knows one kernel: the Python that runs this code."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernel of this interpreter, whatever the name."""
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python", language="python")


class Child:
    """A kernel in `cwd`: of this Python, or an installed one by name. It ends at the latest with this process."""

    def __init__(self, cwd: Path, kernel_name: str | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nbapp-"))
        self._log = (self.folder / "log").open("w+b")
        place = self.folder / "k"
        ipc = os.name == "posix" and len(os.fsencode(place)) < _LONGEST
        self._kernel = KernelManager(
            kernel_name=kernel_name or "python3",
            connection_file=str(self.folder / "connection.json"),
            **({"transport": "ipc", "ip": str(place)} if ipc else {}),
            **({} if kernel_name else {"kernel_spec_manager": ThisPython()}),
        )
        env = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED)}
        self._idle = False
        self._clients: list[BlockingKernelClient] = []  # shared with `_end`, which must not hold this object
        self._end = weakref.finalize(self, _end, self._kernel, self._clients, self._log, self.folder, os.getpid())
        try:
            self._kernel.start_kernel(cwd=str(cwd), env=env, stdout=self._log, stderr=self._log)
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether `close` has not been called."""
        return bool(self._end.alive)

    @property
    def running(self) -> str:
        """The id of the cell that runs, or ran when the kernel died; empty when none did."""
        return _text(self.folder / "running").strip()

    def close(self) -> None:
        """End the kernel and remove what it used. Can be called twice."""
        if self.alive and self._clients and self._idle:
            self._clients[0].shutdown()
            end = time.monotonic() + _LEAVE
            while self._kernel.is_alive() and time.monotonic() < end:
                time.sleep(0.01)
        self._end()

    def call(self, name: str, *arguments: Any, told: Callable[..., None] | None = None) -> Any:
        """Call a function of `nbapp.kernel.remote`; `told` gets what it tells while it works.

        Raises:
            KernelDied: the kernel ended by itself.
            Exception: what the function raised.
        """
        client = self._connected()
        payload = base64.b64encode(cloudpickle.dumps((name, arguments))).decode("ascii")
        self._idle = False
        msg_id = client.execute(f"await {_CALL}({MIME!r}, {payload!r})", silent=True, store_history=False)
        reply = None
        while (message := self._published(client, msg_id)) is not None:
            packed = message["content"].get("data", {}).get(MIME)
            if packed is None:
                continue
            kind, *rest = _unpacked(packed)
            if kind == "step":
                if told is not None:
                    told(*rest)
            else:
                reply = kind, *rest
        answer = self._answer(client, msg_id)
        self._idle = True
        return _result(reply, answer)

    def send(self, model_id: str, data: dict[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Send a comm message, as a front end does."""
        client = self._connected()
        message = client.session.msg("comm_msg", {"comm_id": model_id, "data": data})
        client.session.send(client.shell_channel.socket, message, buffers=list(buffers))

    def _connected(self) -> BlockingKernelClient:
        if not self.alive:
            raise NbappError("this app is closed")
        if not self._clients:
            self._clients.append(self._kernel.client())
            self._clients[0].start_channels()
            # By default ZeroMQ drops what waits beyond some 2,000 messages; a thousand widgets that close send 3,000.
            self._clients[0].iopub_channel.socket.rcvhwm = 0
            try:
                self._clients[0].wait_for_ready(timeout=_READY)
            except RuntimeError as error:
                raise KernelDied(f"the kernel did not start: {error}", self._last_words()) from error
        return self._clients[0]

    def _published(self, client: BlockingKernelClient, msg_id: str) -> dict[str, Any] | None:
        """The next message about a request; None when the request is done."""
        while True:
            message = self._waited_for(client.get_iopub_msg)
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return None
            return message

    def _answer(self, client: BlockingKernelClient, msg_id: str) -> dict[str, Any]:
        while True:
            message = self._waited_for(client.get_shell_msg)
            if message["parent_header"].get("msg_id") == msg_id:
                content: dict[str, Any] = message["content"]
                return content

    def _waited_for(self, get: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        while True:
            try:
                return get(timeout=_LOOK)
            except queue.Empty:
                if not self._kernel.is_alive():
                    raise KernelDied("the kernel died", self._last_words()) from None

    def _last_words(self) -> str:
        crash = _text(self.folder / "crash").strip()
        head, _, thread = crash.partition("\n")[0], *crash.partition("Current thread")[1:]
        log = _text(self.folder / "log").strip().splitlines()[-10:]
        return "\n".join(filter(None, [*log, head, *thread.splitlines()[1:20]])) or "it left no message"


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""


def _unpacked(packed: str) -> tuple[Any, ...]:
    try:
        reply: tuple[Any, ...] = pickle.loads(base64.b64decode(packed))
    except Exception as error:
        raise NbappError("the kernel's answer cannot be loaded here", f"{type(error).__name__}: {error}") from error
    return reply


def _result(reply: tuple[Any, ...] | None, answer: dict[str, Any]) -> Any:
    if reply is None:
        traceback = "\n".join(answer.get("traceback", ()))
        raise NbappError(f"the kernel did not answer: {answer.get('ename')}", f"{answer.get('evalue')}\n{traceback}")
    if reply[0] == "error":
        raise reply[1] from InKernel(reply[2])
    return reply[1]


def _end(kernel: KernelManager, clients: list[BlockingKernelClient], log: IO[bytes], folder: Path, owner: int) -> None:
    """End a kernel that has not ended by itself, and remove what it used."""
    log.close()
    if os.getpid() != owner:
        return  # a fork of the process that the kernel belongs to
    for client in clients:
        client.stop_channels()
    with contextlib.suppress(RuntimeError):  # no kernel was started
        kernel.shutdown_kernel(now=True)
    shutil.rmtree(folder, ignore_errors=True)
