"""The first run of the notebook in a page's kernel, as its page hears of it before the two are connected."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

_TOGETHER = 0.1  # seconds within which news are told at once: many cells take no time

State = Literal["under way", "whole", "failed"]


@dataclass(slots=True)
class FirstRun:
    """How far it is. `at`: the cell under way and how many there are, as the kernel's busy mark has it; `shown`: what
    cells show, as HTML by cell id; `of_the_moment`: the cells that may show something else to who comes later.
    """

    state: State = "under way"
    at: dict[str, int] | None = None
    shown: dict[str, str] = field(default_factory=dict)
    of_the_moment: frozenset[str] = frozenset()
    _numbers: dict[str, int] = field(default_factory=dict)  # of the newest news of each cell
    _number: int = 0  # of the newest news
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def expects(self, shown: Mapping[str, str]) -> None:
        """The page was written with this in its cells: only what differs is news to it."""
        self.shown, self._numbers = dict(shown), {}

    def lasting(self) -> dict[str, str]:
        """What cells show that may be shown to others."""
        return {cell_id: markup for cell_id, markup in self.shown.items() if cell_id not in self.of_the_moment}

    def is_at(self, cell: dict[str, int] | None) -> None:
        """Another cell is under way, or none."""
        self.at = cell
        self._tell()

    def shows(self, cells: Mapping[str, str]) -> None:
        """Cells show this now."""
        new = {cell_id: markup for cell_id, markup in cells.items() if self.shown.get(cell_id, "") != markup}
        self.shown |= new
        self._tell()
        self._numbers |= dict.fromkeys(new, self._number)

    def ends(self, state: State) -> None:
        """It is over."""
        self.state, self.at = state, None
        self._tell()

    def forget(self) -> None:
        """The page shows the cells by itself."""
        self.shown, self._numbers = {}, {}

    async def over(self) -> None:
        """Wait for its end."""
        while self.state == "under way":
            await self._news.wait()

    def _tell(self) -> None:
        self._number += 1
        self._news.set()
        self._news = asyncio.Event()

    async def news(self, since: int, seconds: float) -> dict[str, Any]:
        """What is new since the news of a number, at once or as soon as there is some; after so many seconds, none."""
        if self._number <= since and self.state == "under way":
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), seconds)
            if self.state == "under way":
                await asyncio.sleep(_TOGETHER)
        shown = {name: self.shown[name] for name, number in self._numbers.items() if number > since}
        return {"state": self.state, "at": self.at, "shown": shown, "number": self._number}
