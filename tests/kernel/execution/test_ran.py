"""Which code of a cell ran is told by marks that CPython leaves; what nobody called has not read what it names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest

from nbapp.kernel.execution.code_marks import IS_TOLD, compiled

KNOWN = pytest.mark.skipif(not IS_TOLD, reason="this Python leaves no marks in code that ran; everything counts")

CLOSED = {"f"} if sys.version_info < (3, 11) else set()  # Python 3.10 runs a generator that never began to close it


class Shell:
    """Runs code as IPython's shell does: through a method that can be replaced."""

    def run_code(self, code: CodeType, space: dict[str, Any]) -> None:
        exec(code, space)


def ran(source: str, around: Callable[[Callable[[], None]], None] = lambda run: run()) -> set[str] | None:
    """The names of the functions in a cell whose code ran."""
    shell = Shell()
    with compiled(shell) as code:
        around(lambda: shell.run_code(compile(source, "<cell>", "exec"), {"limit": 3}))
    assert "run_code" not in vars(shell)
    places = code.ran()
    return None if places is None else {name for name, _ in places}


@KNOWN
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(): return limit", set()),
        ("def f(): return limit\nf()", {"f"}),
        ("def f(): return limit\ng = f", set()),
        ("f = lambda: limit", set()),
        ("sorted([1], key=lambda x: x + limit)", {"<lambda>"}),
        ("list(map(lambda x: limit, []))", set()),
        ("class A:\n    def f(self): return limit", {"A"}),
        ("class A:\n    def f(self): return limit\nA().f()", {"A", "f"}),
        ("class A:\n    def __init__(self, go): self.go = go\ndef go(): return limit\nA(go)", {"A", "__init__"}),
        ("def outer():\n    def inner(): return limit\n    return inner\nouter()", {"outer"}),
        ("def f():\n    yield limit\nf()", CLOSED),
        ("def f():\n    yield limit\nnext(f())", {"f"}),
        ("async def f(): return limit\nc = f()\nc.close()", CLOSED),
        ("try:\n    def f(): return limit / 0\n    f()\nexcept ZeroDivisionError: pass", {"f"}),
    ],
)
def test_only_what_was_called_ran(source: str, expected: set[str]) -> None:
    assert ran(source) == expected


@KNOWN
def test_a_thread_runs_code_of_the_cell_too() -> None:
    source = "import threading\ndef f(): return limit\nt = threading.Thread(target=f); t.start(); t.join()"
    assert ran(source) == {"f"}


@KNOWN
def test_tracing_and_profiling_hide_nothing() -> None:
    def traced(run: Callable[[], None]) -> None:
        before = sys.gettrace()
        sys.settrace(lambda *_: None)
        try:
            run()
        finally:
            sys.settrace(before)

    assert ran("def f(): return limit\ndef g(): return limit\nf()", traced) >= {"f"}  # type: ignore[operator]


@KNOWN
def test_code_that_ran_often_ran() -> None:
    assert ran("def f(): return limit\nfor _ in range(1000): f()") == {"f"}


def test_what_stood_in_the_shell_before_is_there_again() -> None:
    shell = Shell()
    mine = shell.run_code = lambda *_: None  # type: ignore[method-assign]
    with compiled(shell):
        assert shell.run_code is not mine
    assert shell.run_code is mine


@KNOWN
def test_a_task_runs_code_of_the_cell_too() -> None:
    assert ran("import asyncio\nasync def f(): return limit\nasync def g(): return limit\nasyncio.run(f())") == {"f"}
