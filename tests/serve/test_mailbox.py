"""While an update of a widget is under way, only the newest of those that follow reaches the kernel."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable
from typing import Any

import pytest

from nbapp.serve.kernels import mailbox
from nbapp.serve.kernels.mailbox import LATEST, Mailbox


class Kernel:
    """Counts the messages that reach it and answers when it is told to."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.answered_for: list[str] = []
        self.now = 0.0
        self.box = Mailbox(self.got.append, lambda header: self.answered_for.append(header["msg_id"]), lambda: self.now)
        self.next: Awaitable[object] | None = None  # what the next message waits for
        self._number = 0

    def send(self, widget: str, method: str = "update", **state: Any) -> str:
        self._number += 1
        msg_id = f"m{self._number}"
        data = {"method": method, "state": state, "buffer_paths": []}
        return self.put("comm_msg", {"comm_id": widget, "data": data}, msg_id)

    def put(self, kind: str, content: dict[str, Any], msg_id: str = "m") -> str:
        message = {"msg_type": kind, "msg_id": msg_id, "header": {"msg_id": msg_id}, "content": content, "buffers": []}
        self.next = self.box.put(message)
        return msg_id

    def states(self) -> list[tuple[str, Any]]:
        return [(message["content"]["comm_id"], message["content"]["data"]["state"]) for message in self.got]


def test_of_a_drag_the_first_and_the_newest_value_reach_a_kernel_that_is_behind() -> None:
    kernel = Kernel()
    sent = [kernel.send("slider", value=number) for number in range(100)]
    assert kernel.states() == [("slider", {"value": 0})]
    assert kernel.answered_for == sent[1:-1]
    kernel.box.answered(sent[0])
    assert kernel.states() == [("slider", {"value": 0}), ("slider", {"value": 99})]
    kernel.box.answered(sent[-1])
    kernel.send("slider", value=100)
    assert len(kernel.got) == 3


def test_each_trait_keeps_its_newest_value() -> None:
    kernel = Kernel()
    first = kernel.send("select", index=0)
    kernel.send("select", index=1, other="a")
    kernel.send("select", index=2)
    kernel.box.answered(first)
    assert kernel.states()[-1] == ("select", {"index": 2, "other": "a"})


def test_a_click_finds_every_value_that_was_sent_before_it() -> None:
    kernel = Kernel()
    kernel.send("slider", value=1)
    kernel.send("slider", value=2)
    kernel.send("button", method="custom")
    kernel.send("slider", value=3)
    kernel.send("other", value=4)
    assert kernel.states() == [
        ("slider", {"value": 1}),
        ("slider", {"value": 2}),
        ("button", {}),
        ("slider", {"value": 3}),
        ("other", {"value": 4}),
    ]


def test_an_answer_that_is_lost_holds_nothing_up() -> None:
    kernel = Kernel()
    kernel.send("slider", value=1)
    kernel.send("slider", value=2)
    kernel.now = LATEST
    kernel.send("slider", value=3)
    assert kernel.states()[-1] == ("slider", {"value": 3})


def test_whatever_is_sent_the_kernel_ends_with_the_newest_values_and_every_message_is_answered() -> None:
    chance = random.Random(7)
    for _ in range(300):
        kernel, sent, wanted = Kernel(), [], {}
        for number in range(chance.randrange(1, 40)):
            widget, method = chance.choice("abc"), chance.choice(["update"] * 5 + ["custom"])
            sent.append(kernel.send(widget, method, **({"value": number} if method == "update" else {})))
            if method == "update":
                wanted[widget] = number
            if chance.random() < 0.4:
                kernel.box.answered(chance.choice(kernel.got)["msg_id"])
        for message in kernel.got:  # grows while it is read
            kernel.box.answered(message["msg_id"])
        last = {widget: state["value"] for widget, state in kernel.states() if state}
        assert last == wanted
        assert {message["msg_id"] for message in kernel.got} | set(kernel.answered_for) == set(sent)


def test_what_waits_as_the_page_goes_away_reaches_the_kernel() -> None:
    kernel = Kernel()
    kernel.send("slider", value=1)
    kernel.send("slider", value=2)
    kernel.box.closes()
    assert kernel.states() == [("slider", {"value": 1}), ("slider", {"value": 2})]
    kernel.box.closes()
    assert len(kernel.got) == 2


@pytest.mark.parametrize("method", ["request_state", "request_states"])
async def test_what_asks_for_states_is_answered_before_the_next_message_is_taken(method: str) -> None:
    kernel = Kernel()
    asked = kernel.send("slider", method=method)
    assert len(kernel.got) == 1
    assert kernel.next is not None
    taken = asyncio.ensure_future(kernel.next)
    kernel.box.answered("another")
    await asyncio.sleep(0.05)
    assert not taken.done()
    kernel.box.answered(asked)
    await taken
    kernel.send("slider", value=1)
    assert kernel.next is None


async def test_what_asks_for_all_widgets_is_answered_before_the_next_message_is_taken() -> None:
    kernel = Kernel()
    asked = kernel.put("comm_info_request", {})
    assert kernel.next is not None
    kernel.box.answered(asked)
    await kernel.next


async def test_an_answer_that_is_lost_is_waited_for_no_longer_than_that_of_an_update(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mailbox, "LATEST", 0.05)
    kernel = Kernel()
    kernel.put("comm_info_request", {})
    assert kernel.next is not None
    await asyncio.wait_for(kernel.next, 5)


def test_a_method_that_is_no_text_asks_nothing() -> None:
    kernel = Kernel()
    kernel.put("comm_msg", {"comm_id": "a", "data": {"method": ["request_states"]}})
    assert kernel.next is None
    assert len(kernel.got) == 1
