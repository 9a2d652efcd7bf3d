"""IPython's own machinery, such as `ip = get_ipython()`: handles. Code that has the shell may reach any name.

What code sets through them that other code obeys (formatters, events, transformers) is process state.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbapp.values.types import Adapter, reaches_nothing

_PART_NAMES = """
    DisplayFormatter BaseFormatter EventManager MagicsManager HistoryAccessorBase DisplayPublisher DisplayHook
    TransformerManager ExtensionManager Completer AliasManager PrefilterManager Kernel
"""
_PARTS = frozenset(_PART_NAMES.split())
_PART = Adapter(handle=True, reach=reaches_nothing)


def _namespace(shell: Any) -> Iterable[object]:
    return (shell.user_module,)


_SHELL = Adapter(handle=True, reach=_namespace)


def lookup(kind: type) -> Adapter | None:
    """The adapter of a class of IPython or ipykernel."""
    if kind.__name__ == "InteractiveShell":
        return _SHELL
    return _PART if kind.__name__ in _PARTS else None
