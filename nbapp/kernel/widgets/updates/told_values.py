"""What the server of a page keeps of it: the values that its visitor chose, to go on with in another kernel.

It travels on the channel of outputs, in a message of a kind that goes to no page.
"""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING, Any

from nbapp.kernel.common import author_log
from nbapp.kernel.widgets.updates.current_values import chosen
from nbapp.kernel.widgets.updates.query_values import looked_after
from nbapp.persistence.current import CURRENT

if TYPE_CHECKING:
    from ipykernel.zmqshell import ZMQInteractiveShell

    from nbapp.kernel.app import App

MESSAGE = "nbapp_state"


class ToldValues:
    """Tells the server of an app what has changed."""

    def __init__(self, app: App, shell: ZMQInteractiveShell) -> None:
        self._app = app
        self._shell = shell
        self._told = ""
        self._whole: dict[str, object] = {}  # of the last walk that came to its end
        self._has_failed = False

    def busy(self, is_busy: bool) -> None:
        """Cells take a while, or are done."""
        self._send({"busy": is_busy})

    def over(self) -> None:
        """A walk came to its end: these values are known to give a result."""
        self._whole = {}
        if not (state := self.state()):
            return
        self._whole = {"values": state["values"], "unkept": state["unkept"]}
        if (text := json.dumps(state)) != self._told:
            self._told = text
            self._send(state)

    def _tell_failure(self, why: str) -> None:
        if not self._has_failed:
            self._has_failed = True
            author_log.write(
                f"nbapp: should the kernel of a page end, its values are lost; they cannot be told:\n{why}"
            )

    def state(self) -> dict[str, object]:
        """The values by name that are known to give a result, how many controls were moved whose values cannot be told,
        the names that an address may have for a control, whether there are newer values, and what the place for results
        cannot do. Nothing where the author's or a library's widget fails.
        """
        try:
            now = self._now()
        except Exception:  # noqa: BLE001 -- theirs: the walk has ended well all the same, and the page goes on
            self._tell_failure(traceback.format_exc())
            return {}
        is_newer = bool(self._whole) and self._whole["values"] != now["values"]
        return {**now, **self._whole, "is_behind": now["is_behind"] or is_newer, "place": CURRENT.troubles()}

    def _now(self) -> dict[str, object]:
        found, names = chosen(self._app, self._shell.user_ns), looked_after(self._app.named())
        about = {"unkept": len(found.left) + found.unnamed, "controls": names}
        return {"values": dict(found.values), **about, "is_behind": self._app.host.widgets.pending()}

    def _send(self, content: dict[str, object]) -> None:
        kernel: Any = self._shell.kernel
        kernel.session.send(kernel.iopub_socket, MESSAGE, content, parent={})
