"""How many bytes a value holds, about."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from PIL import Image

from nbapp.libraries import LOOKUPS
from nbapp.values.types import Types
from nbapp.values.weight import weight

_KNOWN = Types({}, lookups=LOOKUPS)
_MILLION = np.arange(1_000_000.0)


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
        (pd.DataFrame({"a": _MILLION, "b": _MILLION}), 16_000_000, 17_000_000),
        (pl.DataFrame({"a": _MILLION, "b": map(str, range(1_000_000))}), 13_000_000, 15_000_000),
        (pa.table({"a": _MILLION}), 8_000_000, 8_100_000),
        (pd.Series(["some text"] * 100_000, dtype="str"), 800_000, 3_000_000),
        ([Image.new("RGB", (1000, 1000))], 4_000_000, 4_100_000),
        ([[_MILLION]] * 10, 8_000_000, 8_100_000),
        (np.arange(1_000_000.0).reshape(1000, 1000)[1:], 8_000_000, 8_100_000),
        (list(np.arange(1_000_000.0).reshape(100, 10_000)), 8_000_000, 17_000_000),
    ],
    ids=[
        "number",
        "list",
        "dicts",
        "lists",
        "frame",
        "odd",
        "columns",
        "polars",
        "arrow",
        "texts",
        "image",
        "shared",
        "view",
        "rows",
    ],
)
def test_a_sample_tells_about_how_much_a_value_holds(value: Any, least: int, most: int) -> None:
    assert least <= weight(value, _KNOWN) <= most


def test_what_others_have_counts_for_nothing() -> None:
    rows = [{"id": number, "name": f"name {number}"} for number in range(10_000)]
    others = {id(row) for row in rows}
    chosen = rows[:5_000]
    assert weight(chosen, _KNOWN) > 10 * sys.getsizeof(chosen)
    assert weight(chosen, _KNOWN, lambda part: id(part) in others) == sys.getsizeof(chosen)
