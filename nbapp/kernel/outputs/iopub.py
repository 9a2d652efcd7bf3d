"""The channel on which a kernel publishes, where the kernel is ours."""

from __future__ import annotations

from typing import Any


def keep_all(kernel: Any) -> None:
    """Publish everything, however long the other side takes: by default ZeroMQ drops what waits beyond 1,000 messages.

    For a kernel whose reader is known to read; the reader's side has a bound of its own.
    """
    thread = kernel.iopub_thread
    thread.schedule(lambda: thread.socket.set_hwm(0))  # a socket belongs to one thread
