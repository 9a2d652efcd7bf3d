"""The server's side of a zygote: starts the process, asks it for kernels, and hears how they end.

What the two say to each other is told in `nbapp/kernel/zygote/wire.py`. Linux only: `impossible` says what else is.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

from jupyter_client.kernelspec import KernelSpec

# Like ipykernel_launcher, it imports nothing from the current folder; IPython lets the notebook do so later.
_RUN = "import sys; sys.path[:] = filter(None, sys.path); from nbapp.kernel.zygote.main import main; main({}, {})"
_TO_BIND = 10.0  # seconds that a copy has to open its sockets
_LAUNCHER = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


class NoFork(Exception):
    """There is no fork, and why: a page gets a kernel that is started."""


def impossible(spec: KernelSpec) -> str | None:
    """Why a kernel cannot be forked on this system, or as it is started; None: nothing speaks against it so far."""
    if sys.platform != "linux":
        return "only Linux forks kernels"
    if not hasattr(os, "pidfd_open"):
        return "this Python has no os.pidfd_open"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError as error:
        return f"this Linux has no pidfd_open: {error.strerror}"
    first = Path(spec.argv[0])
    is_python = first.is_absolute() or first.name in ("python", "python3", f"python3.{sys.version_info[1]}")
    if not is_python or flags(spec) is None or (spec.metadata or {}).get("kernel_provisioner"):
        return f"the kernel {spec.display_name} is not started by ipykernel_launcher alone"
    return None


def _variables(spec: KernelSpec, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment variables that a kernel is to have besides, as jupyter_client reads them."""
    return {name: Template(text).safe_substitute(environment) for name, text in spec.env.items()}


def _python(spec: KernelSpec) -> str:
    """What jupyter_client starts: a bare name is the Python that runs the server."""
    first: str = spec.argv[0]
    return first if Path(first).is_absolute() else sys.executable


def flags(spec: KernelSpec) -> list[str] | None:
    """The options of Python with which a kernel is started; None: it is started by something else than ipykernel."""
    _, *arguments = spec.argv
    options = list(itertools.takewhile(lambda argument: argument.startswith("-X"), arguments))
    return options if arguments[len(options) :] == _LAUNCHER else None


@dataclass(eq=False)
class ForkedProcess:
    """A kernel's process, as `subprocess.Popen` has it; the zygote is its parent."""

    pid: int
    returncode: int | None = None
    stdin: None = None
    stdout: None = None
    stderr: None = None
    _watch: int = field(init=False)

    def __post_init__(self) -> None:
        self._watch = os.pidfd_open(self.pid)

    def poll(self) -> int | None:
        """What it ended with, None while it runs; 0 also where its parent did not live to say it."""
        if self._watch >= 0:
            ready = select.poll()
            ready.register(self._watch, select.POLLIN)
            if not ready.poll(0):
                return None
            self.close()
        return self.returncode or 0

    def wait(self, timeout: float | None = None) -> int:
        """What it ended with; for a process that has ended."""
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended: its number may be another process' by now."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it ended at this moment
                signal.pidfd_send_signal(self._watch, number)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """Watch it no more."""
        if self._watch >= 0:
            os.close(self._watch)
            self._watch = -1


@dataclass(slots=True)
class ForkAsked:
    """One kernel that was asked for."""

    bound: asyncio.Future[None]
    process: ForkedProcess | None = None


