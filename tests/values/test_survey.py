"""What a value reaches: everything that a change could go through, and the names that code in it looks up."""

from __future__ import annotations

import collections
import functools
import io
import itertools
import logging
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbapp.core.change import bind
from nbapp.libraries import LOOKUPS
from nbapp.values.digest import Digest
from nbapp.values.names import Names
from nbapp.values.survey import Survey, survey
from nbapp.values.types import Adapter, Types
from tests.core.host import compiled, installed, new_main


def of(value: object) -> Survey:
    return survey(value, Types({"__name__": "__main__"}, LOOKUPS))


def made(source: str, name: str) -> tuple[Survey, dict[str, Any]]:
    main = new_main()
    with installed(main):
        exec(compiled(source), vars(main))
        return survey(vars(main)[name], Types(vars(main), LOOKUPS)), vars(main)


class Thing:
    """Has a place for another object."""

    def __init__(self, held: object) -> None:
        self.held = held

    def method(self) -> object:
        return self.held


HOLDERS: list[tuple[str, Callable[[list[int]], Any]]] = [
    ("itself", lambda held: held),
    ("a list", lambda held: [1, held]),
    ("a tuple", lambda held: (1, (held,))),
    ("a dict's values", lambda held: {"k": held}),
    ("a dict's keys", lambda held: {Thing(held): 1}),
    ("a set", lambda held: {Thing(held)}),
    ("a frozen set", lambda held: frozenset({Thing(held)})),
    ("a deque", lambda held: collections.deque([held])),
    ("a default dict", lambda held: collections.defaultdict(list, k=held)),
    ("a default dict's factory", lambda held: collections.defaultdict(lambda: held)),
    ("an ordered dict", lambda held: collections.OrderedDict(k=held)),
    ("a chain map", lambda held: collections.ChainMap({}, {"k": held})),
    ("a user dict", lambda held: collections.UserDict({"k": held})),
    ("a mapping proxy", lambda held: types.MappingProxyType({"k": held})),
    ("a dict view", lambda held: {"k": held}.values()),
    ("a plain namespace", lambda held: types.SimpleNamespace(k=held)),
    ("an instance", Thing),
    ("a bound method", lambda held: Thing(held).method),
    ("a built-in method", lambda held: held.append),
    ("a slot wrapper", lambda held: held.__len__),
    ("a closure", lambda held: lambda: held),
    ("a partial", lambda held: functools.partial(print, held)),
    ("a partial of a method", lambda held: functools.partial(held.append, 1)),
    ("an iterator", iter),
    ("a map", lambda held: map(str, held)),
    ("a chain", lambda held: itertools.chain([], held)),
    ("a tee", lambda held: itertools.tee(held)[0]),
    ("a zip", lambda held: zip([1], held)),
    ("a generator's frame", lambda held: _generator(held)),
    ("a generator expression", lambda held: (v for v in held)),
    ("a coroutine", lambda held: _coroutine(held)),
    ("an error", lambda held: ValueError(held)),
    ("a weak reference", lambda held: weakref.ref(_kept(Thing(held)))),
    ("a weak proxy", lambda held: weakref.proxy(_kept(Thing(held)))),
    ("a weak dict", lambda held: weakref.WeakValueDictionary(k=_kept(Thing(held)))),
    ("an array of objects", lambda held: np.array([held, None], dtype=object)),
    ("an array of one object", lambda held: _zero_d(held)),
    ("a frame of objects", lambda held: pd.DataFrame({"o": [held, None]})),
    ("a series of objects", lambda held: pd.Series([held, None])),
    ("a frame's attrs", lambda held: _framed(held)),
    ("a module made by hand", lambda held: _module(held)),
    ("an own dict of globals", lambda held: _own_globals(held)),
    ("a class", lambda held: type("C", (), {"held": held})),
    ("a property", lambda held: property(lambda self: held)),
    ("a cached function", lambda held: functools.lru_cache(lambda: held)),
]
_ALIVE: list[object] = []


def _kept(value: Any) -> Any:
    _ALIVE.append(value)
    return value


def _generator(held: Any) -> Any:
    def generate() -> Any:
        local = held
        yield 1
        yield local

    found = generate()
    next(found)
    return found


