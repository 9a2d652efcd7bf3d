"""Global names that are no identifiers, such as a namespace may hold all the same: they are followed like any other."""

from __future__ import annotations

import itertools

import pytest

from nbapp.core.memos.env import component_of, is_global, name_of
from tests.core.clean import differences
from tests.core.host import Double, cells

NAMES = ("a:b", "file:/a/x", "process:", "trait:x.value", "a b", "a\x1b", "a\x1bc", "", ":")


def test_each_name_has_a_component_of_its_own_that_is_a_global() -> None:
    texts = ["".join(text) for size in range(5) for text in itertools.product(":\x1bcea", repeat=size)]
    components = [component_of(text) for text in texts]
    assert len(set(components)) == len(texts)
    assert all(map(is_global, components))
    assert list(map(name_of, components)) == texts


@pytest.mark.parametrize("name", NAMES)
def test_a_name_with_a_colon_follows_there_and_back(name: str) -> None:
    double = Double(cells(f"globals()[{name!r}] = read('n')", f"print(globals().get({name!r}))"), {"n": 1}, 1 << 30)
    double.rerun()
    for value in (2, 1, 3, 1):
        double.set(n=value)
        assert double.printed[1] == f"{value}\n"
        assert differences(double) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_name_with_a_colon_goes_with_its_cell(name: str) -> None:
    double = Double(
        cells(f"globals()[{name!r}] = [1]", f"globals()[{name!r}].append(2)", f"print(globals().get({name!r}))"),
        {},
        1 << 30,
    )
    double.rerun()
    assert double.printed[2] == "[1, 2]\n"
    double.edit(1, f"del globals()[{name!r}]")
    double.rerun()
    assert double.printed[2] == "None\n"
    double.delete(1)
    double.rerun()
    assert double.printed[1] == "[1]\n"
    assert differences(double) == []
