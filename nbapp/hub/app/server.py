"""`nbapp serve --hub`: the server of one shared app. It is what the Hub starts for a server called `app-<name>`.

Which notebook it shows stands in the list of whoever it runs as; everything else is in the environment that the Hub
gives. It lets in whom the Hub lets in, and shows the app: no files, no code.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyterhub import __version__
from traitlets.config import Config

from nbapp._compat.python import run_exit_handlers
from nbapp.errors import UsageError
from nbapp.hub.app.activity import Activity
from nbapp.hub.app.hublinks import HubLinks
from nbapp.hub.app.pages import HubConnection, hub_route
from nbapp.hub.names import is_app, name_of
from nbapp.hub.people import groups_of
from nbapp.hub.shelf import AppRegistry
from nbapp.hub.visitors import ASKED_EVERY, VisitorIdentity
from nbapp.serve.operations.process import leave
from nbapp.serve.options import Options
from nbapp.serve.served_file import ServedFile
from nbapp.serve.server import AppServer
from nbapp.serve.visitors.links import Links
from nbapp.share.registry import Link

_NEEDED = ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN", "JUPYTERHUB_SERVICE_URL", "JUPYTERHUB_SERVICE_PREFIX")
_LOOK = 1.0  # seconds between two looks at the owner's list


class HubServer(AppServer):
    """Serves one shared app to the visitors whom the Hub lets in."""

    def __init__(self, link: Link, shelf: AppRegistry, variables: Mapping[str, str], idle_after: float | None) -> None:
        super().__init__(_options(link, variables))
        ours = {
            "identity_provider_class": VisitorIdentity,
            "kernel_websocket_connection_class": HubConnection,
            "log_level": logging.INFO,
        }
        self.update_config(Config(Voila=ours))
        self.link = link
        self.shelf = shelf
        self.owner = variables.get("JUPYTERHUB_USER", "")
        self.activity = Activity(variables, idle_after)
        self.tokens: dict[str, str] = {}  # by a visitor's name, with which the Hub is asked about her
        self.trouble: str | None = None  # why the notebook cannot be shown

    def known_links(self) -> Links:
        """The one link: that of the app, which every visitor comes by."""
        return HubLinks(self.link, self.shelf, self.log)

    def read_notebook(self, specs: KernelSpecManager) -> ServedFile:
        """The notebook; an empty one stands in while it cannot be read, as its visitors are to be told why."""
        self._specs = specs
        try:
            return super().read_notebook(specs)
        except UsageError as error:
            if not self.link.pinned:  # else its visitors see the copy
                self.trouble = str(error)
                self.log.error("nbapp: %s", error)
            path = Path(self.connection_dir, self.asked.notebook.name)
            nbformat.write(nbformat.v4.new_notebook(), path)
            return ServedFile(path, None, specs, self.log)

    def setup_template_dirs(self) -> None:
        """Without Voila's look whether the notebook is there: its visitors are to be told."""
        self.notebook_path = ""
        super().setup_template_dirs()
        self.notebook_path = str(self.asked.notebook.absolute())

    def look_again(self) -> None:
        """See whether the notebook is there by now."""
        try:
            served = ServedFile(self.asked.notebook, None, self._specs, self.log)
        except UsageError:
            return
        self.served = served
        contents: Any = self.app.settings["contents_manager"]
        contents.found(served)
        self.trouble = None

    def init_settings(self) -> dict[str, Any]:
        """The settings, for a server that stands behind the Hub's proxy."""
        settings = super().init_settings()
        identity: Any = self.identity_provider
        identity.hub_auth.groups = groups_of(self.link.to)
        return {
            **settings,
            "allow_remote_access": True,
            "login_url": identity.hub_auth.login_url,
            "headers": {**settings.get("headers", {}), "X-JupyterHub-Version": __version__},
            "nbapp_hub": self,
        }

    def init_handlers(self) -> list[tuple[Any, ...]]:
        """The routes of an app, each for the visitor whose page it belongs to."""
        return [route for found in super().init_handlers() if (route := hub_route(found)) is not None]

    def _announce(self) -> None:
        self.log.info("nbapp: the app %s is served at %s", self.link.name, self.base_url)
        self.shelf.hear(self.link)
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        """Follow the owner's list, tell the Hub that the app is used, and stop when it is not any more."""
        for second in count(1):
            await asyncio.sleep(_LOOK)
            await self._follow(self.links.find(self.link.id))
            if second % ASKED_EVERY == 0:
                await self._end_those_not_let_in()
            await self.activity.tell()
            if self.activity.is_over():
                self.log.info("nbapp: nobody uses the app %s; it stops", self.link.name)
                os.kill(os.getpid(), signal.SIGTERM)
                return

    async def _end_those_not_let_in(self) -> None:
        """End the pages of visitors whom the Hub lets in no more: taken back there, out of the group, logged out."""
        identity: Any = self.identity_provider
        kernels: Any = self.kernel_manager
        asked = list(self.tokens.items())  # visitors come while the Hub is asked
        gone = {name: token for name, token in asked if not await identity.hub_auth.still_lets_in(token)}
        self.tokens = {name: token for name, token in self.tokens.items() if gone.get(name) != token}
        visits = kernels.visits.open().items()
        await kernels.end_pages([kernel_id for kernel_id, visit in visits if visit.who["name"] in gone])

    async def _follow(self, link: Link | None) -> None:
        """What the owner's list says now."""
        if link is None or self.shelf.was_heard(link):
            return
        if link.revoked is not None:  # each open page asks what became of it once its connection ends
            await asyncio.sleep(2 * _LOOK)
        identity: Any = self.identity_provider
        identity.hub_auth.groups = groups_of(link.to)
        self.link = link
        self.shelf.hear(link)


def _options(link: Link, variables: Mapping[str, str]) -> Options:
    url = urlsplit(variables["JUPYTERHUB_SERVICE_URL"])
    return Options(
        notebook=link.notebook,
        ip=url.hostname or "",
        port=url.port or 80,
        base_url=variables["JUPYTERHUB_SERVICE_PREFIX"],
        browser=False,
        public=True,  # as far as the app goes: the Hub decides who comes so far
    )


def main(asked: argparse.Namespace) -> int:
    """`nbapp serve --hub`; the exit code.

    Raises:
        UsageError: no Hub started this process, or its owner shares no such app.
    """
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if missing:
        raise UsageError(f"--hub is for JupyterHub, which did not start this ({missing[0]} is not set)", "leave it out")
    server = os.environ.get("JUPYTERHUB_SERVER_NAME", "")
    shelf = AppRegistry()
    link = shelf.app(name_of(server)) if is_app(server) else None
    if link is None or link.revoked is not None:
        raise UsageError(f"{os.environ.get('JUPYTERHUB_USER')} shares no app of the name of this server, {server!r}")
    code = HubServer(link, shelf, os.environ, asked.stop_idle).serve()
    run_exit_handlers()
    leave(code)
