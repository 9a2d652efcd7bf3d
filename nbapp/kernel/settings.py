"""What an author may choose about one app."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nbapp import memory
from nbapp.kernel.outputs.limits import Bounds
from nbapp.persistence.places import Place


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices for one kernel.

    `cache_bytes`: memory for earlier results in bytes; None is a quarter of what there is (`nbapp/memory.py`), 0
    keeps only the results in place. `cache` False executes every cell at every change. `debounce`: seconds without
    a newer value before a rerun starts. `timeout`: seconds a cell may run. `values`: widget values by global name,
    as text. `link_values`: what the link that a visitor came by adds to them, as JSON values; `query`: what the
    address of the page adds to those, as texts. `tracebacks`: whether a failed cell shows its traceback. `bounds`:
    how much is kept of what a cell puts out; None is all of it.
    `results`: where results that persist outlive the kernel; None is the user's own folder. `memory_bytes`: how much
    memory the kernel may take; None: as much as there is. `log_format`: how errors are told to the author, `text` or
    `json`. `theme`: that of the page that shows figures, `light`, `dark` or `auto`; None: there is no such page.
    `looks_at_all`: whether every value that a cell reads is compared afterwards, also where the cell can only read
    (`NBAPP_COST=full`).
    """

    cache_bytes: int | None = None
    cache: bool = True
    debounce: float = 0.0
    timeout: float | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    link_values: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tracebacks: bool = True
    bounds: Bounds | None = None
    results: Place | None = None
    memory_bytes: int | None = None
    log_format: str = "text"
    theme: str | None = None
    looks_at_all: bool = field(default_factory=lambda: os.environ.get("NBAPP_COST") == "full")

    @property
    def limit(self) -> int:
        """The memory for earlier results, in bytes."""
        if self.cache_bytes is not None:
            return self.cache_bytes
        return memory.total() // 4
