"""`%load_ext nbapp` and `%unload_ext nbapp` in a kernel that a person works in."""

from __future__ import annotations

from typing import Any

from nbapp.errors import UsageError
from nbapp.kernel.app import App
from nbapp.kernel.control import Control
from nbapp.kernel.document import Document, SavedOrder
from nbapp.kernel.hand import intercept
from nbapp.kernel.lab import Lab
from nbapp.kernel.plain import Plain
from nbapp.kernel.settings import Settings


def load(shell: Any) -> None:
    """`%load_ext nbapp`: from now on the cells follow the widgets. Runs nothing."""
    if getattr(shell, "nbapp", None) is not None:
        return  # served by `nbapp serve`, or loaded before
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        raise UsageError(
            "nbapp needs a Jupyter kernel", "Open the notebook in Jupyter, or run: nbapp serve NOTEBOOK.ipynb"
        )
    control, document = Control(kernel), Document(SavedOrder.of_this_kernel())
    lab = Lab(Plain(kernel), control.send)
    app = App.attach(shell, (), Settings(), lab)
    app.take_as_given(shell.user_ns)
    app.hold(control.serve(app, document, lab))
    app.hold(intercept(kernel, app, document, lab))


def unload(shell: Any) -> None:
    """`%unload_ext nbapp`: leaves nothing behind."""
    app: App | None = getattr(shell, "nbapp", None)
    if app is not None:
        app.close()
