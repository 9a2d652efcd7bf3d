"""What is kept when there is not room for all: what saves most seconds for its bytes."""

from __future__ import annotations

import gc
import weakref

import pytest

from nbapp.core.memos.memo import Binding, Executed, Memo, ReadSet
from nbapp.core.memos.store import Store
from nbapp.core.memos.worth import Worth
from nbapp.core.notebook import Cell, CellId
from nbapp.values.digest import Digest
from tests.core.clean import differences
from tests.core.host import Double, cells

MB = 2**20
SECOND = 1.005  # what a memo of one second saves: with what a cell takes beside its code
MAKER, READER = Cell(CellId("maker"), "m = d[d > n]"), Cell(CellId("reader"), "print(m.sum())")
READS = ReadSet(("n",), (), frozenset(), False)


def value(nbytes: int) -> Binding:
    return Binding([], Digest("v"), (1,), nbytes=nbytes)


def memo(
    version: str, seconds: float, nbytes: int = 10, left: Binding | None = None, held: Binding | None = None
) -> Memo:
    reads, after = {"m": held} if held else {}, {"m": left} if left else {}
    versions = (Digest(version),)
    return Memo(MAKER.source, READS, versions, reads, after, {}, frozenset(), {}, Executed(), nbytes, seconds=seconds)


def kept(store: Store, cell: Cell, *memos: Memo) -> list[bool]:
    def found(memo: Memo) -> bool:
        return memo in list(store.matching(cell, lambda reads: memo.versions))

    return list(map(found, memos))


def test_what_took_long_to_make_is_kept_before_what_is_newer() -> None:
    store = Store(25)
    slow, quick, last = memo("0", 9.0), memo("1", 0.1), memo("2", 0.1)
    for each in (slow, quick, last):
        store.add(MAKER, each)
    assert kept(store, MAKER, slow, quick, last) == [True, False, True]


def test_of_what_took_as_long_the_larger_one_makes_room() -> None:
    store = Store(100)
    large, small, last = memo("0", 1.0, 80), memo("1", 1.0, 20), memo("2", 1.0, 20)
    for each in (large, small, last):
        store.add(MAKER, each)
    assert kept(store, MAKER, large, small, last) == [False, True, True]


def test_what_nobody_goes_back_to_grows_old() -> None:
    store = Store(25)
    slow = memo("slow", 5.0)
    store.add(MAKER, slow)
    for number in range(20):
        store.add(MAKER, memo(str(number), 1.0))
    assert kept(store, MAKER, slow) == [False]


def test_which_memo_goes_is_found_without_weighing_all(monkeypatch: pytest.MonkeyPatch) -> None:
    weighed, saves = [0], Worth.saves

    def counted(self: Worth, memo: Memo) -> float:
        weighed[0] += 1
        return saves(self, memo)

    monkeypatch.setattr(Worth, "saves", counted)
    store = Store(6_400)
    for number in range(3_000):
        store.add(MAKER, memo(str(number), 1.0))
    assert 600 < len(store) <= 640
    assert weighed[0] < 4 * 3_000


def test_no_large_memo_that_saves_much_goes_before_small_ones() -> None:
    store = Store(1_000)
    first, large = memo("0", 1.0, 5), memo("1", 1000.0, 900)
    for each in (first, large, *(memo(str(number), 10.0, 5) for number in range(2, 22))):
        store.add(MAKER, each)
    assert kept(store, MAKER, first, large) == [False, True]


def test_memos_of_one_value_count_for_their_parts_of_it_while_no_cell_shows_it() -> None:
    worth, large = Worth(), value(90 * MB)
    maker, reader = memo("0", 1.0, left=large), memo("1", 1.0, held=large)
    worth.keep(maker)
    assert (worth.nbytes, worth.saves(maker)) == (90 * MB + 10, SECOND / (90 * MB + 10))
    worth.keep(reader)
    assert (worth.nbytes, worth.saves(maker)) == (90 * MB + 20, SECOND / (45 * MB + 10))
    worth.show(reader)
    assert worth.saves(maker) == SECOND / 10
    worth.hide(reader)
    worth.forget(maker)
    assert (worth.nbytes, worth.saves(reader)) == (90 * MB + 10, SECOND / (90 * MB + 10))
    worth.forget(reader)
    assert (worth.nbytes, worth.kept) == (0, {})


def test_a_value_that_a_memo_holds_twice_counts_once() -> None:
    worth, large = Worth(), value(90)
    worth.keep(memo("0", 1.0, left=large, held=large))
    assert worth.nbytes == 100


def test_a_large_result_that_is_made_at_once_is_not_kept_once_no_cell_shows_it() -> None:
    store = Store(10**10)
    first, second = memo("0", 0.02, left=value(90 * MB)), memo("1", 0.02, left=value(90 * MB))
    store.add(MAKER, first)
    store.begin((MAKER,))
    store.add(MAKER, second)
    store.begin((MAKER,))
    assert kept(store, MAKER, first, second) == [False, True]
    assert store.nbytes == 90 * MB + 10


@pytest.mark.parametrize(("seconds", "are_kept"), [(0.01, False), (5.0, True)])
def test_all_that_was_made_of_it_counts(seconds: float, are_kept: bool) -> None:
    store, large = Store(10**10), value(90 * MB)
    maker, reader = memo("0", 0.02, left=large), memo("0", seconds, held=large)
    store.add(MAKER, maker)
    store.add(READER, reader)
    store.begin((MAKER, READER))
    store.add(MAKER, memo("1", 0.02, left=value(90 * MB)))
    store.add(READER, memo("1", seconds))
    store.begin((MAKER, READER))
    assert kept(store, MAKER, maker) == kept(store, READER, reader) == [are_kept]


def test_what_is_shown_again_and_again_leaves_nothing_behind() -> None:
    store = Store(10**6)
    one, two = memo("0", 1.0), memo("1", 1.0)
    store.add(MAKER, one)
    store.add(MAKER, two)
    for _ in range(2000):
        for each in (one, two):
            store.begin((MAKER,))
            store.put_in_place(MAKER, each)
    assert len(store._waiting._queue) < 200


def test_nothing_holds_what_was_not_kept() -> None:
    store = Store(10**10)
    held = {1}
    gone = weakref.ref(held)
    store.add(MAKER, memo("0", 0.02, left=Binding(held, Digest("v"), (1,), nbytes=90 * MB)))
    store.add(MAKER, memo("1", 0.02, left=value(90 * MB)))
    del held
    store.begin((MAKER,))
    gc.collect()
    assert gone() is None


def test_a_result_that_comes_back_before_the_next_walk_is_kept() -> None:
    store = Store(10**10)
    first, second = memo("0", 0.02, left=value(90 * MB)), memo("1", 0.02, left=value(90 * MB))
    store.add(MAKER, first)
    store.add(MAKER, second)
    store.put_in_place(MAKER, first)
    store.begin((MAKER,))
    assert kept(store, MAKER, first, second) == [True, False]


def test_what_was_not_kept_is_made_again_and_what_is_made_of_it_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbapp.core.memos.worth._LARGE", 10_000)
    monkeypatch.setattr("nbapp.core.memos.worth._AT_ONCE", 1.0)
    made = Double(cells("d = list(range(30_000))", "m = d[read('n'):]", "few = m[:3]", "print(few)"), {"n": 0})
    made.rerun()
    assert made.set(n=5) == ["c1", "c2", "c3"]
    assert made.set(n=5) == []
    assert made.set(n=0) == ["c1", "c2"]
    assert "[0, 1, 2]" in made.printed[-1]
    assert differences(made) == []
