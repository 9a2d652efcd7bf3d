"""Files of HDF5 and netCDF: one that is open for reading is known by its path and stamp, others have no digest.

A group, a dataset or a variable is a window into its file, which is held where no Python reference tells: all windows
into one file share one object here. What is open for writing is closed before its maker runs again:
`core/memos/opened.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbapp.libraries.profile import Profile, by_name
from nbapp.values.describe import Opaque
from nbapp.values.types import Adapter

Find = Callable[[Any], "tuple[str, str, str] | None"]  # the path of a value's file, how it is open, and where it looks


@dataclass(frozen=True, eq=False)
class _Outside:
    """Stands for one file."""

    path: str


_outside = lru_cache(maxsize=1024)(_Outside)


def _h5py(value: Any) -> tuple[str, str, str] | None:
    owner = getattr(value, "_id", value)  # of an `AttributeManager`
    return None if not owner else (value.file.filename, value.file.mode, str(value.name))


def _tables(value: Any) -> tuple[str, str, str] | None:
    file = getattr(value, "_v_file", value)
    return None if not file.isopen else (file.filename, file.mode, getattr(value, "_v_pathname", "/"))


def _hdf(value: Any) -> tuple[str, str, str] | None:
    return None if not value.is_open else (value._path, value._mode, "/")


def _netcdf(value: Any) -> tuple[str, str, str] | None:
    group = value.group() if hasattr(value, "group") else value
    return group.filepath(), "unknown", getattr(value, "name", "/")


def _adapter(find: Find, close: Callable[[Any], object] | None = None) -> Adapter:
    def look(value: Any) -> tuple[str, str, str] | None:
        try:
            return find(value)
        except Exception:  # noqa: BLE001 -- a window into a closed file raises what its library likes
            return None

    def parts(value: Any) -> object:
        found = look(value)
        if found is None or found[1] != "r":
            raise Opaque(f"{type(value).__name__} of a file that may be written")
        try:
            stat = Path(found[0]).stat()
        except OSError as error:
            raise Opaque(f"{type(value).__name__} of a file that cannot be seen") from error
        return *found, stat.st_mtime_ns, stat.st_size, stat.st_ino

    def reach(value: Any) -> Iterable[object]:
        found = look(value)
        return () if found is None else (_outside(found[0]),)

    def files(value: Any) -> Iterable[str]:
        found = look(value)
        return [found[0]] if found is not None and found[1] == "r" else []

    return Adapter(parts=parts, reach=reach, files=files, close=close)


def _close(value: Any) -> object:
    return value.close()


_H5PY = {"File": _adapter(_h5py, _close), "HLObject": _adapter(_h5py)}
_TABLES = {"File": _adapter(_tables, _close), "Node": _adapter(_tables)}
_NETCDF = {"Dataset": _adapter(_netcdf, _close), "Group": _adapter(_netcdf), "Variable": _adapter(_netcdf)}
STORE = _adapter(_hdf, _close)  # of pandas


PROFILE = Profile(lookups={"h5py": by_name(_H5PY), "netCDF4": by_name(_NETCDF), "tables": by_name(_TABLES)})
