"""What the server of `nbapp serve` calls in a page's kernel. Nothing here is bound in the notebook's namespace."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython import get_ipython

from nbapp import memory
from nbapp.core.notebook import Cell, CellId, Notebook
from nbapp.kernel.address import Address
from nbapp.kernel.app import App
from nbapp.kernel.common.author_log import ToServer
from nbapp.kernel.frontends.page_states import told
from nbapp.kernel.frontends.voila_page import VoilaPage
from nbapp.kernel.outputs.iopub import keep_all
from nbapp.kernel.outputs.limits import PAGE
from nbapp.kernel.outputs.themed_figures import follow_theme
from nbapp.kernel.settings import Settings
from nbapp.kernel.widgets.updates.guard import guarded
from nbapp.kernel.widgets.updates.told_values import ToldValues
from nbapp.persistence import troubles
from nbapp.persistence.current import CURRENT
from nbapp.ui.download import OUTBOX
from nbapp.visitor import User, become


@dataclass(slots=True)
class Served:
    """The app of this kernel and its page."""

    app: App
    page: VoilaPage
    told: tuple[str, ...] = ()  # what the page is told besides

    async def walk(self) -> None:
        """Walk for the first time, and tell the server what the cells show."""
        self.page.open(_shown(self.app.notebook))
        self.app.hold(told(self.page.nothing))
        await self.app.rerun()
        self.page.tell([*self.told, *self.app.initial_values.over()])
        self.record()

    def record(self) -> None:
        """Tell the server what the cells show, and which of them the next page must not show before it has run."""
        self.page.record(of_the_moment=self.app.of_the_moment(), with_state=True)


def start(payload: str) -> None:
    """Start the app of a notebook: JSON of its `cells` (id, source, tags), `settings`, `environment` variables, the
    `outbox`, a folder for files that its visitor downloads, and the `user` whose page it is, or null.
    """
    asked = json.loads(payload)
    os.environ.update(asked["environment"])
    if asked["user"] is not None:
        become(_user(asked["user"]))
    settings = Settings(**asked["settings"], bounds=PAGE)
    _takes_files(asked["outbox"])
    CURRENT.use(settings.results, for_visitors=True)
    _logs_to_server(as_json=settings.log_format == "json")
    notebook = _cells(asked["cells"])
    if settings.memory_bytes is not None:
        memory.bound(settings.memory_bytes)
    follow_theme(get_ipython().display_formatter, settings.theme)
    page = VoilaPage(tracebacks=settings.tracebacks, log_as_json=settings.log_format == "json")
    shell = get_ipython()
    keep_all(shell.kernel)
    app = App(shell, notebook, settings, page).attach()
    app.hold(guarded())
    page.send_outputs(app.raised_in)
    page.tells_server(ToldValues(app, shell))
    page.has_address(Address(app, shell.user_ns))
    shell.nbapp_served = Served(app, page, tuple(asked.get("told", ())))


def _logs_to_server(*, as_json: bool) -> None:
    """What nbapp says of results goes into the server's log, and not into the cell that is under way. Troubles with the
    place are told by the server, once for all kernels.
    """
    logger, handler = logging.getLogger("nbapp.persistence"), ToServer(as_json=as_json)
    handler.addFilter(lambda record: record.name != troubles.LOG)
    logger.handlers[:], logger.propagate = [handler], False


def _takes_files(outbox: str | None) -> None:
    """Whatever visitors download goes into this folder; a process that only forks kernels has none."""
    OUTBOX.folder = Path(outbox) if outbox is not None else None


def _user(asked: Mapping[str, Any]) -> User:
    return User(asked["name"], tuple(asked["groups"]))


def _cells(asked: Sequence[Mapping[str, Any]]) -> Notebook:
    return tuple(Cell(CellId(cell["id"]), cell["source"], tuple(cell["tags"])) for cell in asked)


async def edit(payload: str) -> None:
    """Another version of the notebook was saved, as JSON: its `cells`, and the `version` by which the page knows it.
    Widgets keep their values; what changed runs, and what reads it.
    """
    asked = json.loads(payload)
    served: Served = get_ipython().nbapp_served
    served.app.edit(_cells(asked["cells"]))
    await served.app.rerun()
    served.page.arrange(_shown(served.app.notebook))
    served.page.saved(asked["version"])


def broken(error: str) -> None:
    """What was saved is no notebook that can be run: the version before stays."""
    served: Served = get_ipython().nbapp_served
    served.page.saved(error=error)


def _shown(notebook: Notebook) -> Notebook:
    return tuple(cell for cell in notebook if cell.source.strip())


async def run() -> None:
    """Walk for the page that is being asked for."""
    served: Served = get_ipython().nbapp_served
    await served.walk()
    served.page.connects()


async def ahead() -> None:
    """Walk before anybody asks for the page."""
    served: Served = get_ipython().nbapp_served
    await served.walk()


async def arrive(payload: str = "{}") -> None:
    """Somebody asks for the page of a notebook that has run ahead: what it shows is as if it ran now.

    The payload is JSON: `query`, what the page's address asks for, and for a kernel that was forked what else is this
    page's own, its `environment` variables, `outbox`, `user` and `link_values`, and what it is `told`, as `start` gets
    them.
    """
    asked = json.loads(payload)
    served: Served = get_ipython().nbapp_served
    os.environ.update(asked.get("environment", {}))
    if "outbox" in asked:
        _takes_files(asked["outbox"])
    if asked.get("user") is not None:
        become(_user(asked["user"]))
    served.page.is_asked_for_again()
    await served.app.renew(asked.get("link_values"), asked.get("query"), is_fork="environment" in asked)
    served.page.tell([*asked.get("told", ()), *served.app.initial_values.over()])
    served.record()
    served.page.connects()


def comes_back() -> None:
    """The page is loaded again: the server hears what it shows now."""
    served: Served = get_ipython().nbapp_served
    served.page.comes_back()
    served.page.connects()


def write_still(path: str) -> None:
    """Write what the cells show into a file, as JSON."""
    served: Served = get_ipython().nbapp_served
    Path(path).write_text(json.dumps(served.page.as_it_stands()), encoding="utf-8")


async def check() -> None:
    """Run the notebook and see whether its settings fit.

    Raises:
        UsageError: a name that holds no widget, or a value that its widget refuses.
    """
    served: Served = get_ipython().nbapp_served
    await served.walk()
    served.app.initial_values.check(served.app.widgets())
