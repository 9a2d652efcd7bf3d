"""`nbapp.register` and `__nbapp_digest__`: what the author says about a class is what counts, from then on."""

from __future__ import annotations

import decimal
import fractions
import gc
import sys
import types
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import nbapp
from nbapp.errors import UsageError
from nbapp.libraries import LOOKUPS
from nbapp.libraries.registry import _REGISTERED, REGISTRY
from nbapp.values.digest import Digest, Opaque, digest
from nbapp.values.survey import survey
from nbapp.values.types import Types

KNOWN = Types({"__name__": "__main__"}, LOOKUPS)


def of(value: object) -> Digest:
    return digest(value, KNOWN)


class Grid:
    def __init__(self, cells: list[int], note: str = "") -> None:
        self.cells, self.note = cells, note


class Fine(Grid):
    pass


@pytest.fixture(autouse=True)
def only_here() -> Iterator[None]:
    by_class, by_name = dict(_REGISTERED.by_class), {name: dict(known) for name, known in _REGISTERED.by_name.items()}
    yield
    _REGISTERED.by_class, _REGISTERED.by_name = by_class, by_name
    REGISTRY.revision += 1


@pytest.mark.parametrize("kind", [Grid, f"{__name__}.Grid"])
def test_what_is_registered_counts_for_values_digested_from_then_on(kind: Any) -> None:
    assert of(Grid([1], "a")) != of(Grid([1], "b"))
    nbapp.register(kind, digest=lambda grid: grid.cells)
    assert of(Grid([1], "a")) == of(Grid([1], "b")) != of(Grid([2]))
    assert of([Grid([1], "a")]) == of([Grid([1], "b")])
    assert of(Fine([1], "a")) == of(Fine([1], "b")) != of(Grid([1]))
    nbapp.register(kind, digest=lambda grid: grid.note)
    assert of(Grid([1], "a")) == of(Grid([2], "a"))


def test_the_most_specific_class_decides() -> None:
    nbapp.register(Grid, opaque=True)
    nbapp.register(Fine, digest=lambda grid: grid.cells)
    assert of(Fine([1], "a")) == of(Fine([1], "b"))
    with pytest.raises(Opaque, match="Grid"):
        of(Grid([1]))


def test_what_the_author_says_goes_before_what_nbapp_knows() -> None:
    nbapp.register("numpy.ndarray", digest=lambda array: array.shape)
    assert of(np.zeros(3)) == of(np.ones(3)) != of(np.zeros(4))


def test_a_name_is_looked_up_when_a_value_turns_up() -> None:
    assert "made_later" not in sys.modules
    nbapp.register("made_later.Thing", digest=lambda thing: 1)
    assert "made_later" not in sys.modules
    module = types.ModuleType("made_later")
    home = type("Thing", (), {"__module__": "made_later.inside"})
    module.Thing = home  # type: ignore[attr-defined]
    sys.modules["made_later"] = module
    try:
        assert KNOWN.adapter(home).parts is not None
        assert KNOWN.adapter(type("Thing", (), {"__module__": "made_later.inside"})).parts is None
    finally:
        del sys.modules["made_later"]


def test_a_class_says_it_itself() -> None:
    class Mine:
        def __init__(self, cells: int, note: int) -> None:
            self.cells, self.note = cells, note

        def __nbapp_digest__(self) -> object:
            return self.cells

    class Sub(Mine):
        pass

    class More(Mine):
        def __nbapp_digest__(self) -> object:
            return super().__nbapp_digest__(), self.note

    assert of(Mine(1, 2)) == of(Mine(1, 3)) != of(Mine(2, 2))
    assert of(Sub(1, 2)) == of(Sub(1, 3)) != of(Mine(1, 2))
    assert of(More(1, 2)) != of(More(1, 3))


def test_a_digest_that_raises_makes_the_value_opaque_and_says_why() -> None:
    nbapp.register(Grid, digest=lambda grid: grid.missing)
    with pytest.raises(Opaque, match=r"the digest registered for Grid raised AttributeError: .*missing"):
        of(Grid([1]))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [(lambda grid: grid, "gave back the value itself"), (lambda grid: map(len, (c for c in "a")), "generator")],
)
def test_a_digest_must_give_something_plain(wrong: Any, reason: str) -> None:
    nbapp.register(Grid, digest=wrong)
    with pytest.raises(Opaque, match=reason):
        of(Grid([1]))


def test_reach_says_what_may_change_inside() -> None:
    grid = Grid([1])
    assert id(grid.cells) in survey(grid, KNOWN).reach
    held: list[int] = []
    nbapp.register(Grid, digest=lambda grid: grid.cells, reach=lambda grid: [held])
    assert survey(grid, KNOWN).reach == (id(grid), id(held))


def test_nothing_is_followed_inside_what_never_changes() -> None:
    nbapp.register(Grid, immutable=True)
    assert survey(Grid([1]), KNOWN).reach == ()
    assert of(Grid([1])) != of(Grid([2]))


def test_a_handle_is_versioned_by_which_object_it_is() -> None:
    nbapp.register(Grid, handle=True)
    grid = Grid([1])
    before = of(grid)
    grid.cells.append(2)
    assert of(grid) == before != of(Grid([1]))
    assert survey(grid, KNOWN).reach == (id(grid),)


def test_a_registered_class_is_not_kept() -> None:
    kind = type("Gone", (), {})
    nbapp.register(kind, digest=lambda value: 1)
    gone = weakref.ref(kind)
    del kind
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((5, {"opaque": True}), "takes a class or its name, not 5"),
        (("Tensor", {"opaque": True}), "'Tensor' is not the name of a class in a module: write it like"),
        (("torch.", {"opaque": True}), "'torch.' is not the name"),
        ((Grid, {}), "nothing was said about the class"),
        ((Grid, {"digest": 1}), "digest must be a function of one value, not 1"),
        ((Grid, {"reach": "x"}), "reach must be a function"),
        ((Grid, {"handle": True, "opaque": True}), "give one of the three"),
        ((Grid, {"digest": len, "opaque": True}), "give one of the three"),
        ((Grid, {"digest": len, "handle": True}), "give one of the three"),
        ((Grid, {"reach": len, "handle": True}), "leave out reach"),
        ((Grid, {"reach": len, "immutable": True}), "leave out reach"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[Any, dict[str, Any]], message: str) -> None:
    before = REGISTRY.revision
    with pytest.raises(UsageError) as error:
        nbapp.register(arguments[0], **arguments[1])
    assert message in str(error.value)
    assert REGISTRY.revision == before


def test_every_kernel_in_the_process_learns_it_even_with_lookups_of_its_own() -> None:
    known = Types({}, {**LOOKUPS, "mine": lambda kind: None})
    assert known.adapter(fractions.Fraction).parts is None
    nbapp.register(fractions.Fraction, digest=str)
    assert known.adapter(fractions.Fraction).parts is not None
    assert Types({}).adapter(fractions.Fraction).parts is None
    assert known.adapter(decimal.Decimal).parts is None
