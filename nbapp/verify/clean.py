"""Clean runs of a notebook in fresh processes. Knows nothing of apps."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from nbapp.core.notebook import Notebook
from nbapp.errors import NbappError
from nbapp.verify.fresh import Request, receive, send
from nbapp.verify.pictures.seen import Given, SeenValues

_LEAVE = 3.0  # seconds for a process to end by itself
_FORKS = sys.platform.startswith("linux")
# As a kernel starts: a file beside the notebook must not stand for a module of the standard library.
_PROGRAM = """
import sys
sys.path = [place for place in sys.path if place]
from nbapp.verify.fresh import main
main(sys.argv[1:])
"""
# What changes how a kernel works when a test runner, or Jupyter around it, has set it.
_NOT_PASSED = ("PYTEST_", "JPY_", "MPLBACKEND")


class CleanRuns:
    """Runs notebooks in a folder. Ends its processes with `close`, or with this process."""

    def __init__(self, cwd: Path) -> None:
        self._cwd = cwd.resolve()
        self._forking: _Process | None = None
        self._forks = _FORKS

    def run(self, notebook: Notebook, given: Given, *, quickly: bool) -> SeenValues:
        """Run all cells in a fresh process; `quickly` in one that has imported the libraries already.

        Raises:
            NbappError: the process ended, or cannot run the notebook.
        """
        if not (quickly and self._forks):
            with contextlib.closing(_Process(self._cwd, ())) as process:
                return process.ask(notebook, given, fork=False)
        if self._forking is None:
            self._forking = _Process(self._cwd, sorted(_libraries(notebook, self._cwd)))
        return self._forking.ask(notebook, given, fork=True)

    def distrust(self) -> None:
        """A process that had imported the libraries gave something else than one that had not: use none any more."""
        self._forks = False
        self.close()

    def close(self) -> None:
        """End what runs. Can be called twice."""
        if self._forking is not None:
            self._forking.close()
            self._forking = None


class _Process:
    def __init__(self, cwd: Path, libraries: Iterable[str]) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 -- `close` closes it
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *libraries],
            cwd=cwd,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C is for this process, which then ends the other
        )
        self.close = weakref.finalize(self, _end, self._process, self._log)

    def ask(self, notebook: Notebook, given: Given, *, fork: bool) -> SeenValues:
        """Let it run a notebook.

        Raises:
            NbappError: the process ended, or cannot run the notebook.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory(prefix="nbapp-", ignore_cleanup_errors=True) as folder:
            try:
                send(self._process.stdin, Request(notebook, given, folder, fork))
                answer = receive(self._process.stdout)
            except (EOFError, BrokenPipeError):
                raise NbappError("the process of a clean run died", self._last_words()) from None
            except BaseException:
                self.close()  # before the folder goes, in which it may write
                raise
        if isinstance(answer, BaseException):
            raise NbappError("a clean run is not possible", f"{answer}\n{self._last_words()}")
        seen: SeenValues = answer
        return seen

    def _last_words(self) -> str:
        self._log.seek(0)
        return "\n".join(self._log.read().decode("utf-8", "replace").splitlines()[-10:])


def _end(process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    """End the process, what it forked, and what the notebook started."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_LEAVE)
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):  # nothing is left
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, log):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED)}


def _libraries(notebook: Notebook, cwd: Path) -> Iterator[str]:
    """The installed libraries that cells import; the author's own modules belong to the run."""
    for cell in notebook:
        for name in set(_imported(cell.source)):
            spec = _spec(name)
            if spec is not None and (spec.origin is None or not Path(spec.origin).is_relative_to(cwd)):
                yield name


def _imported(source: str) -> Iterator[str]:
    lines = [line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _spec(name: str) -> Any:
    try:
        return importlib.util.find_spec(name.partition(".")[0])
    except (ImportError, ValueError):
        return None
