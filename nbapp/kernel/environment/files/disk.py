"""What lies on disk as mutable objects, with versions: a file or folder by its path, and all files below a folder.

A folder that a cell lists counts by the names in it (`File`). One whose name goes to a library that reads what lies
there counts with all below (`Tree`); so does a pattern such as `data/*/*.parquet`.
"""

from __future__ import annotations

import fnmatch
import io
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import xxhash

from nbapp.kernel.environment.files.path_rules import is_watched
from nbapp.values.digest import text_digest
from nbapp.values.types import Adapter, reaches_nothing

_CHUNK = 1 << 22
_HASHED = 1 << 28  # bytes, of a file and of all in a tree; what is larger goes by its size and times
_RACY = 50_000_000  # nanoseconds: what changed so lately may change again without its time moving
_MOST = 10_000  # entries of a tree that are looked at; folders beyond go by their times
_OTHERS = ".pyc", ".ipynb"
_SKIPPED = "node_modules", "__pycache__"


def is_settled(stat: os.stat_result) -> bool:
    """Whether any further change would show in the time of the last one."""
    return time.time_ns() - stat.st_mtime_ns > _RACY


@dataclass(eq=False)
class File:
    """A file or folder by its absolute path; there is one of these for each path."""

    path: str
    _known: tuple[tuple[int, ...], str] | None = None

    def version(self, stat: os.stat_result | None = None) -> str:
        """The digest of its content now: of the names in it for a folder, a fixed word when there is none."""
        try:
            stat = stat or os.stat(self.path)
            signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_mode)
            if self._known is None or self._known[0] != signature:
                content = self._content(stat)
                self._known = (signature, content) if is_settled(stat) else None
                return content
            return self._known[1]
        except OSError as error:
            return f"none: {type(error).__name__}"

    def _content(self, stat: os.stat_result) -> str:
        if os.path.isdir(self.path):
            return "folder " + text_digest(*sorted(os.listdir(self.path)))
        if not os.path.isfile(self.path):
            return "device"
        if stat.st_size > _HASHED:
            return f"large {stat.st_mtime_ns} {stat.st_size}"
        hasher = xxhash.xxh3_128()
        with io.FileIO(self.path) as file:
            while chunk := file.read(_CHUNK):
                hasher.update(chunk)
        return hasher.hexdigest()


@dataclass(eq=False)
class Tree:
    """All files below a folder, or those that a pattern may mean: as deep as it goes, with a name that it allows.

    `root` is the folder itself, or the one that the pattern begins in.
    """

    path: str
    root: str
    _known: dict[str, File] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = os.path.relpath(self.path, self.root).split(os.sep) if self.path != self.root else ["**"]
        self._depth = _MOST if "**" in parts else len(parts)
        # Libraries read braces and `**` in a name in their own ways: then each name counts.
        self._name = None if "{" in parts[-1] or "**" in parts[-1] else re.compile(fnmatch.translate(parts[-1]))

    def counts(self, path: str) -> bool:
        """Whether a change of this file, or of the folder itself, is one of the tree."""
        inside = os.path.join(path, "").startswith(os.path.join(self.root, ""))
        return inside and (self._name is None or path == self.root or bool(self._name.match(os.path.basename(path))))

    def version(self) -> str:
        """The digest of the names and contents now."""
        before, self._known = self._known, {}
        return text_digest("tree", *self._words(before))

    def _words(self, before: dict[str, File]) -> Iterator[str]:
        hashed = 0
        for path, stat in self._entries():
            yield path
            if stat is None:
                continue
            hashed += stat.st_size
            if hashed > _HASHED:
                yield f"{stat.st_mtime_ns} {stat.st_size} {stat.st_ino}"
            else:
                file = self._known[path] = before.get(path) or File(path)
                yield file.version(stat)

    def _entries(self) -> Iterator[tuple[str, os.stat_result | None]]:
        """The folders, and the files with what is known of them; breadth first, the same each time."""
        left, seen = _MOST, set()
        folders = [(self.root, 1)]
        for folder, depth in folders:
            try:
                stat = os.stat(folder)
                with os.scandir(folder) as entries:  # in the same order while nothing comes or goes
                    found = list(islice(entries, left + 1))
            except OSError:
                continue
            if (stat.st_dev, stat.st_ino) in seen:  # a link to a folder above
                continue
            seen.add((stat.st_dev, stat.st_ino))
            if len(found) > left:
                yield f"{folder} {stat.st_mtime_ns}", None
            found = sorted(found[:left], key=lambda entry: entry.name)
            for entry in found:
                if entry.is_dir():
                    if depth < self._depth and _is_of_use(entry):
                        folders.append((entry.path, depth + 1))
                    if self._name is None:
                        yield entry.path, None
                elif (self._name is None or self._name.match(entry.name)) and not entry.name.endswith(_OTHERS):
                    yield from _with_stat(entry)
            left -= len(found)


def _with_stat(entry: os.DirEntry[str]) -> Iterator[tuple[str, os.stat_result | None]]:
    try:
        yield entry.path, entry.stat()
    except OSError:  # it went away, or a link leads nowhere
        yield entry.path, None


def _is_of_use(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and entry.name not in _SKIPPED and is_watched(entry.path + os.sep)


_ADAPTER = Adapter(parts=lambda item: (item.path, item.version()), reach=reaches_nothing)


def lookup(kind: type) -> Adapter | None:
    """How the core digests and follows a `File` or `Tree`."""
    return _ADAPTER if kind is File or kind is Tree else None


def folder_names(where: str) -> frozenset[str]:
    """The names of the folders in a folder; listed again only when it changed."""
    try:
        stat = os.stat(where)
        if where in _FOLDERS and _FOLDERS[where][0] == stat.st_mtime_ns:
            return _FOLDERS[where][1]
        with os.scandir(where) as entries:
            names = frozenset(entry.name for entry in entries if entry.is_dir())
    except OSError:
        return frozenset()
    _FOLDERS.clear()  # there is one working directory
    if is_settled(stat):
        _FOLDERS[where] = stat.st_mtime_ns, names
    return names


_FOLDERS: dict[str, tuple[int, frozenset[str]]] = {}
