"""What whoever opens a page may see of a cell's outputs and of its error."""

from __future__ import annotations

import html
from collections.abc import Sequence

from nbapp.core.notebook import CellError, Output

_FAILED = "This could not be computed (cell {}). Change a control above, or ask the author."
_TOO_LARGE = (
    "This needs more memory than this app may use (cell {}). Choose less in a control above, or ask the author."
)
_TOO_LONG = (
    "This took longer than a cell of this app may, and was stopped (cell {}). Choose less above, or ask the author."
)
_FAILED_THERE = "This could not be computed (cell {}). Try another value, or ask the author."
_FAILED_SOMEWHERE = "This could not be computed. Try another value, or ask the author."
_STOPPED = "This was stopped (cell {}). Change a control above to run it again."


def readable(outputs: Sequence[Output], error: CellError | None, position: int, *, tracebacks: bool) -> list[Output]:
    """What whoever opens the page may see of a cell.

    A visitor sees no warnings and no tracebacks, which tell of files and code; one line says which cell failed. Who
    stopped a cell knows why it ended, and needs no traceback either.
    """
    stopped = error is not None and error.name == "KeyboardInterrupt"
    hidden = {"error"} if stopped else set()
    if not tracebacks:
        hidden |= {"error", "stderr"}
    shown = [output for output in outputs if not hidden & {output["output_type"], output.get("name")}]
    if error is None or error.is_end:
        return shown
    if stopped or not tracebacks:
        return [*shown, _line(_why(error).format(position))]
    if any(output["output_type"] == "error" for output in shown):
        return shown
    lines = list(error.traceback) or [f"{error.name}: {error.message}"]
    return [*shown, {"output_type": "error", "ename": error.name, "evalue": error.message, "traceback": lines}]


def _why(error: CellError) -> str:
    if error.name == "KeyboardInterrupt":
        return _STOPPED
    if error.is_out_of_time:
        return _TOO_LONG
    return _TOO_LARGE if error.name.endswith("MemoryError") else _FAILED


def discreet(outputs: Sequence[Output], position: int | None) -> list[Output]:
    """What a visitor may see of an Output widget: no warnings, and one line for the exceptions."""
    shown = [output for output in outputs if output.get("name") != "stderr" and output["output_type"] != "error"]
    if not any(output["output_type"] == "error" for output in outputs):
        return shown
    return [*shown, _line(_FAILED_THERE.format(position) if position else _FAILED_SOMEWHERE)]


def _line(text: str) -> Output:
    markup = f'<p class="nbapp-error" role="alert">{html.escape(text)}</p>'
    return {"output_type": "display_data", "data": {"text/html": markup, "text/plain": text}, "metadata": {}}
