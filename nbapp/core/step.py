"""One cell brought up to date, and the word for how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nbapp.core.notebook import Cell, CellError, Output

State = Literal["ran", "skipped", "restored", "failed", "not run"]


@dataclass(frozen=True, slots=True)
class Costs:
    """Where the time of an execution went besides the author's code, in seconds: `compared` to find what it changed,
    `rest` for everything else, such as process state, files and the record. Comparing the value of the name `dear` took
    `dearest` of it; `doubt` tells why nobody knew without looking that the cell leaves it as it is."""

    compared: float
    rest: float
    dear: str = ""
    dearest: float = 0.0
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What a rerun did about one cell, and why, in words.

    *ran*: executed. *skipped*: already in place. *restored*: an earlier result of this cell brought back.
    *failed*: executed and raised. *not run*: below a failure; `outputs` are the last ones and stale.
    `seconds` is the time of the execution, or the time saved by not executing. `kept`: it failed before, and nothing
    that it reads changed since. `costs`: what the execution took beside the author's code, if there was one.
    `cleared`: below a cell that ended the run on purpose, where nothing is shown.
    """

    index: int
    cell: Cell
    state: State
    reason: str
    seconds: float = 0.0
    outputs: tuple[Output, ...] = ()
    error: CellError | None = None
    kept: bool = False
    costs: Costs | None = None
    cleared: bool = False
