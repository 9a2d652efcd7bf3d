"""Runs the notebook before anyone comes: to see whether its `--set` values fit, and ahead, for the next visitor.

A rehearsal's kernel is thrown away: a page's own may read the page's request, which does not exist yet. A kernel that
runs ahead gets the environment of the page before, and is for a page with the same one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode
from traitlets.config import Config

from nbapp.errors import UsageError
from nbapp.serve.kernels.zygote.process import NoFork, ZygoteProcess, impossible
from nbapp.serve.page.starter import Starter, cells, settings_of


async def run_ahead(kernels: Any, notebook: NotebookNode, environment: Mapping[str, str], config: Config) -> str:
    """Run the notebook in a kernel for a page that nobody has asked for so far; the kernel's id. Cancelled, or when the
    app does not start, the kernel ends.
    """
    name = notebook.metadata.kernelspec.name
    kernel_id: str = await kernels.start_warm(environment, kernel_name=name, path="")
    try:
        async with Starter(notebook, kernels.get_kernel(kernel_id), config=config) as starter:
            await starter.run_ahead()
    except BaseException:
        await kernels.end(kernel_id)
        raise
    return kernel_id


async def start_zygote(kernels: Any, notebook: NotebookNode, environment: Mapping[str, str]) -> ZygoteProcess:
    """A process that will fork kernels for pages, once it has run a notebook: `app_of`.

    Raises:
        NoFork: it cannot be done here.
    """
    spec = kernels.kernel_spec_manager.get_kernel_spec(notebook.metadata.kernelspec.name)
    if (why := impossible(spec)) is not None:
        raise NoFork(why)
    places = (kernels.cwd_for_path(""), kernels.connection_dir)
    return await ZygoteProcess.start(spec, environment, places, kernels.log)


def app_of(notebook: NotebookNode, config: Config) -> dict[str, Any]:
    """A notebook as a process takes it that forks kernels."""
    mine: dict[str, Any] = {"environment": {}, "outbox": None, "user": None}
    return {"cells": cells(notebook), "settings": settings_of(notebook, config.Starter.settings), **mine}


async def rehearse(kernels: Any, notebook: NotebookNode, config: Config) -> None:
    """Start the app once and say what is wrong with its settings.

    Raises:
        UsageError: a name that holds no widget, or a value that its widget refuses.
    """
    kernel_id = await kernels.start_kernel(kernel_name=notebook.metadata.kernelspec.name, path="", env=os.environ)
    try:
        async with Starter(notebook, kernels.get_kernel(kernel_id), config=config) as starter:
            await starter.rehearse()
    except RuntimeError as error:
        raise UsageError(f"the app did not start in its kernel: {error}") from error
    finally:
        if kernel_id in kernels:  # not dead already
            await kernels.shutdown_kernel(kernel_id, now=True)
