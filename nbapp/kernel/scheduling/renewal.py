"""Which cells ask the world (the clock, the network, another program), themselves or through a function that does."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from types import ModuleType

from nbapp.core.host import Reading
from nbapp.core.memos.memo import Memo
from nbapp.core.notebook import Cell, CellId, Notebook
from nbapp.kernel.parse.nondeterminism import asked_of_the_world
from nbapp.values.types import Types

# Names by which code asks which process it is in, or what the server has told it of its page.
_OF_PROCESS = re.compile(r"\b(getpid|getppid|getpgid|getsid|Process|current_process|argv|(VOILA|JPY)_\w+)\b")


def asks_anew(
    notebook: Notebook,
    read: Callable[[Cell], Reading],
    in_place: Callable[[CellId], Memo | None],
    known: Types,
    *,
    is_fork: bool = False,
) -> Iterator[Cell]:
    """The cells that may show something else now, though nothing that nbapp can watch has changed.

    A cell that reads code of such a cell may call it. When a module of the author's asks, all cells may. `is_fork`:
    this process is a copy of the one in which the cells ran, so which process it is has changed as well.
    """
    everything = any(_asks(module, is_fork) for module in _own_modules(known))
    askers: set[str] = set()  # names of code that asks
    for cell in notebook:
        memo = in_place(cell.id)
        asks = everything or read(cell).frozen is not None or (is_fork and _OF_PROCESS.search(cell.source) is not None)
        asks = asks or (memo is not None and not askers.isdisjoint(memo.reads.names))
        if memo is not None and asks:
            after = memo.after.items()
            askers |= {name for name, binding in after if binding is not None and binding.names.looked_up}
        if asks:
            yield cell


def _own_modules(known: Types) -> list[ModuleType]:
    modules: list[object] = list(sys.modules.values())
    return [each for each in modules if isinstance(each, ModuleType) and known.is_own(each)]


def _asks(module: ModuleType, is_fork: bool) -> bool:
    try:
        source = inspect.getsource(module)
        asks = asked_of_the_world(compile(source, "<module>", "exec")) is not None
        return asks or (is_fork and _OF_PROCESS.search(source) is not None)
    except (OSError, TypeError, SyntaxError):
        return True  # nobody can tell
