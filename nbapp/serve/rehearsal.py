"""Runs the notebook once, before anyone comes, to see whether its `--set` values fit.

In a kernel that is thrown away: a page's own kernel may read the page's request, which does not exist yet.
"""

from __future__ import annotations

import os
from typing import Any

from nbformat import NotebookNode
from traitlets.config import Config

from nbapp.serve.executor import ShowExecutor


async def rehearse(kernels: Any, notebook: NotebookNode, config: Config) -> None:
    """Start the app once and say what is wrong with its settings.

    Raises:
        UsageError: a name that holds no widget, or a value that its widget refuses.
    """
    kernel_id = await kernels.start_kernel(kernel_name=notebook.metadata.kernelspec.name, path="", env=os.environ)
    try:
        executor = ShowExecutor(notebook, km=kernels.get_kernel(kernel_id), config=config)
        executor.kc = await executor.async_start_new_kernel_client()
        try:
            await executor.rehearse()
        finally:
            executor.kc.stop_channels()
    finally:
        if kernel_id in kernels:  # not dead already
            await kernels.shutdown_kernel(kernel_id, now=True)
