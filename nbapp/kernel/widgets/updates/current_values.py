"""The values that a notebook's controls have now, by the global names that hold them: what a link can start with.

Only what a visitor may change, and only what can be written so that it is read back as the same value. No password.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from ipywidgets import FileUpload, Password, Widget
from traitlets import TraitError

from nbapp._compat.ipywidgets import MultipleSelection, Selection, option_labels
from nbapp.errors import UsageError
from nbapp.kernel.widgets.updates import value_parser
from nbapp.kernel.widgets.updates.guard import may_set
from nbapp.kernel.widgets.updates.link_values import as_a_page_has_it, text

if TYPE_CHECKING:
    from nbapp.kernel.app import App


@dataclass(frozen=True, slots=True)
class Chosen:
    """JSON values by name; names of controls whose value cannot be written; how many controls have no name."""

    values: Mapping[str, object]
    left: tuple[str, ...]
    unnamed: int


def current() -> str:
    """The values of the notebook in this kernel, as JSON: where nbapp runs it, those that its user chose."""
    shell: Any = get_ipython()
    return json.dumps(dict(chosen(getattr(shell, "nbapp", None), shell.user_ns).values))


def chosen(app: App | None, namespace: Mapping[str, Any]) -> Chosen:
    """What the user chose. A control that nobody moved is left out: it goes on following the notebook.

    Where the cells are not known, as without cell ids, nobody knows who gave a control its value: all are told.
    """
    if app is None or not app.notebook:
        return Chosen(values(namespace), (), 0)
    namespace = app.named()
    moved = {id(widget) for widget in app.chosen()}
    named = {name: value for name, value in namespace.items() if id(value) in moved and not name.startswith("_")}
    found = values(named)
    written = {id(named[name]) for name in found}
    left = {id(widget): name for name, widget in reversed(named.items()) if id(widget) not in written}
    return Chosen(found, tuple(reversed(left.values())), len(moved - written - left.keys()))


def values(namespace: Mapping[str, Any]) -> dict[str, object]:
    """JSON values by name."""
    found: dict[str, object] = {}
    seen: set[int] = set()
    for name, widget in list(namespace.items()):
        if name.startswith("_") or not isinstance(widget, Widget) or id(widget) in seen or not _is_control(widget):
            continue
        value = written(widget)
        if value is not None and _is_read_back(widget, value):
            seen.add(id(widget))
            found[name] = value
    return found


def written(widget: Any) -> object:
    """The value of a widget as a JSON value that `--set` understands; None: it has none."""
    if isinstance(widget, MultipleSelection):
        return [option_labels(widget)[index] for index in widget.index]
    if isinstance(widget, Selection):
        return None if widget.index is None else option_labels(widget)[widget.index]
    return plain(widget.value)


def plain(value: object) -> object:
    """The value of a widget that is no selection, in the same way."""
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return list(value) if isinstance(value, (list, tuple)) and _is_json(list(value)) else None


def _is_control(widget: Any) -> bool:
    if isinstance(widget, (FileUpload, Password)) or "value" not in widget.traits() or widget.comm is None:
        return False
    if isinstance(widget, Selection) and widget.index is None:
        return False
    return may_set(widget, *as_a_page_has_it(widget, widget.value))


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _is_read_back(widget: Any, value: object) -> bool:
    try:
        return bool(value_parser.parse(widget, text(value)) == widget.value)
    except (UsageError, TraitError, ValueError):
        return False
