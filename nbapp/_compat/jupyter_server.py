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


def give_up_answer(connection: Any) -> None:
    """A kernel that is gone will not answer a connection's first question: nobody waits for that any more."""
    if connection.kernel_info_channel is not None:
        connection.kernel_info_channel.close()
        connection.kernel_info_channel = None
    if not connection._kernel_info_future.done():
        connection._kernel_info_future.set_result({})