class ZygoteProcess:
    """A process that has run a notebook, or is about to."""

    def __init__(self, process: asyncio.subprocess.Process, ours: socket.socket, log: logging.Logger) -> None:
        self._process = process
        self._socket = ours
        self._log = log
        self._numbers = itertools.count()
        self._asked: dict[int, ForkAsked] = {}
        self._kernels: dict[int, ForkedProcess] = {}
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        self._ready.add_done_callback(lambda ready: ready.cancelled() or ready.exception())  # whoever waits hears it
        self.has_walked = False  # whether the notebook has run, so that only the rehearsal is to come
        self.takes_more = True
        self.ended_by_itself = False

    @property
    def is_gone(self) -> bool:
        """Whether the process has ended."""
        return self._process.returncode is not None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @classmethod
    async def start(
        cls,
        spec: KernelSpec,
        environment: Mapping[str, str],
        place: Sequence[str],
        log: logging.Logger,
    ) -> ZygoteProcess:
        """Start one, which imports what kernels need and waits for its app: `run`. `place`: the folder of the notebook,
        and the one of the server's sockets, by which the process is known.
        """
        ours, theirs = socket.socketpair()
        code = _RUN.format(theirs.fileno(), os.getpid())
        try:
            process = await asyncio.create_subprocess_exec(
                *(_python(spec), *(flags(spec) or ()), "-c", code, place[1]),
                cwd=place[0],
                env={**environment, **_variables(spec, environment), "JPY_PARENT_PID": str(os.getpid())},
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        finally:
            theirs.close()
        zygote = cls(process, ours, log)
        reader, zygote._writer = await asyncio.open_unix_connection(sock=ours)
        zygote._listening = asyncio.get_running_loop().create_task(zygote._listen(reader))
        return zygote

    def run(self, app: Mapping[str, Any]) -> None:
        """Have it run an app, as `nbapp.kernel.served.start` takes it."""
        self._write(app)

    async def ready(self) -> None:
        """Wait until it can fork kernels. Several may wait, and stop waiting.

        Raises:
            NoFork: it cannot.
        """
        await asyncio.shield(self._ready)

    async def fork(self, connection_file: str, seconds: float) -> ForkedProcess:
        """A kernel that listens on the sockets of a connection file, within so many seconds.

        Raises:
            NoFork: there is none.
        """
        if not self.takes_more:
            raise NoFork("the process that forks them ends")
        number = next(self._numbers)
        asked = self._asked[number] = ForkAsked(asyncio.get_running_loop().create_future())
        self._write({"fork": number, "connection_file": connection_file})
        try:
            await asyncio.wait_for(asked.bound, seconds + _TO_BIND)
        except asyncio.TimeoutError:
            raise NoFork("it takes too long") from None
        finally:
            del self._asked[number]
            is_bound = asked.bound.done() and not asked.bound.cancelled() and asked.bound.exception() is None
            if asked.process is not None and not is_bound:
                asked.process.kill()
        assert asked.process is not None
        return asked.process

    def retire(self) -> None:
        """Ask for no more kernels: it ends when the last one has ended."""
        if self.takes_more and self._writer is not None and not self.is_gone:
            self._writer.write_eof()
        self.takes_more = False

    async def end(self) -> None:
        """End it, and with it the kernels that it forked."""
        self.takes_more = False
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        if self._listening is not None:
            await self._listening

    def _write(self, message: Mapping[str, Any]) -> None:
        assert self._writer is not None
        self._writer.write(json.dumps(message).encode() + b"\n")

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                self._heard(json.loads(line))
        except ConnectionError:
            pass  # it has ended
        except ValueError as error:  # half a line, as of one that was killed; one that goes on would not be understood
            self._log.warning("nbapp: what the process that forks kernels says cannot be read: %s", error)
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        self.ended_by_itself = self.takes_more
        if self.takes_more and self._ready.done():
            self._log.warning("nbapp: the process that forks kernels ended by itself (%s)", self._process.returncode)
        self.takes_more = False
        why = NoFork(f"the process that runs the notebook for them ended by itself ({self._process.returncode})")
        for waiting in (self._ready, *(asked.bound for asked in self._asked.values())):
            if not waiting.done():
                waiting.set_exception(why)
        if self._writer is not None:
            self._writer.close()

    def _heard(self, message: Mapping[str, Any]) -> None:
        what, asked = message["is"], self._asked.get(message.get("id", -1))
        if what == "ended":
            process = self._kernels.pop(message["pid"], None)
            if process is not None:
                process.returncode = message["code"]
                process.poll()  # nobody else may look at one that was called off, and it would be watched for ever
                self._fail([each for each in self._asked.values() if each.process is process], "a fork ended at once")
        elif what == "walked":
            self.has_walked = True
        elif what == "ready" and not self._ready.done():
            self._ready.set_result(None)
        elif what == "refused" and not self._ready.done():
            self._ready.set_exception(NoFork(message["why"]))
        elif what == "forked":
            self._forked(message["pid"], asked)
        elif what == "bound":
            self._forked(message["pid"], asked)  # the copy may be faster than its parent
            if asked is not None and asked.process is not None and not asked.bound.done():
                asked.bound.set_result(None)
        elif what == "not forked" and asked is not None:
            self._fail([asked], message["why"])

    def _forked(self, pid: int, asked: ForkAsked | None) -> None:
        if pid in self._kernels:
            return
        try:
            process = ForkedProcess(pid)
        except ProcessLookupError:
            return  # its parent tells next how it ended
        self._kernels[pid] = process
        if asked is None:
            process.kill()  # nobody waits for it any more
        else:
            asked.process = process

    @staticmethod
    def _fail(those: Sequence[ForkAsked], why: str) -> None:
        for asked in those:
            if not asked.bound.done():
                asked.bound.set_exception(NoFork(why))
