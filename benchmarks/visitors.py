"""Visitors of a served app without a browser: they speak to the kernel as a page does, and note what they are shown."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1

from nbapp.serve.kernels.connection import V1
from tests.serve.test_connection import Visitor, close, connect
from tests.serve.test_routes import ask, kernel_of

_SHOWN = re.compile(r"seen (\d+) (\d+)\n")
_BETWEEN = 1 / 30  # seconds between two moves of a drag
_PATIENCE = 60.0  # seconds until a value that is not shown counts as lost


@dataclass(slots=True)
class Dragged:
    """What came of drags: seconds from each move to its value on the page, where it came there; values that do not
    belong together, or were not the last."""

    taken: list[float] = field(default_factory=list)
    moves: int = 0
    wrong: int = 0

    def __add__(self, other: Dragged) -> Dragged:
        return Dragged([*self.taken, *other.taken], self.moves + other.moves, self.wrong + other.wrong)


class Page:
    """An open page. `value` is what its visitor chose last; `wrong` counts what was shown and cannot be."""

    def __init__(self, url: str, kernel: str, cookie: str, visitor: Visitor) -> None:
        self._url, self._kernel, self._cookie, self._visitor = url, kernel, cookie, visitor
        self._slider = ""
        self._sent: dict[int, float] = {}
        self._shown: asyncio.Queue[tuple[int, float]] = asyncio.Queue()
        self._reading: asyncio.Task[None]
        self.value = 0
        self.wrong = 0

    @classmethod
    async def open(cls, url: str) -> Page:
        """A page of a new visitor, once it has the states of all widgets."""
        _, text, headers = await asyncio.to_thread(ask, url)
        found = re.search(r"_xsrf=[^;]+", headers["Set-Cookie"])
        assert found
        visitor = Visitor(await connect(url, kernel_of(text), V1))
        page = cls(url, kernel_of(text), found[0], visitor)
        opening = {"comm_id": uuid4().hex, "target_name": "jupyter.widget.control", "data": {}}
        await visitor.send("comm_open", opening)
        await visitor.send("comm_msg", {**opening, "data": {"method": "request_states"}})
        while not page._slider:
            page._hear(await visitor.socket.read_message())
        page._reading = asyncio.create_task(page._read())
        return page

    async def drag(self, moves: int) -> Dragged:
        """Move so many times, 30 a second, and wait until the last value is shown."""
        wrong = self.wrong
        for _ in range(moves):
            await self.move()
            await asyncio.sleep(_BETWEEN)
        shown = await self.settled()
        taken = [at - self._sent[value] for value, at in self._seen if value in self._sent]
        self._sent.clear()
        return Dragged(taken, moves, self.wrong - wrong + (shown != self.value))

    async def move(self) -> None:
        """One move to a new value."""
        self.value += 1
        self._sent[self.value] = time.perf_counter()
        state = {"method": "update", "state": {"value": self.value}, "buffer_paths": []}
        await self._visitor.send("comm_msg", {"comm_id": self._slider, "data": state})

    async def settled(self) -> int | None:
        """The value that is shown once the last one is, or the one that stays."""
        self._seen: list[tuple[int, float]] = []
        shown, deadline = None, time.monotonic() + _PATIENCE
        while shown != self.value and time.monotonic() < deadline:
            try:
                self._seen.append(await asyncio.wait_for(self._shown.get(), _PATIENCE))
            except asyncio.TimeoutError:
                break
            shown = self._seen[-1][0]
        return shown

    async def stop(self) -> None:
        """Press Stop."""
        await self._post(f"nbapp/stop/{self._kernel}")

    async def leave(self) -> None:
        """Close the page, as a browser does."""
        self._reading.cancel()
        await close(self._visitor.socket)
        await self._post(f"voila/api/shutdown/{self._kernel}")

    async def _post(self, path: str) -> None:
        token = self._cookie.partition("=")[2]
        await asyncio.to_thread(ask, f"{self._url}{path}", "POST", Cookie=self._cookie, X_XSRFToken=token)

    async def _read(self) -> None:
        while (frame := await self._visitor.socket.read_message()) is not None:
            self._hear(frame)

    def _hear(self, frame: Any) -> None:
        _, parts = deserialize_msg_from_ws_v1(frame)
        if json.loads(parts[0])["msg_type"] not in ("comm_msg", "comm_open"):
            return
        data = json.loads(parts[3])["data"]
        for name, state in data.get("states", {}).items():
            if state["model_name"] == "IntSliderModel":
                self._slider = name
        for output in data.get("state", {}).get("outputs", ()):
            for value, square in _SHOWN.findall(str(output.get("text", ""))):
                self._shown.put_nowait((int(value), time.perf_counter()))
                self.wrong += int(square) != int(value) ** 2
