"""Replacements are taken back exactly, and whoever replaced them again keeps what they made."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from nbapp.kernel.common.patching import Patching


class Base:
    def double(self, number: int) -> int:
        return 2 * number


class Library(Base):
    pass


def a_module() -> Any:
    module = ModuleType("library")
    module.double = lambda number: 2 * number  # type: ignore[attr-defined]
    return module


def instance() -> Any:
    return Library()


@pytest.mark.parametrize("make", [a_module, instance])
def test_what_was_there_comes_back(make: Any) -> None:
    owner = make()
    before = dict(vars(owner))
    with Patching() as patching:
        original = patching.put(owner, "double", lambda number: original(number) + 1)
        assert owner.double(2) == 5
    assert vars(owner) == before
    assert owner.double(2) == 4


def test_what_was_inherited_is_inherited_again() -> None:
    with Patching() as patching:
        original = patching.put(Library, "double", lambda self, number: original(self, number) + 1)
        assert Library().double(2) == 5
    assert "double" not in vars(Library)


def test_the_last_is_taken_back_first() -> None:
    patching, owner = Patching(), a_module()
    first = patching.put(owner, "double", lambda number: first(number) + 1)
    second = patching.put(owner, "double", lambda number: second(number) * 10)
    assert owner.double(1) == 30
    patching.undo()
    assert owner.double(1) == 2


def test_whoever_came_later_stays_and_ours_below_does_nothing_more() -> None:
    patching, owner = Patching(), a_module()
    original = patching.put(owner, "double", lambda number: original(number) + 1)
    ours = owner.double
    owner.double = lambda number: -ours(number)
    assert owner.double(2) == -5
    patching.undo()
    assert owner.double(2) == -4


def test_what_they_raise_below_ours_that_was_taken_back_is_theirs() -> None:
    patching, owner = Patching(), a_module()
    patching.put(owner, "double", lambda number: 0)
    ours = owner.double
    patching.undo()
    with pytest.raises(TypeError, match="unsupported operand"):
        ours(None)


def test_an_object_of_ones_own_is_placed_and_taken_back() -> None:
    owner = a_module()
    with Patching() as patching:
        patching.place(owner, "limit", 3)
        assert owner.limit == 3
    assert not hasattr(owner, "limit")
