"""Which code of a cell ran. CPython leaves a mark in each code object when it runs for the first time.

Python 3.10 and 3.11 count the first runs of each code object; from 3.12 on the counters of its specializing interpreter
move when code looks up a global. Both are read, never written; where a trial shows that there is no such mark, nothing
is known. A cell is compiled anew for each execution, so that its marks are fresh.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

from nbapp._compat.python import adaptive_code
from nbapp.values.names import inner_codes
from nbapp.values.uses import Place, place_of

# In a code object, the bytes before the count of its runs, and what that is: `co_opcache_flag`, `co_warmup`.
_COUNTS = {(3, 10): (168, ctypes.c_int), (3, 11): (52, ctypes.c_short)}
_COUNT = _COUNTS.get(sys.version_info[:2])


def _mark(code: CodeType) -> object:
    if _COUNT is not None:
        before, kind = _COUNT
        return kind.from_address(id(code) + before).value
    return adaptive_code(code)


def _is_told() -> bool:
    """Whether this Python marks code that ran, and no other."""
    if sys.implementation.name != "cpython" or sys.version_info < (3, 10):
        return False
    space: dict[str, Any] = {}
    exec("def called(): return print\ndef other(): return print", space)
    before = {name: _mark(space[name].__code__) for name in ("called", "other")}
    space["called"]()
    return _mark(space["called"].__code__) != before["called"] and _mark(space["other"].__code__) == before["other"]


IS_TOLD = _is_told()


class Compiled:
    """The code of one execution, with the marks it had before."""

    def __init__(self) -> None:
        self._marks: list[tuple[CodeType, object]] = []

    def add(self, code: CodeType) -> None:
        """This is about to run."""
        if IS_TOLD:
            self._marks.extend((inner, _mark(inner)) for inner in inner_codes(code))

    def ran(self) -> frozenset[Place] | None:
        """Where the code stands that ran; None when that is not known."""
        if not IS_TOLD:
            return None
        return frozenset(place_of(code) for code, before in self._marks if _mark(code) != before)


@contextmanager
def compiled(shell: Any) -> Iterator[Compiled]:
    """The code that the shell runs inside."""
    found = Compiled()
    original: Callable[..., Any] = shell.run_code

    def run_code(code: CodeType, *args: Any, **kwargs: Any) -> Any:
        """Run a piece of the cell."""
        found.add(code)
        return original(code, *args, **kwargs)

    before = vars(shell).get("run_code")
    shell.run_code = run_code
    try:
        yield found
    finally:
        if before is None:
            vars(shell).pop("run_code", None)
        else:
            shell.run_code = before
