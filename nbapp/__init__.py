"""nbapp turns a notebook into a live app: `%load_ext nbapp` in the first cell, or `nbapp serve notebook.ipynb`.

This file is what Jupyter calls and nothing else; importing it imports no Jupyter module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__version__ = "0.1.0"


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext nbapp` calls: from now on the notebook's cells follow its widgets."""
    from nbapp.kernel.app import load  # noqa: PLC0415 -- lazy entry point: `import nbapp` must not import Jupyter

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """What `%unload_ext nbapp` calls: leaves the kernel as it was before `%load_ext nbapp`."""
    from nbapp.kernel.app import unload  # noqa: PLC0415 -- lazy entry point, as above

    unload(shell)
