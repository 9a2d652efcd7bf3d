"""IPython's own machinery, such as `ip = get_ipython()`: handles. Code that has the shell may reach any name.

What code sets through them that other code obeys (formatters, events, transformers) is process state.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nbapp.libraries.profile import Profile, by_name
from nbapp.values.types import Adapter, reaches_nothing

_PART_NAMES = """
    DisplayFormatter BaseFormatter EventManager MagicsManager HistoryAccessorBase DisplayPublisher DisplayHook
    TransformerManager ExtensionManager Completer AliasManager PrefilterManager Kernel
"""
_PART = Adapter(handle=True, reach=reaches_nothing)


def _namespace(shell: Any) -> Iterable[object]:
    return (shell.user_module,)


_SHELL = Adapter(handle=True, reach=_namespace)
_BY_NAME = by_name({**dict.fromkeys(_PART_NAMES.split(), _PART), "InteractiveShell": _SHELL})
_SHOWS = {"IPython.display": "Code HTML JSON Latex Markdown Math clear_output display"}
PROFILE = Profile(
    lookups={"IPython": _BY_NAME, "ipykernel": _BY_NAME},
    evaluators=("magic", "run", "run_cell_magic", "run_line_magic"),
    followed_packages=("IPython", "ipykernel"),
    functions=_SHOWS,
)
