"""What the server reads of the address of a page, and the short names of views that are too long for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbapp.persistence.places import open_results
from nbapp.serve.kernels.visits import Visit
from nbapp.serve.visitors.address import LONGEST, MOST, query_of
from nbapp.serve.visitors.views import Views


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("n=7&region=East", {"n": ["7"], "region": ["East"]}),
        ("tag=a&tag=b&t=", {"tag": ["a", "b"], "t": [""]}),
        ("größe=1&q=%C3%A9%20+", {"größe": ["1"], "q": ["é  "]}),
        ("token=x&link=y&nbapp-view=z&n=1", {"n": ["1"]}),
        ("_n=1&a.b=2&a-b=3&1a=4&=5&%00=6", {}),
        ("", {}),
        ("&".join(f"a{number}=1" for number in range(MOST + 1)), {}),
        (f"n={'x' * LONGEST}", {}),
    ],
)
def test_an_address_asks_for_what_may_be_a_controls_and_for_nothing_else(text: str, found: object) -> None:
    assert query_of(text) == found


def test_a_view_is_found_by_its_name_also_by_another_server_and_not_by_another_app(tmp_path: Path) -> None:
    place = {"where": str(tmp_path / "results"), "key": str(tmp_path / "key"), "limit": 10**6}
    query = "n=" + "7" * 3000
    first = Views(open_results(place), "/nb/sales.ipynb")
    name = first.keep(query)
    assert name.isalnum()
    assert first.keep(query) == name
    assert Views(open_results(place), "/nb/sales.ipynb").find(name) == query
    assert Views(open_results(place), "/nb/other.ipynb").find(name) is None
    assert Views(None, "/nb/sales.ipynb").find(name) is None


def test_only_so_many_views_are_remembered() -> None:
    views = Views(None, "app")
    names = [views.keep(f"n={number}" + "x" * 99_000) for number in range(150)]
    assert views.find(names[0]) is None
    assert views.find(names[-1]) is not None
    assert views.find("../../etc/passwd") is None


def test_a_page_is_the_same_visit_when_only_the_values_of_controls_in_its_address_differ() -> None:
    def visit(query: str) -> Visit:
        return Visit("browser", {"QUERY_STRING": query}, None, None)

    one = visit("n=3&customer=7")
    one.hears({"values": {}, "unkept": 0, "controls": ["n", "m"]})
    assert one.may_be_followed(visit("customer=7&n=5&m=2"))
    assert one.may_be_followed(visit("customer=7&nbapp-view=0a"))
    assert not one.may_be_followed(visit("customer=8&n=3"))
