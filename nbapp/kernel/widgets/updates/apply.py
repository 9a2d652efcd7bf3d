"""Applies what front ends sent to widgets; the user's callbacks run here. This file does not know how it was queued."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from IPython import get_ipython
from ipywidgets import Widget

from nbapp._compat import ipywidgets as private
from nbapp.kernel.common.stand_in import hide_us
from nbapp.kernel.widgets.state.current import CurrentActivity
from nbapp.kernel.widgets.state.frontend_state import FrontendState, json_equal
from nbapp.kernel.widgets.state.user_values import put_back
from nbapp.kernel.widgets.updates import privacy


class Updates:
    """Gives widgets what their users did."""

    def __init__(self, current: CurrentActivity, frontend_state: FrontendState) -> None:
        self._current = current
        self._frontend_state = frontend_state

    def state(self, widget: Widget, state: dict[str, Any]) -> None:
        """New values of traits, as the front end writes them; equal ones are no update."""
        if widget.comm is not None:
            overwritten = self._frontend_state.overwritten(widget)
            self._frontend_state.told(widget, state)
            news = {name: value for name, value in state.items() if _is_news(widget, name, value)}
            if news:
                privacy.note(widget, news)
                self._apply(widget, news, lambda: widget.set_state(news))
            if overwritten:
                self._frontend_state.resend(widget, overwritten)

    def message(self, widget: Widget, content: Any, buffers: Any) -> None:
        """A click, or another message of the widget's own."""
        if widget.comm is not None:
            privacy.note(widget)
            self._apply(widget, (), lambda: private.custom_message_handler(widget)(content, buffers))

    def set_value(self, widget: Widget, value: Any) -> None:
        """The value that the user gave a widget.

        Raises:
            TraitError: the widget refuses it.
        """
        name = "value" if widget.has_trait("value") else "selected_index"
        with self._current.apply((name,)):
            setattr(widget, name, value)

    def put_back(self, widget: Widget, values: Mapping[str, Any]) -> None:
        """The user undoes what they chose."""
        if widget.comm is not None and values:
            self._apply(widget, values, lambda: put_back(widget, values))

    def _apply(self, widget: Widget, names: Iterable[str], apply: Callable[[], None]) -> None:
        """Apply one update without its echo, which was sent when it came; show what goes wrong."""
        try:
            with self._current.apply(names), self._current.unechoed_by(widget.comm):
                self.applying(apply)
        except (Exception, KeyboardInterrupt):  # noqa: BLE001 -- it is shown; the updates of other widgets go on
            show_error()
            self._frontend_state.resend(widget, names)

    def applying(self, apply: Callable[[], None]) -> None:
        """The one place in which an interrupt ends a callback: what it raises is shown."""
        apply()


def show_error() -> None:
    """Show the exception that is being handled where the shell shows them, without our frames."""
    if (error := sys.exc_info()[1]) is not None:
        hide_us(error)
    shell = get_ipython()
    if shell is None:
        traceback.print_exc()
    else:
        shell.showtraceback()


def _is_news(widget: Widget, name: str, value: Any) -> bool:
    if name not in widget.keys:
        return False
    to_json = private.to_json(widget, name)
    return not json_equal(to_json(getattr(widget, name), widget), value)
