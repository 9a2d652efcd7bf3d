"""Results at any place that fsspec opens: S3, Google Cloud Storage, Azure, SFTP, and others; one object for each.

fsspec, because it is what pandas, dask and zarr open such places with, and its drivers are kept by those who need them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbapp.errors import UsageError
from nbapp.persistence.blobs import Stored, as_os_error

_SUFFIX = ".result"


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects below `root`. A store of objects puts each there whole. There are no locks: two processes that need the
    same result at the same time both compute it. What was written last counts as used last."""

    system: Any
    root: str
    poll: float = 0.25

    @classmethod
    def at(cls, url: str) -> Objects:
        """What lies at a URL, as in `s3://bucket/folder`.

        Raises:
            UsageError: the package that opens it is not installed, or the URL makes no sense.
        """
        try:
            import fsspec  # noqa: PLC0415 -- an extra

            system, root = fsspec.core.url_to_fs(url, use_listings_cache=False, skip_instance_cache=True)
        except ImportError as error:
            raise UsageError(
                f"--cache {url}: {error}", "pip install 'nbapp[cache]' and the package it names"
            ) from error
        except (ValueError, TypeError) as error:
            raise UsageError(f"--cache {url}: {error}", "write it as in s3://bucket/folder") from error
        return cls(system, root.rstrip("/"))

    def get(self, name: str, most: int, *, is_use: bool = True) -> bytes | None:
        """The object."""
        path = self._path(name)
        with as_os_error():
            try:
                if self.system.info(path)["size"] > most:
                    return None
                data: bytes = self.system.cat_file(path)
            except FileNotFoundError:
                return None
        return data

    def put(self, name: str, parts: Sequence[bytes | memoryview]) -> None:
        """Write an object; it is there when all of it has arrived."""
        with as_os_error(), self.system.transaction, self.system.open(self._path(name), "wb") as file:
            for part in parts:
                file.write(part)

    def remove(self, name: str) -> None:
        """Take an object away."""
        with as_os_error(), contextlib.suppress(FileNotFoundError):
            self.system.rm_file(self._path(name))

    def stored(self, owner: str | None = None) -> Iterator[Stored]:
        """Each object with its size and when it was written."""
        below = f"{self.root}/{owner}" if owner is not None else self.root
        with as_os_error():
            found = self.system.find(below, detail=True)
        for path, told in found.items():
            if path.endswith(_SUFFIX):
                folder, _, key = path.removesuffix(_SUFFIX).rpartition("/")
                yield Stored(f"{folder.rpartition('/')[2]}/{key}", told["size"], _written(told))

    def claim(self, name: str) -> None:
        """Places of this kind have no locks."""

    def close(self) -> None:
        """Connections are the driver's, in a thread of its own."""

    def sweep(self) -> None:
        """Nothing is left by a process that ended while it wrote."""

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}{_SUFFIX}"


def _written(told: Any) -> float:
    found = next((told[key] for key in ("LastModified", "mtime", "updated", "last_modified") if key in told), 0.0)
    return found.timestamp() if isinstance(found, datetime) else float(found)
