"""What matplotlib draws: never digested, since a figure is changed through any of its artists, and by pyplot.

Which figures of pyplot are open is a component of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from nbapp.libraries.notes import without
from nbapp.libraries.profile import Profile, by_name
from nbapp.libraries.slot import GONE, Slot, Values, each
from nbapp.values.types import Adapter

PYLAB = "matplotlib._pylab_helpers"  # whose `Gcf` has the open figures


def _figure_of(artist: Any) -> Iterable[object]:
    """Everything drawn on a figure is one thing: any artist may change it."""
    figure = getattr(artist, "figure", None)
    return () if figure is None or figure is artist else (figure,)


def _figure_managed(manager: Any) -> Iterable[object]:
    return (manager.canvas.figure,)


_ADAPTERS = {
    "Artist": Adapter(opaque=True, reach=_figure_of),
    "Normalize": without("callbacks"),  # whom to tell of a change: other each time
    "FigureManagerBase": Adapter(opaque=True, reach=_figure_managed),  # what pyplot has of an open figure
}


# --- options

_RESOLVED_LATE = frozenset({"backend", "backend_fallback"})  # set when the first figure is drawn


def _parameters() -> Values:
    parameters = sys.modules["matplotlib"].rcParams
    return {name: value for name, value in dict.items(parameters) if name not in _RESOLVED_LATE}


def _put_parameter(name: str, value: Any) -> None:
    dict.__setitem__(sys.modules["matplotlib"].rcParams, name, value)  # it was checked when it was set


_INLINE = ("figure_formats", "print_figure_kwargs", "close_figures", "rc")


def _inline() -> Values:
    backend = sys.modules["matplotlib_inline.config"].InlineBackend
    if not backend.initialized():
        return {}
    return {name: getattr(backend.instance(), name) for name in _INLINE}


def _put_inline(name: str, value: Any) -> None:
    setattr(sys.modules["matplotlib_inline.config"].InlineBackend.instance(), name, value)


def _colormaps() -> Values:
    return dict(sys.modules["matplotlib"].colormaps._cmaps)  # the public mapping copies each one that is read


def _put_colormaps(values: Values) -> None:
    known = sys.modules["matplotlib"].colormaps._cmaps
    for name, colormap in values.items():
        if colormap is GONE:
            del known[name]
        else:
            known[name] = colormap


PROFILE = Profile(
    lookups={"matplotlib": by_name(_ADAPTERS)},
    options=(
        Slot(
            "matplotlib",
            _parameters,
            each(_put_parameter),
            "matplotlib",
            raw=lambda: list(dict.values(sys.modules["matplotlib"].rcParams)),
        ),
        Slot("matplotlib_inline", _inline, each(_put_inline), "matplotlib_inline.config"),
        Slot("the colour map", _colormaps, _put_colormaps, "matplotlib.cm", raw=_colormaps),
    ),
    followed_modules=("matplotlib", "matplotlib.pyplot", "matplotlib._pylab_helpers", "matplotlib.cm"),
    no_containers=("Artist", "RcParams"),
)
