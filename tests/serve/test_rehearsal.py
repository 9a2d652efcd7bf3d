"""The run before anyone comes: whoever notices first that it ended the kernel, its author is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# In a process of its own: a kernel manager that is collected waits for its sockets, whatever else the process does.
REHEARSE = """
import asyncio, pathlib, sys
from nbformat import v4
from nbapp.errors import UsageError
from nbapp.serve.configured import configured
from nbapp.serve.kernels.kernels import PageKernels
from nbapp.serve.options import Options
from nbapp.serve.page.rehearsal import rehearse

config = configured(Options(pathlib.Path("dies.ipynb")), "tcp")
config.KernelRestarter.time_to_dead = float(sys.argv[1])
kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
notebook = v4.new_notebook(cells=[v4.new_code_cell("import os; os._exit(1)")], metadata={"kernelspec": kernel})
kernels = PageKernels(config=config)
try:
    asyncio.run(rehearse(kernels, notebook, config))
except UsageError as error:
    print(error)
"""


@pytest.mark.parametrize("noticed_after", ["0.05", "60"], ids=["by the server", "by who waits"])
def test_a_notebook_that_ends_its_kernel_is_noticed(noticed_after: str, tmp_path: Path) -> None:
    # Jupyter's default is another kernel, which is alive and never answers what its predecessor was asked.
    command = [sys.executable, "-c", REHEARSE, noticed_after]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert "the notebook's first run ended the kernel" in done.stdout, done.stderr
