"""The server of one app: Voila with our executor, our connection to kernels, our page and nothing else switched on."""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import tornado.web
import voila.notebook_renderer
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.base.handlers import FileFindHandler
from jupyter_server.utils import url_path_join
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from traitlets import default
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import AllowListFileHandler, MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from nbapp._compat.python import run_exit_handlers
from nbapp.persistence.places import usable
from nbapp.serve import options
from nbapp.serve.application import Application
from nbapp.serve.assets import Packed, asset
from nbapp.serve.bundle import BUNDLED, Bundle
from nbapp.serve.configured import SLACK, TEMPLATES, configured, shared_settings
from nbapp.serve.kernels.connection import PageSocket
from nbapp.serve.kernels.interpreter import check_interpreter
from nbapp.serve.kernels.warm import WarmKernels
from nbapp.serve.kernels.zygote.forks import Forks
from nbapp.serve.kernels.zygote.process import ZygoteProcess
from nbapp.serve.listening import listening, shown_host
from nbapp.serve.operations.announce import announce
from nbapp.serve.operations.drain import Drain
from nbapp.serve.operations.health import Alive, TakesVisitors
from nbapp.serve.operations.logs import is_worth_a_line, log_as_json
from nbapp.serve.operations.metrics import serve_metrics
from nbapp.serve.operations.process import end_children, folder, leave, stopping
from nbapp.serve.options import Options
from nbapp.serve.page.downloads import Downloads
from nbapp.serve.page.executor import PageExecutor
from nbapp.serve.page.exporter import PageExporter
from nbapp.serve.page.live_coding import EVERY, LiveCoding
from nbapp.serve.page.rehearsal import app_of, rehearse, run_ahead, start_zygote
from nbapp.serve.page.take_away import TakeAway
from nbapp.serve.routes import ListedFiles, PageClosed, PageHandler, PlaceInLine, Progress, StopRerun, TemplateFiles
from nbapp.serve.served_file import ServedContents, ServedFile
from nbapp.serve.visitors.arrival import Arrival, LinkState, ways_below
from nbapp.serve.visitors.browser import OfOneBrowser, cookie_name
from nbapp.serve.visitors.cookies import cookie_secret
from nbapp.serve.visitors.discreet_log import keep_secrets
from nbapp.serve.visitors.links import Links
from nbapp.serve.visitors.refusals import Requests
from nbapp.serve.visitors.views import LongView, Views
from nbapp.share.registry import LinkRegistry
from nbapp.share.running import told

_LONGEST_FOLDER = 50  # characters: the path of a socket in it must stay under 104, macOS' limit
_LOOKED_EVERY = 1.0  # seconds between two looks at what became of links
_KERNEL_ID = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
_BUTTON = r"(?P<button>[0-9a-f]{32})"  # a widget's id


