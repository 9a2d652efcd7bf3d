"""Voila's exporter, which keeps what jinja makes of its templates: they are compiled anew for each page otherwise."""

from __future__ import annotations

from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from voila.exporter import VoilaExporter

from nbapp.serve.extensions import split
from nbapp.serve.layout.places import places


class KeptTemplates(BytecodeCache):
    """Compiled templates in memory. Jinja's own cache is on a disk, which may be full."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill in what is known; jinja sees by a checksum whether the template has changed since."""
        if (known := self._known.get(bucket.key)) is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._known[bucket.key] = bucket.bytecode_to_string()


_KEPT = KeptTemplates()


class PageExporter(VoilaExporter):
    """Writes pages."""

    @property
    def environment(self) -> Any:
        """Jinja's environment; a new one for each page."""
        made = super().environment
        made.bytecode_cache = _KEPT
        made.filters["places"] = places
        made.filters["extensions"] = split
        return made
