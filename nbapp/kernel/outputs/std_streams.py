"""Makes sure that no text is left behind in stdout and stderr, and that nobody waits when there is none.

ipykernel reads in a thread what C code and child processes write to the file descriptors. When a cell ends, that
text may still be in the pipe, or read and not yet written to the stream. Knows nothing of cells.
"""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Callable, Sequence
from typing import Any

from nbapp._compat import ipykernel as private
from nbapp.kernel.common.stand_in import called, standin

_PATIENCE = 1.0  # seconds; something else may write all the time
_PAUSE = 0.0005  # seconds; lets the reading thread on


def flush_if_needed(stream: Any) -> Callable[[], None]:
    """What stands in for a stream's `flush`.

    ipykernel flushes both streams after each message, and each flush waits for another thread, also for no text.
    """
    original: Callable[[], None] = stream.flush
    really = called(original)

    def flush() -> None:
        if private.has_unread_text(stream):
            really()

    ours: Callable[[], None] = standin(original, flush)
    return ours


def drain(streams: Sequence[Any]) -> None:
    """Wait for the text; a stream that also writes elsewhere keeps its text for a while, and is flushed."""
    end = time.monotonic() + _PATIENCE
    while not all(map(_is_read, streams)) and time.monotonic() < end:
        time.sleep(_PAUSE)
    for stream in streams:
        if getattr(stream, "echo", None) is not None:
            stream.flush()


def _is_read(stream: Any) -> bool:
    """Whether all that went to the stream's file descriptor has arrived in the stream."""
    pipe, reader = private.piped(stream), getattr(stream, "watch_fd_thread", None)
    if pipe is None or reader is None or not reader.is_alive():
        return True
    with contextlib.suppress(ValueError):  # a number too large for select
        if select.select([pipe], [], [], 0)[0]:
            return False
    return _waits_for(reader.native_id, pipe)


def _waits_for(thread: int, pipe: int) -> bool:
    """Whether the thread is back at reading the pipe: it is in a system call whose first argument is the pipe."""
    try:
        file = os.open(f"/proc/self/task/{thread}/syscall", os.O_RDONLY)
    except OSError:
        time.sleep(2 * _PAUSE)  # not Linux: give it time to write what it may have read
        return True
    try:
        call = os.read(file, 200).split()
    finally:
        os.close(file)
    return len(call) > 1 and call[1] == b"%#x" % pipe
