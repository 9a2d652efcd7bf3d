"""The messages of the comm `nbapp.control`, between the kernel and JupyterLab's extension.

`labextension/src/wire.ts` says the same in TypeScript, and a test holds the two against each other. This file knows
neither what the kernel does with a message nor how the extension shows one.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

TARGET = "nbapp.control"
PROTOCOL = 1


class CellNow(TypedDict):
    """A code cell as it stands in the document."""

    id: str
    source: str
    tags: list[str]


class StepNow(TypedDict):
    """How a cell was last brought up to date, and whether what it shows is out of date.

    `state` is that of a Step, or empty when the cell has not run in this kernel. `seconds` is the time it took, or
    the time saved when it was skipped or restored.
    """

    cell: str
    state: Literal["ran", "skipped", "restored", "failed", "not run", ""]
    reason: str
    seconds: float
    stale: bool


# --- from the front end


class Hello(TypedDict):
    """A front end is there; it is told everything. `client` is a name of its own choice, one for each page."""

    kind: Literal["hello"]
    protocol: int
    client: str
    cells: list[CellNow]


class Cells(TypedDict):
    """The code cells in document order; sent when they differ from what was sent before."""

    kind: Literal["cells"]
    client: str
    cells: list[CellNow]


class Reactive(TypedDict):
    """The switch: whether a change of a widget runs cells."""

    kind: Literal["reactive"]
    on: bool


class Stop(TypedDict):
    """End the rerun under way."""

    kind: Literal["stop"]


class Reset(TypedDict):
    """Give all widgets the values that the notebook gave them."""

    kind: Literal["reset"]


class Current(TypedDict):
    """Tell the values that the user chose, once the notebook is up to date with them."""

    kind: Literal["current"]
    client: str


# --- from the kernel


class Status(TypedDict):
    """What is on; the answer to a hello, and sent when it changes."""

    kind: Literal["status"]
    protocol: int
    version: str
    reactive: bool


class Steps(TypedDict):
    """Where these cells stand now."""

    kind: Literal["steps"]
    steps: list[StepNow]


class Outputs(TypedDict):
    """What a cell shows now, as nbformat output dicts.

    `client` is the front end that sent the cells last: in a document that several edit together it alone applies
    them; in one of its own each front end does.
    """

    kind: Literal["outputs"]
    client: str
    cell: str
    outputs: list[dict[str, Any]]


class Busy(TypedDict):
    """A rerun takes longer than 0.3 s: the cell that executes is number `index` (from 1) of `total`. "": it is over."""

    kind: Literal["busy"]
    cell: str
    index: int
    total: int


class ValueNow(TypedDict):
    """The value of a control that the user chose: the global name that holds it, and the text of `--set`."""

    name: str
    text: str


class Values(TypedDict):
    """The answer to Current, for the page that asked.

    `left` are names of controls whose value cannot be written as text; `unnamed` the number of those without a name.
    """

    kind: Literal["values"]
    client: str
    values: list[ValueNow]
    left: list[str]
    unnamed: int


FromFrontEnd = Hello | Cells | Reactive | Stop | Reset | Current
FromKernel = Status | Steps | Outputs | Busy | Values
