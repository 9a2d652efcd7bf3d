"""What cells have open outside that may be open once, such as a file of a library: closed before its maker runs again.

A clean run opens it in a fresh process. So before a cell executes again, and when it has left the notebook, what it had
opened is closed, as if that process had ended. Only what the cell itself made is its own to close: what a name above it
reaches, or a library keeps for itself, stays open.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

from nbapp.core.memos.env import Env, is_global
from nbapp.core.memos.memo import Binding
from nbapp.core.notebook import CellId
from nbapp.values.types import NO_ADAPTER, Types

_ENDS = frozenset({"__exit__", "fileno", "__del__"})  # beside `close`: what has one of these has something to end
_DEEP = 3  # containers inside each other that are looked into
_MOST = 1_000  # objects that are looked at for one name
Close = Callable[[Any], object]


@dataclass(slots=True)
class Opened:
    """By cell, what its last execution left open, with the binding it is in."""

    _by_cell: dict[CellId, list[tuple[Any, Close, Binding]]] = field(default_factory=dict)

    def made(self, cell: CellId, after: Mapping[str, Binding | None], env: Env, known: Types) -> None:
        """A cell that was executed left these; the Env is as it was just above it."""
        found = [
            (value, close, binding)
            for name, binding in after.items()
            if binding is not None and is_global(name) and binding.unseen is None
            for value, close in closable(binding, known)
            if not env.sharing(frozenset({id(value)}))
        ]
        if found:
            self._by_cell[cell] = found

    def close(self, cell: CellId, env: Env) -> frozenset[int]:
        """The cell is about to be executed again: close what it has open; the objects that are of no use then."""
        gone = frozenset[int]()
        for value, close, binding in self._by_cell.pop(cell, ()):
            if binding.intact and not binding.opaque:
                continue  # another connection does not disturb it, and its result may be wanted again
            if not env.sharing(frozenset({id(value)})):
                with suppress(Exception):  # it may be closed already, or refuse: then the maker says what is wrong
                    close(value)
                gone |= binding.objects
        return gone.difference(*(binding.objects for binding in env.sharing(gone).values()))

    def leave(self, alive: Collection[CellId], env: Env) -> frozenset[int]:
        """Close what cells have open that left the notebook."""
        return frozenset[int]().union(*(self.close(cell, env) for cell in self._by_cell.keys() - alive))


def closable(binding: Binding, known: Types) -> Iterator[tuple[Any, Close]]:
    """What a binding holds that can be closed, and how; only values without a digest, and handles that say how."""
    if not binding.opaque and known.adapter(type(binding.value)).close is None:
        return
    seen: set[int] = set()
    layer = [binding.value]
    for _ in range(_DEEP + 1):
        for value in layer:
            close = _close(value, known)
            if close is not None and not _is_kept(value):
                yield value, close
        seen.update(map(id, layer))
        layer = [part for value in layer for part in _inside(value, known) if id(part) not in seen][:_MOST]


def _close(value: Any, known: Types) -> Close | None:
    kind = type(value)
    adapter = known.adapter(kind)
    if known.is_declared(value) or issubclass(kind, (type, ModuleType)):
        return None  # the author says that it serves others too: a resource
    if adapter is not NO_ADAPTER or known.of_notebook(kind):
        return adapter.close
    members = [vars(base) for base in kind.__mro__]
    ends = [name for name in ("close", *_ENDS) if any(name in each for each in members)]
    is_pythons = kind.__module__.partition(".")[0] in sys.stdlib_module_names
    if ends[:1] != ["close"] or not set(ends) & (_ENDS - {"__del__"} if is_pythons else _ENDS):
        return None  # an event loop has a finaliser too
    return lambda value: value.close()


def _is_kept(value: Any) -> bool:
    """Whether a library keeps the object for itself, in one of its modules: it was there before, or serves others."""
    top = type(value).__module__.partition(".")[0]
    modules = [module for name, module in tuple(sys.modules.items()) if name.partition(".")[0] in (top, "sys")]
    return any(value is held for module in modules for held in tuple(getattr(module, "__dict__", {}).values()))


def _inside(value: Any, known: Types) -> list[Any]:
    """What a container, or an object of the notebook's own class, holds."""
    kind = type(value)
    if kind is dict:
        return list(value.values())
    if kind in (list, tuple, set, frozenset):
        return list(value)
    if kind is not FunctionType and not issubclass(kind, type) and known.of_notebook(kind):
        return list(getattr(value, "__dict__", {}).values())
    return []
