"""Which files matter, which belong together, and which text stands for many of them. Looks at paths, not into files."""

from __future__ import annotations

import glob
import os
import sys
import sysconfig
import tempfile
from typing import Any

from nbapp.values.authors import PACKAGE

if sys.platform == "darwin":
    import fcntl

# A suffix, and what is read and written with such a file: `{stem}` is the path without its suffix.
_COMPANIONS = {
    ".shp": ("{stem}.dbf", "{stem}.shx", "{stem}.prj", "{stem}.cpg"),
    **dict.fromkeys((".sqlite", ".sqlite3", ".db", ".db3", ".gpkg"), ("{path}-wal",)),
    ".duckdb": ("{path}.wal",),
}

_LONGEST = 1024  # a path of macOS, in bytes


def with_companions(path: str) -> tuple[str, ...]:
    """A file and those without which it is not whole."""
    stem, suffix = os.path.splitext(path)
    return path, *(other.format(path=path, stem=stem) for other in _COMPANIONS.get(suffix.lower(), ()))


def is_pattern(path: str) -> bool:
    """Whether a path stands for the files that it matches: brackets may also be part of a name."""
    return glob.has_magic(path) and not os.path.lexists(path)


def root_of(pattern: str) -> str:
    """The folder before the first part of a pattern that has a glob character; of any other path the path itself."""
    parts = pattern.split(os.sep)
    magic = next((number for number, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    return os.sep.join(parts[:magic]) or (os.sep if pattern.startswith(os.sep) else "")


def here() -> str:
    """The working directory; nothing when it was deleted."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def path_in(path: Any, folder: int | None) -> Any:
    """A path, seen from an open folder where one is given, as `shutil.rmtree` does."""
    if folder is None or not isinstance(path, (str, bytes, os.PathLike)):
        return path
    try:
        return os.path.join(_open_folder(folder), os.fsdecode(path))
    except OSError:  # it is not open: the call itself says so
        return path


def _open_folder(descriptor: int) -> str:
    if sys.platform == "darwin":
        return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(_LONGEST)).rstrip(b"\0"))
    return os.readlink(f"/proc/self/fd/{descriptor}")


def is_wide(folder: str) -> bool:
    """Whether nearly everything lies below a folder: the working directory, home, that of temporary files, or above."""
    below = os.path.join(folder, "")
    return any(os.path.join(wide, "").startswith(below) for wide in (here(), _HOME, tempfile.gettempdir()))


def is_watched(path: str) -> bool:
    """Whether a path, from the root on, is any business of the notebook."""
    if path.startswith((*_LIBRARIES, _IPYTHON_CELLS)) or path.endswith((".pyc", ".ipynb")):
        return False
    return f"{os.sep}site-packages{os.sep}" not in path and not path.endswith(("__pycache__", "<string>", ">"))


_HOME = os.path.expanduser("~")


def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders += [os.path.join(prefix, part) for prefix in (sys.prefix, sys.base_prefix) for part in ("share", "etc")]
    folders += [os.path.join(_HOME, part) for part in (".cache", ".config", ".ipython", ".jupyter", ".local", ".fonts")]
    folders += ["/proc", "/sys", "/dev", "/etc", "/usr/lib", "/usr/share", "/lib", "/var/cache", "/run"]
    folders.append(PACKAGE)
    return tuple({os.path.abspath(folder) + os.sep for folder in folders})


_LIBRARIES = _library_folders()
_IPYTHON_CELLS = os.path.join(tempfile.gettempdir(), "ipykernel_")
