"""The server of one app: Voila with our executor, our connection to kernels, our page and nothing else switched on."""

from __future__ import annotations

import argparse
import asyncio
import errno
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import webbrowser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import tornado.web
import voila.notebook_renderer
from jinja2 import ChoiceLoader, FileSystemLoader
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.utils import url_path_join
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from voila.app import Voila
from voila.static_file_handler import AllowListFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from nbapp.errors import UsageError
from nbapp.serve import options
from nbapp.serve.configured import TEMPLATES, configured
from nbapp.serve.executor import ShowExecutor
from nbapp.serve.interpreter import check_interpreter
from nbapp.serve.options import Options, is_loopback
from nbapp.serve.rehearsal import rehearse
from nbapp.serve.routes import ListedFiles, Page, Progress, StopRerun
from nbapp.serve.served_file import ServedContents, ServedFile

_LONGEST_FOLDER = 50  # characters: the path of a socket in it must stay under 104, macOS' limit
_UPLOAD = 100 * 2**20  # bytes of one message from a page: a file upload is one message
_KERNEL_ID = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"


class AppServer(Voila):
    """Serves one notebook to anyone whom its options let in, each page with a kernel of its own."""

    template_paths: Any

    def __init__(self, asked: Options) -> None:
        self.connection_dir = tempfile.mkdtemp(prefix="nbapp-", dir=os.environ.get("XDG_RUNTIME_DIR"))
        over_sockets = len(self.connection_dir) <= _LONGEST_FOLDER
        super().__init__(config=configured(asked, transport="ipc" if over_sockets else "tcp"))
        self.asked = asked

    def serve(self) -> int:
        """Serve until SIGINT or SIGTERM; the exit code.

        Raises:
            UsageError: the notebook cannot be served, the port is taken, or a `--set` value does not fit.
        """
        try:
            voila.notebook_renderer.VoilaExecutor = ShowExecutor
            logging.getLogger("tornado.general").addFilter(is_worth_a_line)
            specs = KernelSpecManager()
            self.served = ServedFile(self.asked.notebook, self.asked.title, specs, self.log)
            check_interpreter(specs.get_kernel_spec(self.served.newest().notebook.metadata.kernelspec.name))
            self.initialize([])
            sockets = listening(self.asked.ip, self.asked.port)
            self.port = sockets[0].getsockname()[1]
            return asyncio.run(self._serve(sockets))
        finally:
            shutil.rmtree(self.connection_dir)

    async def _serve(self, sockets: list[socket.socket]) -> int:
        asked_to_stop = stopping()
        self.app = tornado.web.Application(**self.init_settings())
        self.app.add_handlers(".*$", self.init_handlers())
        try:
            if self.asked.values and not await self._rehearsed(asked_to_stop):
                return 130
            server = HTTPServer(self.app)
            server.add_sockets(sockets)
            self._announce()
            await asked_to_stop
            server.stop()
            return 0
        finally:
            await self._end_kernels()

    async def _rehearsed(self, asked_to_stop: asyncio.Future[None]) -> bool:
        """Whether the notebook was rehearsed to the end.

        Raises:
            UsageError: a `--set` value does not fit.
        """
        notebook = self.served.newest().notebook
        rehearsal = asyncio.ensure_future(rehearse(self.kernel_manager, notebook, self.config))
        await asyncio.wait([rehearsal, asked_to_stop], return_when=asyncio.FIRST_COMPLETED)
        if asked_to_stop.done():
            rehearsal.cancel()
            await asyncio.gather(rehearsal, return_exceptions=True)
            return False
        rehearsal.result()
        return True

    async def _end_kernels(self) -> None:
        """End every kernel: politely, and at once when asked to stop again."""
        again = stopping()
        polite = asyncio.ensure_future(self.kernel_manager.shutdown_all())
        await asyncio.wait([polite, again], return_when=asyncio.FIRST_COMPLETED)
        if not polite.done():
            polite.cancel()
        await self.kernel_manager.shutdown_all(now=True)

    def setup_template_dirs(self) -> None:
        """Our templates in front of Voila's."""
        super().setup_template_dirs()
        self.template_paths = [str(TEMPLATES), *self.template_paths]

    def init_settings(self) -> dict[str, Any]:
        """Voila's settings, except that a request must name this computer when only this computer may ask."""
        settings: dict[str, Any] = super().init_settings()
        contents = ServedContents(parent=self)
        contents.served = self.served
        pages = settings["jinja2_env"]
        pages.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), pages.loader])
        return {
            **settings,
            "allow_remote_access": not self.asked.for_author or not is_loopback(self.asked.ip),
            "contents_manager": contents,
            "websocket_max_message_size": _UPLOAD,
        }

    def init_handlers(self) -> list[tuple[Any, ...]]:
        """Voila's routes with our page, our files and our login in place of its own, and the route of Stop."""
        ours: list[tuple[Any, ...]] = [
            (url_path_join(self.server_url, "/nbapp/stop", _KERNEL_ID), StopRerun),
            (url_path_join(self.server_url, "/nbapp/progress", _KERNEL_ID), Progress),
        ]
        for route in self.identity_provider.get_handlers():
            ours.append((url_path_join(self.server_url, route[0]), *route[1:]))
        return [*ours, *map(self._ours, super().init_handlers())]

    def _ours(self, route: tuple[Any, ...]) -> tuple[Any, ...]:
        pattern, handler, *rest = route
        if handler is TornadoVoilaHandler:
            return pattern, Page, *rest
        if handler is AllowListFileHandler:
            return pattern, ListedFiles, {"path": self.root_dir, "listed": lambda: self.served.newest().files}
        return route

    def _announce(self) -> None:
        url = f"http://{shown_host(self.asked.ip)}:{self.port}{self.base_url}"
        if self.asked.token is not None:
            url += f"?token={quote(self.asked.token)}"
        sys.stdout.write(f"“{self.served.newest().title}” is served at {url}\nPress Ctrl-C to stop.\n")
        sys.stdout.flush()
        if self.asked.browser:
            threading.Thread(target=webbrowser.open, args=(self._landing(url),), daemon=True).start()

    def _landing(self, url: str) -> str:
        """What the browser is told to open: a file only we can read when the URL is a secret, as `ps` shows it."""
        if self.asked.token is None:
            return url
        page = Path(self.connection_dir, "open.html")
        page.write_text(f'<meta charset="utf-8"><meta http-equiv="refresh" content="0;url={url}">', encoding="utf-8")
        return page.as_uri()


