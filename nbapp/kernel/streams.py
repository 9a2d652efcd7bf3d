"""Turns what was written to stdout and stderr into messages before the kernel answers another request.

ipykernel reads what C code and child processes write to the file descriptors in a thread. When a cell ends, that
text may still be in the pipe, or read and not yet written to the stream. Knows nothing of cells.
"""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_PATIENCE = 1.0  # seconds; something else may write all the time
_PAUSE = 0.0005  # seconds; lets the reading thread on


def drain(streams: Sequence[Any]) -> None:
    """Flush ipykernel's streams; what was written to their file descriptors comes along."""
    end = time.monotonic() + _PATIENCE
    while not all(map(_is_read, streams)) and time.monotonic() < end:
        time.sleep(_PAUSE)
    for stream in streams:
        stream.flush()


def _is_read(stream: Any) -> bool:
    """Whether all that went to the stream's file descriptor has arrived in the stream."""
    pipe, reader = getattr(stream, "_fid", None), getattr(stream, "watch_fd_thread", None)
    if pipe is None or reader is None or not reader.is_alive():
        return True
    with contextlib.suppress(ValueError):  # a number too large for select
        if select.select([pipe], [], [], 0)[0]:
            return False
    return _waits_for(reader.native_id, pipe)


def _waits_for(thread: int, pipe: int) -> bool:
    """Whether the thread is back at reading the pipe: it is in a system call whose first argument is the pipe."""
    try:
        call = Path(f"/proc/self/task/{thread}/syscall").read_text("ascii").split()
    except OSError:
        time.sleep(2 * _PAUSE)  # not Linux: give it time to write what it may have read
        return True
    return len(call) > 1 and call[1] == hex(pipe)
