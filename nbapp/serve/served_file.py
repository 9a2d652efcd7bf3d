"""The notebook file as it is served: its last valid version, whatever an editor is just doing to the file."""

from __future__ import annotations

import logging
from copy import deepcopy
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.contents.largefilemanager import LargeFileManager

from nbapp.errors import UsageError
from nbapp.serve.prepare import Prepared, prepare


class ServedFile:
    """One notebook file. It is read again when it changed; while it is not valid, the version before is served.

    Raises:
        UsageError: it is not valid to begin with.
    """

    def __init__(self, path: Path, title: str | None, specs: KernelSpecManager, log: logging.Logger) -> None:
        self.path = path
        self._title = title
        self._specs = specs
        self._log = log
        self._stamp = self._stamped()
        self._prepared = self._read()

    def newest(self) -> Prepared:
        """The newest valid version."""
        stamp = self._stamped()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._prepared = self._read()
            except UsageError as error:
                self._log.warning("nbapp: the version before is served: %s", error)
        return self._prepared

    def _read(self) -> Prepared:
        return prepare(self.path, self._specs.get_all_specs(), self._title)

    def _stamped(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


class ServedContents(LargeFileManager):
    """What Voila reads files through: it finds the notebook ready to be served, and pictures beside it."""

    served: ServedFile

    def get(self, path: str, *arguments: Any, **options: Any) -> dict[str, Any]:
        """The model of the notebook, or of a picture that its texts show."""
        if path != self.served.path.name:
            return super().get(path, *arguments, **options)  # type: ignore[no-any-return, no-untyped-call]
        return {"type": "notebook", "path": path, "name": path, "content": deepcopy(self.served.newest().notebook)}
