"""Widget values that a link brings: given as a visitor's own first move, and only told where they do not fit any more.

The author may have edited the notebook since the link was made: a control is gone, an option too, a slider is shorter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ipywidgets import Widget
from traitlets import TraitError

from nbapp._compat import ipywidgets as private
from nbapp.errors import UsageError
from nbapp.kernel.widgets.updates import privacy, value_parser
from nbapp.kernel.widgets.updates.guard import may_set


class LinkValues:
    """`values` are JSON values by global name; `set_value` gives a widget a value. `told`: sentences for visitors."""

    def __init__(self, values: Mapping[str, object], set_value: Callable[[Widget, Any], None]) -> None:
        self._left = dict(values)
        self._set_value = set_value
        self.told: list[str] = []

    def __bool__(self) -> bool:
        """Whether any are still to be given."""
        return bool(self._left)

    def give(self, namespace: Mapping[str, Any]) -> list[str]:
        """Give their values to the widgets that are there by now; the names of these."""
        found = [name for name in self._left if isinstance(namespace.get(name), Widget)]
        for name in found:
            wanted = self._text(namespace[name], self._left.pop(name))
            try:
                self._give(namespace[name], name, wanted)
            except (UsageError, TraitError) as error:
                self.told.append(f"“{label(namespace[name], name)}” could not be set to {wanted}: {error}.")
        return found

    def over(self) -> list[str]:
        """What is to be told once the notebook has run."""
        gone, self._left = self._left, {}
        return [*self.told, *self._missing(gone)]

    def _text(self, widget: Widget, value: Any) -> str:
        """A value as `--set` would have it, for a widget."""
        return text(value)

    def _missing(self, gone: Mapping[str, object]) -> Iterable[str]:
        """What is told of names that no widget has."""
        return [f"There is no control “{name}” any more to be set to {text(value)}." for name, value in gone.items()]

    def _give(self, widget: Widget, name: str, wanted: str) -> None:
        value, fits = parsed(widget, wanted)
        privacy.note(widget, ("value",))
        self._set_value(widget, value)
        if not fits:
            self.told.append(f"“{label(widget, name)}” is {widget.value} instead of {wanted}.")


def parsed(widget: Widget, wanted: str) -> tuple[Any, bool]:
    """The value that a text means to a widget, in its bounds, and whether it was in them.

    Raises:
        UsageError: it means none, or visitors may not set it.
        TraitError: the widget refuses it.
    """
    try:
        value, fits = value_parser.parse(widget, wanted), True
    except UsageError:
        value, fits = value_parser.parse(widget, wanted, bounded=False), False
    if not may_set(widget, *as_a_page_has_it(widget, value)):
        raise UsageError("it is not for visitors to change")
    return value, fits


def text(value: object) -> str:
    """A JSON value as `--set` would have it."""
    return value if isinstance(value, str) else json.dumps(value)


def as_a_page_has_it(widget: Any, value: Any) -> tuple[str, Any]:
    """The trait that a page sets when its visitor chooses a value, and what it sets it to."""
    if isinstance(widget, private.MultipleSelection):
        return "index", [_index(widget, part) for part in value]
    if isinstance(widget, private.Selection):
        return "index", _index(widget, value)
    sent = private.to_json(widget, "value")(value, widget)
    return "value", _from_script(sent)


def _from_script(value: Any) -> Any:
    """A value as a page's script sends it: tuples are lists, and a whole number is an integer."""
    if isinstance(value, dict):
        return {key: _from_script(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_from_script(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _index(widget: Any, value: Any) -> int:
    return next(index for index, other in enumerate(private.option_values(widget)) if other is value)


def label(widget: Any, name: str) -> str:
    """What visitors know a control by."""
    return str(getattr(widget, "description", "") or name)
