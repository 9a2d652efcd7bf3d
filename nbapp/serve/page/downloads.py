"""Files that a visitor downloads: the page's kernel writes them, the server sends them in pieces and takes them away.

The page says that it is going to ask (POST), then the click goes to the kernel, then it asks again and again whether
the file is made (GET with `made`), and fetches it (GET).
"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Container
from pathlib import Path
from typing import Any
from urllib.parse import quote

import tornado.web
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.iostream import StreamClosedError

OUTBOX = "outbox"  # in the folder of the connections: a folder for each kernel, in it one for each button
_PIECE = 2**20  # bytes that are in memory at once
_LOOK = 0.05  # seconds
_HELD = 10.0  # seconds that a question waits: less than a proxy's patience
READY = "ready.json"  # what the kernel says when it is done


def outbox(kernel: Any) -> Path:
    """Where a kernel puts files for its page."""
    return Path(kernel.connection_file).parent / OUTBOX / str(kernel.kernel_id)


def sweep(connections: Path, alive: Container[str]) -> None:
    """Take away what kernels left that are gone: a visitor who went away before the file had come."""
    folder = connections / OUTBOX
    for each in folder.iterdir() if folder.is_dir() else ():
        if each.name not in alive:
            shutil.rmtree(each, ignore_errors=True)


class Downloads(APIHandler):
    """One button of one page."""

    auth_resource = "kernels"
    _left = False

    @tornado.web.authenticated
    @authorized(action="execute")  # type: ignore[untyped-decorator]
    async def post(self, kernel_id: str, button: str) -> None:
        """A click follows: what an earlier one left is not meant."""
        folder = self._folder(kernel_id, button)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        self.set_status(204)
        await self.finish()

    @tornado.web.authenticated
    @authorized(action="read")  # type: ignore[untyped-decorator]
    async def get(self, kernel_id: str, button: str) -> None:
        """The file, which is gone afterwards. With `made`, what has become of it: true, false or, when nothing is to
        come any more, null; nothing while it may still come.
        """
        folder = self._folder(kernel_id, button)
        if self.get_query_argument("made", None) is not None:
            await self.finish(await self._news(kernel_id, folder))
            return
        try:
            await self._send(folder, json.loads((folder / READY).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise tornado.web.HTTPError(404) from None
        except StreamClosedError:
            return  # whoever asked went away
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    async def _news(self, kernel_id: str, folder: Path) -> dict[str, bool | None]:
        kernels: Any = self.kernel_manager
        presence = kernels.presence(kernel_id)
        presence.waits += 1
        try:
            deadline = time.monotonic() + _HELD
            while folder.is_dir() and kernel_id in kernels and not self._left:
                if (folder / READY).is_file():
                    made = "file" in json.loads((folder / READY).read_text(encoding="utf-8"))
                    if not made:
                        shutil.rmtree(folder, ignore_errors=True)
                    return {"made": made}
                if time.monotonic() > deadline:
                    return {}
                await asyncio.sleep(_LOOK)
            return {"made": None}
        finally:
            presence.waits -= 1

    def on_connection_close(self) -> None:
        """Whoever asked went away."""
        super().on_connection_close()
        self._left = True

    def _folder(self, kernel_id: str, button: str) -> Path:
        kernels: Any = self.kernel_manager
        if kernel_id not in kernels:
            raise tornado.web.HTTPError(404)
        return outbox(kernels.get_kernel(kernel_id)) / button

    async def _send(self, folder: Path, told: dict[str, str]) -> None:
        file = folder / told["file"]
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(told['name'], safe='')}")
        self.set_header("Content-Length", str(file.stat().st_size))
        self.set_header("Cache-Control", "no-store")
        with file.open("rb") as opened:
            while piece := await asyncio.to_thread(opened.read, _PIECE):
                self.write(piece)
                del piece  # it goes before the next one comes: no two of them are there
                await self.flush()
        await self.finish()
