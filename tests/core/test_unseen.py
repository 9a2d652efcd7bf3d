"""Large new values are looked at when somebody asks what they are, and never after they may have been changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from nbapp.core.memos.memo import Binding
from nbapp.core.notebook import Cell
from tests.core.clean import differences
from tests.core.host import FULL_COST, Double, cells

ROWS = "d = [{'k': n % 3, 'x': n} for n in range(9)]"
MAKER = "v = read('n')\nm = [row for row in d if row['x'] > v]"

spares = pytest.mark.skipif(FULL_COST, reason="NBAPP_COST=full looks at everything")


class Untrusted(Double):
    """Cannot tell of a cell with `odd` in it, once it ran, that it only read."""

    ran = False

    def rerun(self, stop_after: int | None = None) -> list[str]:
        """One rerun."""
        self.ran = False
        return super().rerun(stop_after)

    def only_read(self, cell: Cell, reads: Mapping[str, Binding]) -> Collection[Binding]:
        """Everything before the cell runs, and nothing after."""
        if "odd" not in cell.source:
            return super().only_read(cell, reads)
        return () if cell.id in self.executed else tuple(reads.values())


def live(*sources: str, double: type[Double] = Double, **inputs: Any) -> Double:
    """A notebook that ran once, whose values all count as large."""
    made = double(cells(*sources), {"n": 1, "m": 1, **inputs})
    made.store.least_look = 0
    made.rerun()
    return made


def is_unseen(double: Double, name: str) -> bool:
    assert double.walk is not None
    return double.walk.env.bindings[name].unseen is not None


@spares
def test_nobody_looks_at_a_new_value_that_no_cell_asks_for() -> None:
    double = live(ROWS, MAKER, "print(read('m'), len(d))")
    assert is_unseen(double, "m")
    assert double.set(n=5) == ["c1"]
    assert double.set(m=2) == ["c2"]
    assert is_unseen(double, "m")
    assert double.set(n=1) == []
    assert is_unseen(double, "m")
    assert differences(double) == []


def test_small_values_are_looked_at_when_they_are_made() -> None:
    double = Double(cells(ROWS, MAKER), {"n": 1})
    double.rerun()
    assert not is_unseen(double, "m")


def test_a_cell_that_asks_sees_the_content_and_an_equal_one_stops_the_wave() -> None:
    double = live(ROWS, MAKER, "print(len(m))")
    assert not is_unseen(double, "m")
    double.set(n=1.5)
    assert double.executed == ["c1"]
    assert double.set(n=7) == ["c1", "c2"]
    assert differences(double) == []


def test_a_cell_that_changes_what_it_shares_looks_at_it_first() -> None:
    double = live(ROWS, MAKER, "d[-1]['x'] = -read('m')", "print(m[-1:])")
    assert differences(double) == []
    for moved in ({"m": 4}, {"n": 5}, {"m": 1}, {"n": 1}):
        double.set(**moved)
        assert differences(double) == [], moved


def test_a_cell_that_changes_a_new_object_under_another_name_of_the_same_cell_looks_at_it_first() -> None:
    maker = "v = read('n')\nm = [[v], [v]]\nk = m[0]"
    double = live("z = [0]", f"len(z)\n{maker}", "k.append(read('m'))", "print(m)")
    for moved in ({"m": 4}, {"n": 5}, {"m": 1}, {"n": 1}):
        double.set(**moved)
        assert differences(double) == [], moved


def test_an_old_value_whose_objects_were_changed_since_is_made_again() -> None:
    double = live(ROWS, MAKER, "if read('m') > 1: d[-1]['x'] = read('m')")
    double.set(n=5)
    double.set(m=9)
    double.set(m=1)
    double.set(n=1)
    assert differences(double) == []


def test_a_callback_that_changes_what_it_shares_looks_at_it_first() -> None:
    double = live(ROWS, MAKER, "def go():\n    d[-1]['x'] = 50\non_click(go)", "print(len(d))")
    double.press()
    double.rerun()
    assert differences(double) == []
    double.set(n=5)
    assert differences(double) == []


def test_a_value_that_a_cell_may_have_changed_after_all_is_made_again() -> None:
    double = live(ROWS, MAKER, "odd = read('m')\nd[-1]['x'] = odd", "print(m[-1:])", double=Untrusted)
    assert differences(double) == []
    for moved in ({"m": 4}, {"n": 5}, {"m": 1}, {"n": 1}):
        double.set(**moved)
        assert differences(double) == [], moved


@spares
def test_an_unseen_value_counts_for_the_memory_it_takes() -> None:
    double = live("d = list(range(100_000))", "v = read('n')\nm = [x + v for x in d]")
    assert double.walk is not None
    assert is_unseen(double, "m")
    assert 800_000 < double.walk.env.bindings["m"].nbytes < 10_000_000
