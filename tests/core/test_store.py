"""Runs are kept by cell and by what they read, within their room."""

from __future__ import annotations

from collections.abc import Sequence

from nbapp.core.memos.memo import Binding, Executed, HostEffects, Memo, ReadSet
from nbapp.core.memos.store import Store, output_bytes
from nbapp.core.notebook import Cell, CellId
from nbapp.values.digest import Digest

CELL = Cell(CellId("one"), "y = x")
OTHER = Cell(CellId("two"), "y = x")
READS_X = ReadSet(("x",), (), frozenset(), False)


def run(
    version: str = "v",
    *,
    nbytes: int = 10,
    left: Binding | None = None,
    effects: bool = False,
    reads: ReadSet = READS_X,
) -> Memo:
    executed = Executed(effects=HostEffects(1) if effects else None)
    after = {"y": left or Binding(1, Digest(version))}
    versions = (Digest(version),) * len(reads.names)
    return Memo("y = x", reads, versions, {}, after, {}, frozenset(), {}, executed, nbytes)


def found(store: Store, version: str, cell: Cell = CELL) -> Sequence[Memo]:
    return list(store.matching(cell, lambda reads: (Digest(version),) * len(reads.names)))


def test_a_run_is_found_by_what_it_read() -> None:
    store = Store(1000)
    one, two = run("one"), run("two")
    store.add(CELL, one)
    store.add(CELL, two)
    assert found(store, "one") == [one]
    assert found(store, "two") == [two]
    assert found(store, "three") == []
    assert found(store, "one", OTHER) == []
    assert len(store) == 2


def test_the_newest_of_equal_runs_comes_first() -> None:
    store = Store(1000)
    first, second = run(), run()
    store.add(CELL, first)
    store.add(CELL, second)
    assert found(store, "v") == [second, first]


def test_a_read_set_without_versions_matches_nothing() -> None:
    store = Store(1000)
    store.add(CELL, run())
    assert list(store.matching(CELL, lambda reads: None)) == []


def test_runs_of_another_source_do_not_count() -> None:
    store = Store(1000)
    store.add(CELL, run())
    assert found(store, "v", Cell(CELL.id, "y = x + 1")) == []


def test_the_run_that_a_cell_shows_is_in_place() -> None:
    store = Store(1000)
    one, two = run("one"), run("two")
    store.add(CELL, one)
    store.add(CELL, two)
    assert store.in_place(CELL.id) is two
    assert store.likely(CELL) is two
    store.put_in_place(CELL, one)
    assert store.in_place(CELL.id) is one
    assert store.likely(Cell(CELL.id, "edited")) is None
    assert store.likely(OTHER) is None
    store.discard(one)
    assert store.in_place(CELL.id) is one
    assert store.likely(CELL) is None


def test_cells_that_left_show_nothing_but_keep_their_runs() -> None:
    store = Store(1000)
    store.add(CELL, run())
    store.forget_places(frozenset())
    assert store.in_place(CELL.id) is None
    assert len(found(store, "v")) == 1


def test_a_discarded_run_is_gone_and_may_be_discarded_again() -> None:
    store = Store(1000)
    one, two = run(), run()
    other = run(reads=ReadSet((), (), frozenset(), False))
    for item in (one, two, other):
        store.add(CELL, item)
    for item in (one, one, two):
        store.discard(item)
    assert found(store, "v") == [other]
    store.discard(other)
    assert len(store) == 0
    assert store.nbytes == 0


def test_the_oldest_run_makes_room() -> None:
    store = Store(25)
    runs = [run(str(index)) for index in range(3)]
    for item in runs:
        store.add(CELL, item)
    assert found(store, "0") == []
    assert found(store, "2") == [runs[2]]
    assert store.nbytes == 20


def test_few_equal_runs_are_kept_and_none_whose_objects_were_changed() -> None:
    store = Store(10_000)
    runs = [run() for _ in range(12)]
    for item in runs[:-1]:
        store.add(CELL, item)
    kept = found(store, "v")
    assert kept[0] is runs[10]
    assert len(kept) < 8
    for item in kept[1:]:
        for left in item.after.values():
            assert left is not None
            left.intact = False
    store.add(CELL, runs[-1])
    assert found(store, "v") == [runs[11], runs[10]]


