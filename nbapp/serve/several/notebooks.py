"""Which notebooks are served, and under which names: those of folders, without what is hidden, and single files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbapp.errors import UsageError
from nbapp.half_characters import HALF

_NOT_OURS = frozenset({"__pycache__", "node_modules", "site-packages"})
_MOST = 500  # notebooks


@dataclass(frozen=True, slots=True)
class Notebooks:
    """The folders and files that were asked for. `root` is where names begin: `sub/report` is `sub/report.ipynb`
    there.
    """

    asked: tuple[Path, ...]
    root: Path

    @classmethod
    def of(cls, asked: Sequence[Path]) -> Notebooks:
        """Those at these paths.

        Raises:
            UsageError: one is not there, or there is no notebook.
        """
        for path in asked:
            if not path.exists():
                raise UsageError(f"{path}: no such file or folder")
        paths = tuple(path.absolute() for path in asked)
        folders = [path if path.is_dir() else path.parent for path in paths]
        found = cls(paths, Path(os.path.commonpath(folders)))
        if not found.by_name():
            raise UsageError(f"there is no notebook in {', '.join(map(str, asked))}")
        return found

    def by_name(self) -> dict[str, Path]:
        """The files that are there now, in the order of their names."""
        named = {self._name(path): path for path in self._paths() if is_text(path)}
        return {name: named[name] for name in sorted(named, key=str.casefold)[:_MOST]}

    def nameless(self) -> list[Path]:
        """Files whose names are bytes that no text has: no address leads to them."""
        return [path for path in self._paths() if not is_text(path)]

    def _paths(self) -> Iterator[Path]:
        paths = {path for asked in self.asked for path in (_below(asked) if asked.is_dir() else [asked])}
        return (path for path in paths if path.is_file())

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).with_suffix("").as_posix()


def is_text(path: Path) -> bool:
    """Whether a path is more than bytes: Python has half a character for each byte that is part of none."""
    return HALF.search(str(path)) is None


def _below(folder: Path) -> Iterator[Path]:
    """The notebooks in a folder and below, without hidden ones, checkpoints and environments."""
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NOT_OURS]
        if "pyvenv.cfg" in files or "conda-meta" in folders:
            folders.clear()
            continue
        yield from (Path(parent, name) for name in files if name.endswith(".ipynb") and not name.startswith("."))
