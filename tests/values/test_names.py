"""Which globals a piece of code may read, bind, or name in a string: never one too few."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import types

import pytest

from nbapp.libraries import EVALUATORS
from nbapp.values.names import Names, code_names, names_from_afar, words_of
from tests.core.host import compiled

TABLE = [
    # source, refs, defs
    ("x", "x", ""),
    ("x = 1", "", "x"),
    ("x = y", "y", "x"),
    ("x += 1", "x", "x"),
    ("x.y.z = 1", "x", ""),
    ("x[y] = z", "x y z", ""),
    ("x: int = y", "__annotations__ int y", "x"),
    ("del x", "x", "x"),
    ("del x.y", "x", ""),
    ("(x, *y), z = a", "a", "x y z"),
    ("for i in range(n): pass", "n range", "i"),
    ("with open(p) as f: pass", "open p", "f"),
    ("try:\n    f()\nexcept E as e: pass", "E e f", "e"),  # `e` is deleted at the end
    ("import os", "", "os"),
    ("import os.path", "", "os"),
    ("import os.path as p", "", "p"),
    ("from os import path as p, sep", "", "p sep"),
    ("if (n := f()) > 1: pass", "f", "n"),
    ("[last := i for i in xs]", "xs", "last"),
    ("[i for i in xs if i > n]", "n xs", ""),
    ("{k: v for k, v in d.items()}", "d", ""),
    ("{*a, *b}", "a b", ""),
    ("(i for i in xs)", "xs", ""),
    ("[[j for j in i if j in k] for i in xs]", "k xs", ""),
    ("def f(a, b=c): return a + d", "c d", "f"),
    ("def f(): return g()", "g", "f"),
    ("def f():\n    global x\n    x = 1", "", "f x"),
    ("def f():\n    global x\n    del x", "x", "f x"),
    ("def f():\n    global x\n    x += 1", "x", "f x"),
    ("def f():\n    def g():\n        global x\n        x = y\n    return g", "y", "f x"),
    ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x += y\n    return g", "y", "f"),
    ("def f():\n    import os\n    return os.sep", "", "f"),
    ("async def f():\n    async for i in xs:\n        await g(i)", "g xs", "f"),
    ("f = lambda a, b=c: a + d", "c d", "f"),
    ("@deco(n)\ndef f(): pass", "deco n", "f"),
    ("class C(B, metaclass=M): x = y", "B M y", "C"),
    ("class C:\n    x = y\n    def f(self): return z", "y z", "C"),
    ("class C:\n    y = y", "y", "C"),
    ("class C:\n    def f(self): return super().f()", "super", "C"),
    ("class C:\n    def f(self): return self.__x", "", "C"),
    ("class C:\n    def f(self): return __x", "_C__x", "C"),
    ("class C:\n    class D:\n        z = w", "w", "C"),
    ("match x:\n    case P(y=z): pass", "P x", "z"),
    ("f'{x!r:>{w}}'", "w x", ""),
    ("x if y else z", "x y z", ""),
    ("assert x, y", "AssertionError x y" if sys.version_info < (3, 9) else "x y", ""),
    ("raise E from x", "E x", ""),
    ("print(x, sep=y)", "print x y", ""),
    ("a < b < c", "a b c", ""),
    ("a and b or not c", "a b c", ""),
    ("a[b:c:d]", "a b c d", ""),
    ("x = yield_ = 1", "", "x yield_"),
    ("while n: n -= 1", "n", "n"),
    ("lambda: (yield n)", "n", ""),
    ("print(__name__)", "__name__ print", ""),
    ("pass", "", ""),
    ("", "", ""),
    ("1 + 1", "", ""),
]
OPTIONAL = {"AssertionError", "__annotations__", "__name__", "__qualname__", "__module__", "super"}


def names(source: str) -> Names:
    return code_names(compiled(source), EVALUATORS)


@pytest.mark.parametrize(("source", "refs", "defs"), TABLE, ids=[row[0].replace("\n", "; ") for row in TABLE])
def test_what_code_reads_and_binds(source: str, refs: str, defs: str) -> None:
    found = names(source)
    read = {name for name in found.refs if not name.startswith("module:")}
    assert read - OPTIONAL == set(refs.split()) - OPTIONAL
    assert found.defs - OPTIONAL == set(defs.split())
    assert not found.everything


@pytest.mark.parametrize(
    "source",
    [
        "eval('x')",
        "exec('x = 1')",
        "globals()['x']",
        "def f(): return locals()",
        "vars()",
        "dir()",
        "compile('x', '', 'eval')",
        "__import__('__main__')",
        "import __main__\n__main__.x",
        "import builtins\nbuiltins.x",
        "get_ipython().user_ns['x']",
        "import IPython\nIPython.get_ipython().push(dict(x=0))",
        "import sys\nsys._getframe(1).f_globals['x']",
        "import inspect\ninspect.currentframe()",
        "import inspect\ninspect.stack()[0].frame.f_locals",
        "import sys\nsys.modules['__main__'].x",
        "f.__globals__['x']",
        "from math import *",
        "def f():\n    def g():\n        return globals()\n    return g",
        "class C:\n    def f(self): return eval('x')",
        "breakpoint()",
    ],
)
def test_code_that_can_look_up_any_name_reads_everything(source: str) -> None:
    assert names(source).everything


@pytest.mark.parametrize(
    "source",
    [
        "if __name__ == '__main__': main()",
        "x.eval('a + b')",
        "getattr(x, 'y')",
        "x.dir",
        "'globals()'",
        "import math\nmath.floor(x)",
        "model.eval()",
        "def f(exec_): return exec_",
    ],
)
def test_code_that_names_what_it_reads_does_not_read_everything(source: str) -> None:
    assert not names(source).everything


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("df.query('a > @n')", "a n"),
        ("con.sql('''select * from sales\nwhere x_1 < y''')", "select from sales where x_1 y"),
        ("f(k=('p + q', ['r']))", "p q"),
        ("x in {'n > 1', 'm'}", "n"),
        ("eval(f, 'n')", "n"),
        ("f('n')", ""),
        ("def f(): return 'inner words'", "inner words"),
        ("class C:\n    sql = 'a + b'", "a b"),
        ("f'prefix {x} suffix'", "prefix suffix"),
        ("'größe + naïve'", "größe naïve"),
        ("'1x 2'", "x"),
    ],
)
def test_identifiers_in_strings_are_words(source: str, words: str) -> None:
    assert set(words.split()) <= names(source).words


def test_a_word_is_looked_up_like_a_name() -> None:
    assert names("df.query('a > @n')").looked_up == {"df", "a", "n"}


def test_a_single_word_is_a_label_where_nothing_evaluates_it() -> None:
    code = compiled("df.query('n')")
    assert code_names(code, frozenset({"query"})).words == {"n"}
    assert code_names(code, frozenset()).words == frozenset()


def test_words_of_a_text_are_its_identifiers() -> None:
    assert words_of("price*(1-discount) >= 10").words == {"price", "discount"}
    assert words_of("").words == frozenset()


def test_two_pieces_of_code_do_what_either_does() -> None:
    both = names("x = y") | names("z = 'w > 1'\nglobals()")
    assert both == Names(
        frozenset({"y", "globals"}), frozenset({"x", "z"}), frozenset({"w"}), True, sure=frozenset({"x", "z"})
    )
    assert names("x = y") | Names() == names("x = y")


def test_a_function_of_a_module_says_tables_in_sql_and_no_words_otherwise() -> None:
    def total(con: sqlite3.Connection, since: str) -> object:
        """The total of all sales from a day on."""
        return con.execute(f"select sum(amount) from sales where day > '{since}'"), "none from today"

    names = names_from_afar(total.__code__)
    assert names == Names(words=frozenset({"select", "sum", "amount", "from", "sales", "where", "day"}))


def test_names_of_the_same_code_are_found_once() -> None:
    code = compiled("def f(): return x")
    assert code_names(code, EVALUATORS) is code_names(code, EVALUATORS)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is of Python 3.12")
def test_type_parameters_and_aliases_read_their_bounds() -> None:
    assert {"B", "y"} <= names("class C[T: B]:\n    x = y\n").refs
    assert {"B"} <= names("def f[T: B](x: T) -> T: return x").refs
    assert {"L"} <= names("type A = L[int]").refs


def test_nested_code_of_every_depth_is_read() -> None:
    source = "x0"
    for depth in range(1, 8):
        source = f"(lambda: ({source}, x{depth}))()"
    assert {f"x{depth}" for depth in range(8)} <= names(source).refs


def test_code_that_runs_finds_no_name_that_was_not_foreseen() -> None:
    """Every global that the interpreter asks for while these run is among the names."""
    asked: set[str] = set()

    class Asking(dict[str, object]):
        def __missing__(self, key: str) -> object:
            asked.add(key)
            raise KeyError(key)

    for source, *_ in TABLE:
        code = compiled(source)
        with contextlib.suppress(Exception):
            exec(code, {"__builtins__": {}}, Asking())
        assert asked <= code_names(code, EVALUATORS).refs | {"__annotations__"}, source
        asked.clear()


def test_code_objects_are_told_apart() -> None:
    assert names("x") != names("y")
    assert isinstance(compiled("x"), types.CodeType)
