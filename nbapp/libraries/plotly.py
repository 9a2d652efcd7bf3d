"""Figures of plotly that are widgets: which one it is, and what it shows, which is in none of its traits.

Beside them which template and renderer are the default. What checks the properties of figures is made once for all of
them, and holds nothing of theirs.
"""

from __future__ import annotations

from typing import Any

from nbapp.core.host import CALLBACKS
from nbapp.libraries.profile import Profile, by_name
from nbapp.libraries.slot import of_attributes
from nbapp.values.types import Adapter, reaches_nothing


def _parts(figure: Any) -> object:
    model = figure.comm.comm_id if figure.comm is not None else None
    return type(figure).__qualname__, model, figure._data, figure._layout, figure.frames


_FIGURE = Adapter(parts=_parts, reach=reaches_nothing, words=frozenset({CALLBACKS}))
_VALIDATOR = Adapter(reach=reaches_nothing, shared=False)

PROFILE = Profile(
    lookups={
        "plotly": by_name({"BaseFigureWidget": _FIGURE}),
        "_plotly_utils": by_name({"BaseValidator": _VALIDATOR}),
    },
    options=(
        of_attributes("plotly.io._templates", "templates", lambda templates: ("default",)),
        of_attributes("plotly.io._renderers", "renderers", lambda renderers: ("default",)),
    ),
)
