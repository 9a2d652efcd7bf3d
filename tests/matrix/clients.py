"""A kernel's client that finds each reply, for front ends that are nbclient below: it knows nothing of them.

These send what an Output widget shows through the socket on which they wait for the reply, past its event loop, and miss
the reply then, now and then, with nbapp and without: it lies in the socket until somebody asks whether one is there.
They ask only when the time for the cell is over; this client asks all the time.
"""

from __future__ import annotations

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type

ASKS_EACH = 0.1  # seconds


class Shell(AsyncZMQSocketChannel):
    """The channel of replies."""

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # type: ignore[override]
        """The next message, once it is there."""
        deadline = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            left = max(deadline - time.monotonic(), 0.0)
            try:
                found: dict[str, Any] = await super().get_msg(min(left, ASKS_EACH))
                return found
            except Empty:
                if left <= ASKS_EACH:
                    raise


class Client(AsyncKernelClient):
    """A client with this channel."""

    shell_channel_class = Type(Shell)


class Manager(AsyncKernelManager):
    """Starts a kernel as ever, and makes these clients of it."""

    client_factory = Type(Client)
