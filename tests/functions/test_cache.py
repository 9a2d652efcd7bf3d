"""A cached function computes again exactly when something its result depends on changed, and says why."""

from __future__ import annotations

import asyncio
import copy
import functools
import gc
import os
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nbapp
from nbapp.errors import UsageError
from nbapp.functions import NotCacheable, keyed
from nbapp.functions.results import shelf
from nbapp.libraries import LOOKUPS
from nbapp.values.digest import digest
from nbapp.values.survey import survey
from nbapp.values.types import Types
from tests.functions.modules import execute, made

HIT = keyed.HIT


@pytest.fixture(autouse=True)
def empty_shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for owner in {place[0] for place in shelf.SHELF._kept}:
        shelf.SHELF.clear(owner)
    yield
    assert shelf.SHELF.nbytes == sum(kept.nbytes for kept in shelf.SHELF._kept.values())
    assert not shelf.FLIGHTS._flying


# --- arguments


def test_equal_arguments_are_one_call_however_they_are_written() -> None:
    m = made("@nbapp.cache\ndef f(a, b=2, *more, c=3, **rest):\n    ran()\n    return a, b, more, c, rest")
    assert m.f(1) == m.f(1, 2) == m.f(a=1, b=2) == m.f(1, c=3) == m.f(b=2, a=1) == (1, 2, (), 3, {})
    assert len(m.ran) == 1
    assert m.f(1, 2, 9, z=8) == (1, 2, (9,), 3, {"z": 8})
    assert len(m.ran) == 2


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([0, 1, True, 1.0, "1", None, (1,), b"1"])), max_size=12))
def test_a_cached_function_gives_what_the_function_gives(calls: list[tuple[int, Any]]) -> None:
    source = (
        "def g(a, b=0):\n    return repr(a), scale, type(b).__name__\n@nbapp.cache\ndef f(a, b=0):\n    return g(a, b)"
    )
    m = made(source, scale=0)
    for scale, argument in calls:
        m.scale = scale
        assert m.f(argument) == m.g(argument)
        assert m.f(0, b=argument) == m.g(0, argument)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        ([1, 2], (1, 2)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (np.arange(3), np.arange(3.0)),
        (np.ones((2, 3)), np.ones((3, 2))),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
        (len, max),
        (lambda x: x, lambda x: x + 1),
    ],
)
def test_different_arguments_are_different_calls(one: Any, other: Any) -> None:
    m = made("@nbapp.cache\ndef f(x):\n    ran()\n    return 0")
    m.f(one)
    m.f(other)
    assert len(m.ran) == 2
    m.f(one)
    m.f(other)
    assert len(m.ran) == 2


def test_two_arguments_that_are_one_object_differ_from_two_equal_ones() -> None:
    m = made("@nbapp.cache\ndef f(a, b):\n    a.append(1)\n    return b")
    one: list[int] = []
    assert m.f([], []) == []
    assert m.f(one, one) == [1]


def test_an_argument_with_an_underscore_does_not_count() -> None:
    m = made("@nbapp.cache\ndef f(x, _connection, *_more):\n    ran()\n    return x")
    assert m.f(1, iter("a")) == m.f(1, iter("b"), 3) == 1
    assert len(m.ran) == 1


def test_an_argument_without_a_digest_is_named_with_the_remedy() -> None:
    m = made("@nbapp.cache\ndef f(x, rows):\n    return x")
    with pytest.raises(NotCacheable, match=r"f cannot be cached by its argument `rows`, a generator .*name it `_rows`"):
        m.f(1, (c for c in "ab"))
    assert issubclass(NotCacheable, TypeError)


def test_wrong_arguments_raise_what_the_function_raises() -> None:
    m = made("@nbapp.cache\ndef f(x):\n    return x")
    with pytest.raises(TypeError, match="missing a required argument: 'x'"):
        m.f()


