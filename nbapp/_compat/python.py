"""Python's own modules."""

from __future__ import annotations

import argparse
import atexit
import warnings
from collections.abc import Iterable


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
