"""The end of a server without haste: no new visitors, pages are told, and cells under way may come to their end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

_LOOKED_EVERY = 0.1  # seconds


@dataclass(slots=True)
class Drain:
    """`seconds`: how long cells may take that are under way."""

    seconds: float
    log: logging.Logger
    is_on: bool = False

    async def run(self, kernels: Any, again: Awaitable[None]) -> None:
        """Until no page computes any more, the time is over, or `again` somebody asks to stop."""
        self.is_on = True
        kernels.tell_ending()
        asked = asyncio.ensure_future(again)
        until = time.monotonic() + self.seconds
        told = False
        while (count := kernels.busy_pages()) and time.monotonic() < until and not asked.done():
            if not told:
                told = True
                self.log.warning(
                    "nbapp: stops when the cells of %d page%s have ended, at the latest in %g s; asked again, at once",
                    *(count, "" if count == 1 else "s", self.seconds),
                )
            await asyncio.sleep(_LOOKED_EVERY)
