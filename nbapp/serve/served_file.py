"""The notebook file as it is served: its last valid version, whatever an editor is just doing to the file."""

from __future__ import annotations

import logging
from copy import deepcopy
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from traitlets import Instance

from nbapp.errors import UsageError
from nbapp.serve.bundle import Bundle
from nbapp.serve.kernels.visits import shows
from nbapp.serve.prepare import Prepared, prepare
from nbapp.serve.several.notebooks import is_text
from nbapp.serve.visitors.distance import from_far
from nbapp.serve.visitors.links import Links, opened_by
from nbapp.share.digest import digest

Stamp = tuple[int, int, int] | None


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
        self._pinned: dict[Path, tuple[Stamp, Prepared]] = {}
        self.error = ""  # why what is in the file now is not served
        if not is_text(path):
            raise UsageError(f"{str(path)!a} cannot be served: its name is no UTF-8 text", "rename it")
        self._stamp = stamped(path)
        self._prepared = self._read()

    def newest(self) -> Prepared:
        """The newest valid version."""
        stamp = stamped(self.path)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._prepared = self._read()
                self.error = ""
            except UsageError as error:
                self.error = str(error)
                self._log.warning("nbapp: the version before is served: %s", error)
        return self._prepared

    def files(self) -> frozenset[str]:
        """What the texts of the newest version show, and those of versions that links have pinned."""
        return self.newest().files.union(*(prepared.files for _, prepared in self._pinned.values()))

    def of(self, copy: Path) -> Prepared:
        """The version that a link has pinned.

        Raises:
            UsageError: the copy is not there.
        """
        stamp = stamped(copy)
        known = self._pinned.get(copy)
        if known is None or known[0] != stamp:
            known = stamp, prepare(copy, self._specs.get_all_specs(), self._title, stands=self.path)
            self._pinned[copy] = known
        return known[1]

    def version(self, wanted: str) -> Prepared | None:
        """The version with this digest, of those that are served; None: it is served no more."""
        known = (self.newest(), *(prepared for _, prepared in self._pinned.values()))
        return next((prepared for prepared in known if digest(prepared.notebook) == wanted), None)

    def _read(self) -> Prepared:
        prepared = prepare(self.path, self._specs.get_all_specs(), self._title)
        for remark in prepared.remarks:
            self._log.warning("nbapp: %s", remark)
        return prepared


def stamped(path: Path) -> Stamp:
    """What changes when a file is written; None: it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class ServedContents(LargeFileManager):
    """What Voila reads files through: it finds the notebook ready to be served, and pictures beside it."""

    served = Instance(ServedFile)
    links = Instance(Links)
    bundle = Instance(Bundle)

    def found(self, served: ServedFile) -> None:
        """The notebook is there by now."""
        self.served = served

    def get(self, path: str, *arguments: Any, **options: Any) -> dict[str, Any]:
        """The model of the notebook, or of a picture that its texts show."""
        if path != self.served.path.name:
            return super().get(path, *arguments, **options)  # type: ignore[no-any-return, no-untyped-call]
        link = opened_by.get()
        pinned = link is not None and link.pinned
        prepared = self.served.of(self.links.copy(link)) if link is not None and pinned else self.served.newest()
        notebook = deepcopy(prepared.notebook)
        notebook.metadata.nbapp_script, notebook.metadata.nbapp_used = self.bundle.name, sorted(self.bundle.extensions)
        notebook.metadata.nbapp_version = version = digest(notebook)
        notebook.metadata.nbapp_far = from_far.get()
        shows.set(version)
        if link is not None:
            notebook.metadata.nbapp_link = link.name
            notebook.metadata.nbapp_changed = not pinned and version != link.digest
        return {"type": "notebook", "path": path, "name": path, "content": notebook}
