"""The front end's files: sent compressed, and kept by browsers where their address tells their content.

Voila sends them as they are, some five megabytes, and lets browsers ask for most of them again at each page.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path
from typing import Any

import voila
from tornado.web import StaticFileHandler
from voila.paths import collect_static_paths

from nbapp.serve.bundle import Bundle

_PACKED = frozenset({".css", ".js", ".json", ".mjs", ".svg"})
_LEVEL = 6
_HASHED = re.compile(r"\.[0-9a-f]{8,}\.")  # in a file's name
_FOR_EVER = "public, max-age=31536000, immutable"
_VERSION = re.compile(r"nbapp-[0-9a-f]{16}")  # the part of an address that tells the version


def version() -> str:
    """A part of an address that is another one when Voila's front end is: its files have the same names in each."""
    folders = collect_static_paths(["voila", "nbconvert"], "lab")
    found = [path.stat() for folder in folders if (path := Path(folder, "voila.js")).exists()]
    text = f"{voila.__version__} {[(each.st_size, each.st_mtime_ns) for each in found]}"
    return f"nbapp-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


class Packed:
    """Files that were compressed once, in a folder of the server's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[str, int], str] = {}

    def of(self, path: str) -> str | None:
        """The compressed copy of a file; None when there can be none."""
        try:
            key = path, Path(path).stat().st_mtime_ns
            if key not in self._known:
                self._known[key] = self._pack(path, len(self._known))
            return self._known[key]
        except OSError:
            return None

    def _pack(self, path: str, number: int) -> str:
        self._folder.mkdir(exist_ok=True)
        packed = self._folder / f"{number}.gz"
        packed.write_bytes(gzip.compress(Path(path).read_bytes(), _LEVEL))
        return str(packed)


class Asset(StaticFileHandler):
    """What stands in front of a handler of files."""

    def parse_url_path(self, url_path: str) -> str:
        """The file's path, without the part that tells its version."""
        first, _, rest = url_path.partition("/")
        self._is_of_version = _VERSION.fullmatch(first) is not None
        return super().parse_url_path(rest if self._is_of_version else url_path)

    def set_headers(self) -> None:
        """Say how long it may be kept, and send its compressed copy where that is understood."""
        super().set_headers()
        path: Any = self.absolute_path
        bundle: Bundle = self.settings["nbapp_bundle"]
        bundle.asked(self.get_cookie("_xsrf", "") or "", Path(path))
        if self._is_of_version or _HASHED.search(Path(path).name):
            self.set_header("Cache-Control", _FOR_EVER)
        if Path(path).suffix not in _PACKED:
            return
        packed: Packed = self.settings["nbapp_packed"]
        if "gzip" in self.request.headers.get("Accept-Encoding", "") and (copy := packed.of(path)) is not None:
            self.absolute_path = copy
            self.set_header("Content-Encoding", "gzip")

    def get_content_size(self) -> int:
        """The bytes that are sent."""
        return Path(str(self.absolute_path)).stat().st_size


def asset(handler: type[StaticFileHandler]) -> type[StaticFileHandler]:
    """A handler of files whose files are sent as assets."""
    return type(f"{handler.__name__}Asset", (Asset, handler), {})
