"""Objects of compiled libraries that may hold others unseen share one thing, library by library."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import kiwisolver
import pytest
import xxhash

from nbapp.values.extensions import reach_of
from nbapp.values.survey import survey
from nbapp.values.types import Types

KNOWN = Types({"__name__": "__main__"})


class Noted(kiwisolver.Solver):
    """One with something of the author's on it."""

    def __init__(self) -> None:
        self.notes: list[int] = []


def shared(one: object, other: object, known: Types = KNOWN) -> set[int]:
    return set(survey(one, known).reach) & set(survey(other, known).reach)


def test_objects_of_one_library_share_something_and_those_of_two_do_not() -> None:
    assert shared(xxhash.xxh64(), xxhash.xxh32())
    assert shared({"deep": [xxhash.xxh64()]}, xxhash.xxh64())
    assert not shared(xxhash.xxh64(), kiwisolver.Solver())


def test_what_python_sees_of_one_is_followed_too() -> None:
    noted = Noted()
    assert id(noted.notes) in survey(noted, KNOWN).reach
    assert shared(noted, kiwisolver.Solver())


def test_objects_of_a_library_that_is_known_share_what_its_profile_says() -> None:
    known = Types({"__name__": "__main__"}, {"xxhash": lambda kind: None})
    assert not shared(xxhash.xxh64(), xxhash.xxh64(), known)


def _told(kind: type) -> type:
    return type("Told", (kind,), {"__reduce__": lambda self: (kind, ())})


@pytest.mark.parametrize(
    "kind",
    [type(hashlib.md5(b"", usedforsecurity=False)), re.Pattern, int, str, _told(kiwisolver.Solver), dict, object],
)
def test_other_classes_share_nothing_unseen(kind: Any) -> None:
    assert reach_of(kind, ()) is None
