"""What a kernel says of widgets before its page has the states of all: kept back, or said after them again."""

from __future__ import annotations

from typing import Any

import pytest

from nbapp.serve import untold as module
from nbapp.serve.untold import Said, Untold

ASKS: dict[str, Any] = {"msg_type": "comm_msg", "msg_id": "q", "content": {"data": {"method": "request_states"}}}


def opens(name: str, target: str = "jupyter.widget", size: int = 1) -> Said:
    return Said("comm_open", "", {"comm_id": name, "target_name": target}, [b"x" * size], "iopub")


def says(name: str, method: str = "update", parent: str = "") -> Said:
    return Said("comm_msg", parent, {"comm_id": name, "data": {"method": method}}, [b"x"], "iopub")


def closes(name: str) -> Said:
    return Said("comm_close", "", {"comm_id": name}, [b"x"], "iopub")


def answers(*names: str, parent: str = "q") -> Said:
    content = {"comm_id": "control", "data": {"method": "update_states", "states": {name: {} for name in names}}}
    return Said("comm_msg", parent, content, [b"x"], "iopub")


def asked() -> Untold:
    """A page that has asked."""
    untold = Untold()
    untold.asks(ASKS)
    return untold


def test_a_widget_that_is_made_before_the_answer_is_kept_and_what_it_says_too() -> None:
    untold = Untold()
    assert untold.now(opens("a")) == []
    untold.asks(ASKS)
    assert untold.now(says("a")) == []
    assert untold.now(opens("b")) == []
    assert untold.now(closes("b")) == []
    assert untold.waits
    untold.begins("q")
    assert untold.now(answers("a")) == [answers("a")]
    assert not untold.waits


def test_widgets_of_before_and_what_is_no_widget_are_passed_on() -> None:
    untold = Untold()
    for said in (says("before"), closes("before"), opens("other", "somebody's"), says("other", "custom")):
        assert untold.now(said) == [said]


def test_the_answer_to_an_older_question_is_not_what_the_page_waits_for() -> None:
    untold = asked()
    untold.begins("q")
    untold.now(says("before"))
    untold.asks({**ASKS, "msg_id": "newer"})
    assert untold.now(answers()) == [answers()]
    assert untold.now(opens("between")) == []
    untold.begins("newer")
    newer = answers("between", "before", parent="newer")
    assert untold.now(newer) == [newer]  # it has what was said before it was begun
    assert not untold.waits


def test_other_messages_of_a_page_ask_for_nothing() -> None:
    untold = Untold()
    untold.asks({"msg_type": "comm_msg", "msg_id": "q", "content": {"data": {"method": "update"}}})
    untold.asks({"msg_type": "comm_msg", "msg_id": "q", "content": {"data": None}})
    untold.asks({"msg_type": "kernel_info_request", "msg_id": "q", "content": {}})
    assert untold.now(answers()) == [answers()]
    assert untold.waits


def test_what_a_thread_says_in_the_name_of_the_question_is_no_answer() -> None:
    untold = asked()
    untold.begins("q")
    untold.now(says("a", parent="q"))
    assert untold.waits


def test_what_the_answer_may_lack_is_said_after_it_in_order() -> None:
    untold = asked()
    untold.now(says("old"))
    untold.begins("q")
    late = [opens("new"), says("old"), says("new"), says("new", "custom"), closes("old")]
    assert [untold.now(said) for said in late] == [[], [says("old")], [], [], [closes("old")]]
    untold.now(says("old", "custom"))  # it was told: it is not told twice
    assert untold.now(answers("old")) == [answers("old"), *late]


def test_what_the_answer_has_is_not_opened_again_and_what_it_has_not_is_not_closed() -> None:
    untold = asked()
    untold.begins("q")
    for said in (opens("a"), says("a"), opens("b"), closes("b"), closes("gone")):
        untold.now(said)
    assert untold.now(answers("a")) == [answers("a"), says("a")]


def test_a_widget_that_its_thread_was_just_opening_is_opened_after_the_answer() -> None:
    untold = asked()
    untold.now(opens("a"))
    untold.now(opens("b"))
    untold.begins("q")
    assert untold.now(answers("a")) == [answers("a"), opens("b")]


def test_what_is_kept_of_many_widgets_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OPENS_KEPT", 10)
    untold = asked()
    for name in "abcde":
        untold.now(opens(name, size=4))
    untold.begins("q")
    assert untold.now(answers()) == [answers(), opens("d", size=4), opens("e", size=4)]
