"""jupyter_server 2 and jupyter_client 8: kernels and who looks at them."""

from __future__ import annotations

from typing import Any


def connections(manager: Any, kernel_id: str) -> int:
    """How many pages are connected to a kernel."""
    return int(manager._kernel_connections.get(kernel_id) or 0)


def unsent(manager: Any, kernel_id: str) -> Any:
    """The messages that are kept for a page that is away, by channel."""
    return manager._kernel_buffers[kernel_id]


async def kill(manager: Any) -> None:
    """End a kernel's process at once."""
    await manager._async_kill_kernel()


def forget_session(connection: Any) -> None:
    """A connection that was prepared, and not made, is no session's any more."""
    if connection._open_sessions.get(connection.session_key) is connection.websocket_handler:
        del connection._open_sessions[connection.session_key]
