"""A visitor without a browser who moves a slider all the time, until the connection ends, and notes what is shown."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from tornado.websocket import WebSocketClosedError

from nbapp.serve.kernels.connection import V1
from tests.e2e.conftest import PATIENCE
from tests.serve.test_connection import Visitor, connect
from tests.serve.test_routes import COOKIES, ask, kernel_of

APP = (
    "import ipywidgets as w\nn = w.IntSlider(3, max=100_000)\nn",
    "import time\ntime.sleep(0.02)\nsquare = n.value ** 2",
    "print('seen', n.value, square)",
)
_SEEN = re.compile(r"seen (\d+) (\d+)\n")
_BETWEEN = 1 / 40  # seconds between two moves


class Ended(Exception):
    """A page heard that its kernel is gone."""


@dataclass(slots=True)
class Moving:
    """An open page. `began` is what its slider had first; `value` what was chosen last; `shown` the results so far."""

    url: str
    kernel: str
    visitor: Visitor
    slider: str = ""
    began: int = 0
    value: int = 0
    told: str = ""
    is_over: bool = False
    shown: list[tuple[int, int]] = field(default_factory=list)
    heard: str = ""  # all that came

    @classmethod
    async def open(cls, url: str, cookie: str = "") -> Moving:
        """A page, of a new visitor unless a cookie says whose, once it has the states of all widgets.

        Raises:
            HTTPClientError: its kernel had ended when it connected.
            Ended: it ended after that.
        """
        status, text, _ = await asyncio.to_thread(ask, url, Cookie=cookie)
        assert status == 200, text
        kernel = kernel_of(text)
        COOKIES.setdefault(kernel, cookie)
        visitor = Visitor(await asyncio.wait_for(connect(url, kernel, V1), PATIENCE))
        page = cls(url, kernel, visitor)
        opening = {"comm_id": uuid4().hex, "target_name": "jupyter.widget.control", "data": {}}
        await page._send("comm_open", opening)
        await page._send("comm_msg", {**opening, "data": {"method": "request_states"}})
        while not page.slider:
            await page._listen()
        return page

    async def again(self) -> Moving:
        """The same tab, loaded again."""
        browser = COOKIES[self.kernel].partition("; nbapp-back=")[0]
        return await Moving.open(self.url, f"{browser}; nbapp-back={self.kernel}")

    async def moves(self) -> None:
        """Move until the page hears that its kernel is dead, or its connection ends."""
        moving = asyncio.create_task(self._move())
        try:
            while not self.is_over and (frame := await self.visitor.socket.read_message()) is not None:
                self._hear(frame)
        finally:
            moving.cancel()
        self.visitor.leave()

    async def settles(self, moves: int = 5) -> None:
        """Move so many times, and wait until the last value is shown.

        Raises:
            Ended: it never will be.
        """
        for _ in range(moves):
            await self.chooses(self.value + 1)
        while not self.shown or self.shown[-1][0] != self.value:
            await self._listen()

    def wrong(self) -> list[tuple[int, int]]:
        """Results that no run shows."""
        return [(value, square) for value, square in self.shown if square != value**2]

    async def _move(self) -> None:
        while True:
            try:
                await self.chooses(self.value + 1)
            except Ended:
                return
            await asyncio.sleep(_BETWEEN)

    async def chooses(self, value: int) -> None:
        """Move the slider to a value."""
        self.value = value
        update = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        await self._send("comm_msg", {"comm_id": self.slider, "data": update})

    async def _listen(self) -> None:
        frame = None if self.is_over else await asyncio.wait_for(self.visitor.socket.read_message(), PATIENCE)
        if frame is None:
            self.visitor.leave()
            raise Ended
        self._hear(frame)

    async def _send(self, kind: str, content: dict[str, Any]) -> None:
        try:
            await self.visitor.send(kind, content)
        except WebSocketClosedError:
            self.visitor.leave()
            raise Ended from None

    def _hear(self, frame: Any) -> None:
        _, parts = deserialize_msg_from_ws_v1(frame)
        kind, content = json.loads(parts[0])["msg_type"], json.loads(parts[3])
        self.heard += json.dumps(content)
        self.is_over |= content.get("execution_state") == "dead"
        if kind not in ("comm_msg", "comm_open"):
            return
        data = content["data"]
        for name, state in data.get("states", {}).items():
            if state["model_name"] == "IntSliderModel":
                self.slider, self.began = name, state["state"]["value"]
                self.value = self.began
            text = str(state["state"].get("value", ""))
            if "It was started again" in text:
                self.told = text
            self._see(state["state"])
        self._see(data.get("state", {}))

    def _see(self, state: dict[str, Any]) -> None:
        for output in state.get("outputs", ()):
            self.shown += [(int(value), int(square)) for value, square in _SEEN.findall(str(output.get("text", "")))]
