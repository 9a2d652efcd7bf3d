"""What a page gets when it loads: the states of all widgets, whatever one of them is like.

ipywidgets answers with an exception when a single state cannot be told, for example of a box with a child that was
closed, and the page waits for ever.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from comm import get_comm_manager
from comm.base_comm import BaseComm
from ipywidgets import Widget

from nbapp._compat import ipywidgets as private
from nbapp.kernel.common import author_log
from nbapp.kernel.frontends.page_model import Model

CONTROL = "jupyter.widget.control"  # what a page opens to ask
CLOSED = "None"  # the model id by which ipywidgets would refer to a widget that is closed


def told(nothing: Model) -> Callable[[], None]:
    """Answer pages that ask for all states; call what is returned to undo it. `nothing` shows nothing."""
    manager = get_comm_manager()
    manager.register_target(CONTROL, lambda comm, _: comm.on_msg(partial(_answer, comm, nothing)))
    return lambda: manager.register_target(CONTROL, Widget.handle_control_comm_opened)


def _answer(comm: BaseComm, nothing: Model, message: Mapping[str, Any]) -> None:
    if message["content"]["data"].get("method") == "request_states":
        states, paths, buffers = private.remove_buffers(states_of_all(nothing))
        comm.send({"method": "update_states", "states": states, "buffer_paths": paths}, buffers=buffers)


def states_of_all(nothing: Model) -> dict[str, Any]:
    """The states of all open widgets by model id; in place of one that cannot be told stands `nothing`."""
    found = {}
    with _closed_ones_have_an_id():
        for model_id, widget in list(private.instances.items()):
            try:
                found[model_id] = _state(widget)
            except Exception:  # noqa: BLE001 -- the author's and libraries' code: one widget less, and the page is there
                kind = type(widget).__name__
                author_log.write(
                    f"nbapp: a {kind} is not shown, because its state cannot be told:\n{traceback.format_exc()}"
                )
                found[model_id] = _state(nothing)
    return found


def _state(widget: Widget | Model) -> dict[str, Any]:
    kind = {name[1:]: getattr(widget, name) for name in ("_model_name", "_model_module", "_model_module_version")}
    return {**kind, "state": widget.get_state(drop_defaults=False)}


@contextmanager
def _closed_ones_have_an_id() -> Iterator[None]:
    """A state that refers to a closed widget refers to one that shows nothing, in place of raising."""
    known = vars(Widget)["model_id"]
    Widget.model_id = property(lambda widget: CLOSED if widget.comm is None else known.fget(widget))
    try:
        yield
    finally:
        Widget.model_id = known
