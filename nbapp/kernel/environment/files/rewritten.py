"""The files that callbacks change: those they open, and those that a cell opened for writing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager

from nbapp.core.memos.memo import Binding, Component
from nbapp.kernel.environment.files.file_access import Files, OpenedFiles


class Rewritten:
    """Watches the files of a notebook while callbacks run."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._watching: AbstractContextManager[OpenedFiles]
        self._opened = OpenedFiles()
        self._held: Mapping[Component, Binding] = {}
        self._made: Collection[Component] = ()

    def begin(self, made: Collection[Component]) -> None:
        """Callbacks are about to run; cells wrote the files among `made`."""
        self._made = made
        self._held, self._watching = self._files.held(), self._files.watching()
        self._opened = self._watching.__enter__()

    def end(self) -> dict[Component, Binding]:
        """The files that they changed, as they are now. A cell that writes one finds it next time as it did before."""
        self._watching.__exit__(None, None, None)
        before = {**self._held, **self._opened.before}
        now = {name: self._files.present(name) for name in before}
        changed = {name: binding for name, binding in now.items() if binding.version != before[name].version}
        for name in changed.keys() & set(self._made):
            self._files.rewrote(name, changed[name].version)
        return changed
