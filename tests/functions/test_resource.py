"""A resource is built once, shared by all callers, and built again only when what it was built from changed."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from nbapp.functions import NotCacheable
from nbapp.libraries import LOOKUPS
from nbapp.libraries.registry import REGISTRY
from nbapp.values.digest import digest
from nbapp.values.survey import survey
from nbapp.values.types import Types
from tests.functions.modules import execute, made

MODEL = "class Model:\n    def __init__(self, n): self.n = n\n@nbapp.resource\ndef model(n=1):\n    ran(n)\n    return Model(n)"


def test_every_caller_gets_the_same_object() -> None:
    m = made(MODEL)
    assert m.model() is m.model(1) is m.model(n=1)
    assert m.model(2) is not m.model()
    assert m.ran.runs == [1, 2]
    assert m.model.why() == "hit: the arguments, the code and everything it reads are as before"


def test_it_outlives_the_cell_that_defines_it() -> None:
    m = made(MODEL)
    first = m.model()
    execute(m, MODEL.split("\n", 2)[2])
    assert m.model() is first
    execute(m, MODEL)
    assert m.model() is first


def test_it_is_built_again_when_something_that_it_is_built_from_changed() -> None:
    m = made("path = 'a'\n@nbapp.resource\ndef connection():\n    ran(path)\n    return [path]")
    first = m.connection()
    first.append("changed by a caller")
    assert m.connection() is first
    m.path = "b"
    assert m.connection() == ["b"]
    assert m.connection.why() == "ran: the global `path` changed"
    m.path = "a"
    assert m.connection() == ["a"]
    assert m.ran.runs == ["a", "b", "a"]


def test_only_the_newest_is_kept() -> None:
    m = made("n = 1\nclass Model: pass\n@nbapp.resource\ndef model():\n    n\n    return Model()")
    gone = weakref.ref(m.model())
    m.n = 2
    m.model()
    assert gone() is None


def test_clear_builds_anew() -> None:
    m = made(MODEL)
    first = m.model()
    m.model.clear()
    assert m.model() is not first
    assert m.model.why() == "ran: the cache was cleared"


def test_it_is_built_once_for_many_callers() -> None:
    entered, go = threading.Event(), threading.Event()
    m = made(
        "@nbapp.resource\ndef f(_entered, _go):\n    ran()\n    _entered.set()\n    _go.wait()\n    return object()"
    )
    with ThreadPoolExecutor(4) as pool:
        results = [pool.submit(m.f, entered, go) for _ in range(4)]
        entered.wait()
        go.set()
        assert len({id(result.result()) for result in results}) == 1
    assert len(m.ran) == 1


def test_what_is_built_is_a_handle() -> None:
    m = made(MODEL)
    known = Types(vars(m), LOOKUPS)
    model = m.model()
    before = digest(model, known), digest([model], known)
    model.n = [5]
    assert (digest(model, known), digest([model], known)) == before
    assert survey(model, known).reach == (id(model),)
    other = m.Model(1)
    assert digest(m.Model(1), known) == digest(other, known) != before[0]
    m.model.clear()
    assert digest(m.model(), known) != before[0]
    assert digest(model, known) == before[0]


def test_a_plain_container_that_is_built_is_a_handle_too() -> None:
    m = made("@nbapp.resource\ndef f():\n    return {}")
    found = m.f()
    known = Types(vars(m), LOOKUPS)
    before = digest(found, known)
    found["a"] = 1
    assert digest(found, known) == before
    assert digest({}, known) != before


@pytest.mark.parametrize("value", [None, 1, "text", int])
def test_what_nobody_can_change_is_no_handle(value: Any) -> None:
    m = made("@nbapp.resource\ndef f(_value):\n    return _value")
    assert m.f(value) is value
    assert id(value) not in REGISTRY.handles


def test_a_handle_that_was_cleared_goes_when_nobody_holds_it() -> None:
    m = made(MODEL)
    key = id(m.model())
    assert key in REGISTRY.handles
    m.model.clear()
    assert key not in REGISTRY.handles


def test_a_cached_function_takes_a_resource_and_may_return_it() -> None:
    m = made(MODEL + "\n@nbapp.cache\ndef score(model, x):\n    ran('score')\n    return [model, model.n * x]")
    assert m.score(m.model(), 3)[1] == m.score(m.model(), 3)[1] == 3
    assert m.score(m.model(), 3)[0] is m.model()
    m.model().n = 7
    assert m.score(m.model(), 3)[1] == 3
    assert m.ran.runs == [1, "score"]


def test_a_connection_cannot_be_cached_but_shared() -> None:
    m = made("@nbapp.cache\ndef f(_c):\n    return _c\n@nbapp.resource\ndef shared(_c):\n    return _c")
    connection = sqlite3.connect(":memory:")
    with pytest.raises(NotCacheable, match=r"use @nbapp\.resource"):
        m.f(connection)
    assert m.shared(connection) is connection
    connection.close()


async def test_an_async_function_builds_too() -> None:
    m = made("@nbapp.resource\nasync def f():\n    ran()\n    return []")
    assert await m.f() is await m.f()
    assert len(m.ran) == 1
