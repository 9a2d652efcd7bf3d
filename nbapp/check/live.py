"""What `check` asks of an app after its first run, called in its kernel. Changes nothing, except that it looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

import ipywidgets
from IPython.core.getipython import get_ipython

from nbapp._compat import ipywidgets as private
from nbapp.check.seen import CellSeen, Live, OpaqueValue, Widget
from nbapp.core.memos.env import is_global
from nbapp.core.memos.kinds import CONTROLS
from nbapp.core.memos.lineage import Lineage
from nbapp.core.memos.memo import Memo
from nbapp.core.memos.store import output_bytes
from nbapp.kernel.app import App
from nbapp.kernel.outputs.outputs import VIEW
from nbapp.kernel.widgets.state.user_values import DISPLAYS
from nbapp.values import digest

_LONGEST = 100  # letters of a reason


def look() -> Live:
    """The app as it is after its first run."""
    shell: Any = get_ipython()
    app: App = shell.nbapp
    seen = app.inspect()
    runs = seen.memos
    moving = _moving(app, runs)
    shown = [(index, widget) for index, cell in enumerate(app.notebook) for widget in _shown(app.outputs(cell.id))]
    visible = {id(widget) for _, widget in shown}
    named = app.widgets()
    hidden = [name for name, widget in named.items() if _is_control(widget) and id(widget) not in visible]
    return Live(
        tuple(_cell(app, index, run, index in moving) for index, run in sorted(runs.items())),
        tuple(_opaque(app, runs)),
        tuple(dict.fromkeys(_kind(index, widget) for index, widget in shown)),
        sum(map(_is_control, {id(widget): widget for _, widget in shown}.values())),
        tuple((name, seen.makers[name]) for name in hidden if seen.makers.get(name, -1) >= 0),
    )


def _cell(app: App, index: int, run: Memo, moves: bool) -> CellSeen:
    cell = app.notebook[index]
    reading = app.host.read(cell)
    nbytes = output_bytes(app.outputs(cell.id))
    frozen = None if reading.ttl is not None or reading.always or reading.once else reading.frozen
    return CellSeen(index, run.executed.seconds, nbytes, moves, frozen, reading.always)


def _moving(app: App, runs: Mapping[int, Memo]) -> set[int]:
    """The cells that a move of some control runs: they read one, or what such a cell bound."""
    order = {cell.id: index for index, cell in enumerate(app.notebook)}
    lineage = Lineage([*order], lambda cell: runs.get(order[cell]))
    return {order[cell] for cell in lineage.reached(_reads_a_control)}


def _reads_a_control(memo: Memo) -> bool:
    return any(kind.owns(part) for part in memo.reads.components for kind in CONTROLS)


def _opaque(app: App, runs: Mapping[int, Memo]) -> Iterator[OpaqueValue]:
    seen = app.inspect()
    for name, binding in seen.bindings.items():
        value = binding.value
        if not is_global(name) or not binding.opaque or isinstance(value, (ModuleType, type, FunctionType)):
            continue
        maker = seen.makers.get(name, -1)
        readers = tuple(index for index, run in sorted(runs.items()) if index > maker and name in run.reads.names)
        yield OpaqueValue(name, type(value).__name__, _why(value, app), maker, readers)


def _why(value: object, app: App) -> str:
    try:
        digest.digest(value, app.host.known)
    except digest.Opaque as error:
        text = str(error).partition("\n")[0]
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "it holds something that cannot be followed"


def _shown(outputs: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    """The widgets that outputs show, and all that these hold."""
    waiting = [*_views(outputs)]
    seen: set[int] = set()
    while waiting:
        widget = waiting.pop()
        if id(widget) in seen:
            continue
        seen.add(id(widget))
        yield widget
        if isinstance(widget, ipywidgets.Output):
            waiting.extend(_views(widget.outputs))
        for name in widget.keys:
            waiting.extend(_inside(getattr(widget, name, None)))


def _views(outputs: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    for output in outputs:
        view = output.get("data", {}).get(VIEW)
        widget = private.instances.get(view["model_id"]) if view else None
        if widget is not None:
            yield widget


def _inside(value: object) -> Iterator[Any]:
    if isinstance(value, ipywidgets.Widget):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _inside(part)
    elif isinstance(value, dict):
        yield from _inside([*value.values()])


def _is_control(widget: Any) -> bool:
    """Whether a person can change it."""
    if not isinstance(widget, ipywidgets.DOMWidget) or isinstance(widget, DISPLAYS):
        return False
    core = str(private.view_module(widget)).startswith("@jupyter-widgets/")
    return not core or any(hasattr(widget, name) for name in ("value", "click", "selected_index"))


def _kind(index: int, widget: Any) -> Widget:
    return Widget(index, type(widget).__name__, str(private.view_module(widget) or private.model_module(widget)))
