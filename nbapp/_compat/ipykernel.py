"""ipykernel 6.29 to 7, IPython 8 and 9, and comm 0.2: whom a message answers, what the kernel says of itself."""

from __future__ import annotations

from typing import Any

# What gives up a request because a cell before it failed; another release may have none.
ABORT_REPLY = "_send_abort_reply"
# ipykernel 7.4: what says which thread's subshell a comm's reply is for; other releases have no such method.
SUBSHELL_OF_REPLY = "_reply_subshell_for"


def shell_ident(kernel: Any) -> Any:
    """The address of the page whose request the kernel answers in this context."""
    return kernel._parent_ident.get("shell", b"")


def threads_parent(kernel: Any) -> Any:
    """ipykernel 6: the header that the outputs of new threads name; None from 7 on, which keeps it by context."""
    return getattr(kernel, "_new_threads_parent_header", None)


def set_threads_parent(kernel: Any, header: Any) -> None:
    """Tell ipykernel 6 which header new threads get."""
    if hasattr(kernel, "_associate_new_top_level_threads_with"):
        kernel._associate_new_top_level_threads_with(header)


def answer(kernel: Any, message: dict[str, Any]) -> None:
    """ipykernel 7: what is sent in this context answers this message; `set_parent` would change it for threads too."""
    kernel._shell_parent.set(message)


def publish_status(kernel: Any, status: str, parent: dict[str, Any] | None = None) -> None:
    """Tell every page that the kernel is `busy` or `idle`."""
    kernel._publish_status(status, "shell", parent=parent)


def topic(kernel: Any, kind: str) -> bytes:
    """The prefix of the kernel's published messages of a kind."""
    found: bytes = kernel._topic(kind)
    return found


def has_unread_text(stream: Any) -> bool:
    """Whether a flush of stdout or stderr would have anything to do; yes where the release does not say."""
    return bool(getattr(stream, "_flush_pending", True))


def piped(stream: Any) -> int | None:
    """The descriptor that a stream reads, when it also takes what C code writes."""
    return getattr(stream, "_fid", None)


def message_callback(comm: Any) -> Any:
    """The callback of `on_msg`; `handle_msg` would also tell matplotlib and others that something was executed."""
    return comm._msg_callback


def answer_at_once(comm: Any) -> None:
    """ipykernel 7.4 has a message wait for the main thread when that thread sent last; on this comm none waits."""
    if hasattr(comm, SUBSHELL_OF_REPLY):
        comm._reply_subshell_for = lambda data, default: default


def reopen(comm: Any) -> None:
    """Take back that a comm was closed."""
    comm._closed = False


def has_failed_to_display(shell: Any) -> bool:
    """ipykernel 7.4: whether what shows a result has raised, which fails the cell."""
    return bool(getattr(shell, "_last_traceback_during_displayhook", False))


def forget_failed_display(shell: Any) -> None:
    """ipykernel 7.4 forgets it before plain cells only, and reports every later cell that awaits as failed."""
    if hasattr(shell, "_last_traceback_during_displayhook"):
        shell._last_traceback_during_displayhook = False