def test_a_file_that_an_argument_names_counts(tmp_path: Path) -> None:
    m = made("@nbapp.cache\ndef load(path):\n    ran()\n    return Path(path).read_text()", Path=Path)
    file = tmp_path / "a.csv"
    with pytest.raises(FileNotFoundError):
        m.load(str(file))
    file.write_text("one")
    assert m.load(str(file)) == m.load(str(file)) == m.load(file) == "one"
    file.write_text("three")
    assert m.load(str(file)) == "three"
    assert m.load.why(str(file)) == f"ran: the file `{file}` changed"


def test_a_file_that_the_code_names_counts(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("one")
    read = f"def read(): return Path({str(file)!r}).read_text()"
    m = made(
        f"{read}\n@nbapp.cache\ndef f():\n    return read()\n@nbapp.cache\ndef g():\n    return where.read_text()",
        Path=Path,
    )
    m.where = file
    assert (m.f(), m.g()) == ("one", "one")
    file.write_text("three")
    assert (m.f(), m.g()) == ("three", "three")
    assert m.f.why() == m.g.why() == f"ran: the file `{file}` changed"


# --- what the code reads

READ: dict[str, tuple[str, str, str]] = {
    "a global": ("scale = 2", "scale = 3", "the global `scale`"),
    "a container": ("scale = {'k': [2]}", "scale['k'].append(1)", "the global `scale`"),
    "an array": ("import numpy\nscale = numpy.ones(2)", "scale[0] = 5", "the global `scale`"),
    "a function": ("def scale(): return 2", "def scale(): return 3", "the function `scale`"),
    "a global of a function": ("n = 2\ndef scale(): return n", "n = 3", "the global `n`"),
    "a function's function": (
        "def inner(): return 2\ndef scale(): return inner()",
        "def inner(): return 3",
        "the function `inner`",
    ),
    "a default": ("def scale(n=2): return n", "def scale(n=3): return n", "the function `scale`"),
    "a closure": ("def of(n): return lambda: n\nscale = of(2)", "scale = of(3)", "the function `scale`"),
    "a method": (
        "class scale:\n    def f(self): return 2",
        "class scale:\n    def f(self): return 3",
        "the class `scale`",
    ),
    "a global of a method": ("n = 2\nclass scale:\n    def f(self): return n", "n = 3", "the global `n`"),
    "a global of an object's method": (
        "n = 2\nclass C:\n    def f(self): return n\nscale = C()",
        "n = 3",
        "the global `n`",
    ),
    "an attribute": ("class C: pass\nscale = C()\nscale.x = 1", "scale.x = 2", "the global `scale`"),
    "a base class": ("class B: x = 2\nclass scale(B): pass", "B.x = 3", "the class `scale`"),
    "a name that is missing": ("", "scale = 3", "the global `scale`"),
    "a global in a list of functions": ("n = 2\nscale = [lambda: n]", "n = 3", "the global `n`"),
    "a partial": (
        "import functools\nn = 2\ndef g(a): return n\nscale = functools.partial(g, 1)",
        "n = 3",
        "the global `n`",
    ),
    "an lru_cache": ("import functools\nn = 2\n@functools.lru_cache\ndef scale(): return n", "n = 3", "the global `n`"),
    "a cached function": ("n = 2\n@nbapp.cache\ndef scale(): return n", "n = 3", "the global `n`"),
    "a resource": (
        "@nbapp.resource\ndef scale(): return 2",
        "@nbapp.resource\ndef scale(): return 3",
        "the function `scale`",
    ),
    "a decorated function": (
        "import functools\nn = 2\ndef deco(f):\n    @functools.wraps(f)\n    def inner(*a): return f(*a)\n    return inner\n"
        "@deco\ndef scale(): return n",
        "n = 3",
        "the global `n`",
    ),
}


@pytest.mark.parametrize(("before", "change", "what"), [pytest.param(*case, id=name) for name, case in READ.items()])
def test_what_the_code_reads_counts(before: str, change: str, what: str) -> None:
    m = made(before)
    execute(m, "@nbapp.cache\ndef f():\n    ran()\n    try:\n        scale\n    except NameError:\n        pass")
    m.f()
    m.f()
    assert len(m.ran) == 1
    assert m.f.why() == HIT
    execute(m, change)
    m.f()
    assert len(m.ran) == 2
    assert m.f.why().startswith("ran: ")
    assert what in m.f.why()
    m.f()
    assert len(m.ran) == 2


def test_what_the_code_does_not_read_does_not_count() -> None:
    m = made("scale, other = 2, 1\n@nbapp.cache\ndef f(x):\n    'Scaled by other.'\n    ran()\n    return x * scale")
    m.f(1)
    m.other = 2
    m.unread = object()
    m.f(1)
    assert len(m.ran) == 1


def test_a_global_that_goes_back_is_a_hit() -> None:
    m = made("scale = 2\n@nbapp.cache\ndef f(x):\n    ran()\n    return x * scale")
    assert m.f(1) == 2
    m.scale = 3
    assert m.f(1) == 3
    m.scale = 2
    assert m.f(1) == 2
    assert len(m.ran) == 2


def test_its_own_code_counts() -> None:
    m = made("@nbapp.cache\ndef f(x):\n    return x + 1")
    assert m.f(1) == 2
    execute(m, "@nbapp.cache\ndef f(x):\n    return x + 2")
    assert m.f(1) == 3
    assert m.f.why(1) == "ran: its own code changed"


def test_equal_code_in_a_cell_that_is_executed_again_finds_its_results() -> None:
    source = "@nbapp.cache\ndef f(x):\n    ran(x)\n    return [x]"
    m = made(source)
    first = m.f
    m.f(1)
    execute(m, "\n\n" + source)
    assert m.f is not first
    assert m.f(1) == [1]
    assert len(m.ran) == 1


@pytest.mark.parametrize("how", ["import helpers", "from helpers import double", "from helpers import double as d"])
@pytest.mark.parametrize("inside", [False, True])
def test_modules_of_the_author_count_by_what_is_used_of_them(how: str, inside: bool) -> None:
    helpers = made("factor, unused = 2, 1\ndef double(x): return x * factor", "helpers")
    call = {"import helpers": "helpers.double(x)", "from helpers import double": "double(x)"}.get(how, "d(x)")
    line = f"    {how}\n" if inside else ""
    m = made(f"{'' if inside else how}\n@nbapp.cache\ndef f(x):\n{line}    ran()\n    return {call}")
    assert m.f(1) == 2
    helpers.unused = 5
    m.f(1)
    assert len(m.ran) == 1
    helpers.factor = 3
    assert m.f(1) == 3
    assert m.f.why(1) == "ran: the global `helpers.factor` changed"
    execute(helpers, "def double(x): return x * 10")
    if "from" not in how or inside:
        assert m.f(1) == 10
        assert m.f.why(1).startswith("ran: the function `helpers.double`")


def test_a_function_that_looks_names_up_while_it_runs_reads_everything() -> None:
    m = made("n = 2\n@nbapp.cache\ndef f(text):\n    return eval(text)", opaque=(c for c in ""))
    assert m.f("n") == 2
    m.n = 3
    assert m.f("n") == 3
    m.opaque = (c for c in "")
    assert m.f("n") == 3
    assert "`opaque` changed" in m.f.why("n")


def test_a_global_without_a_digest_is_named_with_the_remedy() -> None:
    m = made("@nbapp.cache\ndef f():\n    return rows", rows=(c for c in "ab"))
    with pytest.raises(NotCacheable, match=r"f cannot be cached: the global `rows` has no digest .*nbapp\.resource"):
        m.f()
    m = made("def of(rows):\n    @nbapp.cache\n    def f():\n        return rows\n    return f")
    with pytest.raises(NotCacheable, match="what it encloses"):
        m.of(c for c in "")()


def test_functions_made_by_one_function_share_nothing() -> None:
    m = made("def of(n):\n    @nbapp.cache\n    def f():\n        return n\n    return f")
    assert [m.of(n)() for n in (1, 2, 1)] == [1, 2, 1]


# --- results


def frames() -> Any:
    return {
        "frame": pd.DataFrame({"a": [1.0, 2.0]}),
        "list": [[1], {2}],
        "array": np.arange(3),
        "big": np.zeros(700_000),
    }


def test_changing_a_result_changes_no_later_one() -> None:
    m = made("@nbapp.cache\ndef f():\n    return frames()", frames=frames)
    first = m.f()
    for _ in range(3):
        found = m.f()
        assert repr(found) == repr(frames())
        assert found["big"].sum() == 0
        for each in (first, found):
            each["frame"].loc[0, "a"] = 9
            each["list"][0].append(9)
            each["array"][0] = 9
            each["big"][0] = 9


def test_a_result_is_its_callers_own() -> None:
    m = made("@nbapp.cache\ndef f():\n    return zeros(700_000)", zeros=np.zeros)
    one, two = m.f(), m.f()
    one[0] = 1
    assert two[0] == 0
    two[-1] = 2
    assert m.f().sum() == 0
    assert m.f().flags.writeable


def test_many_large_results_can_be_alive_at_once() -> None:
    m = made("@nbapp.cache\ndef f():\n    return zeros(700_000)", zeros=np.zeros)
    results = [m.f() for _ in range(230)]
    for index, result in enumerate(results):
        result[0] = index
    assert [result[0] for result in results] == list(range(230))


def test_read_only_memory_stays_read_only() -> None:
    array = np.arange(1000)
    array.flags.writeable = False
    m = made("@nbapp.cache\ndef f():\n    return array", array=array)
    m.f()
    assert not m.f().flags.writeable


@pytest.mark.parametrize(
    "result",
    [None, 1, "text", [], (1, [2]), {"a": {1, 2}}, np.float64(1), pd.Timestamp(0), frozenset({1}), len, int, sys],
)
def test_a_result_comes_back_as_it_was(result: Any) -> None:
    m = made("@nbapp.cache\ndef f():\n    ran()\n    return result", result=result)
    assert m.f() == m.f() == result
    assert type(m.f()) is type(result)
    assert len(m.ran) == 1


def test_parts_that_are_one_object_stay_one() -> None:
    m = made(
        "@nbapp.cache\ndef f():\n    part = [1]\n    whole = [part, part]\n    whole.append(whole)\n    return whole"
    )
    m.f()
    found = m.f()
    assert found[0] is found[1]
    assert found[2] is found


POINT = "class Point:\n    def __init__(self, x): self.x = x\n@nbapp.cache\ndef f():\n    ran()\n    return [Point(1), Point]"


def test_objects_of_the_authors_classes_are_of_the_class_as_it_is_now() -> None:
    m = made(POINT)
    old = m.Point
    m.f()
    assert type(m.f()[0]) is old
    execute(m, POINT)
    found = m.f()
    assert m.Point is not old
    assert type(found[0]) is m.Point
    assert found[1] is m.Point
    assert len(m.ran) == 1


def test_a_result_of_a_class_that_changed_is_computed_again() -> None:
    m = made("def make(): return Point(1)\nclass Point:\n    def __init__(self, x): self.x = x")
    execute(m, "@nbapp.cache\ndef f(_make):\n    ran()\n    return _make()")
    m.f(m.make)
    execute(m, "class Point:\n    def __init__(self, x): self.x, self.y = x, 0")
    assert vars(m.f(m.make)) == {"x": 1, "y": 0}
    assert len(m.ran) == 2
    assert m.f.why(m.make) == "ran: `Point`, which its result is made of, changed"


def test_functions_in_a_result_keep_a_state_of_their_own() -> None:
    m = made(
        "n = 2\n@nbapp.cache\ndef f():\n    seen = []\n    def add(x, *, step=1):\n        seen.append(x * n)\n        return seen\n"
        "    add.note = 1\n    def down(k): return k and down(k - 1)\n    return add, down"
    )
    m.f()[0](1)
    add, down = m.f()
    assert add(1) == [2]
    assert add(2) == [2, 4]
    assert m.f()[0](5) == [10]
    assert (add.note, add.__name__, add.__kwdefaults__, down(3)) == (1, "add", {"step": 1}, 0)
    assert add.__globals__ is vars(m)


@pytest.mark.parametrize("result", [(c for c in ""), threading.Lock(), [threading.Lock()], {1: {}.keys()}])
def test_a_result_that_cannot_be_copied_says_what_to_use_instead(result: Any) -> None:
    m = made("@nbapp.cache\ndef f(_result):\n    return _result")
    with pytest.raises(NotCacheable, match=r"f returned a .* cannot be copied .*use @nbapp\.resource"):
        m.f(result)


def test_functions_and_modules_of_the_author_in_a_result_are_those_of_now() -> None:
    helpers = made("def double(x): return 2 * x", "helpers")
    m = made(
        "import helpers\ndef own(): return 1\n@nbapp.cache\ndef f():\n    ran()\n    return [own, helpers, helpers.double, sys]",
        sys=sys,
    )
    for _ in range(2):
        assert m.f() == [m.own, helpers, helpers.double, sys]
    execute(m, "def own(): return 1")
    assert m.f()[0] is m.own
    assert len(m.ran) == 1


def test_a_class_made_inside_the_function_comes_back_itself() -> None:
    m = made("@nbapp.cache\ndef f():\n    class Inner: x = 1\n    return Inner()")
    assert type(m.f()) is type(m.f())
    assert m.f() is not m.f()


def test_without_files_in_memory_large_results_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> int:
        raise OSError(name)

    m = made("@nbapp.cache\ndef f():\n    return zeros(700_000)", zeros=np.zeros)
    for platform, create in (("linux", refuse), ("darwin", os.memfd_create)):
        monkeypatch.setattr("os.memfd_create", create)
        monkeypatch.setattr("sys.platform", platform)
        m.f.clear()
        m.f()[0] = 1
        m.f()[0] = 2
        assert m.f().sum() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc to count open files in")
def test_memory_of_dropped_results_is_given_back() -> None:
    m = made("@nbapp.cache\ndef f(x):\n    return zeros(700_000)", zeros=np.zeros)
    m.f(0)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for x in range(20):
        m.f(x)
        m.f(x)
        m.f.clear()
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_what_it_raises_is_not_kept() -> None:
    m = made("@nbapp.cache\ndef f(x):\n    ran()\n    return 1 / x")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            m.f(0)
    assert len(m.ran) == 2


# --- kinds of functions


def test_methods_are_cached_by_what_the_object_holds() -> None:
    m = made(
        "class C:\n    def __init__(self, n): self.n = n\n    @nbapp.cache\n    def f(self, x):\n        ran()\n        return self.n * x"
    )
    one, two = m.C(2), m.C(3)
    assert (one.f(2), one.f(x=2), m.C(2).f(2), two.f(2), m.C.f(two, 2)) == (4, 4, 4, 6, 6)
    assert len(m.ran) == 2
    assert one.f.why(2) == HIT
    one.n = 10
    assert one.f(2) == 20
    one.f.clear()
    two.f(2)
    assert len(m.ran) == 4


def test_class_and_static_methods_are_cached_below_their_decorator() -> None:
    m = made(
        "class C:\n    n = 2\n    @classmethod\n    @nbapp.cache\n    def f(cls):\n        ran()\n        return cls.n\n"
        "    @staticmethod\n    @nbapp.cache\n    def g():\n        ran()\n        return 5"
    )
    assert (m.C.f(), m.C.f(), m.C.g(), m.C().g()) == (2, 2, 5, 5)
    assert len(m.ran) == 2
    m.C.n = 3
    assert m.C.f() == 3
    with pytest.raises(TypeError, match=r"write @nbapp\.cache below @classmethod"):
        nbapp.cache(classmethod(lambda cls: 1))  # type: ignore[call-overload]


async def test_async_functions_are_cached_and_computed_once() -> None:
    m = made(
        "import asyncio\n@nbapp.cache\nasync def f(x):\n    ran(x)\n    await asyncio.sleep(0)\n    return [x]",
        gate=None,
    )
    results = await asyncio.gather(*(m.f(index % 2) for index in range(10)))
    assert results == [[0], [1]] * 5
    assert len(m.ran) == 2
    results[0].append(1)
    assert await m.f(0) == [0]


async def test_who_waits_for_one_that_is_cancelled_computes() -> None:
    m = made("@nbapp.cache\nasync def f(_gate):\n    ran()\n    await _gate.wait()\n    return 1")
    gate = asyncio.Event()
    first, second = asyncio.ensure_future(m.f(gate)), asyncio.ensure_future(m.f(gate))
    while not m.ran.runs:
        await asyncio.sleep(0)
    first.cancel()
    gate.set()
    assert await second == 1
    assert len(m.ran) == 2
    assert first.cancelled()


@pytest.mark.parametrize("source", ["def f():\n    yield 1", "async def f():\n    yield 1"])
@pytest.mark.parametrize("decorator", ["cache", "resource"])
def test_a_generator_is_refused(source: str, decorator: str) -> None:
    with pytest.raises(TypeError, match="f is a generator, which can be used only once: return a list instead"):
        made(f"@nbapp.{decorator}\n{source}")


@pytest.mark.parametrize("wrong", [len, 5, functools.partial(int), type])
def test_only_functions_are_cached(wrong: Any) -> None:
    with pytest.raises(TypeError, match="stands above a function"):
        nbapp.cache(wrong)


def test_a_cached_function_looks_like_the_function() -> None:
    m = made("@nbapp.cache\ndef f(x: int = 1) -> int:\n    'Doc.'\n    return x")
    assert (m.f.__name__, m.f.__doc__, m.f.__module__, repr(m.f)) == ("f", "Doc.", m.__name__, "<cached f>")
    assert m.f.__wrapped__(3) == 3
    assert copy.deepcopy(m.f) is m.f
    assert pickle.loads(pickle.dumps(m.f)) is m.f


def test_a_pipeline_computes_only_the_part_that_changed() -> None:
    m = made(
        "rate, title = 2, 'a'\n@nbapp.cache\ndef load():\n    ran('load')\n    return [1, 2]\n"
        "@nbapp.cache\ndef scaled():\n    ran('scaled')\n    return [x * rate for x in load()]\n"
        "@nbapp.cache\ndef report():\n    ran('report')\n    return title, sum(scaled())"
    )
    assert m.report() == ("a", 6)
    m.title = "b"
    assert m.report() == ("b", 6)
    m.rate = 3
    assert m.report() == ("b", 9)
    assert m.ran.runs == ["report", "scaled", "load", "report", "report", "scaled"]


def test_a_recursive_function_is_cached_at_each_step() -> None:
    m = made("@nbapp.cache\ndef fib(n):\n    ran(n)\n    return n if n < 2 else fib(n - 1) + fib(n - 2)")
    assert m.fib(30) == 832040
    assert len(m.ran) == 31


# --- many callers


def test_callers_of_one_key_compute_it_once() -> None:
    entered, go = threading.Event(), threading.Event()
    m = made("@nbapp.cache\ndef f(x, _entered, _go):\n    ran()\n    _entered.set()\n    _go.wait()\n    return [x]")
    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(m.f, 1, entered, go) for _ in range(8)]
        entered.wait()
        go.set()
        found = [result.result() for result in results]
    assert found == [[1]] * 8
    assert len({id(each) for each in found}) == 8
    assert len(m.ran) == 1


