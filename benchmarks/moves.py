"""Runs in the kernel: an app of generated cells whose sliders are moved as a front end would. Prints JSON."""

from __future__ import annotations

import ctypes
import gc
import json
import resource
import threading
import time
from collections.abc import Sequence
from typing import Any

import psutil
from IPython import get_ipython
from ipywidgets import Output, Widget
from ipywidgets.widgets import widget as instances

from nbapp.core.notebook import Cell, CellId
from nbapp.kernel.app import App
from nbapp.kernel.settings import Settings


def attach(sources: Sequence[str], cache_bytes: int | None = None) -> App:
    """An app of these cells in this kernel."""
    notebook = tuple(Cell(CellId(f"cell-{number}"), source) for number, source in enumerate(sources))
    return App(get_ipython(), notebook, Settings(cache_bytes=cache_bytes)).attach()


async def move(app: App, widget: Widget, value: object) -> float:
    """A front end's update of a value; seconds until the rerun is over."""
    update = {"method": "update", "state": {"value": value}, "buffer_paths": []}
    began = time.perf_counter()
    widget.comm.handle_msg({"content": {"comm_id": widget.model_id, "data": update}, "buffers": []})
    await app.rerun()
    return time.perf_counter() - began


def many_cells(count: int, reader: int) -> list[str]:
    """Cells that read what the cells above left, as notebooks do; cell `reader` also reads a slider."""
    kinds = (
        "v{i} = v{j} + 1",
        "def f{i}(x):\n    return x + v{j}\nv{i} = f{i}(1)",
        "rows{i} = [v{j}, v{j} + 1]\nv{i} = len(rows{i}) + v{j}",
        "text{i} = f'{{v{j}}}'\nv{i} = v{j}\nprint(text{i})",
    )
    callback = "b, clicks = widgets.Button(), []\nb.on_click(clicks.append)\nv2 = 0"
    sources = ["import ipywidgets as widgets", "n = widgets.IntSlider(max=1_000_000)\nn", callback]
    sources += [kinds[i % len(kinds)].format(i=i, j=i - 1) for i in range(3, count)]
    sources[reader] = f"v{reader} = v{reader - 1}\nprint(n.value)"
    return sources


async def walk(count: int, reader: int, repeats: int, clicked: bool) -> None:
    """Print the times of reruns of `count` cells, one of them executing, and what that cell itself took."""
    app = attach(many_cells(count, reader))
    steps = await app.rerun()
    failed = [(step.index, step.error) for step in steps if step.state != "ran"]
    assert not failed, failed[:5]
    if clicked:
        click = {"method": "custom", "content": {"event": "click"}}
        app.widgets()["b"].comm.handle_msg({"content": {"data": click}, "buffers": []})
        await app.rerun()
    slider = app.widgets()["n"]
    whole, cells = [], []
    for number in range(repeats):
        whole.append(await move(app, slider, number + 1))
        executed = [step for step in app.steps if step.state == "ran"]
        assert [step.index for step in executed] == [reader], [(step.index, step.reason) for step in executed][:5]
        cells.append(executed[0].seconds)
    print(json.dumps({"whole": whole, "cells": cells}))


SOAK = (
    "import ipywidgets as widgets, collections",
    "n = widgets.IntSlider(max=1_000_000_000)\nkind = widgets.Dropdown(options=[0, 1, 2])\nwidgets.VBox([n, kind])",
    "rows = [number + kind.value for number in range(1000)]",
    "odd = widgets.interactive(lambda x: print(x), x=n.value // 4 % 2) if n.value // 4 % 2 else None\nodd",
    "steps = widgets.HBox([widgets.IntSlider(max=9, value=value % 7) for value in range(n.value // 4 % 4)])\nsteps",
    "def total(rows):\n    return sum(rows) + n.value\nprint(total(rows))",
    "rows.append(n.value)\ncounted = collections.Counter(rows)\nlen(counted)",
)


def weight() -> dict[str, Any]:
    """What may not grow, once memory that is free went back to the system where the C library can do that."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    process = psutil.Process()
    return {
        "bytes": process.memory_full_info().uss,
        "objects": len(gc.get_objects()),
        "widgets": len(instances._instances),
        "comms": len(get_ipython().kernel.comm_manager.comms),
        "threads": threading.active_count(),
        "files": process.num_fds(),
    }


async def soak(repeats: int, every: int) -> None:
    """Print what the kernel weighs after each `every` reruns; new values all the time, and old ones."""
    app = attach(SOAK, cache_bytes=100_000)
    await app.rerun()
    weights = []
    for number in range(1, repeats + 1):
        widgets = app.widgets()
        await move(app, widgets["n"], number * 4)
        if number % 5 == 0:
            await move(app, widgets["kind"], number // 5 % 3)
        assert all(step.error is None for step in app.steps), app.steps
        if number % every == 0:
            weights.append(weight())
    print(json.dumps(weights))


async def reading(count: int, repeats: int) -> None:
    """Print the times of reruns of a cell that reads one number of an array of `count`."""
    app = attach(
        [
            f"import ipywidgets as widgets, numpy as np\nlarge = np.ones({count})",
            "n = widgets.IntSlider(max=1_000_000)\nn",
            "print(large[n.value % len(large)], n.value)",
        ]
    )
    await app.rerun()
    slider = app.widgets()["n"]
    whole, cells = [], []
    for number in range(repeats):
        whole.append(await move(app, slider, number + 1))
        executed = [step for step in app.steps if step.state == "ran"]
        assert [step.index for step in executed] == [2], [(step.index, step.reason) for step in app.steps]
        cells.append(executed[0].seconds)
    print(json.dumps({"whole": whole, "cells": cells}))


LONG = 10  # seconds of moves after which there are enough of them


async def scale(sources: Sequence[str], repeats: int) -> None:
    """Print the times of moves of the slider `s` that the last of three cells reads, and what that cell itself took."""
    app = attach(sources)
    steps = await app.rerun()
    assert all(step.error is None for step in steps), [step.error for step in steps]
    slider = app.widgets()["s"]
    memory = psutil.Process().memory_info().rss
    whole: list[float] = []
    cells = []
    for number in range(repeats):
        if sum(whole) > LONG and len(whole) > 2:
            break
        whole.append(await move(app, slider, number + 1))
        executed = [step for step in app.steps if step.state in ("ran", "failed")]
        assert not any(step.error for step in executed), executed
        cells.append(sum(step.seconds for step in executed))
    print(json.dumps({"whole": whole, "cells": cells, "grown": _peak() - memory, "ran": len(executed)}))


def by_hand(sources: Sequence[str], repeats: int) -> None:
    """The same with a callback in place of the last cell, in a kernel that has never heard of nbapp."""
    shell = get_ipython()
    namespace = shell.user_ns
    for source in sources[:-1]:
        exec(compile(source, "<cell>", "exec"), namespace)
    code, out = compile(sources[-1], "<cell>", "exec"), Output()

    def callback(change: dict[str, Any]) -> None:
        out.clear_output(wait=True)
        with out:
            exec(code, namespace)

    slider = namespace["s"]
    slider.observe(callback, "value")
    memory = psutil.Process().memory_info().rss
    whole = []
    for number in range(repeats):
        update = {"method": "update", "state": {"value": number + 1}, "buffer_paths": []}
        began = time.perf_counter()
        slider.comm.handle_msg({"content": {"comm_id": slider.model_id, "data": update}, "buffers": []})
        whole.append(time.perf_counter() - began)
    print(json.dumps({"whole": whole, "grown": _peak() - memory}))


def _peak() -> int:
    """The most memory that this process ever took, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
