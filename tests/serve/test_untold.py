"""What a kernel says of widgets before its page has the states of all: kept back, and nothing else."""

from __future__ import annotations

from typing import Any

from nbapp.serve.untold import Untold

ASKS: dict[str, Any] = {"msg_type": "comm_msg", "msg_id": "q", "content": {"data": {"method": "request_states"}}}


def opens(name: str, target: str = "jupyter.widget") -> tuple[str, dict[str, Any], dict[str, Any]]:
    return "comm_open", {}, {"comm_id": name, "target_name": target}


def says(name: str, parent: str = "", kind: str = "comm_msg") -> tuple[str, dict[str, Any], dict[str, Any]]:
    return kind, {"msg_id": parent}, {"comm_id": name}


def test_a_widget_that_is_made_before_the_answer_is_kept_and_what_it_says_too() -> None:
    untold = Untold()
    assert untold.keeps(*opens("a"))
    untold.asks(ASKS)
    assert untold.keeps(*says("a"))
    assert untold.keeps(*opens("b"))
    assert untold.keeps(*says("b", kind="comm_close"))
    assert untold.waits
    assert not untold.keeps(*says("question", parent="q"))
    assert not untold.waits


def test_widgets_of_before_and_what_is_no_widget_are_passed_on() -> None:
    untold = Untold()
    assert not untold.keeps(*says("before"))
    assert not untold.keeps(*says("before", kind="comm_close"))
    assert not untold.keeps(*opens("other", "nbapp-record"))
    assert not untold.keeps("status", {"msg_id": "q"}, {"execution_state": "idle"})


def test_the_answer_to_an_older_question_is_not_what_the_page_waits_for() -> None:
    untold = Untold()
    untold.asks(ASKS)
    untold.asks({**ASKS, "msg_id": "newer"})
    assert not untold.keeps(*says("question", parent="q"))
    assert untold.keeps(*opens("between"))
    assert not untold.keeps(*says("another", parent="newer"))
    assert not untold.waits


def test_other_messages_of_a_page_ask_for_nothing() -> None:
    untold = Untold()
    untold.asks({"msg_type": "comm_msg", "msg_id": "q", "content": {"data": {"method": "update"}}})
    untold.asks({"msg_type": "comm_msg", "msg_id": "q", "content": {"data": None}})
    untold.asks({"msg_type": "kernel_info_request", "msg_id": "q", "content": {}})
    assert not untold.keeps(*says("x", parent="q"))
    assert untold.waits