def _coroutine(held: Any) -> Any:
    async def nothing() -> Any:
        return held

    found = nothing()
    _ALIVE.append(found)
    weakref.finalize(held_marker, found.close)
    return found


class _Marker:
    """Lives as long as this module."""


held_marker = _Marker()


def _zero_d(held: Any) -> Any:
    array = np.array(None, dtype=object)
    array[()] = held
    return array


def _framed(held: Any) -> Any:
    frame = pd.DataFrame({"a": [1]})
    frame.attrs["held"] = held
    return frame


def _module(held: Any) -> Any:
    module = types.ModuleType("by_hand")
    module.held = held  # type: ignore[attr-defined]
    return module


def _own_globals(held: Any) -> Any:
    own: dict[str, Any] = {"held": held}
    exec("def f(): return held", own)
    return own["f"]


@pytest.mark.parametrize("hold", [row[1] for row in HOLDERS], ids=[row[0] for row in HOLDERS])
def test_a_list_is_reached_through(hold: Callable[[list[int]], Any]) -> None:
    held = [1, 2]
    holder = hold(held)
    reach = of(holder).reach
    if getattr(holder, "__await__", None):
        holder.close()
    assert id(held) in reach


@pytest.mark.parametrize(
    "source",
    [
        "def v(x=l): pass",
        "def v(*, x=l): pass",
        "def v(): pass\nv.x = l",
        "class v: x = l",
        "class C: x = l\nv = C",
        "class C: x = l\nclass v(C): pass",
        "class C:\n    def f(self, x=l): pass\nv = C().f",
        "class C:\n    @staticmethod\n    def f(x=l): pass\nv = C",
        "class M(type): x = l\nclass v(metaclass=M): pass",
        "import functools\n@functools.wraps(len)\ndef v(x=l): pass",
        "import contextlib\n@contextlib.contextmanager\ndef v(x=l): yield",
        "import dataclasses\n@dataclasses.dataclass\nclass C:\n    x: list\nv = C(l)",
        "import collections\nv = collections.namedtuple('T', 'x')(l)",
        "import dataclasses\nv = dataclasses.make_dataclass('C', ['x'])\nv.x = l",
    ],
)
def test_code_and_classes_of_the_notebook_reach_what_they_hold(source: str) -> None:
    found, namespace = made(f"l = [1, 2]\n{source}", "v")
    assert id(namespace["l"]) in found.reach


VIEWS: list[tuple[str, Callable[[Any], Any]]] = [
    ("a slice", lambda array: array[1:]),
    ("a slice of a slice", lambda array: array[1:][1:]),
    ("a transpose", lambda array: array.reshape(2, 3).T),
    ("a reshape", lambda array: array.reshape(2, 3)),
    ("a ravel", lambda array: array.reshape(3, 2).ravel()),
    ("another dtype", lambda array: array.view("i8")),
    ("a subclass", lambda array: array.view(np.matrix)),
    ("a broadcast", lambda array: np.broadcast_to(array, (2, 6))),
    ("windows", lambda array: np.lib.stride_tricks.sliding_window_view(array, 2)),
    ("strides", lambda array: np.lib.stride_tricks.as_strided(array, (2,), (8,))),
    ("a memory view", memoryview),
    ("an array over a memory view", lambda array: np.asarray(memoryview(array))),
    ("a flat iterator", lambda array: array.flat),
    ("a masked array", lambda array: np.ma.array(array, copy=False)),
    ("a series without a copy", lambda array: pd.Series(array, copy=False)),
    ("a frame without a copy", lambda array: pd.DataFrame(array.reshape(3, 2), copy=False)),
    ("a container", lambda array: {"k": [array[2:]]}),
]


@pytest.mark.parametrize("view", [row[1] for row in VIEWS], ids=[row[0] for row in VIEWS])
def test_memory_is_reached_through(view: Callable[[Any], Any]) -> None:
    array = np.arange(6.0)
    assert not set(of(array).reach).isdisjoint(of(view(array)).reach)


def test_two_views_of_one_memory_share_it_when_the_owner_has_no_name() -> None:
    array = np.arange(6.0)
    one, other = array[:2], array[4:]
    del array
    assert not set(of(one).reach).isdisjoint(of(other).reach)
    assert set(of(one).reach).isdisjoint(of(np.arange(6.0)[:2]).reach)


