"""Whether what a cell reads of widgets and files may be an object that others have as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ipywidgets import Widget

from nbapp._compat.ipywidgets import trait_values
from nbapp.core.memos.kinds import CONTROLS, FILE, GENERATOR, PROCESS, TREE
from nbapp.core.memos.memo import Component

_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})
_NEW = (FILE, TREE, PROCESS, GENERATOR)  # what is read of these is new


def gives_objects(components: Iterable[Component], find: Callable[[Component], tuple[Widget, str] | None]) -> bool:
    """Whether code that reads these components may get objects that others have as well: the values of most traits are
    plain, what is read of files is new, and of anything else nobody knows."""
    for component in components:
        found = find(component) if any(kind.owns(component) for kind in CONTROLS) else None
        value = None if found is None else trait_values(found[0]).get(found[1])
        parts = value if type(value) is tuple else (value,)
        if found is None and not any(kind.owns(component) for kind in _NEW):
            return True
        if any(type(part) not in _PLAIN for part in parts):
            return True
    return False
