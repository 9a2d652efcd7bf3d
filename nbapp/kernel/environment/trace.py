"""What one cell did to process state, random numbers, modules, files, figures and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbapp.core.memos.memo import Binding, Component
from nbapp.kernel.environment.files.file_access import OpenedFiles
from nbapp.kernel.environment.modules import Package


@dataclass(slots=True)
class EnvironmentTrace:
    """What one cell did: the fields of `Executed` that are about components in the Env.

    `opened`, `modules` and `is_foreseen` are for `Environment.surprised`, which is asked before the rest is known: what
    files it opens, which of the author's modules there were before it, and whether all that it names was put in place.
    """

    opened: OpenedFiles
    modules: Mapping[Component, Package]
    is_foreseen: bool
    used: frozenset[Component] = frozenset()
    found: dict[Component, Binding] = field(default_factory=dict)
    left: dict[Component, Binding | None] = field(default_factory=dict)
