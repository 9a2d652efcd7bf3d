"""The server of several notebooks: one port, the index, and an app for each notebook that somebody has opened.

Each app is the server of its notebook, as `nbapp serve NOTEBOOK` has it, with a base URL of its own; all of them share
the room for kernels. Until its first request it is not even made.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tornado.httpserver import HTTPServer
from tornado.routing import Router

from nbapp._compat.python import run_exit_handlers
from nbapp.errors import UsageError
from nbapp.persistence.places import usable
from nbapp.serve import options
from nbapp.serve.application import Application
from nbapp.serve.listening import listening, shown_host
from nbapp.serve.operations.announce import announce
from nbapp.serve.operations.logs import log_as_json
from nbapp.serve.operations.process import end_children, folder, leave, stopping
from nbapp.serve.options import Options
from nbapp.serve.served_file import stamped
from nbapp.serve.server import AppServer
from nbapp.serve.several.index import IndexServer, address_of
from nbapp.serve.several.notebooks import Notebooks
from nbapp.serve.several.told import Told

_LOG = logging.getLogger("nbapp")


class Front(Router):
    """Leads each request to the app whose address it has, or to the index."""

    def __init__(self, asked: Options, notebooks: Notebooks, hint: Callable[[Path], str]) -> None:
        """`hint`: what to say to the author of a notebook once somebody has opened it."""
        self.asked, self.notebooks, self._hint = asked, notebooks, hint
        self.apps: dict[Path, AppServer] = {}
        self.troubles: dict[Path, str] = {}
        self._refused: dict[Path, Any] = {}  # the stamps of files that could not be opened
        self._room: list[Any] = []  # the kernels of all apps
        self.index = IndexServer(asked, notebooks, folder(), self.troubles)
        self.port = asked.port

    def begin(self, port: int) -> None:
        """Listen to requests from now on; on the loop."""
        self.port = port
        self.index.initialize([])
        self.index.app = Application(**self.index.init_settings())
        self.index.app.add_handlers(".*$", self.index.init_handlers())
        self.index.requests.watch()

    def find_handler(self, request: Any, **options: Any) -> Any:
        """What answers a request. An app knows its address as `address_of` writes it; browsers and proxies may write
        other characters of it as `%` and digits, or fewer.
        """
        found, rest = self._at(request.path)
        if found is not None:
            request.path = found.asked.base_url + rest
        application: Any = found.app if found is not None else self.index.app
        return application.find_handler(request, **options)

    def _at(self, path: str) -> tuple[AppServer | None, str]:
        """The app at an address, the one with the longest name that fits, and what the address has behind that."""
        front = f"{self.asked.base_url}app/"
        if not path.startswith(front):
            return None, ""
        parts = path.removeprefix(front).split("/")
        known = self.notebooks.by_name()
        for length in range(len(parts) - 1, 0, -1):
            name = unquote("/".join(parts[:length]))
            if name in known:
                return self._opened(name, known[name]), "/".join(parts[length:])
        return None, ""

    def _opened(self, name: str, path: Path) -> AppServer | None:
        """The app of a notebook, which is made now if it was not before; None: it cannot be."""
        stamp = stamped(path)
        if path not in self.apps and self._refused.get(path) != stamp:
            try:
                self.apps[path] = self._made(name, path)
                self._refused.pop(path, None)
                self.troubles.pop(path, None)
                if said := self._hint(path):
                    _LOG.warning("nbapp: %s", said)
            except UsageError as error:
                self._refused[path], self.troubles[path] = stamp, str(error)
                _LOG.warning("nbapp: %s", error)
        return self.apps.get(path)

    def _made(self, name: str, path: Path) -> AppServer:
        base = self.asked.base_url
        app = AppServer(replace(self.asked, notebook=path, title=None, base_url=base + address_of(name), home=base))
        try:
            with _signals_kept():
                app.prepare()
            app.stands_behind(self.port, self.index.drain, self.index.cookie_secret)
            app.open()
        except BaseException:
            shutil.rmtree(app.connection_dir, ignore_errors=True)
            raise
        self._room.append(app.kernel_manager)
        app.kernel_manager.shares_room(self._room)
        return app

    def url(self) -> str:
        """What the addresses begin with that visitors use."""
        return self.asked.link_url or f"http://{shown_host(self.asked.ip)}:{self.port}{self.asked.base_url}"

    def told(self) -> Told:
        """What `nbapp share` is told of these notebooks."""
        return Told(self.notebooks.by_name, lambda name: self.url() + address_of(name), self.asked.token is not None)

    async def end(self) -> None:
        """End every kernel: politely, or at once when asked to stop again."""
        again = stopping()
        polite = asyncio.gather(*(app.kernel_manager.end_all() for app in self.apps.values()), return_exceptions=True)
        await asyncio.wait([asyncio.ensure_future(polite), again], return_when=asyncio.FIRST_COMPLETED)
        for app in self.apps.values():
            end_children(app.connection_dir)
            shutil.rmtree(app.connection_dir, ignore_errors=True)
        shutil.rmtree(self.index.connection_dir, ignore_errors=True)


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Voila takes SIGTERM for itself as it starts; it is the server's."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


async def _serve(front: Front, sockets: list[Any]) -> None:
    with _signals_kept():
        front.begin(sockets[0].getsockname()[1])
    asked_to_stop = stopping()
    try:
        server = HTTPServer(front)
        server.add_sockets(sockets)
        with front.told().following():
            _announce(front)
            await asked_to_stop
        again = stopping()
        front.index.drain.is_on = True
        await asyncio.gather(*(app.drain.run(app.kernel_manager, again) for app in front.apps.values()))
        server.stop()
    finally:
        await front.end()


def _announce(front: Front) -> None:
    count = len(front.notebooks.by_name())
    what = f"{count} notebook{'' if count == 1 else 's'}"
    announce(what, front.url(), front.asked, front.index.connection_dir)


def main(asked: argparse.Namespace, hint: Callable[[Path], str]) -> int:
    """`nbapp serve FOLDER`; the exit code. `hint`: what to say to the author of a notebook once it is open.

    Raises:
        UsageError: it was asked for something impossible.
    """
    for option, is_given in (("--set", asked.set), ("--metrics", asked.metrics)):
        if is_given:
            raise UsageError(f"{option} is for one notebook", "serve it by itself, or leave the option out")
    notebooks = Notebooks.of([Path(path) for path in asked.several])
    wanted = options.read(asked)
    for path in notebooks.nameless():
        _LOG.warning("nbapp: %a is left out: its name is no UTF-8 text, and no address can have it", str(path))
    AppServer.stand_in()
    front = Front(replace(wanted, results=usable(wanted.results)), notebooks, hint)
    try:
        sockets = listening(wanted.ip, wanted.port)
        if wanted.log_format == "json":
            log_as_json(front.index.log)
        asyncio.set_event_loop(asyncio.new_event_loop())
        asyncio.get_event_loop().run_until_complete(_serve(front, sockets))
    finally:
        shutil.rmtree(front.index.connection_dir, ignore_errors=True)
    run_exit_handlers()
    leave(0)
