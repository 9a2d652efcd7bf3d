"""What a program outside the kernel calls inside it: `nbapp.testing` and `nbapp run` drive a notebook through this.

A call is an execute request whose code is one awaited expression, so nothing is bound in the notebook's namespace.
Arguments and answers travel as cloudpickle; the answer is a display with a MIME type of its own.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import cloudpickle
from IPython import get_ipython
from IPython.display import display
from ipywidgets import Widget

from nbapp.core.notebook import Cell, CellError, CellId, Notebook, Output
from nbapp.core.step import Step
from nbapp.kernel.app import App
from nbapp.kernel.front import FrontEndMessage, click_of, message_of
from nbapp.kernel.settings import Settings

ANSWER = "application/x-nbapp-answer"
PROGRESS = "application/x-nbapp-progress"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the notebook shows after a rerun: the last step of each cell, and each cell's outputs."""

    steps: tuple[Step, ...]
    outputs: dict[CellId, tuple[Output, ...]]


class Progress:
    """Tells the caller which cell is being brought up to date."""

    def __init__(self) -> None:
        self.total = 0

    def step(self, step: Step) -> None:
        """A cell is up to date."""
        told = {"index": step.index, "state": step.state, "total": self.total}
        display({PROGRESS: json.dumps(told)}, raw=True)

    def shown(self, cell_id: CellId, outputs: tuple[Output, ...], error: CellError | None) -> None:
        """The caller asks for outputs when the rerun is over."""

    def busy(self, cell: Cell | None, index: int, total: int) -> None:
        """The steps tell."""


async def call(payload: str) -> None:
    """Do what an encoded (name, arguments) asks, and display the encoded answer: (value, None) or (None, error)."""
    name, arguments = cloudpickle.loads(base64.b64decode(payload))
    try:
        answer: tuple[Any, Exception | None] = await CALLS[name](*arguments), None
    except Exception as error:  # noqa: BLE001 - raised again on the other side
        answer = None, error
    display({ANSWER: _encoded(answer)}, raw=True)


def _encoded(answer: tuple[Any, Exception | None]) -> str:
    try:
        return base64.b64encode(cloudpickle.dumps(answer)).decode()
    except Exception as error:  # noqa: BLE001 - whatever a value's own pickling raises
        value, raised = answer
        what = type(raised if raised is not None else value).__name__
        refusal = TypeError(f"a {what} cannot be sent out of the kernel: {error}")
        return base64.b64encode(cloudpickle.dumps((None, refusal))).decode()


def _app() -> App:
    return cast("App", get_ipython().nbapp)


async def _start(settings: Settings) -> int:
    """Attach the app; the kernel's process id."""
    App.attach(get_ipython(), (), settings, Progress())
    return os.getpid()


async def _rerun(notebook: Notebook) -> Shown:
    app = _app()
    app.notebook = notebook
    cast("Progress", app.listener).total = len(notebook)
    await app.rerun()
    return _shown(app)


async def _settle() -> Shown:
    app = _app()
    app.release()
    await app.settled()
    return _shown(app)


def _shown(app: App) -> Shown:
    return Shown(app.steps, {cell.id: app.outputs(cell.id) for cell in app.notebook})


async def _messages(values: dict[str, Any], clicks: Sequence[str]) -> list[FrontEndMessage]:
    """What a front end would send for these values and clicks. Until `_settle` no rerun starts."""
    app = _app()
    await app.settled()
    widgets = app.widgets()
    found = [message_of(name, widgets, value) for name, value in values.items()]
    found += [click_of(name, widgets) for name in clicks]
    app.hold_back()
    return found


async def _evaluate(expression: str) -> Any:
    return await _app().evaluate(expression)


async def _widgets() -> dict[str, tuple[str, dict[str, Any]]]:
    """Each widget's class and its traits that can be sent, by global name."""
    return {name: (type(widget).__name__, _traits(widget)) for name, widget in _app().widgets().items()}


def _traits(widget: Widget) -> dict[str, Any]:
    found = {}
    for name in widget.keys:
        value = getattr(widget, name)
        if not name.startswith("_") and not isinstance(value, Widget) and name != "children":
            found[name] = value
    return found


async def _check_values() -> None:
    _app().check_values()


CALLS: dict[str, Callable[..., Awaitable[Any]]] = {
    "start": _start,
    "rerun": _rerun,
    "settle": _settle,
    "messages": _messages,
    "evaluate": _evaluate,
    "widgets": _widgets,
    "check_values": _check_values,
}
