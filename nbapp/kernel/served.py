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
from nbapp.kernel.frontends.page_states import told
from nbapp.kernel.frontends.voila_page import VoilaPage
from nbapp.kernel.outputs.iopub import keep_all
from nbapp.kernel.outputs.limits import PAGE
from nbapp.kernel.settings import Settings
from nbapp.kernel.widgets.updates.guard import guarded
from nbapp.visitor import User, become


@dataclass(slots=True)
class Served:
    """The app of this kernel, its page and its first walk, which every cell waits for."""

    app: App
    page: VoilaPage
    first: asyncio.Task[object] | None = None

    async def walk(self) -> None:
        """Wait for the first walk; the first caller starts it."""
        if self.first is None:
            self.page.open()
            self.app.hold(told(self.page.nothing))
            self.first = asyncio.get_running_loop().create_task(self._walk_once())
        await self.first

    async def _walk_once(self) -> None:
        await self.app.rerun()
        self.page.tell(self.app.initial_values.of_link.over())


def start(payload: str) -> None:
    """Start the app of a notebook: JSON of its `cells` (id, source, tags), `settings`, `environment` variables, and
    the `user` whose page it is, or null.
    """
    asked = json.loads(payload)
    os.environ.update(asked["environment"])
    if asked["user"] is not None:
        become(User(asked["user"]["name"], tuple(asked["user"]["groups"])))
    settings = Settings(**asked["settings"], bounds=PAGE)
    notebook = tuple(Cell(CellId(cell["id"]), cell["source"], tuple(cell["tags"])) for cell in asked["cells"])
    page = VoilaPage(tracebacks=settings.tracebacks)
    shell = get_ipython()
    keep_all(shell.kernel)
    app = App(shell, notebook, settings, page).attach()
    app.hold(guarded())
    page.send_outputs(app.raised_in)
    shell.nbapp_served = Served(app, page)


async def show(cell_id: str) -> None:
    """Display the box that shows a cell, once the notebook has run."""
    served: Served = get_ipython().nbapp_served
    await served.walk()
    display(served.page.view(CellId(cell_id)), raw=True)


async def ahead() -> None:
    """Walk before anybody asks for the page."""
    served: Served = get_ipython().nbapp_served
    await served.walk()


async def arrive() -> None:
    """Somebody asks for the page of a notebook that has run ahead: what it shows is as if it ran now."""
    served: Served = get_ipython().nbapp_served
    served.page.is_asked_for_again()
    await served.app.renew()


async def check() -> None:
    """Run the notebook and see whether its settings fit.

    Raises:
        UsageError: a name that holds no widget, or a value that its widget refuses.
    """
    served: Served = get_ipython().nbapp_served
    await served.walk()
    served.app.initial_values.check(served.app.widgets())
