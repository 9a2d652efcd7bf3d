"""`%load_ext nbapp` and `%unload_ext nbapp` in a kernel that a person works in."""

from __future__ import annotations

from typing import Any

from nbapp.core.notebook import CellId
from nbapp.errors import UsageError
from nbapp.kernel.app import App
from nbapp.kernel.frontends.control_comm import ControlComm
from nbapp.kernel.frontends.document import Document, SavedOrder
from nbapp.kernel.frontends.jupyterlab import Lab
from nbapp.kernel.frontends.plain import Plain
from nbapp.kernel.scheduling.aborted import when_given_up
from nbapp.kernel.scheduling.manual_run import intercept
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
    control, document = ControlComm(kernel), Document(SavedOrder.of_this_kernel())
    lab = Lab(Plain(kernel), control.send)
    app = App(shell, (), Settings(), lab, has_earlier_names=True).attach()
    app.hold(control.serve(app, document, lab))
    app.hold(intercept(kernel, app, document, lab))

    def given_up(cell_id: CellId, request: dict[str, Any]) -> None:
        lab.asked(cell_id, request)
        app.displayed.put_out(cell_id, ())
        app.catch_up()

    app.hold(when_given_up(kernel, given_up))


def unload(shell: Any) -> None:
    """`%unload_ext nbapp`: leaves nothing behind."""
    app: App | None = getattr(shell, "nbapp", None)
    if app is not None:
        app.close()