def test_a_run_that_is_forgotten_can_still_be_shown() -> None:
    store = Store(1000)
    gone = run()
    store.put_in_place(CELL, gone)
    assert store.in_place(CELL.id) is gone
    assert len(store) == 0


def test_a_used_run_is_not_the_oldest() -> None:
    store = Store(25)
    runs = [run(str(index)) for index in range(3)]
    store.add(CELL, runs[0])
    store.add(CELL, runs[1])
    store.put_in_place(CELL, runs[0])
    store.add(CELL, runs[2])
    assert found(store, "0") == [runs[0]]
    assert found(store, "1") == []


def test_runs_in_place_are_kept_whatever_they_weigh() -> None:
    store = Store(0)
    one, two = run("one"), run("two")
    store.add(CELL, one)
    store.add(OTHER, two)
    assert len(store) == 2
    store.add(CELL, run("three"))
    assert found(store, "one") == []


def test_a_value_that_several_runs_hold_weighs_once() -> None:
    store = Store(10_000)
    big = Binding(1, Digest("v"), nbytes=1000)
    one, two = run("one", left=big), run("two", left=big)
    store.add(CELL, one)
    store.add(OTHER, two)
    assert store.nbytes == 1020
    store.discard(one)
    assert store.nbytes == 1010
    store.discard(two)
    assert store.nbytes == 0


def test_what_a_run_reads_weighs_too() -> None:
    store = Store(10_000)
    big = Binding([1], Digest("v"), (1,), nbytes=1000)
    reader = Memo("y = x", READS_X, (Digest("v"),), {"x": big}, {"y": None}, {}, frozenset(), {}, Executed(), 10)
    store.add(CELL, reader)
    assert store.nbytes == 1010
    store.discard(reader)
    assert store.nbytes == 0


def test_a_change_in_place_is_noted_in_every_older_run() -> None:
    store = Store(1000)
    old, new, apart = Binding(1, Digest("v"), (1, 2)), Binding(1, Digest("w"), (1, 2)), Binding(1, Digest("v"), (3,))
    for index, left in enumerate((old, new, apart)):
        store.add(CELL, run(str(index), left=left))
    store.changed_in_place(frozenset({2}), frozenset({new}))
    assert [item.intact for item in (old, new, apart)] == [False, True, True]


def test_a_pasted_cell_adopts_the_runs_of_a_cell_that_is_gone() -> None:
    store = Store(1000)
    one = run()
    store.add(CELL, one)
    store.adopt(OTHER, frozenset({OTHER.id}))
    assert found(store, "v", OTHER) == [one]
    assert found(store, "v", CELL) == []
    assert store.in_place(OTHER.id) is None


def test_a_pasted_cell_leaves_the_runs_of_a_living_cell_alone() -> None:
    store = Store(1000)
    store.add(CELL, run())
    store.adopt(OTHER, frozenset({CELL.id, OTHER.id}))
    assert found(store, "v", OTHER) == []


def test_a_cell_with_runs_of_its_own_adopts_none() -> None:
    store = Store(1000)
    one, two = run(), run()
    store.add(CELL, one)
    store.add(OTHER, two)
    store.adopt(OTHER, frozenset({OTHER.id}))
    assert found(store, "v", OTHER) == [two]
    assert found(store, "v", CELL) == [one]


def test_runs_with_effects_stay_with_their_cell() -> None:
    store = Store(1000)
    plain, effective = run("plain"), run("effective", effects=True)
    store.add(CELL, plain)
    store.add(CELL, effective)
    store.adopt(OTHER, frozenset({OTHER.id}))
    assert found(store, "plain", OTHER) == [plain]
    assert found(store, "effective", OTHER) == []


def test_a_cleared_store_is_empty() -> None:
    store = Store(1000)
    store.add(CELL, run())
    store.clear()
    assert len(store) == 0
    assert store.nbytes == 0
    assert store.in_place(CELL.id) is None


def test_outputs_weigh_about_their_text() -> None:
    assert output_bytes([]) == 0
    assert 1000 <= output_bytes([{"text": "x" * 1000}]) < 1100
    assert output_bytes([{"data": object()}]) > 0
