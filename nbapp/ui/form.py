"""`ui.form`: controls whose values count together, once they are sent.

The form keeps what was sent last; that is what the controls return. What stands in them is not read by any cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

import ipywidgets
from IPython.display import display
from traitlets import Dict, Unicode

from nbapp.errors import UsageError
from nbapp.functions.traits import trait
from nbapp.ui.button import Button
from nbapp.ui.control import LabelledControl, gathered, in_form, note

_UNSENT = "Not sent yet"


class Submit(Button):
    """The button of a form."""

    def __init__(self, form: SentForm, **options: Any) -> None:
        self._form = form
        super().__init__(**options)

    def press(self) -> None:
        """Send the form."""
        self._form.keep()
        super().press()


class SentForm(ipywidgets.VBox):
    """The controls of a form and its button. `value` is what was sent last, by the place of each control."""

    key = Unicode()
    value = Dict().tag(choice="stays")

    def __init__(self, submit: str, **options: Any) -> None:
        super().__init__(**options)
        self._label = submit
        self._taken: list[LabelledControl] = []
        self._submit: Submit | None = None
        self._note: ipywidgets.HTML | None = None
        self._inside: AbstractContextManager[None] | None = None

    def __enter__(self) -> SentForm:
        self._submit = Submit(self, description=self._label, key=self._label, layout={"width": "max-content"})
        self._inside = gathered(self)
        self._inside.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._inside is not None
        self._inside.__exit__(None, None, None)
        self._note = note(_UNSENT, visibility=self._visibility(self._taken))
        row = ipywidgets.HBox([self._submit, self._note], layout={"align_items": "center", "flex_flow": "row wrap"})
        self.children = (*self._taken, row)
        display(self)

    @property
    def submitted(self) -> int:
        """In the rerun that sending it causes how often it was sent, which counts as true. 0 in any other."""
        times: int = trait(self._submit, "value")
        return times

    # --- what the controls ask

    def take(self, control: LabelledControl) -> Any:
        """Gather a control; what was sent of it last, else what it begins with."""
        self._taken.append(control)
        place = list(_placed(self._taken))[-1]
        return control.given(trait(self, "value").get(place, control.begins_with()))

    def changed(self) -> None:
        """A control has another value, which is not sent."""
        if self._note is not None:
            self._note.layout.visibility = self._visibility(self.children)

    def send(self) -> None:
        """Send what the controls have now, as a click on the button does."""
        if self._submit is not None:
            self._submit.press()

    def keep(self) -> None:
        """What the controls have now is what was sent last."""
        self.value = {place: control.kept() for place, control in _placed(self.children).items()}
        self.changed()

    def _visibility(self, widgets: Iterable[object]) -> str:
        sent = self.value
        waits = any(_differ(sent.get(place, it.begins_with()), it.kept()) for place, it in _placed(widgets).items())
        return "visible" if waits else "hidden"


def _placed(widgets: Iterable[object]) -> dict[str, LabelledControl]:
    """The controls among these by what a form knows them by: "n", and "n (2)" when that comes again."""
    found: dict[str, LabelledControl] = {}
    for control in widgets:
        if isinstance(control, LabelledControl):
            times = sum(1 for other in found.values() if other.key == control.key)
            found[f"{control.key} ({times + 1})" if times else control.key] = control
    return found


def form(label: str = "", *, submit: str = "Submit", key: str | None = None, **options: Any) -> SentForm:
    """Controls whose values count together, once the button is clicked, or Enter is pressed in a line of text.

    Args:
        label: tells forms apart; it is not shown.
        submit: what the button says.
        key: the same as `label`, as of other controls.
        options: of `ipywidgets.VBox`.

    Raises:
        UsageError: it stands in a form.

    Examples:
        >>> from nbapp import ui
        >>> with ui.form(submit="Train") as form:  # doctest: +SKIP
        ...     epochs = ui.slider("Epochs", 1, 50)
        ...     rate = ui.number("Rate", 0.1)
        >>> if form.submitted:  # doctest: +SKIP
        ...     print("trained anew")
    """
    if in_form():
        raise UsageError("a form stands in a form", "put it below the other one")
    return SentForm(submit, key=key or label or submit, **options)


def _differ(one: Any, other: Any) -> bool:
    return one is not other and bool(one != other)
