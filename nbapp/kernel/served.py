"""What the server of `nbapp serve` calls in a page's kernel. Nothing here is bound in the notebook's namespace."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass

from IPython import get_ipython
from IPython.display import display

from nbapp.core.notebook import Cell, CellId
from nbapp.kernel.app import App
from nbapp.kernel.settings import Settings
from nbapp.kernel.show import Page


@dataclass(slots=True)
class Served:
    """The app of this kernel, its page and its first walk, which every cell waits for."""

    app: App
    page: Page
    first: asyncio.Task[object] | None = None

    async def walk(self) -> None:
        """Wait for the first walk; the first caller starts it."""
        if self.first is None:
            self.page.open()
            self.first = asyncio.get_running_loop().create_task(self.app.rerun())
        await self.first


def start(payload: str) -> None:
    """Start the app of a notebook: JSON of its `cells` (id, source, tags), `settings`, and `environment` variables."""
    asked = json.loads(payload)
    os.environ.update(asked["environment"])
    settings = Settings(**asked["settings"])
    notebook = tuple(Cell(CellId(cell["id"]), cell["source"], tuple(cell["tags"])) for cell in asked["cells"])
    page = Page(tracebacks=settings.tracebacks)
    shell = get_ipython()
    app = App.attach(shell, notebook, settings, page)
    if not settings.tracebacks:
        page.hide_errors(app.raised_in)
    shell.nbapp_served = Served(app, page)


async def show(cell_id: str) -> None:
    """Display the box that shows a cell, once the notebook has run."""
    served: Served = get_ipython().nbapp_served
    await served.walk()
    display(served.page.view(CellId(cell_id)), raw=True)


async def check() -> None:
    """Run the notebook and see whether its settings fit.

    Raises:
        UsageError: a name that holds no widget, or a value that its widget refuses.
    """
    served: Served = get_ipython().nbapp_served
    await served.walk()
    served.app.presets.check(served.app.widgets())