def test_who_waits_for_one_that_fails_computes() -> None:
    entered, go = threading.Event(), threading.Event()
    m = made(
        "@nbapp.cache\ndef f(_entered, _go):\n    ran()\n    if len(ran) == 1:\n        _entered.set()\n        _go.wait()\n"
        "        raise ValueError\n    return 1"
    )
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(m.f, entered, go)
        entered.wait()
        second = pool.submit(m.f, entered, go)
        go.set()
        with pytest.raises(ValueError):
            first.result()
        assert second.result() == 1
    assert len(m.ran) == 2


def test_what_is_computed_while_it_is_cleared_is_not_kept() -> None:
    m = made("@nbapp.cache\ndef f():\n    ran()\n    if len(ran) == 1:\n        f.clear()\n    return 1")
    assert [m.f(), m.f(), m.f()] == [1, 1, 1]
    assert len(m.ran) == 2


# --- limits


def test_a_result_is_computed_again_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(shelf, "now", lambda: clock[0])
    m = made("@nbapp.cache(ttl=60)\ndef f():\n    ran()\n    return 1")
    m.f()
    clock[0] = 159.9
    m.f()
    assert len(m.ran) == 1
    clock[0] = 160.0
    m.f()
    assert len(m.ran) == 2
    assert m.f.why() == "ran: its 60 seconds were over"