def main(asked: argparse.Namespace) -> int:
    """`nbapp serve`; the exit code.

    Raises:
        UsageError: it was asked for something impossible.
    """
    return AppServer(options.read(asked)).serve()


def listening(ip: str, port: int) -> list[socket.socket]:
    """Sockets that listen on a port of an address.

    Raises:
        UsageError: the port is taken or reserved, or the address is not this computer's.
    """
    try:
        return bind_sockets(port, "" if ip in ("", "*") else ip)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            free = bind_sockets(0, ip)
            other = free[0].getsockname()[1]
            for found in free:
                found.close()
            raise UsageError(f"port {port} is in use", f"choose another, as in --port {other}") from None
        if error.errno == errno.EACCES:
            raise UsageError(f"port {port} is reserved", "choose one above 1023, as in --port 8866") from None
        raise UsageError(f"cannot listen on {ip} port {port}: {error.strerror}") from None


def stopping() -> asyncio.Future[None]:
    """A future that is done when this process is asked to stop."""
    loop = asyncio.get_running_loop()
    asked: asyncio.Future[None] = loop.create_future()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _settle, asked)
    return asked


def _settle(asked: asyncio.Future[None]) -> None:
    if not asked.done():
        asked.set_result(None)


def shown_host(ip: str) -> str:
    """The host to write in a link to this server."""
    if ip in ("", "*", "0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{ip}]" if ":" in ip else ip


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """Whether a line of tornado's log says something: at every start it quarrels with Jupyter's ping settings."""
    return not record.getMessage().startswith("The websocket_ping_timeout")
