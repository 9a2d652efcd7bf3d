"""What one cell did to process state, random numbers, modules, files, figures and tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from nbapp.core.memos.memo import Binding, Component


@dataclass(slots=True)
class EnvironmentTrace:
    """What one cell did: the fields of `Executed` that are about components in the Env.

    `is_surprised` says at its end, before the rest is known, whether it may have seen what was not put in place for it.
    """

    used: frozenset[Component] = frozenset()
    found: dict[Component, Binding] = field(default_factory=dict)
    left: dict[Component, Binding | None] = field(default_factory=dict)
    is_surprised: Callable[[], bool] = bool