def test_a_functions_results_are_bounded_in_bytes() -> None:
    m = made("@nbapp.cache(max_bytes=25_000)\ndef f(x):\n    ran(x)\n    return bytearray(10_000)")
    for x in (1, 2, 1, 3, 1, 2):
        m.f(x)
    assert m.ran.runs == [1, 2, 3, 2]
    assert m.f.why(2) == "ran: the earlier result was dropped to make room"


def test_all_results_together_are_bounded_and_the_least_used_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf.SHELF, "limit", 25_000)
    m = made("@nbapp.cache\ndef f(x):\n    ran(x)\n    return bytearray(10_000)")
    for x in (1, 2, 1, 3, 1, 2):
        m.f(x)
    assert m.ran.runs == [1, 2, 3, 2]
    assert shelf.SHELF.nbytes <= 25_000


def test_a_result_over_the_limit_is_not_kept_and_says_so() -> None:
    m = made("@nbapp.cache(max_bytes=1000)\ndef f():\n    ran()\n    return bytearray(10_000)")
    assert m.f() == m.f()
    assert len(m.ran) == 2
    assert m.f.why().endswith("bytes are too many")


@pytest.mark.parametrize("wrong", [{"ttl": 0}, {"ttl": -1.0}, {"max_bytes": 0}, {"ttl": float("nan")}])
def test_limits_are_above_zero(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="must be above zero"):
        nbapp.cache(**wrong)


