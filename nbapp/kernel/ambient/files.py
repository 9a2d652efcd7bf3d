"""Files of the notebook: opens are noted while a cell runs, versions are digests of the content (see `disk`).

`open` and its relatives are replaced while a cell runs, and only then. A library that opens files without Python
(Arrow, Polars, DuckDB) is covered by strings and paths that name them (see `paths`). Why not an audit hook: decision 8.
"""

from __future__ import annotations

import builtins
import io
import os
import pathlib
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from nbapp.core.digest import Digest, text_digest
from nbapp.core.run import Binding
from nbapp.kernel.ambient.disk import File, Tree
from nbapp.kernel.ambient.watched import is_pattern, is_watched, is_wide, root_of, with_companions

FILE, TREE = "file:", "tree:"
_NOT_THERE = text_digest("not there")


@dataclass(slots=True)
class Opened:
    """What one cell did to files: the bindings as they were before it, and those it read."""

    before: dict[str, Binding] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)


class Files:
    """The files of a notebook. `bind` makes the binding of a `File` or `Tree`."""

    def __init__(self, bind: Callable[[File | Tree], Binding]) -> None:
        self._bind = bind
        self._files: dict[str, File] = {}
        self._trees: dict[str, Tree] = {}
        self._ours: dict[str, tuple[Digest, Digest]] = {}
        self._handles: list[tuple[weakref.ref[Any], list[str]]] = []
        self._opened: Opened | None = None
        self._inside = False
        self._paused = False

    def components(self, path: str | os.PathLike[str] | bytes) -> list[str]:
        """The files of a path: it and those that come with it; none when it is no business of the notebook."""
        full = os.path.abspath(os.fsdecode(path))
        return [FILE + each for each in with_companions(full)] if is_watched(full) else []

    def named(self, path: str | os.PathLike[str]) -> list[str]:
        """Those of a path whose reader may open files unseen: all below a folder or matched by a pattern, too."""
        full = os.path.abspath(path)
        if not is_watched(full):
            return []
        root = root_of(full) if is_pattern(full) else full
        if root == full and not os.path.isdir(full):
            return self.components(path)
        # A pattern with a suffix means what it says wherever it is; `**` and `/` are more often no paths.
        if is_wide(root) and (root == full or not os.path.splitext(full)[1]):
            return self.components(path)
        tree = self._trees.setdefault(TREE + full, Tree(full, root))
        # What cells wrote there on its own too: a cell that needs it as it was makes its writers run again.
        ours = [name for name in self._ours if name.startswith(FILE) and tree.counts(name.removeprefix(FILE))]
        return [TREE + full, *ours]

    def around(self, component: str) -> list[str]:
        """The trees that change with a file."""
        path = component.removeprefix(FILE)
        return [name for name, tree in self._trees.items() if name != component and tree.counts(path)]

    def of(self, component: str) -> File | Tree:
        """What a component stands for."""
        if component.startswith(TREE):
            return self._trees[component]
        path = component.removeprefix(FILE)
        return self._files.setdefault(path, File(path))

    def present(self, component: str) -> Binding:
        """The file as it is now."""
        return self._bind(self.of(component))

    def not_there(self, component: str) -> Binding:
        """What a file or folder was before the first."""
        binding = self.present(component)
        binding.version = _NOT_THERE
        return binding

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

    def holds(self, handle: Any, path: Any) -> None:
        """A cell opened a file for writing; later cells may write through the handle without opening it."""
        if self._opened is not None and isinstance(path, (str, bytes, os.PathLike)):
            with suppress(TypeError):  # not every kind can be referred to weakly
                self._handles.append((weakref.ref(handle), self.components(path)))

    def held(self) -> dict[str, Binding]:
        """The files that are open for writing, as they are now."""
        self._handles = [(handle, files) for handle, files in self._handles if not getattr(handle(), "closed", True)]
        return {component: self.present(component) for _, files in self._handles for component in files}

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
            for component in self.components(path):
                self._note(opened, component, reads=reads, writes=writes)
        finally:
            self._inside = False

    def _note(self, opened: Opened, component: str, *, reads: bool, writes: bool) -> None:
        for name in (component, *self.around(component)) if writes else (component,):
            if name not in opened.before:
                opened.before[name] = self.present(name)
        if reads and component not in opened.written:
            opened.read.add(component)
        if writes:
            opened.written.add(component)


# --- the ways in which Python opens files


def _open(files: Files, original: Any) -> Any:
    def open_file(file: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> Any:
        """Open a file; nbapp notes which."""
        writes = not set(mode if isinstance(mode, str) else "").isdisjoint("wax+")
        if isinstance(mode, str):
            files.note(file, reads="r" in mode or "+" in mode, writes=writes)
        handle = original(file, mode, *args, **kwargs)
        if writes:
            files.holds(handle, file)
        return handle

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
