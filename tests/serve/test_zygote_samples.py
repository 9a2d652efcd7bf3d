"""The samples in forked kernels: move by move, each cell shows what it shows in an `AppTest`, and no more cells run."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest

from nbapp.serve.page.starter import cells
from nbapp.serve.prepare import read
from nbapp.testing import AppTest
from tests.serve.zygotes import WHERE_KERNELS_FORK, ForkedKernel, forked, started, zygote_of
from tests.test_counts import LARGE, NOTEBOOKS, ROOT

pytestmark = WHERE_KERNELS_FORK
# The oracle of test_counts never asks for what is in its large frames; forks are compared with an AppTest.
MOVES = NOTEBOOKS | {"notebooks/sales.ipynb": [("Bars by", "region"), ("Months", (3, 5)), ("Months", (1, 12))]}
VIEW = "application/vnd.jupyter.widget-view+json"
APP = "get_ipython().nbapp"
MESSAGES = "__import__('nbapp.kernel.widgets.updates.user_messages', fromlist=['x'])"


def shown(outputs: Sequence[Any]) -> Any:
    """What a cell shows; of a widget only that it is there, of an object only what it is."""
    known = [{"view": True} if VIEW in output.get("data", ()) else output for output in outputs]
    plain = [{name: part for name, part in output.items() if name != "transient"} for output in known]
    text = re.sub(r"0x[0-9a-f]{8,}", "0x…", json.dumps(plain, sort_keys=True, default=str))
    return json.loads(re.sub(r'"execution_count": \w+', '"execution_count": 0', text))


async def shown_in(kernel: ForkedKernel, count: int) -> list[Any]:
    await kernel.settle()
    outputs = f"[[o for o in {APP}.outputs(c.id)] for c in {APP}.notebook][:{count}]"
    return [shown(each) for each in await kernel.value(outputs)]


async def move(kernel: ForkedKernel, name: str, value: Any) -> None:
    gesture = f"{MESSAGES}.change({name!r}, {APP}.widgets()[{name!r}], None, {value!r})"
    model, sent = await kernel.value(f"(lambda g: [g.model_id, g.data])({gesture})")
    kernel.send(model, sent)
    await kernel.settle()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.soak) if name in LARGE else name for name in MOVES]
)
async def test_a_fork_shows_what_an_apptest_shows_and_runs_the_same_cells(name: str) -> None:
    path = ROOT / name
    notebook = read(path)
    with AppTest.from_file(path) as app:
        app.run()
        count = len(app.steps)
        async with zygote_of(cells(notebook), folder=path.parent) as zygote, forked(await started(zygote)) as kernel:
            await kernel.arrive()
            assert await shown_in(kernel, count) == [shown(app.outputs(index)) for index in range(count)]
            for widget, value in MOVES[name]:
                app.set(widget, value)
                await move(kernel, widget, value)
                assert await shown_in(kernel, count) == [shown(app.outputs(index)) for index in range(count)]
                ran = [index for index, state in enumerate(await kernel.states()) if state == "ran"]
                assert ran == list(app.executed), (widget, value)
