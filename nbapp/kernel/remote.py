"""What `AppTest` and `nbapp run` call in the kernel through execute requests.

Arguments, values and exceptions travel pickled, in base64. A call answers with a display of a type that no front end
shows. Nothing is bound in the notebook's namespace. This file does not know who calls.
"""

from __future__ import annotations

import asyncio
import base64
import difflib
import faulthandler
import inspect
import os
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cloudpickle
from IPython.core.getipython import get_ipython
from ipywidgets import Widget

from nbapp._compat.ipywidgets import instances
from nbapp.core.notebook import CellId, Notebook, Output
from nbapp.core.step import Step
from nbapp.errors import NbappError, UsageError
from nbapp.kernel.app import App
from nbapp.kernel.frontends.observer import Silent
from nbapp.kernel.outputs.iopub import keep_all
from nbapp.kernel.outputs.snapshot import ALL, snapshot
from nbapp.kernel.outputs.themed_figures import follow_theme
from nbapp.kernel.settings import Settings
from nbapp.kernel.widgets.updates import user_messages
from nbapp.persistence.current import CURRENT

Report = tuple[tuple[Step, ...], tuple[int, ...]]  # the steps without their outputs, and the cells executed


@dataclass(slots=True)
class Driven(Silent):
    """The app that calls drive; a listener that notes which cells were executed, and publishes steps if wanted."""

    app: App = field(init=False)
    running: int  # a file's descriptor
    progress: bool
    executed: list[int] = field(default_factory=list)
    _publish: Callable[[tuple[Any, ...]], None] = field(default=lambda reply: None)

    def called(self, publish: Callable[[tuple[Any, ...]], None]) -> None:
        """A call began, to which this publishes."""
        self._publish = publish

    def step(self, step: Step) -> None:
        """A cell was brought up to date."""
        if step.costs is not None:
            self.executed.append(step.index)
        if self.progress:
            self._publish(("step", step.index, step.state, step.seconds))

    def note(self, cell_id: str | None) -> None:
        """Write down which cell runs, where it can be read when this process is gone."""
        os.pwrite(self.running, (cell_id or "").encode()[:64].ljust(64), 0)


async def call(mime: str, payload: str) -> None:
    """Call one of `CALLS` and publish what it returned or raised as a display of type `mime`."""
    shell: Any = get_ipython()
    parent = shell.get_parent()

    def publish(reply: tuple[Any, ...]) -> None:
        content = {"data": {mime: _packed(reply)}, "metadata": {}, "transient": {}}
        kernel = shell.kernel
        kernel.session.send(kernel.iopub_socket, "display_data", content, parent=parent, ident=b"display_data")

    name, arguments = cloudpickle.loads(base64.b64decode(payload))
    if name != "start":
        _driven().called(publish)
    try:
        value = CALLS[name](*arguments)
        reply: tuple[Any, ...] = "value", await value if inspect.isawaitable(value) else value
    except Exception as error:  # noqa: BLE001 - it is raised where the call came from
        reply = "error", error, "".join(traceback.format_exception(error))
    publish(reply)


def _packed(reply: tuple[Any, ...]) -> str:
    try:
        pickled = cloudpickle.dumps(reply)
    except Exception as error:  # noqa: BLE001 - pickling runs code of the notebook's objects, which may raise anything
        what = f"{type(reply[1]).__module__}.{type(reply[1]).__qualname__}"
        pickled = cloudpickle.dumps(("error", NbappError(f"a {what} cannot be pickled", str(error)), ""))
    return base64.b64encode(pickled).decode("ascii")


def _driven() -> Driven:
    driven: Driven = get_ipython().nbapp_driven  # type: ignore[union-attr]
    return driven