def test_memory_that_python_owns_is_shared() -> None:
    memory = bytearray(16)
    assert id(memory) in of(np.frombuffer(memory)).reach
    assert id(memory) in of(memoryview(memory)).reach


def test_a_mask_is_part_of_a_masked_array() -> None:
    masked = np.ma.array([1, 2], mask=[False, True])
    assert not set(of(masked.mask).reach).isdisjoint(of(masked).reach)


def test_an_attribute_of_an_array_is_reached() -> None:
    found, namespace = made(
        "import numpy as np\nclass A(np.ndarray): pass\nl = []\na = np.zeros(1).view(A)\na.l = l", "a"
    )
    assert id(namespace["l"]) in found.reach
    assert id(namespace["A"]) in found.reach


@pytest.mark.xfail(strict=True, reason="every pair of frames with one index would be linked, and digested together")
def test_an_index_is_shared_by_the_frames_that_have_it() -> None:
    frame = pd.DataFrame({"a": [1]})
    index = frame.index
    assert not set(of(index).reach).isdisjoint(of(frame).reach)


ATOMS = [None, True, 1, 1.5, 1j, "text", b"bytes", range(3), ..., NotImplemented, slice(1), (1, "a"), frozenset({1})]


@pytest.mark.parametrize("atom", ATOMS, ids=repr)
def test_nothing_can_be_changed_in(atom: object) -> None:
    assert of(atom).reach == ()


def test_numbers_in_a_list_are_not_followed() -> None:
    assert len(of(list(range(1000))).reach) == 1


def test_a_class_of_the_notebook_is_reached_through_its_instances() -> None:
    found, namespace = made("class A: items = []\nclass B(A): pass\nb = B()", "b")
    assert {id(namespace["B"]), id(namespace["A"]), id(namespace["A"].items)} <= set(found.reach)


def test_slots_are_followed() -> None:
    found, namespace = made("class A: __slots__ = ('v',)\nl = []\na = A(); a.v = l", "a")
    assert id(namespace["l"]) in found.reach


def test_the_class_of_a_value_without_attributes_is_reached() -> None:
    for kind in (
        "class C: __slots__ = ()\nc = C()",
        "class C(str): __slots__ = ()\nc = C('a')",
        "class C(int): pass\nc = C(1)",
    ):
        found, namespace = made(kind, "c")
        assert id(namespace["C"]) in found.reach, kind


def test_modules_library_classes_and_the_namespace_are_not_reached() -> None:
    found, namespace = made("import math\nx = []\ndef f(): return x\nvalues = [math, int, f, globals()]", "values")
    assert id(namespace) not in found.reach
    assert id(namespace["x"]) not in found.reach
    assert len(found.reach) == 2  # the list and the function


def test_a_module_of_the_notebook_itself_can_be_asked_for_every_name() -> None:
    found, _ = made("import sys\nme = sys.modules['__main__']", "me")
    assert found.names.everything


def test_a_logger_does_not_reach_the_whole_process() -> None:
    assert len(of(logging.getLogger("nbapp.test")).reach) < 300


def test_a_stream_does_not_reach_the_whole_process() -> None:
    assert len(of(io.StringIO()).reach) == 1


def test_the_order_of_the_reach_depends_on_the_content_only() -> None:
    def build() -> list[Any]:
        inner: list[Any] = []
        return [inner, {"k": inner}, (inner, [Thing(inner)])]

    one, other = build(), build()
    numbers = [{item: index for index, item in enumerate(of(value).reach)} for value in (one, other)]
    assert [numbers[0][item] for item in of(one).reach] == [numbers[1][item] for item in of(other).reach]


def test_a_deep_value_is_followed_to_its_end() -> None:
    end: list[Any] = [5]
    deep = end
    for _ in range(50_000):
        deep = [deep]
    assert id(end) in of(deep).reach
    while len(deep) == 1 and isinstance(deep[0], list):
        deep = deep.pop()


def test_a_cycle_is_followed_once() -> None:
    one: list[Any] = []
    one.append([one])
    assert len(of(one).reach) == 2


