"""What was seen of a notebook in one process, in a form that another process can compare. Knows no kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbapp.core.notebook import CellId, Notebook, Output

Number = tuple[str, int]  # a class, and how many of it came before
Place = tuple[str, tuple[Number, ...]]  # a widget: the cell that built it, and its number there; inside another, both


@dataclass(frozen=True, slots=True)
class Value:
    """A value: its class, the digest of its content (None when it has none), and how it is shown to a person."""

    kind: str
    digest: str | None
    shown: str


@dataclass(frozen=True, slots=True)
class Record:
    """What a cell's result rests on: `reads` None is everything; `changed`, in words, what may have changed unseen.

    `traits` are those of widgets that it read; None stands for one of a widget that no cell built.
    """

    reads: frozenset[str] | None
    binds: frozenset[str]
    changed: tuple[str, ...] = ()
    traits: frozenset[tuple[Place, str] | None] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """What people and callbacks put into a notebook, pickled by `carry`; `owners` are the cells with a part in it.

    `lost` are the names, with the cells after which they are given, and `lost_traits` the widgets with their traits,
    that callbacks gave values that cannot be taken to another process.
    """

    stream: bytes = b""
    owners: tuple[CellId, ...] = ()
    lost: frozenset[tuple[CellId, str]] = frozenset()
    lost_traits: frozenset[tuple[Place, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class SeenValues:
    """A notebook after its cells ran, down to the last or to the first that failed.

    `models` tells the places of widgets by model id. `records` and `given` come from the app only.
    """

    notebook: Notebook
    failed: int | None
    outputs: tuple[tuple[Output, ...], ...]
    names: Mapping[str, Value]
    widgets: Mapping[Place, Mapping[str, Value]]
    models: Mapping[str, Place]
    records: Mapping[CellId, Record] = field(default_factory=dict)
    given: Given = Given()
