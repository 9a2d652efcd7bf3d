"""A process that runs a notebook once, top-down, in a kernel of its own, and answers with what it saw.

Started as a program, it reads requests from its standard input and answers on its standard output. Where the system
can fork, it imports a notebook's libraries once and forks for each request. It has no cache, and no walk: the cells
run one after the other. This file does not know what the answer is compared with.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import random
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from ipykernel.kernelapp import IPKernelApp

from nbapp.core.notebook import CellError, Notebook, Output
from nbapp.core.overlay import TOP
from nbapp.kernel.app import App
from nbapp.kernel.outputs.outputs import fold
from nbapp.kernel.settings import Settings
from nbapp.persistence.current import CURRENT, NOWHERE
from nbapp.verify.pictures.carry import Arriving
from nbapp.verify.pictures.picture import Picture, places
from nbapp.verify.pictures.seen import Given, SeenValues

_INLINE = "module://matplotlib_inline.backend_inline"
_HEAD = 8  # bytes that tell the length of what follows


@dataclass(frozen=True, slots=True)
class Request:
    """A notebook to run with what was given to it. `fork` leaves the process as it is for the next request.

    `folder` is an empty one for the kernel's files.
    """

    notebook: Notebook
    given: Given
    folder: str
    fork: bool


def send(stream: IO[bytes], message: object) -> None:
    """Write a message to a pipe."""
    content = pickle.dumps(message)
    stream.write(len(content).to_bytes(_HEAD, "little") + content)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next message of a pipe.

    Raises:
        EOFError: the other side is gone.
    """
    head = stream.read(_HEAD)
    size = int.from_bytes(head, "little")
    content = stream.read(size)
    if len(head) < _HEAD or len(content) < size:
        raise EOFError("the other side is gone")
    return pickle.loads(content)


def main(libraries: Sequence[str]) -> None:
    """Answer requests until there are no more."""
    requests, answers = _pipes()
    if libraries:
        os.environ.setdefault("MPLBACKEND", _INLINE)  # a kernel sets it before a cell can import matplotlib
    for name in libraries:
        _load(name)
    forked: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: _leave(forked))
    while True:
        try:
            request: Request = receive(requests)
        except EOFError:
            return
        if not request.fork:
            send(answers, _answer(request))
            os._exit(0)  # threads of the notebook do not matter any more
        forked[:] = [os.fork()]
        if forked == [0]:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            _draw_anew()
            send(answers, _answer(request))
            os._exit(0)
        _, status = os.waitpid(forked[0], 0)
        forked.clear()
        if status:
            send(answers, RuntimeError(f"the process ended with {os.waitstatus_to_exitcode(status)}"))


def _leave(forked: Sequence[int]) -> NoReturn:
    """End at once, and what was forked before."""
    for child in forked:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    os._exit(0)


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """What this process was started with; what the notebook reads and prints is something else."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return requests, answers


def _load(name: str) -> None:
    try:
        __import__(name)
    except Exception:  # noqa: BLE001 - the cell that imports it will show what is wrong
        traceback.print_exc()


def _draw_anew() -> None:
    """Unseeded random numbers differ between processes."""
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _answer(request: Request) -> SeenValues | BaseException:
    try:
        return asyncio.run(_run(_kernel(Path(request.folder)), request))
    except Exception as error:  # noqa: BLE001 - it is raised where the request came from
        return RuntimeError("".join(traceback.format_exception(error)))


def _kernel(folder: Path) -> Any:
    """The shell of a kernel to which nobody is connected."""
    argv = ["-f", str(folder / "connection.json"), "--HistoryManager.enabled=False"]
    if os.name == "posix":
        argv += ["--transport=ipc", f"--ip={folder / 'k'}"]
    kernel = IPKernelApp.instance(quiet=True)
    kernel.initialize(argv)
    return kernel.shell


async def _run(shell: Any, request: Request) -> SeenValues:
    CURRENT.use(NOWHERE)
    app = App(shell, request.notebook, Settings(cache=False)).attach()
    namespace: dict[str, Any] = shell.user_ns
    arriving = Arriving(request.notebook, request.given, app.inspect().widgets, namespace)
    arriving.install()
    arriving.after(TOP)
    outputs: list[tuple[Output, ...]] = []
    error: CellError | None = None
    app.host.begin(request.notebook)
    for cell in request.notebook:
        done = await app.host.execute(cell)
        outputs.append(done.outputs)
        error = done.error
        arriving.after(cell.id)
        if error is not None:
            break
    return seen(app, request.notebook, tuple(fold(outputs)), len(outputs) - 1 if error else None)


def seen(app: App, notebook: Notebook, outputs: tuple[tuple[Output, ...], ...], failed: int | None) -> SeenValues:
    """The namespace and the widgets of this process as they are now."""
    namespace: dict[str, Any] = app.host.known.namespace
    built = dict(places(app.inspect().widgets, notebook))
    models = {str(widget.model_id): place for place, widget in built.items() if widget.comm is not None}
    picture = Picture(namespace, models)
    names = {name: picture.value(value) for name, value in namespace.items() if app.host.managed(name)}
    widgets = {place: picture.state(widget) for place, widget in built.items() if widget.comm is not None}
    return SeenValues(notebook, failed, outputs, names, widgets, models)
