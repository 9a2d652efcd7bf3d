"""What a cell changes in place is copied before it, so that the cells that made it need not run again."""

from __future__ import annotations

import pytest

from nbapp.core.memos.memo import Binding
from nbapp.core.memos.snapshot import Snapshots
from nbapp.values.digest import text_digest
from tests.core.clean import differences
from tests.core.host import Double, cells

SLOW = "import time; time.sleep(0.02)\n"


def double(*sources: str) -> Double:
    found = Double(cells(*sources), {"n": 1})
    found.rerun()
    return found


def moved(found: Double, n: int) -> list[str]:
    found.inputs["n"] = n
    ran = found.rerun()
    assert differences(found) == []
    return ran


def test_the_cell_that_made_it_runs_once_more_at_most() -> None:
    found = double(SLOW + "a = [0]", "a.append(read('n'))", "print(a)")
    moved(found, 2)
    assert [moved(found, n) for n in (3, 4, 5)] == [["c1", "c2"]] * 3


def test_what_is_quickly_made_is_not_worth_a_copy() -> None:
    part = {"a": Binding([0], version=text_digest("x"), nbytes=100)}
    assert [Snapshots(limit=10**9).is_worth(part, seconds) for seconds in (0.001, 0.02)] == [False, True]


def test_all_that_shares_an_object_is_copied_together() -> None:
    found = double(SLOW + "a = [0]; b = [a]; c = {'b': b}", "a.append(read('n'))", "print(a, b, c, c['b'] is b)")
    moved(found, 2)
    assert moved(found, 3) == ["c1", "c2"]


def test_a_frame_that_gets_a_column_is_copied() -> None:
    found = double(SLOW + "import pandas as pd\nf = pd.DataFrame({'a': [1, 2]})", "f['b'] = read('n')", "print(f)")
    moved(found, 2)
    assert moved(found, 3) == ["c1", "c2"]


def test_an_instance_of_a_class_of_the_notebook_keeps_its_class() -> None:
    found = double(
        SLOW + "class P:\n    v = 0\np = P()", "p.v = read('n')", "print(p.v, isinstance(p, P), type(p) is P)"
    )
    moved(found, 2)
    moved(found, 3)


@pytest.mark.parametrize(
    "made",
    [
        "import numpy as np\nw = np.zeros(3); a = w[:2]",  # a copy of a view is no view
        "def a(): pass",  # a copy of a function is the function
        "class K:\n    def __deepcopy__(self, memo): return 5\na = K(); a.v = [0]",  # its copy is something else
        "class K:\n    def __deepcopy__(self, memo): return self\na = K(); a.v = [0]",
        "class K:\n    def __deepcopy__(self, memo): 1 / 0\na = K(); a.v = [0]",
    ],
)
def test_what_cannot_be_copied_faithfully_is_made_again(made: str) -> None:
    change = "a[0] = read('n')" if "numpy" in made else "a.v = read('n')"
    found = double(SLOW + made, change)
    moved(found, 2)
    assert moved(found, 3) == ["c0", "c1"]


def test_copies_take_a_part_of_the_memory_at_most() -> None:
    found = Double(cells(SLOW + "a = bytearray(100_000)", "a[0] = read('n')"), {"n": 1}, limit=200_000)
    found.rerun()
    moved(found, 2)
    assert moved(found, 3) == ["c0", "c1"]


def test_the_oldest_copy_makes_room() -> None:
    found = double("a = bytearray(1000); b = bytearray(1000)")
    snapshots = Snapshots(limit=1500)
    bindings = found.walk.env.bindings if found.walk else {}
    a, b = {"a": bindings["a"]}, {"b": bindings["b"]}
    assert snapshots.take(a, found.known)
    assert snapshots.take(b, found.known)
    assert snapshots.restored(a, found.known) is None
    fresh = snapshots.restored(b, found.known)
    assert fresh is not None
    assert (fresh["b"].value, fresh["b"].version) == (bindings["b"].value, bindings["b"].version)
    assert fresh["b"].value is not bindings["b"].value
    assert snapshots.nbytes <= 1500


def test_values_without_a_digest_are_not_worth_a_copy() -> None:
    part = {"a": Binding(iter(()), version=text_digest("x"), opaque=True)}
    assert not Snapshots(limit=10**9).is_worth(part, seconds=60.0)
