"""Applies what front ends sent to widgets; the user's callbacks run here. This file does not know how it was queued."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from IPython import get_ipython
from ipywidgets import Widget
from ipywidgets.widgets import widget as ipywidgets_widget

from nbapp.kernel.activity import Activity
from nbapp.kernel.choices import put_back
from nbapp.kernel.sends import Sends, json_equal


class Updates:
    """Gives widgets what their users did."""

    def __init__(self, activity: Activity, sends: Sends) -> None:
        self._activity = activity
        self._sends = sends

    def state(self, widget: Widget, state: dict[str, Any]) -> None:
        """New values of traits, as the front end writes them; equal ones are no update."""
        if widget.comm is not None:
            overwritten = self._sends.overwritten(widget)
            self._sends.told(widget, state)
            news = {name: value for name, value in state.items() if _is_news(widget, name, value)}
            if news:
                self._apply(widget, news, lambda: widget.set_state(news))
            if overwritten:
                self._sends.resend(widget, overwritten)

    def message(self, widget: Widget, content: Any, buffers: Any) -> None:
        """A click, or another message of the widget's own."""
        if widget.comm is not None:
            self._apply(widget, (), lambda: widget._handle_custom_msg(content, buffers))

    def set_value(self, widget: Widget, value: Any) -> None:
        """The value that the user gave a widget.

        Raises:
            TraitError: the widget refuses it.
        """
        name = "value" if widget.has_trait("value") else "selected_index"
        with self._activity.apply((name,)):
            setattr(widget, name, value)

    def put_back(self, widget: Widget, values: Mapping[str, Any]) -> None:
        """The user undoes what they chose."""
        if widget.comm is not None and values:
            self._apply(widget, values, lambda: put_back(widget, values))

    def _apply(self, widget: Widget, names: Iterable[str], apply: Callable[[], None]) -> None:
        """Apply one update without its echo, which was sent when it came; show what goes wrong."""
        echo, ipywidgets_widget.JUPYTER_WIDGETS_ECHO = ipywidgets_widget.JUPYTER_WIDGETS_ECHO, False
        try:
            with self._activity.apply(names):
                apply()
        except Exception:  # noqa: BLE001 -- it is shown; the updates of other widgets go on
            show_error()
            self._sends.resend(widget, names)
        finally:
            ipywidgets_widget.JUPYTER_WIDGETS_ECHO = echo


def show_error() -> None:
    """Show the exception that is being handled where the shell shows them."""
    shell = get_ipython()
    if shell is None:
        traceback.print_exc()
    else:
        shell.showtraceback()


def _is_news(widget: Widget, name: str, value: Any) -> bool:
    if name not in widget.keys:
        return False
    to_json = widget.trait_metadata(name, "to_json", widget._trait_to_json)
    return not json_equal(to_json(getattr(widget, name), widget), value)
