"""Loggers of Python, and their handlers, which keep what cells log: in a buffer, in a list, in a queue, or behind them.

Loggers and handlers are handles: who logs has not changed them. What a handler keeps counts: the stream that it writes
to, and what it fills. What it has for itself does not.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable
from typing import Any

from nbapp.core.host import LOGS
from nbapp.libraries.profile import Profile, by_name
from nbapp.values.types import Adapter, reaches_nothing

_OF_HANDLERS = frozenset(
    {"_name", "level", "formatter", "filters", "lock", "_closed", "stream", "terminator", "baseFilename", "mode"}
    | {"encoding", "errors", "delay", "_builtin_open"}
)
_FILLED = list, dict, set, deque


def keeps(handler: Any) -> bool:
    """Whether a handler keeps what it is told; one that only shows it does not."""
    stream = getattr(handler, "stream", None)
    shows = any(stream is each for each in (None, sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__))
    return not shows or _is_authors(handler) or bool(_kept(handler))


def _is_authors(handler: Any) -> bool:
    return type(handler).__module__ == "__main__"


def _kept(handler: Any) -> dict[str, Any]:
    """What a handler keeps: one of a class of the notebook in any attribute, a library's in those that fill."""
    own = {name: value for name, value in vars(handler).items() if name not in _OF_HANDLERS}
    return own if _is_authors(handler) else {name: value for name, value in own.items() if _fills(value)}


def _fills(value: Any) -> bool:
    """Whether records may come into it: a container, a queue, or a handler that keeps what it is told."""
    is_handler = isinstance(value, sys.modules["logging"].Handler)
    return isinstance(value, _FILLED) or hasattr(value, "put_nowait") or (is_handler and keeps(value))


def _written_to(handler: Any) -> Iterable[object]:
    """What changes as a handler is given a record."""
    return (*_kept(handler).values(), getattr(handler, "stream", None))


_HANDLER = Adapter(handle=True, parts=_kept, reach=_written_to)
_LOGGER = Adapter(handle=True, reach=reaches_nothing, words=frozenset({LOGS}))

PROFILE = Profile(lookups={"logging": by_name({"Handler": _HANDLER, "Logger": _LOGGER, "LoggerAdapter": _LOGGER})})
