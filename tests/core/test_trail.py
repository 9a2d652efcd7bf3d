"""Cells that are skipped at once: which they are, and what makes a walk ask of each of them again.

Every walk of these tests decides about them a second time, one by one (`decided_twice.py`), also in the random notebooks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from nbapp.core import walk
from nbapp.core.host import Reading
from nbapp.core.memos.env import Env
from nbapp.core.memos.memo import Binding, Executed, Memo, ReadSet
from nbapp.core.memos.trail import Passed, Trail
from nbapp.core.notebook import Cell
from nbapp.core.step import Step
from nbapp.core.walk import Walk
from nbapp.values.digest import Digest
from tests.core.clean import differences
from tests.core.host import Double, cells

READER = "n = read('n')"


@contextmanager
def decided() -> Iterator[list[str]]:
    """The cells about which a walk decides one by one."""
    asked: list[str] = []
    bring = Walk._bring

    async def noted(self: Walk, index: int) -> object:
        asked.append(self.notebook[index].id)
        return await bring(self, index)

    with patch.object(walk.Walk, "_bring", noted):
        yield asked


def settled(*sources: str, moves: int = 2) -> Double:
    """A notebook whose cells were skipped in a walk before, each because nothing had changed."""
    double = Double(cells(*sources), {"n": 0, "m": 0})
    for value in range(moves):
        double.set(n=value)
    double.rerun()
    double.rerun()
    return double


def test_a_walk_decides_about_the_cell_that_executes_and_no_other() -> None:
    double = settled(*(f"v{i} = {i}" for i in range(150)), READER, *(f"w{i} = v{i} + 1" for i in range(150)))
    with decided() as asked:
        assert double.set(n=9) == ["c150"]
    assert asked == ["c150"]
    assert [step.state for step in double.steps] == ["skipped"] * 150 + ["ran"] + ["skipped"] * 150
    assert [step.index for step in double.steps] == list(range(301))
    assert differences(double) == []


def test_each_cell_is_asked_alone_where_that_is_wanted_for_comparison() -> None:
    double = Double(cells("a = 1", "b = a"), {"n": 0})
    double.store.trail.asks_each = True
    for _ in range(4):
        with decided() as asked:
            double.rerun()
    assert asked == ["c0", "c1"]
    assert [step.state for step in double.steps] == ["skipped"] * 2


def test_a_value_that_changed_runs_its_readers_though_their_neighbours_are_skipped() -> None:
    double = settled("a = 1", READER, "m = read('m')", "b = a + 1", "c = m + b", "d = b + c")
    assert double.set(n=7) == ["c1"]
    assert double.set(m=7) == ["c2", "c4", "c5"]
    assert double.value("d") == "11"
    assert double.set(n=8) == ["c1"]
    assert differences(double) == []


def test_an_equal_value_made_again_runs_nothing_and_is_what_the_cells_below_have() -> None:
    double = settled(f"{READER}\nx = n * 0", "y = x + 1", "z = y + x")
    with decided() as asked:
        assert double.set(n=9) == ["c0"]
    assert asked == ["c0"]
    assert differences(double) == []


def test_an_equal_object_made_again_is_not_the_one_that_cells_hold() -> None:
    double = settled(f"{READER}\nx = [0]", "y = x", "z = y is x\nz", "y.append(1)")
    assert double.set(n=9) == ["c0"]
    assert double.value("(x, y is x)") == "([0, 1], True)"
    assert differences(double) == []


def test_two_names_that_come_to_share_an_object_are_seen() -> None:
    source = "n = read('n')\na = [0]\nb = a if n > 5 else [0]"
    double = settled(source, "c = 1", "d = a is b", "e = c", moves=1)
    assert double.value("d") == "False"
    assert "c2" in double.set(n=9)
    assert double.value("d") == "True"
    assert differences(double) == []


def test_a_name_that_is_now_bound_above_is_seen() -> None:
    double = settled("a = 1", READER, "def f():\n    return len('ab')", "b = f()", "c = b")
    double.edit(0, "def len(text):\n    return 9")
    assert double.rerun() == ["c0", "c2", "c3", "c4"]
    assert double.value("c") == "9"
    assert differences(double) == []


def test_a_name_that_is_no_longer_bound_is_seen() -> None:
    double = settled("x = 1\ny = 2", READER, "a = y", "b = a", "c = x")
    double.edit(0, "y = 2")
    assert double.rerun() == ["c0", "c4"]
    assert double.errors == ["NameError"]


def test_an_edited_cell_runs_and_its_neighbours_do_not() -> None:
    double = settled("a = 1", "b = a + 1", "c = 5", "d = b + c")
    double.edit(2, "c = 6")
    assert double.rerun() == ["c2", "c3"]
    assert double.value("d") == "8"


def test_cells_that_moved_are_found_where_they_are() -> None:
    double = settled("a = 1", "b = a + 1", READER, "c = b + 1", "d = c + 1")
    double.insert(0, "z = 1", "new")
    assert double.rerun() == ["new"]
    assert [step.index for step in double.steps] == list(range(6))
    double.delete(0)
    double.delete(0)
    assert double.rerun() == ["c1"]  # a is gone
    assert double.errors == ["NameError"]


def test_the_walk_that_follows_a_deletion_shows_the_cells_that_are_left() -> None:
    double = settled("a = 1", "b = 2", "c = 3", "d = 4")
    double.delete(3)
    double.delete(2)
    assert double.rerun() == []
    assert [step.cell.id for step in double.steps] == ["c0", "c1"]


def test_a_cell_whose_record_was_discarded_runs() -> None:
    double = settled("a = 1", "b = a", "c = b")
    record = double.store.in_place(double.notebook[1].id)
    assert record is not None
    double.store.discard(record)
    assert double.rerun() == ["c1"]


def test_a_cell_that_is_to_run_always_from_now_on_runs() -> None:
    double = settled("a = 1", "b = a", "c = b")
    double.always = frozenset({"c1"})
    assert double.rerun() == ["c1"]


def test_a_cell_whose_object_was_changed_in_place_is_asked_alone() -> None:
    double = settled("x = [0]", "k = read('n')", "if k > 5:\n    x.append(k)\nprint(x)")
    assert double.set(n=7) == ["c1", "c2"]
    with decided() as asked:
        assert double.rerun() == []
    assert asked[0] == "c0"


def test_a_file_that_changed_runs_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("one")
    double = settled("a = 1", f"with open({str(path)!r}) as file:\n    text = file.read()\ndel file", "b = a")
    with decided() as asked:
        assert double.rerun() == []
    assert asked == []
    path.write_text("two!")
    assert double.rerun() == ["c1"]
    assert double.value("text") == "'two!'"


def test_what_callbacks_wrote_is_found_by_the_cells_below_and_by_no_cell_above() -> None:
    sources = (
        "a = 0",
        "clicks = 0",
        "def f():\n    global clicks\n    clicks += 1",
        "on_click(f)",
        "b = a",
        "c = clicks",
    )
    double = settled(*sources)
    assert double.press() == {"clicks"}
    for _ in range(3):
        with decided() as asked:
            double.rerun()
        assert double.value("c") == "1"
    assert "c1" in asked
    assert {*asked}.isdisjoint({"c0", "c4", "c5"})
    assert double.press() == {"clicks"}
    assert "c4" not in double.rerun()
    assert double.value("(b, c)") == "(0, 2)"


def test_an_object_that_callbacks_hold_is_not_made_by_a_cell_above_them() -> None:
    sources = "x = [1]", "y = [0]", "def f():\n    y.append(x)", "on_click(f)", "z = len(y)", READER
    double = settled(*sources)
    double.press()
    double.rerun()
    assert double.value("(z, y[1] is x)") == "(2, True)"
    double.set(n=9)
    assert double.value("(z, y[1] is x)") == "(2, True)"


def test_a_name_that_stands_for_an_object_of_a_cell_below_has_that_cell_make_another() -> None:
    double = settled("y = [0]", "def f():\n    global y\n    y = x", "on_click(f)", "z = 1", "x = [1]", "w = z")
    assert double.press() == {"y"}
    assert double.rerun() == ["c4"]
    assert double.value("(y, x, y is x)") == "([1], [1], False)"


def test_a_name_that_callbacks_wrote_and_a_cell_binds_again_is_asked_about_there() -> None:
    double = settled("y = 0", "def f():\n    global y\n    y += 1", "on_click(f)", "z = 1", "w = z")
    assert double.press() == {"y"}
    double.insert(4, "y = 5", "new")
    for _ in range(3):
        with decided() as asked:
            double.rerun()
    assert "new" in asked
    assert "c4" not in asked
    assert double.value("y") == "5"


def test_what_was_brought_back_is_only_skipped_from_then_on() -> None:
    double = settled(READER, "a = n", "b = a")
    double.set(n=9)
    double.set(n=1)
    assert [step.state for step in double.steps] == ["restored"] * 3
    for _ in range(2):
        double.rerun()
        assert [step.state for step in double.steps] == ["skipped"] * 3


def test_a_cell_that_reads_whatever_there_is_sees_a_new_name() -> None:
    double = settled("v1 = 1", "names = sorted(name for name in globals() if name[0] == 'v')", "c = 1")
    double.edit(0, "v1 = 1\nv2 = 2")
    assert double.rerun() == ["c0", "c1"]
    assert double.value("names") == "['v1', 'v2']"


def test_a_change_in_place_shows_through_the_names_that_still_hold_the_object() -> None:
    double = settled("a = [0]", "b = a", "c = 1", "a.append(c)", "print(b)")
    double.edit(1, "b = [7]")
    double.rerun()
    assert double.printed[-1] == "[7]\n"
    assert differences(double) == []


def test_what_a_skipped_cell_left_outside_the_namespace_is_left_again() -> None:
    double = settled("a = 1", "emit('key', 2)", "b = a")
    double.outside.clear()
    assert double.rerun() == []
    assert double.outside == {"key": 2}


def test_a_result_that_has_expired_is_made_again() -> None:
    class Timed(Double):
        def read(self, cell: Cell) -> Reading:
            return replace(super().read(cell), ttl=60 if cell.id == "c1" else None)

    double = Timed(cells("a = 1", "b = a", "c = a"))
    for _ in range(3):
        double.rerun()
    with patch.object(Memo, "has_expired", lambda memo, now: True):
        assert double.rerun() == ["c1"]


ALONE = {
    "a trait": ("c = read('m')",),
    "everything": ("c = len(globals())",),
    "something shared with the cells above": ("c = a",),
    "something left outside": ("emit('key', 1)",),
    "a file written": ("with open('x.txt', 'w') as file:\n    file.write('x')\ndel file",),
    "random numbers drawn": ("import random\nrandom.seed(1)\nc = random.random()",),
    "a value without a digest": ("c = (each for each in [1])",),
    "an object that a cell below changes": ("c = [0]", "c.append(len(a))"),
}


@pytest.mark.parametrize("sources", ALONE.values(), ids=ALONE)
def test_a_cell_that_more_than_the_env_decides_about_is_asked_alone(
    sources: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    double = settled("a = [0]", *sources, "d = a[0]")
    with decided() as asked:
        assert double.rerun() == []
    assert asked[0] == "c1"
    assert f"c{len(sources) + 1}" not in asked
    assert differences(double) == []


def test_a_cell_that_holds_objects_made_again_is_asked_alone() -> None:
    double = Double(cells("n = read('n')\nx = [n * 0]\ny = [n * 0]", "z = x == y", "k = 1"), {"n": 0})
    for value in (0, 1):
        double.set(n=value)
    for _ in range(2):
        with decided() as asked:
            assert double.rerun() == []
    assert asked == ["c0", "c1"]


def test_no_value_is_looked_at_only_because_it_is_skipped() -> None:
    double = Double(cells("n = read('n')", "rows = list(range(10))", "few = [row for row in rows if row > 3]", "k = 1"))
    double.inputs["n"] = 1
    double.store.least_look = 0
    for _ in range(3):
        double.rerun()
    assert double.walk is not None
    assert double.walk.env.has_unseen()


def skipped(index: int, names: tuple[str, ...] = (), absent: frozenset[str] = frozenset()) -> Passed:
    """A cell that was skipped, which read these names and looked for others in vain."""
    cell = cells(*map(str, range(index + 1)))[index]
    memo = Memo(cell.source, ReadSet(names, (), absent, False), (), {}, {}, {}, frozenset(), {}, Executed())
    return Passed(cell, memo, Step(index, cell, "skipped", ""))


def test_a_stretch_ends_where_a_name_is_something_else_than_its_cells_found() -> None:
    made = Binding(1, Digest("one"))
    env, trail = Env(lambda component: made), Trail()
    trail.passed(skipped(0, absent=frozenset({"module:late"})), env)
    trail.passed(skipped(1), env)
    env.want(["module:late"])
    trail.passed(skipped(2, names=("module:late",)), env)
    assert [(start, stretch.end) for start, stretch in trail._stretches.items()] == [(0, 2), (2, 3)]


def test_stretches_end_and_begin_where_another_cell_stands_and_are_bounded() -> None:
    double = settled(*(f"v{i} = {i}" for i in range(100)), READER, *(f"w{i} = {i}" for i in range(10)))
    assert sorted((each.start, each.end) for each in double.store.trail._stretches.values()) == [
        (0, 64),
        (64, 100),
        (101, 111),
    ]


def test_cells_below_one_that_failed_are_not_run_and_come_back_with_it() -> None:
    double = settled("a = 1", READER, "if n == 7:\n    raise ValueError", "b = a", "c = b")
    double.set(n=7)
    assert [step.state for step in double.steps] == ["skipped", "ran", "failed", "not run", "not run"]
    assert double.set(n=8) == ["c1", "c2"]
    assert [step.state for step in double.steps] == ["skipped", "ran", "ran", "skipped", "skipped"]


def test_a_walk_goes_back_into_the_middle_of_a_stretch() -> None:
    made = "x = [0]", "y = 1", "rows = [x, 1]", "z = 2"
    double = settled(*made, "k = read('n')", "if k > 5:\n    rows.append(k)\nprint(rows)")
    assert double.set(n=7) == ["c4", "c5"]
    assert "c2" in double.set(n=8)  # rows as they were
    assert double.printed[-1] == "[[0], 1, 8]\n"
    assert differences(double) == []


def test_what_is_known_of_cells_is_forgotten_where_a_walk_goes_back() -> None:
    double = settled("a = 1", "b = a", READER, "c = b", "d = c")
    assert double.walk is not None
    assert double.walk._go_back(["d"]) == 4
    assert [(each.start, each.end) for each in double.store.trail._stretches.values()] == [(0, 2)]
    assert double.walk._go_back(["b"]) == 1
    assert double.store.trail._stretches == {}


@pytest.mark.parametrize("stop", range(8))
def test_a_walk_that_was_cut_short_is_followed_by_a_right_one(stop: int) -> None:
    double = settled("a = 1", "b = a", READER, "c = n", "d = b", "e = c + d")
    double.inputs["n"] = 9
    double.rerun(stop_after=stop)
    double.complete()
    double.rerun()
    assert double.value("(a, b, n, c, d, e)") == "(1, 1, 9, 9, 1, 10)"
    assert differences(double) == []
