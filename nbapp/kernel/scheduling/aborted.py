"""Requests that the kernel gives up because a cell before them failed, as in Run All.

The front end has cleared what these cells showed when it asked for them, and nothing will come in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nbapp._compat.ipykernel import ABORT_REPLY
from nbapp.core.notebook import CellId
from nbapp.kernel.common.patching import Patching

if TYPE_CHECKING:
    from ipykernel.ipkernel import IPythonKernel

GivenUp = Callable[[CellId, dict[str, Any]], None]


def when_given_up(kernel: IPythonKernel, tell: GivenUp) -> Callable[[], None]:
    """Tell the cell of each such request, and the request; call what is returned to stop it."""
    original: Callable[..., None] | None = getattr(kernel, ABORT_REPLY, None)
    if original is None:
        return lambda: None  # another ipykernel: such cells show nothing until they run

    def send_abort_reply(stream: Any, request: dict[str, Any], *args: Any) -> None:
        original(stream, request, *args)
        cell_id = (request.get("metadata") or {}).get("cellId")
        if cell_id and request["header"]["msg_type"] == "execute_request":
            tell(CellId(cell_id), request)

    patching = Patching()
    patching.place(kernel, ABORT_REPLY, send_abort_reply)
    return patching.undo
