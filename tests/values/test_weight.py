"""How many bytes a value holds, about."""

from __future__ import annotations

import sys
from typing import Any

import pandas as pd
import pytest

from nbapp.values.weight import weight


class Lying(list[int]):
    """Asked for its size it runs code, which nobody may."""

    def __sizeof__(self) -> int:
        raise AssertionError


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        (5, 20, 100),
        (list(range(1000, 101_000)), 800_000, 8_000_000),
        ([{"x": n / 7} for n in range(10_000)], 1_000_000, 10_000_000),
        ({f"key {n}": [n, n + 1] for n in range(10_000)}, 1_000_000, 10_000_000),
        (pd.DataFrame({"a": range(100_000)}), 800_000, 8_000_000),
        (Lying(range(10)), 40, 10_000),
    ],
    ids=["number", "list", "dicts", "lists", "frame", "odd"],
)
def test_a_sample_tells_about_how_much_a_value_holds(value: Any, least: int, most: int) -> None:
    assert least <= weight(value) <= most


def test_what_others_have_counts_for_nothing() -> None:
    rows = [{"id": number, "name": f"name {number}"} for number in range(10_000)]
    others = {id(row) for row in rows}
    chosen = rows[:5_000]
    assert weight(chosen) > 10 * sys.getsizeof(chosen)
    assert weight(chosen, lambda part: id(part) in others) == sys.getsizeof(chosen)
