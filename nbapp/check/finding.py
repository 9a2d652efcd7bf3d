"""One thing that was found in a notebook, in words for its author. Knows neither files nor kernels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["problem", "slow", "note"]
LEVELS: tuple[Level, ...] = ("problem", "slow", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, why it matters, and what to do. `cell` counts code cells from 1; None is the notebook.

    A *problem* will not work, something *slow* makes visitors wait, a *note* is good to know. `kind` is for scripts.
    `line` is the first line of the cell, or the one that it is about.
    """

    level: Level
    kind: str
    what: str
    why: str
    remedy: str
    cell: int | None = None
    line: str = ""

    def as_json(self) -> dict[str, Any]:
        """All of it, for scripts."""
        return asdict(self)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first, then as the notebook goes; each once."""
    once = dict.fromkeys(findings)
    return sorted(once, key=lambda found: (LEVELS.index(found.level), found.cell or 0))


def first_line(source: str) -> str:
    """What shows an author which cell is meant: its first line that is code."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    code = [line for line in lines if not line.startswith("#")]
    return next(iter(code or lines), "")