class AppServer(Voila):
    """Serves one notebook to anyone whom its options let in, each page with a kernel of its own."""

    template_paths: Any

    def __init__(self, asked: Options, hint: str = "") -> None:
        """`hint`: what to say to the author once it serves."""
        self._hint = hint
        self.connection_dir = folder()
        over_sockets = len(self.connection_dir) <= _LONGEST_FOLDER
        super().__init__(config=configured(asked, transport="ipc" if over_sockets else "tcp"))
        self.asked = asked
        self.bundle = Bundle(Path(self.connection_dir, "bundle"), self.log)
        self.drain = Drain(asked.drain, self.log)

    def serve(self) -> int:
        """Serve until SIGINT or SIGTERM; the exit code.

        Raises:
            UsageError: the notebook cannot be served, the port is taken, or a `--set` value does not fit.
        """
        try:
            self.stand_in()
            self.prepare()
            self.requests.watch()
            if self.asked.log_format == "json":
                log_as_json(self.log)
            sockets = listening(self.asked.ip, self.asked.port)
            self.port = sockets[0].getsockname()[1]
            self.figures = listening(*self.asked.metrics, "--metrics") if self.asked.metrics is not None else []
            # Not asyncio.run, which waits for what it cancels: pages half loaded go on all the same, and for ever.
            asyncio.set_event_loop(asyncio.new_event_loop())
            return asyncio.get_event_loop().run_until_complete(self._serve(sockets))
        finally:
            shutil.rmtree(self.connection_dir, ignore_errors=True)

    def stands_behind(self, port: int, drain: Drain, cookie_secret: bytes) -> None:
        """It is one of several apps of a server that listens there, and ends with it."""
        self.port, self.drain, self.cookie_secret = port, drain, cookie_secret

    @default("cookie_secret")
    def _of_token(self) -> bytes:
        return cookie_secret(self.asked.token, self.log)

    @staticmethod
    def stand_in() -> None:
        """Put what is ours into the place of Voila's, in this process."""
        voila.notebook_renderer.VoilaExecutor = PageExecutor
        voila.notebook_renderer.VoilaExporter = PageExporter
        logging.getLogger("tornado.general").addFilter(is_worth_a_line)

    def prepare(self) -> None:
        """Read the notebook and what else is needed before there is a loop.

        Raises:
            UsageError: the notebook cannot be served.
        """
        self.log.addFilter(is_worth_a_line)
        self.requests = Requests(self.log)
        keep_secrets(self.log)
        specs = KernelSpecManager()
        self.served = self.read_notebook(specs)
        self.links = self.known_links()
        check_interpreter(specs.get_kernel_spec(self.served.newest().notebook.metadata.kernelspec.name))
        self.initialize([])

    def open(self) -> None:
        """Make what answers requests; on the loop."""
        self.app = Application(**self.init_settings())
        self.app.add_handlers(".*$", self.init_handlers())
        self._look_after()

    def _look_after(self) -> None:
        """Follow links and the notebook, and run it ahead."""
        self._watch_links()
        self._run_ahead()
        self._watch_notebook()

    def read_notebook(self, specs: KernelSpecManager) -> ServedFile:
        """The notebook that is served. UsageError: there is none."""
        return ServedFile(self.asked.notebook, self.asked.title, specs, self.log)

    def known_links(self) -> Links:
        """The links by which visitors may come."""
        secure = (self.asked.link_url or "").startswith("https:")
        return Links(self.asked.notebook.resolve(), LinkRegistry(), self.log, secure)

    async def _serve(self, sockets: list[socket.socket]) -> int:
        asked_to_stop = stopping()
        self.app = Application(**self.init_settings())
        self.app.add_handlers(".*$", self.init_handlers())
        try:
            if self.asked.values and not await self._rehearsed(asked_to_stop):
                return 130
            self._look_after()
            server = HTTPServer(self.app)
            server.add_sockets(sockets)
            if self.figures:
                serve_metrics(self.figures, self.kernel_manager, self.requests)
            with told(self.asked.notebook.resolve(), self._links_begin(), self.asked.token is not None, self.log):
                self._announce()
                await asked_to_stop
            await self.drain.run(self.kernel_manager, stopping())
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
            return False
        rehearsal.result()
        return True

    async def _end_kernels(self) -> None:
        """End every kernel: politely, and at once when asked to stop again or when one of them defies it."""
        again = stopping()
        polite = asyncio.ensure_future(self.kernel_manager.end_all())
        await asyncio.wait([polite, again], return_when=asyncio.FIRST_COMPLETED)
        if polite.done() and polite.exception() is None:
            return
        end_children(self.connection_dir)
        shutil.rmtree(self.connection_dir, ignore_errors=True)
        leave(0)

    def setup_template_dirs(self) -> None:
        """Our templates in front of Voila's."""
        super().setup_template_dirs()
        self.template_paths = [str(TEMPLATES), *self.template_paths]

    def init_settings(self) -> dict[str, Any]:
        """Voila's settings, and ours."""
        settings: dict[str, Any] = super().init_settings()
        contents = ServedContents(parent=self, served=self.served, links=self.links, bundle=self.bundle)
        return {
            **settings,
            **shared_settings(self, settings["jinja2_env"]),
            "contents_manager": contents,
            "nbapp_bundle": self.bundle,
            "nbapp_links": self.links,
            "nbapp_visitor_cookie": cookie_name(self.asked.notebook.absolute()),
            "nbapp_views": Views(self.kernel_manager.recordings.results, str(self.asked.notebook.resolve())),
            "nbapp_packed": Packed(Path(self.connection_dir, "packed")),
            "websocket_max_message_size": self.asked.upload_bytes + SLACK,  # a file upload is one message
        }

    def init_handlers(self) -> list[tuple[Any, ...]]:
        """Voila's routes with our page, our files and our login in place of its own, and the route of Stop."""
        ours: list[tuple[Any, ...]] = [
            (url_path_join(self.server_url, "/nbapp/stop", _KERNEL_ID), StopRerun),
            (url_path_join(self.server_url, "/nbapp/progress", _KERNEL_ID), Progress),
            (url_path_join(self.server_url, "/nbapp/view", _KERNEL_ID), LongView),
            (url_path_join(self.server_url, "/nbapp/download", _KERNEL_ID, _BUTTON), Downloads),
            (
                url_path_join(self.server_url, "/nbapp/still", _KERNEL_ID),
                TakeAway,
                {"served": self.served, "asked": self.asked, "app_config": self.config},
            ),
            (url_path_join(self.server_url, "/nbapp/link"), LinkState),
            (url_path_join(self.server_url, "/nbapp/place"), PlaceInLine),
            (url_path_join(self.server_url, "/healthz"), Alive),
            (url_path_join(self.server_url, "/readyz"), TakesVisitors),
            (url_path_join(self.server_url, r"/link/([\w.-]+)"), Arrival),
            (
                url_path_join(self.server_url, BUNDLED),
                asset(tornado.web.StaticFileHandler),
                {"path": self.bundle.folder},
            ),
        ]
        for route in self.identity_provider.get_handlers():
            ours.append((url_path_join(self.server_url, route[0]), *route[1:]))
        above = [] if self.asked.home else ways_below(self.base_url)  # of several apps the index has them
        return [*above, *map(_of_one_browser, ours), *map(self._ours, super().init_handlers())]

    def _ours(self, route: tuple[Any, ...]) -> tuple[Any, ...]:
        pattern, handler, *rest = route
        if handler is TornadoVoilaHandler:
            return pattern, PageHandler, *rest
        if handler is AllowListFileHandler:
            return pattern, ListedFiles, {"path": self.root_dir, "listed": self.served.files}
        if handler is TemplateStaticFileHandler:
            return pattern, asset(TemplateFiles), *rest
        if handler in (MultiStaticFileHandler, FileFindHandler):
            return pattern, asset(handler), *rest
        if handler is VoilaKernelWebsocketHandler:
            return _of_one_browser((pattern, PageSocket, *rest))
        if handler is VoilaShutdownKernelHandler:
            return _of_one_browser((pattern, PageClosed, *rest))
        return _of_one_browser(route)

    def _run_ahead(self) -> None:
        """Keep kernels ready for the next visitors."""
        kernels = self.kernel_manager

        async def start(environment: Mapping[str, str]) -> str:
            return await run_ahead(kernels, self.served.newest().notebook, environment, self.config)

        async def start_to_fork(environment: Mapping[str, str]) -> ZygoteProcess:
            return await start_zygote(kernels, self.served.newest().notebook, environment)

        def run_to_fork(zygote: ZygoteProcess) -> None:
            zygote.run(app_of(self.served.newest().notebook, self.config))

        warm, newest = self.asked.warm, self.served.newest
        kernels.keep_warm(
            WarmKernels(warm, start, kernels.end, newest, kernels.may_start_ahead, self.log),
            Forks(warm if self.asked.fork else 0, start_to_fork, run_to_fork, newest, self.log),
        )

    def _watch_notebook(self) -> None:
        """Let open pages follow what is saved."""
        if self.asked.watch:
            author = self.asked.for_author
            coding = LiveCoding(self.served, self.kernel_manager, self.config, author, self.log)
            PeriodicCallback(coding.look, EVERY * 1000).start()

    def _watch_links(self) -> None:
        """End the pages of links that expire or are taken back."""
        look = partial(self.kernel_manager.end_opened_by, self.links.is_open)
        PeriodicCallback(look, _LOOKED_EVERY * 1000).start()

    def _links_begin(self) -> str:
        """What the addresses begin with that visitors use."""
        return self.asked.link_url or f"http://{shown_host(self.asked.ip)}:{self.port}{self.base_url}"

    def _announce(self) -> None:
        announce(f"“{self.served.newest().title}” is", self._links_begin(), self.asked, self.connection_dir)
        if self._hint and self.asked.log_format == "text":
            sys.stderr.write(f"nbapp serve: {self._hint}\n")


def _of_one_browser(route: tuple[Any, ...]) -> tuple[Any, ...]:
    """A route, which only the browser of a kernel's page may take where it names a kernel."""
    pattern, handler, *rest = route
    if handler is not Progress and ("kernel_id" in pattern or handler is PageClosed):
        return pattern, type(handler.__name__, (OfOneBrowser, handler), {}), *rest
    return route


def main(asked: argparse.Namespace, hint: Callable[[Path], str]) -> int:
    """`nbapp serve`; the exit code. `hint`: what to say to the author of a notebook once it is served.

    Raises:
        UsageError: it was asked for something impossible.
    """
    wanted = options.read(asked)
    code = AppServer(replace(wanted, results=usable(wanted.results)), hint(wanted.notebook)).serve()
    run_exit_handlers()
    leave(code)
