"""The bindings of a clean run at one point of the walk, and the way back."""

from __future__ import annotations

import itertools

from nbapp.core.memos.env import BASELINE, Env, Left, pattern
from nbapp.core.memos.memo import UNBOUND, Binding
from nbapp.core.memos.objects import Meetings, Union
from nbapp.values.digest import Digest
from nbapp.values.names import Names


def binding(version: str = "v", *reach: int, names: Names | None = None) -> Binding:
    return Binding(version, Digest(version), reach, names or Names())


def test_being_unbound_is_a_version() -> None:
    env = Env()
    assert env.version("x") == UNBOUND
    env.bind("x", binding("one"), 0)
    assert env.version("x") == "one"
    env.bind("x", None, 1)
    assert env.version("x") == UNBOUND
    env.bind("x", None, 1)
    assert env.version("x") == UNBOUND


def test_it_tells_which_cell_bound_a_name() -> None:
    env = Env()
    env.bind("x", binding(), BASELINE)
    env.bind("x", binding(), 3)
    assert env.source == {"x": 3}
    env.bind("x", None, 4)
    assert env.source == {}


def test_going_back_undoes_a_cell_and_all_below_it() -> None:
    env = Env()
    first, second, third = binding("a", 1), binding("b"), binding("c", 2)
    env.mark(0)
    env.bind("x", first, 0)
    env.mark(1)
    env.bind("x", second, 1)
    env.bind("y", third, 1)
    env.mark(2)
    env.bind("x", None, 2)
    env.go_back(1)
    assert env.bindings == {"x": first}
    assert env.source == {"x": 0}
    assert env.sharing(frozenset({1, 2})) == {"x": first}
    env.mark(1)
    env.bind("x", third, 1)
    env.go_back(0)
    assert env.bindings == {}


def test_a_cell_that_is_marked_again_forgets_the_marks_below() -> None:
    env = Env()
    env.mark(0)
    env.bind("x", binding("a"), 0)
    env.mark(1)
    env.mark(0)
    env.bind("x", binding("b"), 0)
    env.go_back(0)
    assert env.version("x") == "a"


def test_names_share_when_they_reach_one_object() -> None:
    env = Env()
    one, two, three = binding("a", 1, 2), binding("b", 2), binding("c", 3)
    for name, item in (("x", one), ("y", two), ("z", three), ("k", binding("d"))):
        env.bind(name, item, 0)
    assert env.sharing(frozenset({2})) == {"x": one, "y": two}
    assert env.sharing(frozenset()) == {}
    assert env.sharing(frozenset({9})) == {}


def test_large_and_small_values_share_alike() -> None:
    env = Env()
    sets = {
        f"x{index}": range(index * 700, index * 700 + size) for index, size in enumerate((800, 1500, 3, 999, 1, 1200))
    }
    for name, reach in sets.items():
        env.bind(name, binding(name, *reach), 0)
    for parts in itertools.combinations(sets.values(), 2):
        reached = Union.of(map(frozenset, parts))
        assert env.sharing(reached).keys() == {
            name for name, reach in sets.items() if {*parts[0], *parts[1]} & {*reach}
        }


def test_names_are_connected_through_others() -> None:
    env = Env()
    for index in range(5):
        env.bind(f"x{index}", binding(str(index), index, index + 1), 0)
    env.bind("alone", binding("z", 99), 0)
    assert set(env.connected(["x0"])) == {f"x{index}" for index in range(5)}
    assert set(env.connected(["alone"])) == {"alone"}
    assert env.connected(["missing"]) == {}


def test_a_name_that_becomes_immutable_shares_nothing() -> None:
    env = Env()
    env.bind("x", binding("a", 1), 0)
    env.bind("x", binding("b"), 1)
    assert env.sharing(frozenset({1})) == {}


def test_names_are_followed_through_the_functions_they_call() -> None:
    env = Env()
    env.bind("f", binding("f", 1, names=Names(refs=frozenset({"g", "absent"}))), 0)
    env.bind("g", binding("g", 2, names=Names(refs=frozenset({"f", "x"}), defs=frozenset({"count"}))), 0)
    env.bind("count", binding("count", 3, names=Names(words=frozenset({"w"}))), 0)
    found = env.follow(Names(refs=frozenset({"f"})))
    assert found.refs == {"f", "g", "absent", "x"}
    assert found.defs == {"count"}
    assert found.words == {"w"}
    assert not found.everything


def test_code_that_reads_everything_infects_its_callers() -> None:
    env = Env()
    env.bind("f", binding("f", 1, names=Names(everything=True)), 0)
    assert env.follow(Names(refs=frozenset({"f"}))).everything


def test_patterns_are_equal_when_objects_are_shared_alike() -> None:
    one = {"a": binding("v", 10, 11), "b": binding("v", 11)}
    alike = {"b": binding("v", 21), "a": binding("v", 20, 21)}
    other = {"a": binding("v", 30, 31), "b": binding("v", 32)}
    assert pattern(one) == pattern(alike)
    assert pattern(one) != pattern(other)


def test_to_leap_is_to_bind_one_cell_after_the_other_and_can_be_undone_to_before_each() -> None:
    above = {"a": binding("a", 1), "b": binding("b"), "c": binding("c", 3)}
    cells: list[dict[str, Binding | None]] = [
        {"x": binding("x", 4), "b": binding("b2", 2)},
        {},
        {"x": None, "a": binding("a2")},
        {"x": binding("x2"), "c": None, "y": binding("y")},
        {"a": binding("a3"), "y": binding("y2")},
    ]
    meetings = Meetings()
    one_by_one, at_once, left = Env(meetings=meetings), Env(meetings=meetings), Left(1)
    for env in (one_by_one, at_once):
        env.mark(0)
        for name, was in above.items():
            env.bind(name, was, 0)
    for index, after in enumerate(cells, 1):
        one_by_one.mark(index)
        for name, each in after.items():
            one_by_one.bind(name, each, index)
        left.add(after)
    at_once.leap(left)
    assert at_once == one_by_one
    for index in range(len(cells), 0, -1):
        one_by_one.go_back(index)
        at_once.go_back(index)
        assert at_once == one_by_one
    assert at_once.bindings == above
