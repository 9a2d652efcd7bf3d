"""Which names a cell looks up before it has bound them: each case with what is wanted."""

from __future__ import annotations

import ast
import dis
from types import CodeType

import pytest

from nbapp.values.definite_assignment import Paths

CASES = [
    ("_, ax = s()\nax.plot()", "s"),
    ("try:\n    x = f()\nexcept E:\n    pass\nx", "f E x"),
    ("try:\n    x = f()\nexcept E:\n    x = 1\nx", "f E"),
    ("with c():\n    x = f()\nx", "c f x"),
    ("with c() as y:\n    x = f(y)\n    x", "c f"),
    ("if c:\n    x = 1\nx", "c x"),
    ("if c:\n    x = 1\nelse:\n    x = 2\nx", "c"),
    ("for i in r:\n    i; x = i\nx", "r x"),
    ("for i in r:\n    i; y; y = 1", "r y"),
    ("while c:\n    x = 1\n    if d: break\nelse:\n    x = 2\nx", "c d"),
    ("x += 1", "x"),
    ("x: int = 1\nx", "__annotations__ int"),
    ("def f(): return x\nx = 1\nf()", ""),
    ("x = [i for i in r]\nx", "r"),
    ("try:\n    x = 1\nfinally:\n    g()\nx", "g"),
    ("try:\n    g()\n    x = 1\nfinally:\n    x", "g x"),
    ("for i in r:\n    try:\n        x = f()\n    except E:\n        continue\n    x", "r f E"),
    ("x = 1\ndel x\nx", "x"),
    ("import a.b as c\nc", ""),
    ("match v:\n    case [q, *_]: q\n    case {'k': z}: z\nq", "v q"),
    ("a = b = 1\na, b", ""),
    ("(y := 3); y", ""),
    ("c and (y := 3); y", "c y"),
    ("for i in r:\n    with c() as k:\n        break\nk", "r c k"),
    ("async def f(): pass\nx = 1\nawait f()\nx", ""),
    ("assert c\nx = 1\nx", "c"),
]


def paths(code: CodeType) -> Paths:
    return Paths.of(code, list(dis.get_instructions(code)))


@pytest.mark.parametrize(("source", "wanted"), CASES)
def test_what_is_bound_on_every_path_is_not_looked_up(source: str, wanted: str) -> None:
    code = compile(source, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    assert paths(code).loaded == set(wanted.split())


def test_a_long_cell_takes_no_long_time() -> None:
    """2,000 names bound and loaded."""
    source = "\n".join(f"x{number} = f({number})\nx{number}" for number in range(2000))
    assert paths(compile(source, "cell", "exec")).loaded == {"f"}


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("x = 1\nif x:\n    y = 2\nelse:\n    y = z = 3", "x y"),
        ("try:\n    x = f()\nexcept E:\n    pass\ny = 1", "y"),
        ("for x in r:\n    pass\nelse:\n    y = 1", "y"),
        ("x = y = 1\ndel x", "y"),
        ("def f():\n    global x\n    x = 1\nf()", "f"),
        ("import a.b, c as d", "a d"),
        ("x = 1\nraise E", "x"),
    ],
)
def test_what_is_bound_at_each_end(source: str, wanted: str) -> None:
    code = compile(source, "cell", "exec", dont_inherit=True)
    assert paths(code).bound == set(wanted.split())


def test_code_that_always_fails_binds_nothing_that_it_does_not_store() -> None:
    def fails() -> None:
        raise KeyError(pytest)

    assert paths(fails.__code__).bound == set()
