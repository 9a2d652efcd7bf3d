"""What `verify` asks of an app, called in its kernel through `AppTest.eval`. Changes nothing."""

from __future__ import annotations

from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any

from IPython.core.getipython import get_ipython

from nbapp.core.notebook import CellId
from nbapp.kernel.app import App
from nbapp.kernel.directives import directives
from nbapp.verify.carry import Namespace, given
from nbapp.verify.fresh import seen
from nbapp.verify.seen import Record, Seen


def look() -> Seen:
    """The app as it is after its last rerun, with what it rests on; outputs are asked elsewhere."""
    shell: Any = get_ipython()
    app: App = shell.nbapp
    failed = next((step.index for step in app.steps if step.state == "failed"), None)
    made = app._walk.env.source if app._walk is not None else {}
    taken = seen(app, app.notebook, (), failed)
    return replace(
        taken,
        records=_records(app),
        given=given(app.notebook, app._widgets, app.overlay, Namespace(shell.user_ns, made)),
    )


def _records(app: App) -> dict[CellId, Record]:
    walk = app._walk
    if walk is None:
        return {}
    found = {}
    for index, run in walk._used.items():
        cell = app.notebook[index]
        reads, changed = run.question.names, tuple[str, ...]()
        if directives(cell.source, cell.tags).never:  # its record reads nothing, so that it always applies
            reads = tuple(name for name in app._host.read(cell).names.looked_up if name in walk.env.bindings)
            changed = tuple(f"`{name}`" for name in sorted(reads) if _may_change(walk.env.bindings[name].value))
        found[cell.id] = Record(None if run.question.everything else frozenset(reads), frozenset(run.after), changed)
    return found


def _may_change(value: object) -> bool:
    return not isinstance(value, (ModuleType, type, FunctionType))
