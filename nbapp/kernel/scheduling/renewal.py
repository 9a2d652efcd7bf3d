"""Which cells ask the world (the clock, the network, another program), themselves or through a function that does."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

from nbapp.core.host import Reading
from nbapp.core.memos.memo import Memo
from nbapp.core.notebook import Cell, CellId, Notebook
from nbapp.kernel.parse.nondeterminism import asked_of_the_world
from nbapp.values.types import Types


def asks_anew(
    notebook: Notebook, read: Callable[[Cell], Reading], in_place: Callable[[CellId], Memo | None], known: Types
) -> Iterator[Cell]:
    """The cells that may show something else now, though nothing that nbapp can watch has changed.

    A cell that reads code of such a cell may call it. When a module of the author's asks, all cells may.
    """
    everything = any(map(_asks, _own_modules(known)))
    askers: set[str] = set()  # names of code that asks
    for cell in notebook:
        memo = in_place(cell.id)
        asks = everything or read(cell).frozen is not None
        asks = asks or (memo is not None and not askers.isdisjoint(memo.reads.names))
        if memo is not None and asks:
            after = memo.after.items()
            askers |= {name for name, binding in after if binding is not None and binding.names.looked_up}
        if asks:
            yield cell


def _own_modules(known: Types) -> list[ModuleType]:
    modules: list[object] = list(sys.modules.values())
    return [each for each in modules if isinstance(each, ModuleType) and known.is_own(each)]


def _asks(module: ModuleType) -> bool:
    try:
        return asked_of_the_world(compile(inspect.getsource(module), "<module>", "exec")) is not None
    except (OSError, TypeError, SyntaxError):
        return True  # nobody can tell
