"""The index: which notebooks there are, and a door to each. It has no kernel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import tornado.web
from jupyter_server.auth.identity import PasswordIdentityProvider
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from traitlets import default
from traitlets.config import Config
from voila.app import Voila

from nbapp.serve.configured import configured, shared_settings
from nbapp.serve.operations.drain import Drain
from nbapp.serve.operations.health import Alive, TakesVisitors
from nbapp.serve.options import Options
from nbapp.serve.several.notebooks import Notebooks
from nbapp.serve.several.summary import Summaries
from nbapp.serve.visitors.arrival import ways_below
from nbapp.serve.visitors.cookies import cookie_secret
from nbapp.serve.visitors.links import Links
from nbapp.serve.visitors.refusals import Requests
from nbapp.share.registry import LinkRegistry


def address_of(name: str) -> str:
    """Where an app is, behind the base URL."""
    return f"app/{quote(name)}/"


class Index(JupyterHandler):
    """The page of all notebooks."""

    @tornado.web.authenticated
    def get(self) -> None:
        """What there is now."""
        self.set_header("Cache-Control", "no-store")
        about = {"apps": list(self._apps()), "title": self.settings["nbapp_title"]}
        self.finish(self.settings["jinja2_env"].get_template("apps.html").render(**about, base_url=self.base_url))

    def _apps(self) -> Iterator[dict[str, Any]]:
        summaries: Summaries = self.settings["nbapp_summaries"]
        for name, path in self.settings["nbapp_notebooks"].by_name().items():
            found = summaries.of(path)
            error = found.error if self.settings["nbapp_for_author"] else "It cannot be opened at the moment."
            about = {"title": found.title, "lines": found.lines, "error": error if found.error else ""}
            folder, _, _ = name.rpartition("/")
            still = f"nbapp/still/{quote(name)}" if found.still is not None else ""
            yield {**about, "name": name, "folder": folder, "address": address_of(name), "still": still}


class Still(JupyterHandler):
    """The picture of a notebook in the index."""

    @tornado.web.authenticated
    def get(self, name: str) -> None:
        """The first one that the file was saved with."""
        path = self.settings["nbapp_notebooks"].by_name().get(name)
        still = self.settings["nbapp_summaries"].of(path).still if path is not None else None
        if still is None:
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", "image/png")
        self.set_header("Cache-Control", "private, no-cache")
        self.finish(still)


class NoApp(JupyterHandler):
    """Where a notebook is that cannot be opened, or is not there."""

    @tornado.web.authenticated
    def get(self, name: str) -> None:
        """Say so; the address without its slash leads to the one with it."""
        if not name.endswith("/") and name in self.settings["nbapp_notebooks"].by_name():
            query = f"?{self.request.query}" if self.request.query else ""
            self.redirect(self.base_url + address_of(name) + query)
            return
        path = self.settings["nbapp_notebooks"].by_name().get(name.strip("/"))
        self.set_status(404 if path is None else 503)
        error = self.settings["nbapp_troubles"].get(path, "") if self.settings["nbapp_for_author"] else ""
        about = {"is_there": path is not None, "error": error, "base_url": self.base_url}
        self.finish(self.settings["jinja2_env"].get_template("noapp.html").render(**about))


class Nowhere(JupyterHandler):
    """Any other address."""

    @tornado.web.authenticated
    def get(self, name: str) -> None:
        """The name of an app leads to the app. Of others it is said that there is none."""
        if name.strip("/") in self.settings["nbapp_notebooks"].by_name():
            self.redirect(self.base_url + address_of(name.strip("/")))
            return
        self.set_status(404)
        about = {"is_there": False, "error": "", "base_url": self.base_url}
        self.finish(self.settings["jinja2_env"].get_template("noapp.html").render(**about))


class IndexServer(Voila):
    """The addresses besides those of the apps. `troubles`: why files cannot be opened."""

    template_paths: Any

    def __init__(self, asked: Options, notebooks: Notebooks, folder: str, troubles: Mapping[Any, str]) -> None:
        self.connection_dir = folder
        whole = replace(asked, notebook=notebooks.root, results={"where": "none"})
        config = configured(whole, transport="ipc")
        config.merge(Config(Voila={"identity_provider_class": PasswordIdentityProvider}))
        super().__init__(config=config)
        self.asked, self.notebooks, self.troubles = asked, notebooks, troubles
        self.drain = Drain(asked.drain, self.log)
        self.requests = Requests(self.log)

    @default("cookie_secret")
    def _of_token(self) -> bytes:
        return cookie_secret(self.asked.token, self.log)

    def setup_template_dirs(self) -> None:
        """Without Voila's look at a notebook: there is none."""
        self.notebook_path = ""
        super().setup_template_dirs()

    def init_settings(self) -> dict[str, Any]:
        """Voila's settings, and what the index is made of."""
        settings: dict[str, Any] = super().init_settings()
        return {
            **settings,
            **shared_settings(self, settings["jinja2_env"]),
            "nbapp_for_author": self.asked.for_author,
            "nbapp_links": Links(self.notebooks.root, LinkRegistry(), self.log, secure=False),
            "nbapp_notebooks": self.notebooks,
            "nbapp_summaries": Summaries(),
            "nbapp_title": self.asked.title or self.notebooks.root.name,
            "nbapp_troubles": self.troubles,
        }

    def init_handlers(self) -> list[tuple[Any, ...]]:
        """The index, health and the way in; nothing of Voila's."""
        routes: list[tuple[Any, ...]] = [
            ("/?", Index),
            (r"/nbapp/still/(.+)", Still),
            (r"/app/(.+)", NoApp),
            ("/healthz", Alive),
            ("/readyz", TakesVisitors),
            *self.identity_provider.get_handlers(),
            (r"/(.+)", Nowhere),
        ]
        own = [(url_path_join(self.server_url, route[0]), *route[1:]) for route in routes]
        return [*ways_below(self.base_url), *own]
