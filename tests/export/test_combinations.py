"""One file for each combination of the values of names in braces."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbapp.errors import UsageError
from nbapp.export.combinations import combinations


def test_without_braces_a_comma_is_a_part_of_the_value() -> None:
    assert combinations({"a": "1,2"}, "out.html") == [({"a": "1,2"}, Path("out.html"))]
    assert combinations({"a": "1,2"}, None) == [({"a": "1,2"}, None)]


def test_each_value_meets_each_of_the_others() -> None:
    found = combinations({"a": "1, 2", "b": "x,y", "c": "p,q"}, "out/{a}-{b}.html")
    assert [out and out.name for _, out in found] == ["1-x.html", "1-y.html", "2-x.html", "2-y.html"]
    assert [values for values, _ in found][1] == {"a": "1", "b": "y", "c": "p,q"}


def test_a_value_leads_into_no_other_folder() -> None:
    ((_, out),) = combinations({"a": "../../etc"}, "out/{a}.html")
    assert out == Path("out/etc.html")


@pytest.mark.parametrize(
    ("given", "says"), [({}, r"\{a\}, which has no value"), ({"a": "1,1"}, "for two combinations")]
)
def test_what_makes_no_sense_is_refused(given: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        combinations(given, "{a}.html")
