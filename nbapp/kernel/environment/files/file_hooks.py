"""The ways in which Python code opens, looks at and changes files, with a stand-in for each while a cell runs.

A module that took `open` by another name (`from builtins import open as _open`, as `bz2` does) has one of them too:
modules are looked through once, when they are new. This file knows neither cells nor versions.
"""

from __future__ import annotations

import inspect
import io
import os
import sys
import types
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from nbapp._compat.python import RESOLVING
from nbapp.kernel.common.stand_in import called, faults, standin
from nbapp.kernel.environment.files.path_rules import path_in
from nbapp.libraries.numpy import DATASOURCE, file_openers

# The import system opens files all the time, through these; what it loads is known by its modules.
_NOT_LOOKED_THROUGH = frozenset(
    {"_io", "_frozen_importlib", "_frozen_importlib_external", "posix", "nt", "zipimport", "nbapp", "__main__"}
    | {"importlib._bootstrap", "importlib._bootstrap_external"}
)
_WITH_CLASSES = ("pathlib", "glob")  # some of their classes hold hooks
_READS = ("stat", "lstat", "access", "readlink", "listdir", "scandir")
_WRITES = ("remove", "unlink", "rename", "replace", "truncate", "mkdir", "rmdir", "link", "symlink")
_READING = frozenset("r+a")  # what is appended to is what it was, and more
_ABSENT = object()


class Notes(Protocol):
    """Who hears of it."""

    def note(self, path: Any, *, reads: bool, writes: bool) -> None:
        """Code is about to open a file."""

    def holds(self, handle: Any, path: Any) -> None:
        """It opened a file for writing, and may write to it later."""


Place = tuple[Any, str, Any, Any]  # a dict or class, a name in it, what is there, and its stand-in


