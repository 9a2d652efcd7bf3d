"""Turns what was written to stdout and stderr into messages before the kernel answers another request.

ipykernel reads what C code and child processes write to the file descriptors in a thread. When a cell ends, that
text may still be in the pipe, or read and not yet written. Knows nothing of cells.
"""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Sequence
from typing import Any

_ROUNDS = 50
_PAUSE = 0.001  # seconds


def drain(streams: Sequence[Any]) -> None:
    """Flush ipykernel's streams; what was written to their file descriptors comes along."""
    for _ in range(_ROUNDS):
        arriving = any(map(_waits_in_pipe, streams))
        for stream in streams:
            stream.flush()
        if not arriving and not any(map(_is_buffered, streams)):
            return
        time.sleep(_PAUSE)  # lets the reading thread on


def _waits_in_pipe(stream: Any) -> bool:
    """Whether bytes wait in the pipe that stands in for the stream's file descriptor."""
    pipe = getattr(stream, "_fid", None)
    if pipe is None:
        return False
    with contextlib.suppress(OSError, ValueError):
        return bool(select.select([pipe], [], [], 0)[0])
    return False


def _is_buffered(stream: Any) -> bool:
    """Whether text came while we flushed."""
    return any(buffer.tell() for buffer in list(getattr(stream, "_buffers", {}).values()))
