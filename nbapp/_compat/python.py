"""Python's own modules."""

from __future__ import annotations

import argparse
import asyncio
import atexit
import warnings
from collections.abc import Callable, Iterable
from typing import Any


def run_exit_handlers() -> None:
    """What `atexit` does at the end of a process that `os._exit` is going to end."""
    atexit._run_exitfuncs()


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
