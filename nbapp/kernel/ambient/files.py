"""Files as mutable objects of the notebook: opens are noted while a cell runs, versions are digests of the content.

`open` and its relatives are replaced while a cell runs, and only then. A library that opens files without Python
(Arrow, Polars, DuckDB) is covered by strings and paths that name them (see `paths`). Why not an audit hook: decision 8.
"""

from __future__ import annotations

import builtins
import io
import os
import pathlib
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import xxhash

from nbapp.core.digest import Digest, text_digest
from nbapp.core.run import Binding
from nbapp.core.types import Adapter

COMPONENT = "file:"
_CHUNK = 1 << 22
_HASHED = 1 << 28  # bytes; a larger file goes by its size and times
_RACY = 50_000_000  # nanoseconds: a file changed so lately may change again without its time moving


@dataclass(eq=False)
class File:
    """A file or folder by its absolute path; there is one of these for each path."""

    path: str
    _known: tuple[tuple[int, ...], str] | None = None

    def version(self) -> str:
        """The digest of its content now: of the names in it for a folder, a fixed word when there is none."""
        try:
            stat = os.stat(self.path)
            signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_mode)
            if self._known is None or self._known[0] != signature:
                content = self._content(stat)
                is_settled = time.time_ns() - stat.st_mtime_ns > _RACY
                self._known = (signature, content) if is_settled else None
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


_ADAPTER = Adapter(parts=lambda file: (file.path, file.version()), reach=lambda file: ())


def lookup(kind: type) -> Adapter | None:
    """How the core digests and follows a `File`."""
    return _ADAPTER if kind is File else None


@dataclass(slots=True)
class Opened:
    """What one cell did to files: the bindings as they were before it, and those it read."""

    before: dict[str, Binding] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)


