"""Why a cell ran, in words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from nbapp.core.memos.env import BASELINE, Env
from nbapp.core.memos.kinds import in_words
from nbapp.core.memos.memo import Binding, Executed, Memo, ReadSet
from nbapp.core.reasons import Cause, because, chain, remade
from nbapp.values.digest import Digest


def before(names: str = "x", components: tuple[str, ...] = (), absent: str = "") -> Memo:
    reads = ReadSet(tuple(names.split()), components, frozenset(absent.split()), False)
    answer = (Digest("old"),) * (len(reads.names) + len(components))
    return Memo("source", reads, answer, {}, {}, {}, frozenset(), {}, Executed())


def env(source: int = 1, **versions: str) -> Env:
    found = Env()
    for name, version in versions.items():
        found.bind(name, Binding(1, Digest(version)), source)
    return found


@pytest.mark.parametrize(
    ("run", "source", "now", "where", "words"),
    [
        (None, "source", {}, env(), "first run"),
        (before(), "other", {}, env(), "its source was edited"),
        (before(), "source", {"x": "new"}, env(x="new"), "`x` changed (cell 2)"),
        (before(), "source", {"x": "new"}, env(BASELINE, x="new"), "`x` changed"),
        (before(), "source", {}, env(), "`x` is no longer bound above"),
        (before("x y"), "source", {"x": "old", "y": "new"}, env(x="old", y="new"), "`y` changed (cell 2)"),
        (before("", absent="z a"), "source", {}, env(z="v"), "`z` is now bound above (cell 2)"),
        (before("", ("trait:5.value",)), "source", {}, env(), "a widget's `value` changed"),
        (before("", ("callbacks:5",)), "source", {}, env(), "a widget's callbacks changed"),
        (before(), "source", {"x": "old"}, env(x="old"), "the objects it shares with the cells above were made again"),
    ],
)
def test_the_first_change_found_is_the_reason(
    run: Memo | None, source: str, now: Mapping[str, Digest], where: Env, words: str
) -> None:
    assert because(run, source, now, where, lambda component: Digest("new")).words == words


def test_a_name_that_stands_in_a_text_only_is_said_to_be_in_one() -> None:
    cause = because(
        before(), "source", {"x": Digest("new")}, env(x="new"), lambda component: Digest("old"), texts={"x"}
    )
    assert cause.words == "`x` changed (cell 2), and a text here names it"


def test_a_component_that_is_the_same_is_no_reason() -> None:
    found = because(before("", ("trait:5.value",)), "source", {}, env(), lambda component: Digest("old"))
    assert found.words == "the objects it shares with the cells above were made again"


def test_a_change_leads_back_to_what_the_user_did() -> None:
    earlier = {2: Cause("`s.value` changed from 1 to 2"), 3: Cause("`a` changed (cell 3)", 2)}
    words = "`b` changed (cell 4), because `a` changed (cell 3), because `s.value` changed from 1 to 2"
    assert chain(Cause("`b` changed (cell 4)", 3), earlier) == words
    assert chain(Cause("`b` changed (cell 9)", 8), earlier) == "`b` changed (cell 9)"


def test_the_host_knows_more_of_a_component() -> None:
    run = before("", ("trait:5.value",))
    found = because(run, "source", {}, env(), lambda component: Digest("new"), lambda component: f"{component} moved")
    assert found.words == "trait:5.value moved"


def test_what_is_no_global_has_words_of_its_own() -> None:
    run = before("file:/data/a.csv process: rng:numpy")
    bound = Env()
    for name in run.reads.names:
        bound.bind(name, Binding(1, Digest("old")), 1)
    found = because(run, "source", {"file:/data/a.csv": Digest("new")}, bound, lambda component: Digest("new"))
    assert found.words == "the file `a.csv` changed (cell 2)"


def test_an_object_made_again_says_which() -> None:
    words = "`df` is needed as this cell left it, and a later cell changed it in place"
    assert remade("df", 10**6) == words
    assert remade("df", 5 * 2**30) == f"{words}: 5.4 GB, not copied"


def test_components_in_words() -> None:
    assert in_words("trait:abc.value") == "a widget's `value`"
    assert in_words("choice:abc.value") == "the `value` chosen in a widget of this cell"
    assert in_words("file:/home/me/data.csv") == "the file `data.csv`"
