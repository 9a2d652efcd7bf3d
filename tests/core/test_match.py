"""Whether an earlier run is what a clean run would do here: equal versions, and links that hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nbapp.core.match import applicable, versions_now
from nbapp.core.memos.env import Env
from nbapp.core.memos.memo import UNBOUND, Binding, Executed, Memo, ReadSet
from nbapp.core.memos.store import Store
from nbapp.core.notebook import Cell, CellId
from nbapp.values.digest import Digest

CELL = Cell(CellId("one"), "b = [a]")


def binding(version: str, *reach: int) -> Binding:
    return Binding(version, Digest(version), reach)


def env(**bindings: Binding) -> Env:
    found = Env()
    for index, (name, item) in enumerate(bindings.items()):
        found.bind(name, item, index)
    return found


def recorded(
    before: Env, read: str, after: Mapping[str, Binding | None], *, links: str = "", zone: frozenset[int] = frozenset()
) -> Memo:
    """The run of a cell that read these names in this Env and left this."""
    names = tuple(read.split())
    held = {name: before.bindings[name] for name in names if before.bindings[name].reach}
    linked = {name: before.bindings[name] for name in links.split()}
    versions = tuple(map(before.version, names))
    reads = ReadSet(names, (), frozenset(), False)
    return Memo(CELL.source, reads, versions, held, after, linked, zone, before.connected(linked), Executed())


def found(
    run: Memo, here: Env, *, held: frozenset[int] = frozenset(), borrowed: Collection[str] = (), shown: bool = False
) -> Mapping[str, Binding | None] | None:
    """What the run would leave in this Env; None when it is not what a clean run would do."""
    store = Store(10_000)
    store.add(CELL, run)
    if not shown:
        store.forget_places(frozenset())
    match = applicable(CELL, here, store, lambda component: UNBOUND, lambda: held, borrowed=borrowed)
    return None if match is None else match[1]


def test_equal_versions_are_enough_for_a_run_without_links() -> None:
    after = {"b": binding("b")}
    run = recorded(env(a=binding("v")), "a", after)
    assert found(run, env(a=binding("v"))) is after
    assert found(run, env(a=binding("v")), shown=True) is after
    assert found(run, env(a=binding("w"))) is None
    assert found(run, env(a=binding("w")), shown=True) is None
    assert found(run, env()) is None


def test_links_hold_when_they_lead_to_the_same_bindings() -> None:
    here = env(a=binding("v", 1))
    after = {"b": binding("b", 2, 1)}
    run = recorded(here, "a", after, links="a", zone=frozenset({1}))
    assert found(run, here) is after


def test_links_do_not_hold_when_another_name_shares_the_object_now() -> None:
    one = binding("v", 1)
    run = recorded(env(a=one), "a", {"b": binding("b", 2, 1)}, links="a", zone=frozenset({1}))
    assert found(run, env(a=one, z=binding("z", 1))) is None


def test_an_equal_object_made_again_takes_the_whole_connected_part_back() -> None:
    old, left = binding("v", 1), binding("b", 2, 1)
    run = recorded(env(a=old), "a", {"b": left}, links="a", zone=frozenset({1}))
    assert found(run, env(a=binding("v", 7))) == {"a": old, "b": left}


def test_an_object_that_a_callback_holds_is_not_replaced_by_an_equal_one() -> None:
    run = recorded(env(a=binding("v", 1)), "a", {"b": binding("b", 2, 1)}, links="a", zone=frozenset({1}))
    assert found(run, env(a=binding("v", 7)), held=frozenset({8})) is not None
    assert found(run, env(a=binding("v", 7)), held=frozenset({7})) is None


def test_a_connected_name_with_another_version_breaks_the_links() -> None:
    old = env(a=binding("v", 1), c=binding("c", 3, 1))
    run = recorded(old, "a", {"b": binding("b", 2, 1)}, links="a c", zone=frozenset({1}))
    assert found(run, env(a=binding("v", 7), c=binding("other", 8, 7))) is None
    assert found(run, env(a=binding("v", 7), c=binding("c", 8, 7))) is not None


def test_a_connected_name_that_is_not_there_breaks_the_links() -> None:
    old = env(a=binding("v", 1), c=binding("c", 3, 1))
    run = recorded(old, "a", {"b": binding("b", 2, 1)}, links="a c", zone=frozenset({1}))
    assert found(run, env(a=binding("v", 7), c=binding("c", 8))) is None


def test_objects_that_were_changed_since_cannot_come_back() -> None:
    old, left = binding("v", 1), binding("b", 2, 1)
    run = recorded(env(a=old), "a", {"b": left}, links="a", zone=frozenset({1}))
    old.intact = False
    assert found(run, env(a=binding("v", 7))) is None
    old.intact, left.intact = True, False
    assert found(run, env(a=binding("v", 7))) is None


def test_another_sharing_breaks_the_links() -> None:
    old = env(a=binding("v", 1, 2), c=binding("c", 3, 1))
    run = recorded(old, "a", {"b": binding("b", 4, 1)}, links="a c", zone=frozenset({1}))
    assert found(run, env(a=binding("v", 7, 8), c=binding("c", 9, 8))) is None
    assert found(run, env(a=binding("v", 7, 8), c=binding("c", 9, 7))) is not None


def test_a_connected_part_stays_away_when_another_name_holds_its_objects() -> None:
    old = binding("v", 1)
    run = recorded(env(a=old), "a", {"b": binding("b", 2, 1)}, links="a", zone=frozenset({1}))
    assert found(run, env(a=binding("v", 7), z=binding("z", 9, 1))) is None


def test_what_a_run_made_is_not_there_before_it_when_bindings_are_borrowed() -> None:
    after = {"b": binding("b", 2)}
    run = recorded(env(a=binding("v")), "a", after)
    here = env(a=binding("v"), z=binding("z", 9, 2))
    assert found(run, here) is after
    assert found(run, here, borrowed={"z"}) is None
    assert found(run, here, borrowed={"a"}) is after
    assert found(run, env(a=binding("v")), borrowed={"a", "z"}) is after


def test_names_that_were_one_object_must_be_one_object_again() -> None:
    one = binding("v", 1)
    run = recorded(env(a=one, c=one), "a c", {"b": binding("b")})
    other = binding("v", 5)
    assert found(run, env(a=other, c=other)) is not None
    assert found(run, env(a=other, c=binding("v", 6))) is None
    assert found(run, env(a=one, c=one)) is not None


def test_a_run_whose_objects_are_in_place_is_preferred() -> None:
    store = Store(10_000)
    here = env(a=binding("v"))
    newer, older = recorded(here, "a", {"b": binding("b")}), recorded(here, "a", {"b": binding("b")})
    store.add(CELL, older)
    store.add(CELL, newer)
    for left in newer.after.values():
        assert left is not None
        left.intact = False
    match = applicable(CELL, here, store, lambda component: UNBOUND, frozenset, borrowed=())
    assert match is not None
    assert match[0] is older
    store.discard(older)
    match = applicable(CELL, here, store, lambda component: UNBOUND, frozenset, borrowed=())
    assert match is not None
    assert match[0] is newer


def test_the_versions_of_a_read_set_come_from_the_env_and_the_host() -> None:
    here = env(a=binding("v"), c=binding("w"))
    reads = ReadSet(("a", "gone"), ("trait:1.value",), frozenset({"x"}), False)
    assert versions_now(reads, here, lambda component: Digest(component)) == ("v", UNBOUND, "trait:1.value")
    assert versions_now(ReadSet((), (), frozenset({"c"}), False), here, lambda component: UNBOUND) is None
    assert versions_now(ReadSet(("a",), (), frozenset(), True), here, lambda component: UNBOUND) is None
    assert versions_now(ReadSet(("a", "c"), (), frozenset(), True), here, lambda component: UNBOUND) == ("v", "w")
