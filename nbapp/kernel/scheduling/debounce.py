"""Waits until a front end has sent nothing new for a while: the debounce that `nbapp serve --debounce` asks for."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Counts(Protocol):
    """What this file asks of the widgets."""

    @property
    def updates(self) -> int:
        """How many updates that matter were queued so far."""

    def pending(self) -> bool:
        """Whether an update that matters is queued."""


async def quiet(widgets: Counts, seconds: float) -> None:
    """Wait until no newer value came for so many seconds; not at all when they are 0."""
    while seconds and widgets.pending():
        seen = widgets.updates
        await asyncio.sleep(seconds)
        if widgets.updates == seen:
            return
