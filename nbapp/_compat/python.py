"""Python's own modules."""

from __future__ import annotations

import argparse
import asyncio
import atexit
import os
import warnings
import weakref
from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any

# The functions of `posixpath`, by name, that ask for each folder above a path whether it is a link.
RESOLVING = ("_joinrealpath", "realpath")


def run_exit_handlers() -> None:
    """What `atexit` does at the end of a process that `os._exit` is going to end."""
    atexit._run_exitfuncs()


def forget_exit_handlers() -> None:
    """Do nothing at the end of this process that was to be done before: a fork is not the process that meant it."""
    atexit._clear()
    for each in list(weakref.finalize._registry.values()):  # type: ignore[attr-defined]
        each.atexit = False


def tell_filters_changed() -> None:
    """Tell `warnings` that its filters were changed in place; the second name is Python 3.14's."""
    mutated = getattr(warnings, "_filters_mutated", None) or warnings._filters_mutated_lock_held  # type: ignore[attr-defined]
    mutated()


def options(command: argparse.ArgumentParser) -> Iterable[str]:
    """The options that a command knows, as they are typed."""
    return command._option_string_actions


def waiting(loop: asyncio.AbstractEventLoop) -> list[tuple[Callable[..., Any], tuple[Any, ...]]] | None:
    """What an event loop will call, now, later or when a file can be read, with arguments; None: it does not tell."""
    if not isinstance(loop, asyncio.BaseEventLoop):
        return None
    selector = getattr(loop, "_selector", None)
    ready = (handle for key in selector.get_map().values() for handle in key.data) if selector is not None else ()
    handles = (*loop._ready, *loop._scheduled, *ready)  # type: ignore[attr-defined]
    return [(handle._callback, handle._args or ()) for handle in handles if handle and not handle.cancelled()]


def waits(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether an event loop has a timer, something to call, or a file to read besides the pipe that wakes it."""
    selector, own = loop._selector, loop._ssock  # type: ignore[attr-defined]
    handles = [handle for handle in (*loop._ready, *loop._scheduled) if not handle.cancelled()]  # type: ignore[attr-defined]
    return bool(handles) or any(key.fd != own.fileno() for key in selector.get_map().values())


def adaptive_code(code: CodeType) -> object:
    """The instructions of a code object with what its interpreter noted in them; None where it notes nothing."""
    return getattr(code, "_co_code_adaptive", None)


def raw_environment() -> dict[Any, Any]:
    """The environment variables as `os.environ` keeps them: to decode each of them takes long."""
    return dict(getattr(os.environ, "_data", os.environ))
