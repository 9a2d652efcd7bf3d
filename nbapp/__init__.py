"""nbapp turns a notebook into a live app: `%load_ext nbapp` in the first cell, or `nbapp serve notebook.ipynb`.

What a notebook or a module may use besides: `nbapp.cache`, `nbapp.resource`, `nbapp.register`, `nbapp.user`.
This file is what Jupyter and authors call and nothing else; importing it imports no Jupyter module.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nbapp.functions import cache, resource
    from nbapp.libraries.registry import register
    from nbapp.visitor import User

    user: User | None

__version__ = "0.1.0"
__all__ = ["__version__", "cache", "register", "resource", "user"]
_HOMES = {"cache": "nbapp.functions", "register": "nbapp.libraries.registry", "resource": "nbapp.functions"}


def __getattr__(name: str) -> Any:
    """The public names, each imported when it is first asked for."""
    if name == "user":  # never kept here: each look at it is noted
        return import_module("nbapp.visitor").current()
    if name not in _HOMES:
        raise AttributeError(f"module 'nbapp' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What `%load_ext nbapp` calls: from now on the notebook's cells follow its widgets."""
    with _no_collections():
        from nbapp.kernel.extension import load  # noqa: PLC0415 -- lazy: `import nbapp` must not import Jupyter

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """What `%unload_ext nbapp` calls: leaves the kernel as it was before `%load_ext nbapp`."""
    from nbapp.kernel.extension import unload  # noqa: PLC0415 -- lazy entry point, as above

    unload(shell)


@contextmanager
def _no_collections() -> Iterator[None]:
    """Python's collector waits: among hundreds of new classes it would look through all that Jupyter holds."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
