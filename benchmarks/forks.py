"""What a visitor costs: the memory that is a kernel's alone, and how long it takes, forked and started.

A forked kernel is a copy of a process that has run the notebook; the data that nobody changed is there once. Each
visitor comes, and moves the slider four times.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from contextlib import AsyncExitStack
from statistics import median
from typing import Any

import psutil
from jupyter_client.manager import AsyncKernelManager

from benchmarks.report import save, show
from tests.serve.zygotes import SERVED, ForkedKernel, forked, payload, started, zygote_of

SLIDER = "import ipywidgets\nx = ipywidgets.IntSlider(3, max=100)\nx"
NOTEBOOKS = {
    "a slider": (SLIDER, "print(x.value)"),
    "a chart, with pandas": (
        "import pandas as pd, matplotlib.pyplot as plt\nt = pd.DataFrame({'a': range(1000)})",
        SLIDER,
        "_ = t.a.head(x.value).plot()\nplt.show()",
    ),
    "500 MB of numpy": (
        "import numpy as np\ndata = np.random.default_rng(1).random(62_500_000)",
        SLIDER,
        "print(data[x.value])",
    ),
    "480 MB frame, a million texts": (
        "import numpy as np, pandas as pd\nn = 30_000_000\n"
        "t = pd.DataFrame({'a': np.arange(n), 'b': np.arange(float(n))})\n"
        "names = [str(number) for number in range(1_000_000)]",
        SLIDER,
        "print(t.a[x.value], names[x.value])",
    ),
}


async def cost(kernel: ForkedKernel, pid: int) -> int:
    """The bytes that are this kernel's alone after four moves."""
    model = await kernel.value("x.model_id")
    for value in range(5, 9):
        kernel.send(model, {"method": "update", "state": {"value": value}, "buffer_paths": []})
        await kernel.settle()
    return int(psutil.Process(pid).memory_full_info().uss)


async def by_fork(cells: tuple[str, ...], visitors: int) -> list[tuple[float, int]]:
    """Seconds until each visitor's kernel shows the notebook, and its bytes, while all of them are there."""
    async with zygote_of(cells) as zygote, AsyncExitStack() as stack:
        await started(zygote)
        kernels, seconds = [], []
        for _ in range(visitors):
            begins = time.perf_counter()
            kernels.append(await stack.enter_async_context(forked(zygote)))
            await kernels[-1].arrive()
            seconds.append(time.perf_counter() - begins)
        return [(taken, await cost(kernel, kernel.process.pid)) for taken, kernel in zip(seconds, kernels, strict=True)]


async def by_start(cells: tuple[str, ...]) -> tuple[float, int]:
    """The same of a kernel that is started."""
    begins = time.perf_counter()
    manager: Any = AsyncKernelManager()
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        kernel = ForkedKernel(None, client)
        await kernel.run(f"{SERVED}.start({payload(cells)!r})")
        await kernel.run(f"await {SERVED}.run()")
        seconds = time.perf_counter() - begins
        return seconds, await cost(kernel, manager.provisioner.pid)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=5, help="forked kernels at once (default: %(default)s)")
    asked = parser.parse_args()
    rows, figures = [], {}
    for name, cells in NOTEBOOKS.items():
        forks = asyncio.run(by_fork(cells, asked.visitors))
        alone = asyncio.run(by_start(cells))
        figures[name] = {"forked": forks, "started": alone}
        seconds, nbytes = (median(each[index] for each in forks) for index in (0, 1))
        rows.append(
            [
                name,
                f"{nbytes / 1e6:,.0f} MB",
                f"{alone[1] / 1e6:,.0f} MB",
                f"{nbytes / alone[1]:.2f}×",
                f"{seconds / alone[0]:.2f}×",
            ]
        )
    head = ["a visitor's kernel", "own memory, forked", "started", "ratio", "time until it shows the notebook"]
    notes = [f"Medians of {asked.visitors} forked kernels that are there at once, after four moves of the slider."]
    show("Forked kernels beside started ones", head, rows, notes)
    print(f"written to {save('forks', figures)}")


if __name__ == "__main__":
    main()
