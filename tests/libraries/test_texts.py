"""Long lists of texts have equal bytes exactly when they are equal, whatever their items share."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from nbapp.libraries import LOOKUPS
from nbapp.libraries.texts import plain_bytes, texts_only
from nbapp.values.digest import digest
from nbapp.values.survey import survey
from nbapp.values.types import Types

KNOWN = Types({"__name__": "__main__"}, LOOKUPS)
LISTS: list[list[object]] = [
    [],
    [None],
    ["None"],
    [""],
    ["", ""],
    ["a", "bc"],
    ["ab", "c"],
    ["abc"],
    ["\ud800"],
    [0],
    [False],
    [0.0],
    [-0.0],
    [1],
    [True],
    [1.0],
    ["1"],
    [2**31],
    [2**80],
    [math.nan],
    [math.inf],
]


def test_different_lists_have_different_bytes() -> None:
    for one, other in itertools.combinations(LISTS, 2):
        assert plain_bytes(one) != plain_bytes(other), (one, other)


def test_equal_texts_count_alike_whether_they_are_one_object_or_two() -> None:
    made = "".join(["ab", "c"])
    assert made is not LISTS[7][0]
    assert plain_bytes(["abc", "abc"]) == plain_bytes([made, "abc"])


class _Text(str):
    __slots__ = ("note",)


class _Unhashed(type):
    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    "item", [[], (), b"", bytearray(b"a"), np.float64(1), _Text("a"), 1j, _Unhashed("A", (), {})()]
)
def test_what_is_more_than_a_text_or_a_number_is_not_taken_for_one(item: object) -> None:
    assert all(map(texts_only, LISTS))
    assert not texts_only(["a", item])


def test_an_array_of_texts_is_told_by_its_content_and_leads_to_nothing() -> None:
    array = np.array(["a", None, "".join(["b", "c"])], dtype=object)
    same, other = np.array(["a", None, "bc"], dtype=object), np.array(["a", None, "bd"], dtype=object)
    assert digest(array, KNOWN) == digest(same, KNOWN) != digest(other, KNOWN)
    assert set(survey(array, KNOWN).reach) == {id(array)}


def test_an_array_that_holds_a_list_among_texts_leads_to_the_list() -> None:
    held: list[int] = []
    array = np.array(["a", held], dtype=object)
    before = digest(array, KNOWN)
    assert id(held) in survey(array, KNOWN).reach
    held.append(1)
    assert digest(array, KNOWN) != before
