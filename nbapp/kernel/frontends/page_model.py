"""Front-end widgets that are the page's and not the notebook's: a comm and a state, without ipywidgets' machinery.

They are of classes that every front end of ipywidgets has, so a page shows them like any widget, and gets their
state with all others when it loads. But they have no traits, so nothing that follows the notebook's widgets sees
them: they may change while a cell runs and from any thread. `Widget.close_all()` in a cell leaves them open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from comm import create_comm
from ipywidgets import Widget
from ipywidgets.widgets import widget as ipywidgets_widget

from nbapp._compat.ipywidgets import instances

_KIND = ("_model_name", "_model_module", "_model_module_version", "_view_name", "_view_module", "_view_module_version")
_REFERENCE = "IPY_MODEL_"
_PROTOCOL = {"version": ipywidgets_widget.__protocol_version__}


class Model:
    """One widget of the page, of the front end's class that `like` has. The state is in the front end's form.
    `receives` takes the messages of the page's script, on any thread.
    """

    def __init__(
        self,
        like: type[Widget],
        state: Mapping[str, Any],
        model_id: str | None = None,
        receives: Callable[[object], None] | None = None,
    ) -> None:
        traits = like.class_traits()
        kind = {name: traits[name].default_value for name in _KIND}
        vars(self).update(kind)
        self.model_id = model_id or uuid4().hex
        self.receives = receives
        self._state = {**kind, **state}
        data = {"state": self._state, "buffer_paths": []}
        self.comm = create_comm(target_name="jupyter.widget", comm_id=self.model_id, data=data, metadata=_PROTOCOL)
        self.comm.on_msg(self._handle_msg)
        instances[self.model_id] = self

    @property
    def reference(self) -> str:
        """How the state of another widget refers to this one."""
        return f"{_REFERENCE}{self.model_id}"

    def set(self, **changes: Any) -> None:
        """Change the state; what is equal is not sent."""
        news = {name: value for name, value in changes.items() if self._state.get(name) != value}
        if news:
            self._state.update(news)
            self.comm.send(data={"method": "update", "state": news, "buffer_paths": []})

    def dismiss(self) -> None:
        """Close it in every front end."""
        instances.pop(self.model_id, None)
        self.comm.close()

    # --- what ipywidgets asks of every widget

    def get_state(self, key: object = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The whole state, for a page that loads: of children that were closed meanwhile it would look for ever."""
        state = dict(self._state)
        if "children" in state:
            state["children"] = [child for child in state["children"] if is_open(child.removeprefix(_REFERENCE))]
        return state

    def _get_embed_state(self, drop_defaults: bool = False) -> dict[str, Any]:
        """The same, as ipywidgets saves it in a file."""
        return {name[1:]: self._state[name] for name in _KIND[:3]} | {"state": dict(self._state)}

    def close(self) -> None:
        """Stay open: the notebook does not know this widget."""

    def _handle_msg(self, message: Mapping[str, Any]) -> None:
        """A front end may ask for the state; the page's script may have something to say."""
        data = message["content"]["data"]
        if data.get("method") == "request_state":
            self.comm.send(data={"method": "update", "state": self.get_state(), "buffer_paths": []})
        elif data.get("method") == "custom" and self.receives is not None:
            self.receives(data.get("content"))


def is_open(model_id: str) -> bool:
    """Whether a widget of this id is open in this kernel."""
    return model_id in instances
