"""`ui.button`: its value is not 0 in the one rerun that a click on it causes."""

from __future__ import annotations

from typing import Any

import ipywidgets
from IPython.display import display
from traitlets import Int, Unicode

from nbapp.errors import UsageError
from nbapp.functions.traits import trait
from nbapp.ui.control import in_form


class Button(ipywidgets.Button):
    """A button that counts its clicks: `value` is the number of the last one, for one rerun, and 0 otherwise."""

    key = Unicode()
    value = Int().tag(choice="once")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.on_msg(self._clicked)

    def _clicked(self, _: Any, content: Any, buffers: Any) -> None:
        if isinstance(content, dict) and content.get("event") == "click":
            self.press()

    def press(self) -> None:
        """Count a click."""
        self._count = getattr(self, "_count", 0) + 1
        self.value = self._count


def button(label: str, *, key: str | None = None, **options: Any) -> int:
    """A button.

    Args:
        label: what it says.
        key: tells buttons with the same label apart, as in a loop.
        options: of `ipywidgets.Button`, such as `button_style` or `icon`.

    Returns:
        In the rerun that a click causes the number of the click, 1 for the first, which counts as true. 0 in any other.

    Raises:
        UsageError: it stands in a form, which has a button of its own.

    Examples:
        >>> from nbapp import ui
        >>> if ui.button("Train"):  # doctest: +SKIP
        ...     model = train()
    """
    if in_form():
        raise UsageError(
            f"ui.button({label!r}) stands in a form",
            "put it below; a form has one button, `submit=` says what it reads",
        )
    options = {"layout": {"width": "max-content"}} | options
    made = Button(description=label, key=key or label, **options)
    display(made)
    clicks: int = trait(made, "value")
    return clicks
