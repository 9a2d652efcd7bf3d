"""What `verify` asks of an app, called in its kernel through `AppTest.eval`. Changes nothing."""

from __future__ import annotations

from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any

from IPython.core.getipython import get_ipython

from nbapp.core.notebook import CellId
from nbapp.kernel.app import App
from nbapp.kernel.parse.directives import directives
from nbapp.verify import fresh
from nbapp.verify.pictures.carry import Namespace, given
from nbapp.verify.pictures.picture import places
from nbapp.verify.pictures.seen import Record, SeenValues


def look() -> SeenValues:
    """The app as it is after its last rerun, with what it rests on; outputs are asked elsewhere."""
    shell: Any = get_ipython()
    app: App = shell.nbapp
    failed = next((step.index for step in app.steps if step.state == "failed"), None)
    made = app.inspect().sources
    taken = fresh.seen(app, app.notebook, (), failed)
    return replace(
        taken,
        records=_records(app),
        given=given(app.notebook, app.inspect().widgets, app.overlay, Namespace(shell.user_ns, made)),
    )


def _records(app: App) -> dict[CellId, Record]:
    seen = app.inspect()
    found, where = {}, {widget: place for place, widget in places(seen.widgets, app.notebook)}
    for index, memo in seen.memos.items():
        cell = app.notebook[index]
        reads, changed = memo.reads.names, tuple[str, ...]()
        if directives(cell.source, cell.tags).never:  # its record reads nothing, so that it always applies
            reads = tuple(name for name in app.host.read(cell).names.looked_up if name in seen.bindings)
            changed = tuple(f"`{name}`" for name in sorted(reads) if _may_change(seen.bindings[name].value))
        read = filter(None, map(app.host.widgets.trait, memo.reads.components))
        traits = frozenset((where[widget], name) if widget in where else None for widget, name in read)
        names = None if memo.reads.everything else frozenset(reads)
        found[cell.id] = Record(names, frozenset(memo.after), changed, traits)
    return found


def _may_change(value: object) -> bool:
    return not isinstance(value, (ModuleType, type, FunctionType))