class FileHooks:
    """The hooks of one process. Between `around` everything is as it was."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._standins: dict[int, tuple[Any, Any]] = {}
        self._places: list[Place] = []
        self._seen: dict[int, weakref.ref[types.ModuleType]] = {}  # by id: a WeakSet takes ten times as long to ask
        self._signature: tuple[int, str] | None = None
        self._undo: list[Place] | None = None
        for name in ("get_data", "path_stats"):  # of modules that are loaded by their path
            kind = next(kind for kind in SourceFileLoader.__mro__ if name in vars(kind))
            self._places.append((kind, name, vars(kind)[name], _loads(notes, vars(kind)[name])))

    @contextmanager
    def around(self) -> Iterator[None]:
        """Code inside is noted, on any thread."""
        self.look()
        outer, self._undo = self._undo, []
        for place in self._places:
            self._put(place)
        try:
            yield
        finally:
            for holder, name, before, ours in reversed(self._undo):
                if vars_of(holder).get(name) is ours:  # code that replaced it again keeps what it made
                    _set(holder, name, before)
            self._undo = outer

    def look(self) -> None:
        """Find the hooks of modules that were imported since the last look."""
        signature = len(sys.modules), next(reversed(sys.modules), "")
        if signature == self._signature:
            return
        self._signature = signature
        self._learn()
        for name, module in tuple(sys.modules.items()):
            if type(module) is types.ModuleType and not self._is_seen(module):
                self._seen[id(module)] = weakref.ref(module)
                if _NOT_LOOKED_THROUGH.isdisjoint((name, name.partition(".")[0])):
                    for place in self._hooks_of(name, module):
                        self._places.append(place)
                        if self._undo is not None:
                            self._put(place)

    def _is_seen(self, module: types.ModuleType) -> bool:
        known = self._seen.get(id(module))
        return known is not None and known() is module

    def _learn(self) -> None:
        """The originals; `sqlite3` counts once it is imported."""
        database = sys.modules.get("_sqlite3")
        for place, name, make in (
            (io, "open", _open),
            (io, "open_code", _reads),
            (io, "FileIO", _file_io),
            (os, "open", _os_open),
            *((os, name, _reads) for name in _READS),
            *((os, name, _writes) for name in _WRITES),
            (database, "connect", _connect),
        ):
            original = getattr(place, name, None)
            known = (*self._standins.values(), (None, None))
            if all(original is not either for pair in known for either in pair):
                self._standins[id(original)] = original, make(self._notes, original)

    def _hooks_of(self, name: str, module: types.ModuleType) -> Iterator[Place]:
        holders: list[Any] = [vars(module)]
        if name.partition(".")[0] in _WITH_CLASSES:
            holders += [item for item in vars(module).values() if isinstance(item, type) and item.__module__ == name]
        if name == DATASOURCE:
            holders.append(file_openers(module))
        for holder in holders:
            values = tuple(vars_of(holder).values())
            if isinstance(holder, dict) and self._standins.keys().isdisjoint(map(id, values)):
                continue  # in one pass, as most modules hold none
            for key, value in tuple(vars_of(holder).items()):
                inner = value.__func__ if type(value) is staticmethod else value
                original, ours = self._standins.get(id(inner), (_ABSENT, None))
                if original is inner:
                    yield holder, key, value, staticmethod(ours) if isinstance(holder, type) else ours

    def _put(self, place: Place) -> None:
        holder, name, before, ours = place
        if self._undo is not None and vars_of(holder).get(name, _ABSENT) is before:
            _set(holder, name, ours)
            self._undo.append(place)


def vars_of(holder: Any) -> Any:
    """The names of a dict or class."""
    return holder if isinstance(holder, dict) else vars(holder)


def _set(holder: Any, name: str, value: Any) -> None:
    if isinstance(holder, dict):
        holder[name] = value
    else:
        setattr(holder, name, value)


# --- the stand-ins


def _open(notes: Notes, original: Any) -> Any:
    really = called(original)

    def open_file(file: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> Any:
        writes = not set(mode if isinstance(mode, str) else "").isdisjoint("wax+")
        if isinstance(mode, str):
            notes.note(file, reads=not _READING.isdisjoint(mode), writes=writes)
        handle = really(file, mode, *args, **kwargs)
        if writes:
            notes.holds(handle, file)
        return handle

    return standin(original, open_file, io)


def _file_io(notes: Notes, original: Any) -> Any:
    class Kind(type):
        def __instancecheck__(cls, item: object) -> bool:
            return isinstance(item, original) if cls is FileIO else super().__instancecheck__(item)

        def __subclasscheck__(cls, kind: type) -> bool:
            return issubclass(kind, original) if cls is FileIO else super().__subclasscheck__(kind)

    class FileIO(original, metaclass=Kind):
        __doc__ = original.__doc__

        def __init__(self, file: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> None:
            writes = not set(mode if isinstance(mode, str) else "").isdisjoint("wax+")
            with faults.noted("io.FileIO"):
                notes.note(file, reads=not writes or not _READING.isdisjoint(mode), writes=writes)
            super().__init__(file, mode, *args, **kwargs)
            with faults.noted("io.FileIO"):
                if writes:
                    notes.holds(self, file)

    FileIO.__signature__ = inspect.signature(original)
    FileIO.__name__, FileIO.__module__, FileIO.__qualname__ = "FileIO", original.__module__, original.__qualname__
    return FileIO


def _os_open(notes: Notes, original: Any) -> Any:
    really = called(original)

    def open_descriptor(path: Any, flags: int, *args: Any, **kwargs: Any) -> Any:
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
        reads = not flags & (os.O_WRONLY | os.O_TRUNC) or bool(flags & os.O_APPEND)
        notes.note(path_in(path, kwargs.get("dir_fd")), reads=reads, writes=writes)
        return really(path, flags, *args, **kwargs)

    return standin(original, open_descriptor, os)


def _reads(notes: Notes, original: Any) -> Any:
    really = called(original)

    def read(*args: Any, **kwargs: Any) -> Any:
        if sys._getframe(2).f_code.co_name not in RESOLVING:  # of the caller of the stand-in
            path = args[0] if args else kwargs.get("path", ".")
            notes.note(path_in(path, kwargs.get("dir_fd")), reads=True, writes=False)
        return really(*args, **kwargs)

    return standin(original, read, io if original is io.open_code else os)


def _writes(notes: Notes, original: Any) -> Any:
    really = called(original)

    def write(*paths: Any, **kwargs: Any) -> Any:
        named = (kwargs[name] for name in ("path", "src", "dst") if name in kwargs)
        folders = kwargs.get("dir_fd", kwargs.get("src_dir_fd")), kwargs.get("dst_dir_fd")
        for path, folder in zip((*paths[:2], *named), folders, strict=False):
            notes.note(path_in(path, folder), reads=False, writes=True)
        return really(*paths, **kwargs)

    return standin(original, write, os)


def _loads(notes: Notes, original: Any) -> Any:
    really = called(original)

    def load(loader: Any, path: Any) -> Any:
        notes.note(path, reads=True, writes=False)
        return really(loader, path)

    return standin(original, load)


def _path_of(uri: str) -> str:
    """The path in a `file:` URI. `urllib.request` would load an HTTP client for it."""
    path = unquote(urlsplit(uri).path)
    return path[1:] if os.name == "nt" and path[2:3] == ":" else path


def _connect(notes: Notes, original: Any) -> Any:
    really = called(original)

    def connect(database: Any, *args: Any, **kwargs: Any) -> Any:
        path = database
        if isinstance(path, str) and path.startswith("file:") and kwargs.get("uri"):
            path = _path_of(path)
        if path not in ("", ":memory:"):
            notes.note(path, reads=True, writes=False)  # whether it writes shows in the file
        return really(database, *args, **kwargs)

    return standin(original, connect)