def start(cells: Notebook, settings: Mapping[str, Any], folder: str, progress: bool) -> None:
    """Attach an app. What is needed should the kernel die is kept in a folder: the cell that runs, and a crash."""
    shell: Any = get_ipython()
    faulthandler.enable(os.open(Path(folder, "crash"), os.O_WRONLY | os.O_CREAT, 0o600))
    driven = shell.nbapp_driven = Driven(os.open(Path(folder, "running"), os.O_WRONLY | os.O_CREAT, 0o600), progress)
    keep_all(shell.kernel)
    chosen = Settings(**settings)
    CURRENT.use(chosen.results)
    follow_theme(shell.display_formatter, chosen.theme)
    driven.app = App(shell, cells, chosen, driven).attach()
    shell.events.register("pre_run_cell", lambda info: driven.note(info.cell_id))
    shell.events.register("post_run_cell", lambda result: driven.note(None))


async def run(cells: Notebook) -> Report:
    """A full rerun of these cells."""
    driven = _driven()
    driven.executed.clear()
    driven.app.edit(cells)
    await driven.app.rerun()
    return _report()


async def prepare(cells: Notebook, values: Mapping[str, Any], clicks: Iterable[str]) -> list[tuple[Any, ...]]:
    """What a front end sends for these values and clicks: model, data and buffers of each message.

    The app waits for all of it, until `finish`.
    """
    app = _driven().app
    await app.settled()
    sent = [user_messages.change(name.partition(".")[0], *_widget(name), value) for name, value in values.items()]
    sent += [user_messages.click(name, _widget(name)[0]) for name in clicks]
    await app.turn.acquire()
    app.edit(cells)
    _driven().executed.clear()
    return [(gesture.model_id, gesture.data, gesture.buffers) for gesture in sent]


async def finish() -> Report:
    """Let the app take what was sent, and wait until nothing is left to do."""
    app = _driven().app
    await asyncio.sleep(0)  # what came last has been queued, and wakes the app in the loop's next round
    app.turn.release()
    await app.settled()
    return _report()


def _report() -> Report:
    driven = _driven()
    return tuple(replace(step, outputs=()) for step in driven.app.steps), tuple(driven.executed)


def _widget(name: str) -> tuple[Widget, str | None]:
    """The widget of a global name, and the trait if one is named behind a dot."""
    widgets = _driven().app.widgets()
    name, _, trait = name.partition(".")
    if name in widgets:
        return widgets[name], trait or None
    if not widgets:
        raise UsageError(
            f"no widget is called {name}", "the notebook has no global that holds a widget, or has not run"
        )
    near = difflib.get_close_matches(name, widgets, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"no widget is called {name}", f"{hint}the widgets are {', '.join(sorted(widgets))}")


def widgets() -> dict[str, dict[str, Any]]:
    """The widgets by global name: class, value, description, options' labels."""
    return {name: _described(widget) for name, widget in _driven().app.widgets().items()}


def _described(widget: Widget) -> dict[str, Any]:
    options = getattr(widget, "_options_labels", None)
    return {
        "kind": type(widget).__name__,
        "value": getattr(widget, "value", None),
        "description": getattr(widget, "description", ""),
        "options": options and tuple(options),
        "disabled": bool(getattr(widget, "disabled", False)),
    }


def outputs(cell_id: CellId) -> list[Output]:
    """What a cell shows now, as nbformat has it."""
    shown = _driven().app.outputs(cell_id)
    return [{key: value for key, value in output.items() if key != "transient"} for output in shown]


def snapshots() -> dict[CellId, list[Output]]:
    """What each cell shows now, with the states of displayed widgets, as data that stands by itself."""
    app = _driven().app
    return {cell.id: snapshot(app.outputs(cell.id), instances, most=ALL) for cell in app.notebook}


async def evaluate(expression: str) -> Any:
    """The value of an expression in the notebook's namespace."""
    return await _driven().app.evaluate(expression)


def check_values() -> None:
    """Whether every `--set` name holds a widget.

    Raises:
        UsageError: one does not.
    """
    app = _driven().app
    app.initial_values.check(app.widgets())


def widget_state() -> dict[str, Any]:
    """The state of all open widgets, for the metadata of a notebook file."""
    state: dict[str, Any] = Widget.get_manager_state(drop_defaults=True)
    return state


CALLS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (start, run, prepare, finish, widgets, outputs, snapshots, evaluate, check_values, widget_state)
}
