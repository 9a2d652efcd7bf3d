"""Files of the notebook: opens are noted while a cell runs, versions are digests of the content (see `disk`).

`open` and its relatives are replaced while a cell runs, and only then (see `file_hooks`). A library that opens files
without Python (Arrow, Polars, DuckDB) is covered by strings and paths that name them (see `path_literals` and
`path_rules`). Why not an audit hook: decision 9.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from nbapp.core.memos.kinds import FILE, TREE
from nbapp.core.memos.memo import Binding, Component
from nbapp.kernel.environment.files.disk import File, Tree
from nbapp.kernel.environment.files.file_hooks import FileHooks
from nbapp.kernel.environment.files.path_rules import is_pattern, is_watched, is_wide, root_of, with_companions
from nbapp.kernel.environment.provider import Provider
from nbapp.persistence.current import CURRENT
from nbapp.values.digest import Digest, text_digest

_NOT_THERE = text_digest("not there")


@dataclass(slots=True)
class OpenedFiles:
    """What one cell did to files: the bindings as they were before it, and those it read."""

    before: dict[str, Binding] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)


class _Thread(threading.local):
    """What one thread does: other threads of the cell open files meanwhile."""

    inside = False  # it looks at a file for us
    paused = False


class Files(Provider):
    """The files of a notebook. `bind` makes the binding of a `File` or `Tree`."""

    def __init__(self, bind: Callable[[File | Tree], Binding]) -> None:
        self._bind = bind
        self._files: dict[str, File] = {}
        self._trees: dict[str, Tree] = {}
        self._ours: dict[str, tuple[Digest, Digest]] = {}
        self._handles: list[tuple[weakref.ref[Any], list[str]]] = []
        self._opened: OpenedFiles | None = None
        self._thread = _Thread()
        self._hooks = FileHooks(self)
        self.look = self._hooks.look

    def components(self, path: str | os.PathLike[str] | bytes) -> list[str]:
        """The files of a path: it and those that come with it; none when it is no business of the notebook."""
        full = os.path.abspath(os.fsdecode(path))
        return [FILE.of(each) for each in with_companions(full)] if is_watched(full) else []

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
        tree = self._trees.setdefault(TREE.of(full), Tree(full, root))
        # What cells wrote there on its own too: a cell that needs it as it was makes its writers run again.
        ours = [name for name in self._ours if FILE.owns(name) and tree.counts(FILE.name(name))]
        return [TREE.of(full), *ours]

    def around(self, component: str) -> list[str]:
        """The trees that change with a file."""
        path = FILE.name(component)
        return [name for name, tree in self._trees.items() if name != component and tree.counts(path)]

    def of(self, component: str) -> File | Tree:
        """What a component stands for."""
        if TREE.owns(component):
            return self._trees[component]
        path = FILE.name(component)
        return self._files.setdefault(path, File(path))

    def present(self, component: Component) -> Binding:
        """The file as it is now."""
        return self._bind(self.of(component))

    def not_there(self, component: str) -> Binding:
        """What a file or folder was before the first."""
        binding = self.present(component)
        binding.version = _NOT_THERE
        return binding

    def baseline(self, component: Component) -> Binding:
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

    def rewrote(self, component: str, after: Digest) -> None:
        """Code that is no cell changed a file; that a cell writes, it finds it next time as it did before."""
        if component in self._ours:
            self._ours[component] = (self._ours[component][0], after)

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
    def watching(self) -> Iterator[OpenedFiles]:
        """Note the files that are opened inside, on any thread."""
        outer, opened = self._opened, OpenedFiles()
        self._opened = opened
        try:
            with self._hooks.around():
                yield opened
        finally:
            self._opened = outer

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Note nothing inside, on this thread."""
        thread = self._thread
        outer, thread.paused = thread.paused, True
        try:
            yield
        finally:
            thread.paused = outer

    def note(self, path: Any, *, reads: bool, writes: bool) -> None:
        """A cell is about to open a file."""
        opened, thread = self._opened, self._thread
        if opened is None or thread.inside or thread.paused or CURRENT.at_work:
            return
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        thread.inside = True
        try:
            for component in self.components(path):
                self._note(opened, component, reads=reads, writes=writes)
        finally:
            thread.inside = False

    def _note(self, opened: OpenedFiles, component: str, *, reads: bool, writes: bool) -> None:
        for name in (component, *self.around(component)) if writes else (component,):
            if name not in opened.before:
                opened.before[name] = self.present(name)
        if reads and component not in opened.written:
            opened.read.add(component)
        if writes:
            opened.written.add(component)
