"""The notebook as an app: `AppTest` runs it, and the same messages are sent that a page sends. Looks into `AppTest`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.corpus.moves import Move, message
from benchmarks.corpus.picture import Leaves, controls, leaves
from benchmarks.corpus.plain import Ran
from nbapp.testing import AppTest

_STATES = (
    "{key: dict(each['state'], _buffers=[b['data'] for b in each.get('buffers', ())] or None)"
    " for key, each in __import__('ipywidgets').Widget.get_manager_state()['state'].items()}"
)


def ran(cells: Sequence[str], folder: Path, plan: Sequence[Move]) -> Ran:
    """Run, move every control there, and back."""
    found = Ran()
    with AppTest.from_cells(cells, cwd=folder, timeout=120) as app:
        app.run()
        found.kernel.append(_seen(app))
        for back in (False, True):
            for move in plan:
                _move(found, app, move, back)
            found.kernel.append(_seen(app))
    return found


def _move(found: Ran, app: AppTest, move: Move, back: bool) -> None:
    states = app.eval(_STATES)
    model = controls(_outputs(app), states).get(move.path)
    if model is None or states[model].get("_model_name") != move.kind:
        found.undone.append(f"{move.path} {move.kind}")
        return
    app._call("prepare", tuple(app._cells), {}, ())
    try:
        app._child.send(model, *message(move, back=back))
    finally:
        app._report(app._call("finish"))


def _outputs(app: AppTest) -> list[list[Any]]:
    return [app.outputs(index) for index in range(len(app.cells))]


def _seen(app: AppTest) -> Leaves:
    return leaves(_outputs(app), app.eval(_STATES), tracebacks=False)
