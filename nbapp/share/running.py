"""Which servers of `nbapp serve` run on this computer: each tells so in a file that only its owner reads, as Jupyter's
own servers do. No secret stands in it.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from jupyter_core.paths import jupyter_runtime_dir, secure_write


@dataclass(frozen=True)
class Running:
    """A server. `url` is how visitors reach it, up to a slash; `asks`: whether it lets only those in who have a token
    or a link; `started` is its process's, in seconds since 1970, as another process may get its number.
    """

    pid: int
    host: str
    started: float
    notebook: str
    url: str
    asks: bool


@contextmanager
def told(notebook: Path, url: str, asks: bool, log: logging.Logger, number: int = 0) -> Iterator[None]:
    """Tell that this process serves a notebook, its so-manieth, for as long as it does; where that cannot be written,
    it is served all the same.
    """
    pid = os.getpid()
    about = {"pid": pid, "host": socket.gethostname(), "started": psutil.Process().create_time()}
    path = _folder() / f"nbapp-{pid}{f'-{number}' if number else ''}.json"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with secure_write(str(path)) as file:
            json.dump({**about, "notebook": str(notebook), "url": url, "asks": asks}, file)
    except OSError as error:
        log.warning("nbapp: 'nbapp share' will not find this server, as %s cannot be written: %s", path, error.strerror)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running() -> list[Running]:
    """The servers that run on this computer, the newest first. What one that was killed left goes away."""
    found: list[Running] = []
    for path in _folder().glob("nbapp-*.json"):
        try:
            server = Running(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):  # it ends at this moment, or is another version's
            continue
        if server.host != socket.gethostname():
            continue  # of another computer with the same home
        if _lives(server):
            found.append(server)
        else:
            path.unlink(missing_ok=True)
    return sorted(found, key=lambda server: server.started, reverse=True)


def _lives(server: Running) -> bool:
    try:
        return abs(float(psutil.Process(server.pid).create_time()) - server.started) < 1
    except psutil.Error:
        return False


def _folder() -> Path:
    return Path(jupyter_runtime_dir())
