"""nbapp's part of a Jupyter server: where JupyterLab's *Share App* makes links, and *Preview as App* asks for a layout.

| request | answer |
|---|---|
| `GET nbapp/shares` | `{"shared": [...]}`: the author's links, the newest first |
| `POST nbapp/shares` | 201, the link; asked for by notebook, name, expires (seconds or null), to, values, pin |
| `DELETE nbapp/shares/NAME` | 204: the link is taken back |
| `POST nbapp/layout` | where cells stand in the page of a notebook with this path, metadata and cells |

What cannot be shared is answered with 409 and `paragraphs` for the author. Requests are authenticated, authorised (as
the resource `nbapp`) and checked against forgery as those of Jupyter's own interface. Only notebooks in the folder
that the server shows can be shared. Loading this registers the addresses and does nothing else.

Another maker of links can be put in place in a configuration file, as tests do:
`c.ServerApp.tornado_settings = {"nbapp_sharing": make}`, where `make()` gives a `nbapp.share.ask.Sharing`.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.utils import url_path_join
from tornado.web import HTTPError, authenticated

from nbapp.errors import NbappError
from nbapp.share import sharing
from nbapp.share.ask import CannotShare, Shared, Sharing, Wanted

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

SETTING = "nbapp_sharing"
_T = TypeVar("_T")


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "nbapp.server_extension"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    _refuse_to_be_an_app(os.environ.get("JUPYTERHUB_SERVER_NAME", ""))
    shares = url_path_join(server.base_url, "nbapp", "shares")
    layout = url_path_join(server.base_url, "nbapp", "layout")
    one = url_path_join(shares, "([^/]+)")
    server.web_app.add_handlers(".*$", [(shares, Shares), (one, OneShare), (layout, PageLayout)])


def _refuse_to_be_an_app(name: str) -> None:
    """End a Jupyter server that a Hub starts in the place of an app which was shared: it would hand over everything.

    That happens when the administrator takes `configure(c)` out while links are open.
    """
    if not name:
        return
    names, shelf = (import_module(f"nbapp.hub.{part}") for part in ("names", "shelf"))  # they need JupyterHub's package
    if names.is_app(name) and shelf.AppRegistry().app(names.name_of(name)) is not None:
        raise SystemExit(
            f"nbapp: {name} was shared as an app, and this Hub starts Jupyter in its place, which would give those who "
            "were invited your files. Ask its administrator for 'from nbapp.hub import configure; configure(c)'."
        )


class _Handler(APIHandler):
    auth_resource = "nbapp"

    async def ask(self, do: Callable[[Sharing], _T], status: int, told: Callable[[_T], object]) -> None:
        """Answer with what `told` makes of the result, or with why there is none.

        Links are made in a thread: starting an app takes seconds, in which the server has other things to do.
        """
        make: Callable[[], Sharing] = self.settings.get(SETTING, sharing)
        try:
            result = await _in_thread(lambda: do(make()))
        except NbappError as error:
            self.set_status(409)
            self.finish(json.dumps({"message": str(error), "paragraphs": _paragraphs(error)}))
            return
        self.set_status(status)
        self.finish(json.dumps(told(result)) if status != 204 else None)

    @property
    def root(self) -> Path | None:
        """The folder that the server shows, without symbolic links; None when it does not keep notebooks in files."""
        manager = self.contents_manager
        return Path(manager.root_dir).resolve() if isinstance(manager, FileContentsManager) else None

    def told(self, shared: Shared) -> dict[str, Any]:
        """A link for the page."""
        root, notebook = self.root, shared.notebook
        inside = root is not None and notebook.is_relative_to(root)
        return {
            "name": shared.name,
            "url": shared.url,
            "notebook": notebook.relative_to(root).as_posix() if root and inside else str(notebook),
            "made": shared.made.isoformat(),
            "expires": shared.expires and shared.expires.isoformat(),
            "to": list(shared.to),
            "values": dict(shared.values),
            "pinned": shared.pinned,
        }


async def _in_thread(call: Callable[[], _T]) -> _T:
    """The result of a call in a thread that does not keep the server from ending, as those of a pool would."""
    done: Future[_T] = Future()

    def run() -> None:
        try:
            done.set_result(call())
        except BaseException as error:  # noqa: BLE001 -- it is raised where the result is awaited
            done.set_exception(error)

    threading.Thread(target=run, name="nbapp-share", daemon=True).start()
    return await asyncio.wrap_future(done)


class PageLayout(_Handler):
    """The layout of a notebook as it stands in a page of JupyterLab, saved or not."""

    @authenticated
    @authorized
    async def post(self) -> None:
        """Tell it. Nothing is kept, and of files only the picture of the icon is read."""
        body = self.get_json_body()
        if body is None or not _is_notebook(body):
            raise HTTPError(400, "path, metadata and cells (id, cell_type, source, metadata) are needed")
        preview = import_module("nbapp.serve.layout.preview")  # part of `nbapp serve`, and not of this server's start
        self.finish(json.dumps(await _in_thread(lambda: preview.preview(body, self._folder(body["path"])))))

    def _folder(self, path: str) -> Path | None:
        """The folder of a notebook; None when it is in none that this server shows."""
        if (root := self.root) is None or "\0" in path:
            return None
        folder = Path(root, *path.strip("/").split("/")).resolve().parent
        return folder if folder.is_relative_to(root) else None


class Shares(_Handler):
    """All links of the author."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """List them."""
        await self.ask(
            lambda sharing: sharing.shared(), 200, lambda found: {"shared": [self.told(shared) for shared in found]}
        )

    @authenticated
    @authorized
    async def post(self) -> None:
        """Make one."""
        body = self.get_json_body()
        if not isinstance(body, dict) or not isinstance(body.get("notebook"), str):
            raise HTTPError(400, "a JSON object with the path of a notebook is needed")
        notebook = await self._notebook(body["notebook"])
        if notebook is not None:
            wanted = _wanted(notebook, body)
            await self.ask(lambda sharing: sharing.share(wanted), 201, self.told)

    async def _notebook(self, path: str) -> Path | None:
        """The file of a notebook; None when it was answered that there is none.

        Raises:
            HTTPError: it is not there, hidden, no notebook, or outside of the folder that the server shows.
        """
        if (root := self.root) is None:
            await self.ask(_kept_elsewhere, 201, self.told)
            return None
        if not path.endswith(".ipynb"):
            raise HTTPError(400, f"{path} is not a notebook")
        await ensure_async(self.contents_manager.get(path, content=False, type="notebook"))
        file = Path(root, *path.strip("/").split("/")).resolve()
        if not file.is_relative_to(root):
            raise HTTPError(403, f"{path} leads out of the folder that this server shows: share it from where it is")
        return file


class OneShare(_Handler):
    """One link of the author."""

    @authenticated
    @authorized
    async def delete(self, name: str) -> None:
        """Take it back."""
        await self.ask(lambda sharing: sharing.revoke(name), 204, lambda _: None)


def _is_notebook(body: Any) -> bool:
    """Whether a request holds what a layout is made of."""
    fields = {"id": str, "cell_type": str, "source": str, "metadata": dict}
    right = isinstance(body, dict) and isinstance(body.get("path"), str) and isinstance(body.get("metadata"), dict)
    cells = body.get("cells") if right else None
    return isinstance(cells, list) and all(
        isinstance(cell, dict) and all(isinstance(cell.get(name), kind) for name, kind in fields.items())
        for cell in cells
    )


def _kept_elsewhere(_: Sharing) -> Shared:
    raise CannotShare(
        "this Jupyter server does not keep its notebooks in files of its own computer",
        "whoever runs it can serve a folder",
        "download the notebook, and share it where you keep it",
    )


def _paragraphs(error: NbappError) -> list[str]:
    parts = (
        [error.missing, error.who, error.instead] if isinstance(error, CannotShare) else [error.message, error.remedy]
    )
    return [part for part in parts if part]


def _wanted(notebook: Path, body: Mapping[str, Any]) -> Wanted:
    """What the page asks for.

    Raises:
        HTTPError: it is not of the right form.
    """
    name, seconds, to = body.get("name"), body.get("expires"), body.get("to", [])
    values, pin = body.get("values", {}), body.get("pin", False)
    right = (
        (name is None or isinstance(name, str)) and isinstance(to, list) and all(isinstance(whom, str) for whom in to)
    )
    if not (right and isinstance(values, dict) and isinstance(pin, bool)):
        raise HTTPError(400, "name is a text or null, to a list of texts, values an object, pin true or false")
    return Wanted(notebook, name, _expires(seconds), tuple(to), values, pin)


def _expires(seconds: Any) -> timedelta | None:
    if seconds is None:
        return None
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0 < seconds < 100 * 365 * 86400:
        raise HTTPError(400, "expires is a number of seconds from now, or null")
    return timedelta(seconds=seconds)
