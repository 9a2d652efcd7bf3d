"""Widget values that were asked for, on the command line, by a link or by the page's address: each is given once, to
the first widget of its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ipywidgets import Widget
from traitlets import TraitError

from nbapp.errors import UsageError
from nbapp.kernel.widgets.updates import value_parser
from nbapp.kernel.widgets.updates.link_values import LinkValues
from nbapp.kernel.widgets.updates.query_values import QueryValues, Texts, in_address, is_addressed


class InitialValues:
    """`values` are texts by global name, `link_values` what a visitor's link asks for after them, and `query` the texts
    of the page's address after those; `set_value` gives a widget a value, and raises TraitError if it refuses. `base`:
    what controls have in a page whose address asks for nothing, where that is not what the notebook gives them.
    """

    def __init__(
        self,
        values: Mapping[str, str],
        set_value: Callable[[Widget, Any], None],
        link_values: Mapping[str, object],
        query: QueryValues | None = None,
    ) -> None:
        self._left = dict(values)
        self._set_value = set_value
        self._of_link = LinkValues(link_values, set_value)
        self.of_query = query or QueryValues({}, set_value)
        self.base: dict[str, Texts] = {}

    def __bool__(self) -> bool:
        """Whether any are still to be given."""
        return bool(self._left or self._of_link or self.of_query)

    def give(self, namespace: Mapping[str, Any]) -> bool:
        """Give their values to the widgets that are there by now; whether there were any.

        Raises:
            UsageError: a widget does not take its value.
        """
        found = [name for name in self._left if isinstance(namespace.get(name), Widget)]
        for name in found:
            self._give(namespace[name], name, self._left.pop(name))
        by_link = self._of_link.give(namespace)
        self._note_base([*found, *by_link], namespace)
        by_query = self.of_query.give(namespace)
        return bool(found or by_link or by_query)

    def come(self, link_values: Mapping[str, object], query: QueryValues, namespace: Mapping[str, Any]) -> None:
        """A visitor comes by a link and an address that ask for these, after the notebook has run."""
        self._of_link, self.of_query = LinkValues(link_values, self._set_value), query
        self.give(namespace)

    def over(self) -> list[str]:
        """What is to be told to a visitor once the notebook has run."""
        return [*self._of_link.over(), *self.of_query.over()]

    def _note_base(self, names: Iterable[str], namespace: Mapping[str, Any]) -> None:
        for name in names:
            if is_addressed(namespace[name]) and (texts := in_address(namespace[name])) is not None:
                self.base[name] = texts

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
            names = ", ".join(sorted(widgets))
            remedy = f"the widgets are {names}" if names else "the notebook has no global that holds a widget"
            raise UsageError(f"--set: no widget is called {', '.join(sorted(self._left))}", remedy)
