"""Widget values that stand in the address of a page, as in `?region=East&n=7`: how they are read, and how written.

A range is `3..8`, yes is `true`, several options are one name several times. Files and passwords never stand there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ipywidgets import FileUpload, Password, SelectionRangeSlider, Widget
from traitlets import TraitError

from nbapp._compat import ipywidgets as private
from nbapp.errors import UsageError
from nbapp.kernel.widgets.state.user_values import is_answer
from nbapp.kernel.widgets.updates import value_parser
from nbapp.kernel.widgets.updates.current_values import plain, written
from nbapp.kernel.widgets.updates.link_values import LinkValues, label, text

# What newsletters, social networks and search engines add to addresses.
_TRACKING = re.compile(r"utm_\w+|\w*clid|ref|mc_[ce]id|_\w*|igshid|si")
# By this a notebook reads its page's address itself, as one for Voila does.
READS_ADDRESS = re.compile(r"\b(QUERY_STRING|get_query_string|VOILA_REQUEST_URL)\b")
Texts = tuple[str, ...]


class QueryValues(LinkValues):
    """Values of an address: texts by global name. `is_read`: the notebook reads its address itself, so that a name may
    be something else than a control's. `first` are the texts that controls had before.
    """

    def __init__(
        self, query: Mapping[str, Sequence[str]], set_value: Callable[[Widget, Any], None], *, is_read: bool = False
    ) -> None:
        super().__init__({name: tuple(texts) for name, texts in query.items()}, set_value)
        self._is_read = is_read
        self.first: dict[str, Texts] = {}

    def give(self, namespace: Mapping[str, Any]) -> list[str]:
        """Give their values to the widgets that are there by now; the names of these."""
        for name in [name for name in self._left if is_secret(namespace.get(name))]:
            del self._left[name]
            self.told.append(f"No address sets “{label(namespace[name], name)}”.")
        return super().give(namespace)

    def _text(self, widget: Widget, value: Any) -> str:
        return as_set(widget, value)

    def _give(self, widget: Widget, name: str, wanted: str) -> None:
        if (first := in_address(widget)) is not None:
            self.first[name] = first
        super()._give(widget, name, wanted)

    def _missing(self, gone: Mapping[str, object]) -> Iterable[str]:
        if self._is_read:
            return []
        names = [name for name in gone if not _TRACKING.fullmatch(name)]
        return [f"The address asks for “{name}”, and no control here has that name." for name in names]


def as_set(widget: Widget, texts: Sequence[str]) -> str:
    """The texts of one name as `--set` would have them: several are a list, or the last one counts."""
    takes_several = isinstance(widget, private.MultipleSelection) or isinstance(
        getattr(widget, "value", None), (list, tuple)
    )
    return json.dumps(list(texts)) if takes_several and len(texts) > 1 else texts[-1]


def is_secret(widget: object) -> bool:
    """Whether what this widget holds stands in no address: files and passwords."""
    return isinstance(widget, (FileUpload, Password))


def is_addressed(widget: object) -> bool:
    """Whether a value of this widget may stand in an address at all; a click, which holds for one rerun, may not."""
    is_open = isinstance(widget, Widget) and "value" in widget.traits() and widget.comm is not None
    return is_open and not is_secret(widget) and not is_answer(widget, "value")


def controls(namespace: Mapping[str, Any]) -> dict[str, Widget]:
    """The widgets that an address may name, by global name; one that has several names is there for each."""
    found = list(namespace.items())
    return {name: widget for name, widget in found if not name.startswith("_") and is_addressed(widget)}


def looked_after(namespace: Mapping[str, Any]) -> list[str]:
    """The names that are ours to write into an address and to take out of it: controls', and those of secrets."""
    found = list(namespace.items())
    return sorted(name for name, widget in found if is_addressed(widget) or is_secret(widget))


def in_address(widget: Any) -> Texts | None:
    """The value that a widget has now as an address has it; None: it cannot be written so that it is read back."""
    texts = _texts(widget, written(widget))
    return texts if texts is not None and _is_read_back(widget, texts) else None


def given_in_address(widget: Any, given: Mapping[str, Any]) -> Texts | None:
    """The same for the value that the notebook gave to a widget, by trait; None: that is not known."""
    if isinstance(widget, private.MultipleSelection):
        return tuple(given["label"]) if "label" in given else None
    if isinstance(widget, private.Selection):
        return (given["label"],) if given.get("label") is not None else None
    return _texts(widget, plain(given["value"])) if "value" in given else None


def _texts(widget: Any, value: Any) -> Texts | None:
    """A JSON value as an address has it."""
    if value is None:
        return None
    if isinstance(widget, private.MultipleSelection) and not isinstance(widget, SelectionRangeSlider):
        return tuple(value) or ("",)
    if isinstance(value, list) and len(value) == 2 and not isinstance(widget.value, list):
        return ("..".join(map(text, value)),)
    return (text(value),)


def _is_read_back(widget: Any, texts: Texts) -> bool:
    try:
        return bool(value_parser.parse(widget, as_set(widget, texts)) == widget.value)
    except (UsageError, TraitError, ValueError):
        return False