def test_clear_forgets_and_why_says_so() -> None:
    m = made("@nbapp.cache\ndef f(x):\n    ran()\n    return x\n@nbapp.cache\ndef g():\n    ran()")
    assert m.f.why(1) == "not called yet with these arguments"
    m.f(1)
    assert m.f.why(1) == "ran: the first call with these arguments"
    m.g()
    m.f.clear()
    m.f(1)
    assert m.f.why(1) == "ran: the cache was cleared"
    m.g()
    assert len(m.ran) == 3


# --- as values of a notebook


def test_a_cached_function_is_digested_as_the_function_and_its_globals_are_reads() -> None:
    m = made("n = 1\n@nbapp.cache\ndef f(x): return n")
    known = Types(vars(m), LOOKUPS)
    before = digest(m.f, known)
    assert "n" in survey(m.f, known).names.refs
    m.f(1)
    execute(m, "@nbapp.cache\ndef f(x): return n")
    assert digest(m.f, known) == before
    seen = {before}
    for change in (
        "@nbapp.cache\ndef f(x): return n + 1",
        "@nbapp.cache(ttl=5)\ndef f(x): return n",
        "def f(x): return n",
    ):
        execute(m, change)
        seen.add(digest(m.f, known))
    assert len(seen) == 4


def test_importing_nbapp_and_its_public_names_loads_no_other_library() -> None:
    code = (
        "import sys, nbapp; assert not [m for m in sys.modules if m.startswith('nbapp.')]\n"
        "nbapp.cache(lambda: 1)(); nbapp.register('torch.Tensor', opaque=True); nbapp.resource\n"
        "print(*sorted(sys.modules.keys() & set('IPython ipywidgets numpy pandas polars pyarrow torch traitlets'.split())))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


def test_a_name_that_nbapp_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'cached'"):
        nbapp.cached  # noqa: B018
    assert {"cache", "register", "resource"} <= set(dir(nbapp))


def test_what_is_known_of_a_function_goes_with_it() -> None:
    source = "@nbapp.cache\ndef f(x): return f"
    m = made(source)
    gone = weakref.ref(m.f.__wrapped__)
    m.f(1)
    execute(m, source)
    gc.collect()
    assert gone() is None
