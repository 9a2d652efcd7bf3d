"""The run before anyone comes: whoever notices first that it ended the kernel, its author is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from nbformat import v4

from nbapp.errors import UsageError
from nbapp.serve.configured import configured
from nbapp.serve.kernels import PageKernels
from nbapp.serve.options import Options
from nbapp.serve.rehearsal import rehearse

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@pytest.mark.parametrize("noticed_after", [0.05, 60], ids=["by the server", "by who waits"])
def test_a_notebook_that_ends_its_kernel_is_noticed(noticed_after: float, tmp_path: Path) -> None:
    # Jupyter's default is another kernel, which is alive and never answers what its predecessor was asked.
    config = configured(Options(tmp_path / "dies.ipynb"), "tcp")
    config.KernelRestarter.time_to_dead = noticed_after
    notebook = v4.new_notebook(cells=[v4.new_code_cell("import os\nos._exit(1)")], metadata={"kernelspec": KERNEL})

    async def rehearsed() -> None:
        kernels = PageKernels(config=config)  # type: ignore[no-untyped-call]
        task = asyncio.ensure_future(rehearse(kernels, notebook, config))
        await asyncio.wait([task], timeout=30)
        assert task.done()  # one that is cancelled says that the kernel died, too
        task.result()

    with pytest.raises(UsageError, match="the notebook's first run ended the kernel"):
        asyncio.run(rehearsed())
