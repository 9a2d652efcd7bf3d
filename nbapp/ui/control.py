"""What the controls of `nbapp.ui` have in common: an ordinary widget is displayed, and its value is returned.

In a form a control is gathered instead, and what is returned is what was sent last. This file knows no kind of control.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import ipywidgets
from IPython.display import display
from traitlets import HasTraits, Unicode, observe

from nbapp.functions.traits import trait

LABEL_WIDTH = "8rem"  # of every control, so that they stand below each other


class Form(Protocol):
    """What a form is to the controls in it."""

    def take(self, control: LabelledControl) -> Any:
        """Gather a control; what was sent of it last, else what it begins with."""

    def changed(self) -> None:
        """A control has another value, which is not sent."""

    def send(self) -> None:
        """Send what the controls have now, as a click on the button does."""


_FORM: ContextVar[Form | None] = ContextVar("nbapp_ui_form", default=None)


class LabelledControl(HasTraits):
    """To be mixed into a widget with a `value`. `key` is what it is known by, in tests too: its label unless given."""

    key = Unicode()
    value: Any  # the widget's

    def __init__(self, **options: Any) -> None:
        self._form = _FORM.get()
        super().__init__(**options)
        self._begins_with = self.kept()

    @observe("value")
    def _has_changed(self, change: Any) -> None:
        if self._form is not None:
            self._form.changed()

    def kept(self) -> Any:
        """What a form keeps of it when it is sent."""
        return self.value

    def given(self, kept: Any) -> Any:
        """The value for what a form kept, as far as it is still one; what the control begins with otherwise."""
        return kept

    def begins_with(self) -> Any:
        """What it would keep had nobody touched it."""
        return self._begins_with


class Number(LabelledControl):
    """A control whose value lies in bounds, where it has any."""

    min: Any
    max: Any

    def given(self, kept: Any) -> Any:
        """The nearest value within the bounds as they are now."""
        if not self.has_trait("min"):
            return kept
        if isinstance(kept, tuple):
            low, high = (min(max(end, self.min), self.max) for end in kept)
            return low, high
        return min(max(kept, self.min), self.max)


def in_form() -> bool:
    """Whether the code runs inside `with ui.form(...)`."""
    return _FORM.get() is not None


@contextmanager
def gathered(form: Form) -> Iterator[None]:
    """Controls that are made inside belong to a form."""
    token = _FORM.set(form)
    try:
        yield
    finally:
        _FORM.reset(token)


def value_of(control: LabelledControl) -> Any:
    """Display a control and give its value, or what its form was sent last."""
    form = _FORM.get()
    if form is not None:
        return form.take(control)
    display(control)
    return trait(control, "value")


def look(label: str, key: str | None, options: dict[str, Any]) -> dict[str, Any]:
    """What every control is constructed with, and what its author wants besides."""
    shared = {
        "description": label,
        "key": key or label,
        "style": {"description_width": LABEL_WIDTH},
        "layout": {"width": "auto", "max_width": "32rem"},
    }
    return shared | options


def note(text: str, **layout: str) -> ipywidgets.HTML:
    """A quiet line of text, told to screen readers when it appears. `text` is HTML."""
    markup = f'<span role="status" style="opacity:.8;font-size:.9em">{text}</span>'
    return ipywidgets.HTML(markup, layout=layout)
