"""Waits until a front end has sent nothing new for a while: the debounce that `nbapp serve --debounce` asks for."""

from __future__ import annotations

import asyncio

from nbapp.kernel.widgets.widgets import Widgets


async def quiet(widgets: Widgets, seconds: float) -> None:
    """Wait until no newer value came for so many seconds; not at all when they are 0."""
    while seconds and widgets.pending():
        seen = widgets.updates
        await asyncio.sleep(seconds)
        if widgets.updates == seen:
            return
