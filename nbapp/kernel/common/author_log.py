"""What went wrong in a page, for the author: lines in the server's log, because a visitor is shown none of it."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from nbapp.core.notebook import CellError

_PAUSE = 1.0  # seconds between two lines: a drag over values that fail is one event
_CONTROL = re.compile(r"\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # a visitor's text must not drive a terminal
_LONGEST = 4000  # characters


def write(text: str) -> None:
    """Write to the server's log."""
    os.write(_descriptor(), text.encode(errors="replace"))


class ToServer(logging.Handler):
    """Has what nbapp logs in this process in the server's log: by itself it would stand in a cell of the page."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        said = _plain([record.getMessage()])
        about = {"time": _now(), "level": record.levelname, "logger": record.name, "message": said}
        write((json.dumps(about) if self._as_json else f"nbapp: {said}") + "\n")


@dataclass(slots=True)
class ErrorLog:
    """Tells each kind of failure with its traceback once, and then in one line, at most one in a second."""

    clock: Callable[[], float] = time.monotonic
    as_json: bool = False
    _known: set[tuple[int | None, str]] = field(default_factory=set)
    _told: float = float("-inf")
    _silent: int = 0

    def tell(self, position: int | None, error: CellError) -> None:
        """Something raised in the cell at this position, counted from 1; None: nobody knows in which."""
        kind = (position, error.name)
        first = kind not in self._known
        now = self.clock()
        if not first and now - self._told < _PAUSE:
            self._silent += 1
            return
        self._known.add(kind)
        self._told = now
        more = f" ({self._silent} more failures were not told)" if self._silent else ""
        self._silent = 0
        where = f"cell {position}" if position else "a callback"
        traceback = _plain(error.traceback)
        line = _line(traceback)
        at = f" (line {line})" if line else ""
        said = f"{where} failed: {_plain([f'{error.name}: {error.message}'])[:300]}{at}{more}"
        if self.as_json:
            about: dict[str, object] = {"time": _now()}
            about |= {"level": "ERROR", "logger": "nbapp.notebook", "message": said, "cell": position, "line": line}
            write(json.dumps(about | ({"exception": traceback[-_LONGEST:]} if first else {})) + "\n")
            return
        write(f"nbapp: {said}\n")
        if first and traceback:
            write(traceback[-_LONGEST:] + "\n")


def _line(traceback: str) -> int | None:
    """The line of the cell in which it failed: the first frame of IPython's traceback that is the notebook's."""
    found = re.search(r"^Cell In\[\d*\], line (\d+)|^Cell In\[\d*\]:?(\d+)", traceback, re.MULTILINE)
    return int(found[1] or found[2]) if found else None


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def _plain(lines: Iterable[str]) -> str:
    return _CONTROL.sub("", "\n".join(lines))


def _descriptor() -> int:
    """The file behind ipykernel's stderr. Descriptor 2 may be a pipe that leads back into the kernel's outputs."""
    try:
        return sys.stderr.fileno()
    except OSError:  # there is no pipe
        return 2