# --- names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def v(): return x", "x"),
        ("v = lambda: x", "x"),
        ("class v:\n    def f(self): return x", "x"),
        ("class C:\n    def f(self): return x\nv = C()", "x"),
        ("class C:\n    @property\n    def f(self): return x\nv = C()", "x"),
        ("class C:\n    @staticmethod\n    def f(): return x\nv = C.f", "x"),
        ("class C:\n    @classmethod\n    def f(cls): return x\nv = [C]", "x"),
        ("class A:\n    def f(self): return x\nclass v(A): pass", "x"),
        ("class M(type):\n    def f(cls): return x\nclass v(metaclass=M): pass", "x"),
        ("def g(): return x\nv = {'k': [g]}", "x"),
        ("def d(f):\n    def w(): return f()\n    return w\n@d\ndef v(): return x", "x"),
        ("import functools\n@functools.lru_cache\ndef v(): return x", "x"),
        ("import functools\ndef g(): return x\nv = functools.partial(g)", "x"),
        ("import contextlib\n@contextlib.contextmanager\ndef v(): yield x", "x"),
        ("v = (x for _ in [1])", "x"),
        ("def g():\n    yield x\nv = g()", "x"),
        ("async def g():\n    yield x\nv = g()", "x"),
        ("v = map(lambda i: x, [1])", "x"),
        ("v = sorted([1], key=lambda i: 1) and {'f': lambda: x}", "x"),
        ("v = 'x + y'", "x y"),
        ("v = ['x + 1']", "x"),
        ("v = {'k': 'a > @x'}", "x"),
        ("class v:\n    sql = 'select x from y'", "x y"),
        ("import types\nv = types.SimpleNamespace(q='x > 1')", "x"),
        ("class S(str): pass\nv = S('x > 1')", "x"),
        ("import pickle\nclass C: pass\nv = pickle.dumps(C())", "C"),
        ("import pickle\nclass C: pass\nv = [pickle.dumps(C())]", "C"),
    ],
)
def test_names_are_found_in(source: str, names: str) -> None:
    found, _ = made(source, "v")
    assert set(names.split()) <= found.names.looked_up


def test_a_library_function_looks_up_no_name_of_the_notebook() -> None:
    assert of(functools.reduce).names == Names()
    assert of(io.open_code).names == Names()
    assert of(np.linalg.norm).names == Names()


def test_a_very_long_text_is_not_code() -> None:
    assert of("word " * 10_000).names == Names()


def test_only_so_much_text_is_read_in_one_value() -> None:
    texts = [f"x{index} > y{index} and " + "z" * 100 for index in range(1000)]
    names = of(texts).names.words
    assert "and" in names
    assert 100 < len(names) < 1000


def test_the_namespace_itself_reaches_nothing_of_its_own() -> None:
    assert made("x = []\nv = globals()", "v")[0].reach == ()


def test_an_adapter_says_what_to_follow_and_which_names_come_along() -> None:
    held: list[int] = []
    known = Types({}, {"tests": lambda kind: Adapter(reach=lambda value: [held], words=frozenset({"x"}))})
    found = survey(Thing(None), known)
    assert id(held) in found.reach
    assert found.names.words == {"x"}


def test_an_adapter_can_make_a_value_private() -> None:
    known = Types({}, {"tests": lambda kind: Adapter(reach=lambda value: (), shared=False)})
    assert survey(Thing([]), known).reach == ()


def test_a_value_that_cannot_be_followed_may_be_anything() -> None:
    def refuse(value: object) -> Any:
        raise RuntimeError(value)

    known = Types({}, {"tests": lambda kind: Adapter(reach=refuse)})
    value = Thing(1)
    found = bind(value, known, Digest("p"))
    assert found.opaque
    assert found.names.everything
    assert found.reach == (id(value),)


def test_a_dead_proxy_reaches_nothing() -> None:
    thing = Thing(None)
    proxy = weakref.proxy(thing)
    del thing
    assert of([proxy]).reach[1:] in ((), (id(proxy),))


def test_what_a_value_shares_is_met_in_one_order_whatever_it_has_besides() -> None:
    shared = [{1}, [], {}, Thing([])]
    before = list(of(tuple(shared)).reach)
    own: object
    for own in ([], {2}, {3: 4}, Thing({})):
        for more in ((own, *shared), (*shared, own)):
            assert [each for each in of(more).reach if each in before] == before, own