class Files:
    """The files of a notebook. `bind` makes the binding of a `File`."""

    def __init__(self, bind: Callable[[File], Binding]) -> None:
        self._bind = bind
        self._files: dict[str, File] = {}
        self._ours: dict[str, tuple[Digest, Digest]] = {}
        self._opened: Opened | None = None
        self._inside = False
        self._paused = False

    def component(self, path: str | os.PathLike[str] | bytes) -> str | None:
        """The component of a path; None when it is no business of the notebook."""
        full = os.path.abspath(os.fsdecode(path))
        return COMPONENT + full if _is_watched(full) else None

    def file(self, component: str) -> File:
        """The file of a component."""
        path = component.removeprefix(COMPONENT)
        return self._files.setdefault(path, File(path))

    def present(self, component: str) -> Binding:
        """The file as it is now."""
        return self._bind(self.file(component))

    def baseline(self, component: str) -> Binding:
        """The file that no cell wrote so far; what the notebook itself wrote last time does not count as a change."""
        binding = self.present(component)
        before, after = self._ours.get(component, (None, None))
        if before is not None and after == binding.version:
            binding.version = before
        return binding

    def begins_as(self, component: str, version: Digest) -> None:
        """A cell saw a file that no cell above it wrote: a clean run would find it like this from now on."""
        self._ours[component] = (version, version)

    def wrote(self, component: str, before: Digest, after: Digest) -> None:
        """A cell changed a file."""
        first, last = self._ours.get(component, (before, before))
        self._ours[component] = (first if last == before else before, after)

    @contextmanager
    def watching(self) -> Iterator[Opened]:
        """Note the files that are opened inside, on any thread."""
        outer, opened = self._opened, Opened()
        self._opened = opened
        undo = [_replaced(place, name, make(self, original)) for place, name, original, make in _doors()]
        try:
            yield opened
        finally:
            for put_back in reversed(undo):
                put_back()
            self._opened = outer

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Note nothing inside."""
        outer, self._paused = self._paused, True
        try:
            yield
        finally:
            self._paused = outer

    def note(self, path: Any, *, reads: bool, writes: bool) -> None:
        """A cell is about to open a file."""
        opened = self._opened
        if opened is None or self._inside or self._paused or not isinstance(path, (str, bytes, os.PathLike)):
            return
        self._inside = True
        try:
            component = self.component(path)
            if component is not None:
                if component not in opened.before:
                    opened.before[component] = self.present(component)
                if reads and component not in opened.written:
                    opened.read.add(component)
                if writes:
                    opened.written.add(component)
        finally:
            self._inside = False


# --- the ways in which Python opens files


def _open(files: Files, original: Any) -> Any:
    def open_file(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        """Open a file; nbapp notes which."""
        if isinstance(mode, str):
            files.note(file, reads="r" in mode or "+" in mode, writes=not set(mode).isdisjoint("wax+"))
        return original(file, mode, *args, **kwargs)

    return open_file


def _os_open(files: Files, original: Any) -> Any:
    def open_descriptor(path: Any, flags: int, *args: Any, **kwargs: Any) -> Any:
        """Open a file descriptor; nbapp notes which file."""
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
        files.note(path, reads=not flags & (os.O_WRONLY | os.O_TRUNC), writes=writes)
        return original(path, flags, *args, **kwargs)

    return open_descriptor


def _reads(files: Files, original: Any) -> Any:
    def read(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
        """Look at a file or folder; nbapp notes which."""
        files.note(path, reads=True, writes=False)
        return original(path, *args, **kwargs)

    return read


def _writes(files: Files, original: Any) -> Any:
    def write(*paths: Any, **kwargs: Any) -> Any:
        """Change a file or folder; nbapp notes which."""
        for path in paths[:2]:
            files.note(path, reads=False, writes=True)
        return original(*paths, **kwargs)

    return write


def _doors() -> Iterable[tuple[Any, str, Any, Callable[[Files, Any], Any]]]:
    places: list[tuple[Any, str, Callable[[Files, Any], Any]]] = [
        (builtins, "open", _open),
        (io, "open", _open),
        (sys.modules.get("IPython.core.interactiveshell"), "io_open", _open),
        (getattr(pathlib, "_NormalAccessor", None), "open", lambda files, it: staticmethod(_open(files, it))),
        (os, "open", _os_open),
        *((os, name, _reads) for name in ("stat", "listdir", "scandir")),
        *((os, name, _writes) for name in ("remove", "unlink", "rename", "replace", "truncate", "mkdir", "rmdir")),
    ]
    for place, name, make in places:
        if place is not None and hasattr(place, name):
            yield place, name, getattr(place, name), make


def _replaced(place: Any, name: str, value: Any) -> Callable[[], None]:
    before = vars(place)[name]
    setattr(place, name, value)
    mine = vars(place)[name]

    def put_back() -> None:
        if vars(place).get(name) is mine:  # code that replaced it again keeps what it made
            setattr(place, name, before)

    return put_back


# --- which files matter


def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    home = os.path.expanduser("~")
    folders = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders += [os.path.join(prefix, part) for prefix in (sys.prefix, sys.base_prefix) for part in ("share", "etc")]
    folders += [os.path.join(home, part) for part in (".cache", ".config", ".ipython", ".jupyter", ".local", ".fonts")]
    folders += ["/proc", "/sys", "/dev", "/etc", "/usr/lib", "/usr/share", "/lib", "/var/cache", "/run"]
    folders.append(os.path.join(os.path.dirname(__file__), "..", ".."))
    return tuple({os.path.abspath(folder) + os.sep for folder in folders})


_LIBRARIES = _library_folders()
_IPYTHON_CELLS = os.path.join(tempfile.gettempdir(), "ipykernel_")


def _is_watched(path: str) -> bool:
    if path.startswith((*_LIBRARIES, _IPYTHON_CELLS)) or path.endswith((".pyc", ".ipynb")):
        return False
    return f"{os.sep}site-packages{os.sep}" not in path and not path.endswith(("__pycache__", "<string>", ">"))
