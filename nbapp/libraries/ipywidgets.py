"""Widgets: versioned by which one it is and what hangs on it; their traits are components of their own.

A widget lives as long as the app, so two names that have it share nothing that code could change: which one it is does
not change. Once anything hangs on it (attributes that are no traits), that is one thing that they share.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from nbapp.core.host import CALLBACKS
from nbapp.libraries.profile import Facts, Profile, by_name
from nbapp.values.authors import is_authors
from nbapp.values.identity import WeakById
from nbapp.values.types import Adapter

MACHINERY = frozenset(
    {"_trait_values", "_trait_notifiers", "_trait_validators", "_cross_validation_lock", "_model_id", "notify_change"}
    | {"_holding_sync", "_repr_mimebundle_", "_Output__counter"}
)
_OWN = frozenset({"keys", "comm", "children"})
_OF_GRIDS = frozenset({"_children", "_grid_template_areas", "_id_count"})  # of a GridspecLayout
_PLAIN = frozenset({str, int, float, bool, type(None)})
_MACHINES = frozenset({"ipywidgets", "traitlets", "anywidget", "builtins", "typing"})
_TABLES = frozenset({"pandas", "polars", "pyarrow", "numpy"})


class Hung:
    """Stands for all that hangs on one widget."""


_hung: WeakById[Any, Hung] = WeakById()
_private: WeakKeyDictionary[type, frozenset[str]] = WeakKeyDictionary()
_shown: WeakKeyDictionary[type, frozenset[str]] = WeakKeyDictionary()


def attributes(widget: Any) -> dict[str, object]:
    """What hangs on a widget: its public attributes, and private ones that the author's code in its class names, or
    that a property of its library shows."""
    if hasattr(widget, "kwargs_widgets"):
        return {}  # an `interactive`, which keeps what it was made from
    kind, names = type(widget), _state_of(type(widget))
    found = {
        name: value
        for name, value in vars(widget).items()
        if name not in _OWN and name not in MACHINERY and (not name.startswith("_") or name in names)
    }
    shown = _shown_by(kind)
    if shown:
        found.update((name, value) for name, value in vars(widget).items() if name in shown and _is_content(value))
    if _name(kind) == _name(kind.__mro__[1]):
        found["__class__"] = kind  # `add_traits` made it
    return found


def hung(widget: Any, now: dict[str, object]) -> Hung | None:
    """What stands for all that hangs on a widget, `now` or before; None when nothing ever did."""
    if now:
        return _hung.setdefault(widget, Hung())
    found: Hung | None = _hung.get(widget)
    return found


def offered(widget: Any) -> Iterable[object]:
    """What a selection offers: its value is one of these objects."""
    return (value for value in vars(widget).get("_options_values", ()) if type(value) not in _PLAIN)


def _state_of(kind: type) -> frozenset[str]:
    """The names in the code of a class and its bases, those of libraries left out; what holds a grid's cells."""
    found = _private.get(kind)
    if found is None:
        authored = (base for base in kind.__mro__ if is_authors(base.__module__))
        members = (member for base in authored for member in vars(base).values())
        codes = (getattr(getattr(member, "fget", member), "__code__", None) for member in members)
        found = frozenset(name for code in codes if code is not None for name in code.co_names)
        _private[kind] = found = found | (_OF_GRIDS if hasattr(kind, "_get_indices_from_slice") else frozenset())
    return found


def _shown_by(kind: type) -> frozenset[str]:
    """The private attributes that properties of a library's class give out: what its user chose may be no trait."""
    found = _shown.get(kind)
    if found is None:
        libraries = [base for base in kind.__mro__ if base.__module__.partition(".")[0] not in _MACHINES]
        properties = [member for base in libraries for member in vars(base).values() if isinstance(member, property)]
        codes = (getattr(member.fget, "__code__", None) for member in properties)
        names = (name for code in codes if code is not None for name in code.co_names)
        found = _shown[kind] = frozenset(name for name in names if name.startswith("_") and name not in MACHINERY)
    return found


def _is_content(value: object) -> bool:
    """Whether a value is one that a user may have chosen, or a table that is shown."""
    kind = type(value)
    return kind in _PLAIN or kind.__module__.partition(".")[0] in _TABLES


def _name(kind: type) -> tuple[str, str]:
    return kind.__module__, kind.__qualname__


def _parts(widget: Any) -> object:
    model_id = widget.comm.comm_id if widget.comm is not None else None
    return type(widget).__qualname__, model_id, attributes(widget)


def _reach(widget: Any) -> Iterable[object]:
    now = attributes(widget)
    all_of_it = hung(widget, now)
    return (*offered(widget), *(() if all_of_it is None else (all_of_it, *now.values())))


_WIDGET = Adapter(parts=_parts, reach=_reach, shared=False, words=frozenset({CALLBACKS}))


# Traits that code asks for; to set one is a store, and may call what observes it.
_TRAITS = """
    active axes bar_style button_style buttons center children columns continuous_update data description disabled
    error format icon index label layout max min model_id options orientation outputs placeholder readout
    readout_format rows selected selected_index step style title titles tooltip value height width left right lower
    upper keys merge name repeat
"""

PROFILE = Profile(
    lookups={"ipywidgets": by_name({"Widget": _WIDGET})},
    followed_packages=("ipywidgets",),
    facts=(Facts("ipywidgets.Widget*", "ipywidgets", _TRAITS),),
)
