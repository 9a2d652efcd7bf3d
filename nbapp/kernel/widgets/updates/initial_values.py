"""Widget values that were asked for, on the command line or by a link: each is given once, to the first widget of its
name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ipywidgets import Widget
from traitlets import TraitError

from nbapp.errors import UsageError
from nbapp.kernel.widgets.updates import value_parser
from nbapp.kernel.widgets.updates.link_values import LinkValues


class InitialValues:
    """`values` are texts by global name, `link_values` what a visitor's link asks for after them; `set_value` gives a
    widget a value, and raises TraitError if it refuses.
    """

    def __init__(
        self, values: Mapping[str, str], set_value: Callable[[Widget, Any], None], link_values: Mapping[str, object]
    ) -> None:
        self._left = dict(values)
        self._set_value = set_value
        self.of_link = LinkValues(link_values, set_value)

    def __bool__(self) -> bool:
        """Whether any are still to be given."""
        return bool(self._left or self.of_link)

    def give(self, namespace: Mapping[str, Any]) -> bool:
        """Give their values to the widgets that are there by now; whether there were any.

        Raises:
            UsageError: a widget does not take its value.
        """
        found = [name for name in self._left if isinstance(namespace.get(name), Widget)]
        for name in found:
            self._give(namespace[name], name, self._left.pop(name))
        return self.of_link.give(namespace) or bool(found)

    def come_by_link(self, values: Mapping[str, object], namespace: Mapping[str, Any]) -> None:
        """A visitor comes by a link that asks for these, after the notebook has run."""
        self.of_link = LinkValues(values, self._set_value)
        self.of_link.give(namespace)

    def _give(self, widget: Widget, name: str, text: str) -> None:
        try:
            self._set_value(widget, value_parser.parse(widget, text))
        except UsageError as error:
            raise UsageError(f"--set {name}={text}: {error.message}", error.remedy) from error
        except TraitError as error:
            raise UsageError(f"--set {name}={text}", str(error)) from error

    def check(self, widgets: Iterable[str]) -> None:
        """Say which names never held a widget.

        Raises:
            UsageError: with the names that do.
        """
        if self._left:
            names = ", ".join(sorted(widgets)) or "none"
            raise UsageError(f"--set: no widget is called {', '.join(sorted(self._left))}", f"widgets: {names}")
