"""What the core was taught about other people's types, and which classes are the notebook's."""

from __future__ import annotations

import collections
import dataclasses
import decimal
import re
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbapp.libraries import LOOKUPS
from nbapp.values.digest import digest
from nbapp.values.types import EVERY, NO_ADAPTER, Adapter, AdapterRegistry, Types, importable
from tests.core.host import compiled, installed, new_main


def made(source: str, name: str = "C") -> tuple[Any, Types]:
    main = new_main()
    known = Types(vars(main), LOOKUPS)
    with installed(main):
        exec(compiled(source), vars(main))
        kind = vars(main)[name]
        known.of_notebook(kind if isinstance(kind, type) else type(kind))
    return kind, known


def test_an_adapter_is_looked_up_by_the_librarys_name_only_when_a_value_turns_up() -> None:
    asked: list[type] = []
    adapter = Adapter(opaque=True)

    def lookup(kind: type) -> Adapter | None:
        asked.append(kind)
        return adapter if kind is decimal.Decimal else None

    known = Types({}, {"decimal": lookup})
    assert asked == []
    assert known.adapter(decimal.Decimal) is adapter
    assert known.adapter(decimal.Decimal) is adapter
    assert asked == [decimal.Decimal]
    assert known.adapter(int) is NO_ADAPTER


def test_the_most_specific_class_decides() -> None:
    class Mine(decimal.Decimal):
        pass

    adapter = Adapter(opaque=True)
    known = Types({}, {"decimal": lambda kind: adapter if kind is decimal.Decimal else None})
    assert known.adapter(Mine) is adapter


def test_a_lookup_that_does_not_know_a_class_leaves_it_alone() -> None:
    known = Types({}, {"decimal": lambda kind: None})
    assert known.adapter(decimal.Decimal) is NO_ADAPTER


@pytest.mark.parametrize(
    "source",
    [
        "class C: pass",
        "class C(int): pass",
        "import collections\nC = collections.namedtuple('C', 'a')",
        "import dataclasses\nC = dataclasses.make_dataclass('C', ['a'])",
        "C = type('C', (), {})",
        "class C: __module__ = 'elsewhere'",
        "import enum\nC = enum.Enum('C', 'a b')",
        "import types\nC = types.new_class('C')",
        "class M(type):\n    def __eq__(cls, other): return True\nclass C(metaclass=M): pass",
    ],
)
def test_a_class_made_by_the_notebook_is_the_authors(source: str) -> None:
    kind, known = made(source)
    assert known.of_notebook(kind)


@pytest.mark.parametrize(
    "kind", [int, dict, collections.Counter, np.ndarray, np.float64, pd.DataFrame, re.Pattern, type, Types]
)
def test_a_class_of_a_library_is_not(kind: type) -> None:
    assert not Types({"__name__": "__main__"}).of_notebook(kind)


def test_types_of_c_extensions_that_no_name_leads_to_are_not_the_authors() -> None:
    known = Types({"__name__": "__main__"})
    iterators = (iter("ab"), (i for i in "ab"), re.finditer("a", "a"), np.array([1]).flat)
    for value in (*iterators, {"a": 1}.keys(), np.dtype("f8")):
        assert not known.of_notebook(type(value)), type(value)


def test_memory_for_classes_is_bounded() -> None:
    known = Types({"__name__": "__main__"})
    for _ in range(5000):
        kind = type("C", (), {})
        known.of_notebook(kind)
        known.adapter(kind)
    assert len(known._adapters) <= 2000
    assert len(known._by_value) <= 2000


def test_a_class_with_the_place_of_one_that_is_gone_is_asked_anew() -> None:
    """The memo goes by ids: it keeps the classes it knows, so that no other can take their place."""
    known = Types({"__name__": "__main__"})
    kind = type("C", (), {"__module__": "__main__"})
    assert known.of_notebook(kind)
    place = id(kind)
    del kind
    assert known._by_value[place][0].__name__ == "C"


def test_the_namespace_and_modules_are_outside() -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    known = Types(namespace)
    assert known.is_outside(namespace)
    assert known.is_outside(vars(collections))
    assert not known.is_outside({"__name__": "collections"})
    assert not known.is_outside({"__name__": ["collections"]})
    assert not known.is_outside({"__name__": "no such module"})
    assert not known.is_outside({})
    assert not known.is_outside([])


def test_what_a_name_leads_to_is_importable() -> None:
    assert importable(collections.Counter)
    assert importable(collections.Counter.most_common)
    assert importable(dataclasses.dataclass)
    assert importable(pd.DataFrame.from_dict.__func__)
    assert not importable(lambda: 1)
    assert not importable(type("C", (), {}))


class Weakless:
    __slots__ = ()


def test_a_handle_keeps_its_number_and_no_other_gets_it() -> None:
    known = Types({})
    handle = threading.Lock()
    number = known.handle(handle)
    others = {known.handle(threading.Lock()) for _ in range(5000)}
    assert known.handle(handle) == number
    assert number not in others
    assert len(others) == 5000
    assert len(known._handles) <= 2001


def test_only_few_handles_are_kept_because_they_cannot_be_referred_to_weakly() -> None:
    known = Types({})
    kept = [Weakless() for _ in range(100)]
    numbers = [known.handle(each) for each in kept]
    assert len(set(numbers)) == 100
    assert [known.handle(each) for each in kept[-10:]] == numbers[-10:]
    assert len(known._handles) <= 17


def test_many_living_handles_cost_new_numbers_but_no_wrong_ones() -> None:
    known = Types({})
    living = [threading.Lock() for _ in range(2500)]
    first = [known.handle(each) for each in living]
    again = [known.handle(each) for each in living]
    assert len(set(first)) == len(set(again)) == 2500
    assert all(old == new or new not in first for old, new in zip(first, again))


def test_a_lesson_makes_what_was_remembered_be_asked_anew() -> None:
    adapters: dict[type, Adapter] = {}
    registry = AdapterRegistry(adapters.get)
    known = Types({}, {EVERY: registry})
    assert known.adapter(decimal.Decimal) is NO_ADAPTER
    adapters[decimal.Decimal] = Adapter(opaque=True)
    assert known.adapter(decimal.Decimal) is NO_ADAPTER
    registry.revision += 1
    assert known.adapter(decimal.Decimal).opaque


def test_a_single_object_can_be_declared_a_handle() -> None:
    registry = AdapterRegistry(lambda kind: None)
    known = Types({}, {EVERY: registry})
    one, other = [1], [1]
    registry.handles[id(one)] = one
    assert known.is_handle(one)
    assert not known.is_handle(other)
    assert digest(one, known) != digest(other, known)
    before = digest(one, known)
    one.append(2)
    assert digest(one, known) == before
