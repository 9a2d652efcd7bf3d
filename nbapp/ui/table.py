"""`ui.table`: a table that can be sorted, searched and leafed through, and whose rows can be chosen.

It is itables' widget, which is an extra: `pip install "nbapp[table]"`.
"""

from __future__ import annotations

import importlib
from typing import Any, Literal, overload

from IPython.display import display

from nbapp.errors import UsageError
from nbapp.functions.traits import trait
from nbapp.ui.control import in_form

_ROOM, _SEARCH, _ROW = 131, 36, 27  # pixels of all but the rows, of the field to search, and of a row, in a page
_PLAIN = {"allow_html": False, "showIndex": "auto", "style": "table-layout:auto;width:auto;margin:0"}


@overload
def table(frame: Any, *, select: Literal[False] = ..., rows: int = ..., search: bool = ..., **options: Any) -> None: ...
@overload
def table(
    frame: Any, *, select: Literal[True, "one"], rows: int = ..., search: bool = ..., **options: Any
) -> list[int]: ...
def table(
    frame: Any, *, select: Literal[False, True, "one"] = False, rows: int = 10, search: bool = True, **options: Any
) -> list[int] | None:
    """A table to sort, to search and to leaf through. Of a large frame it has the first rows, and says so: the whole
    would be in every page.

    Args:
        frame: of pandas or polars.
        select: whether rows can be chosen: True several, "one" one at a time. By Enter on one, too.
        rows: how many are shown at once.
        search: whether there is a field to search.
        options: of `itables.widget.ITable`, such as `caption`, or `maxBytes="1MB"` for more rows.

    Returns:
        The positions of the chosen rows in the frame, from 0; None when none can be chosen.

    Raises:
        UsageError: itables is not installed, or it stands in a form.

    Examples:
        >>> from nbapp import ui
        >>> chosen = ui.table(sales, select=True)  # doctest: +SKIP
        >>> sales.iloc[chosen]  # doctest: +SKIP
    """
    if in_form():
        raise UsageError("a table stands in a form", "put it above or below")
    layout = {"topStart": None, "topEnd": "search" if search else None, "bottomStart": "info", "bottomEnd": "paging"}
    chosen = {"style": "single" if select == "one" else "os", "keys": True} if select else False
    shown = {"select": chosen, "pageLength": rows, "layout": layout}
    itables = _itables()
    options = _first_rows(frame, shown | _PLAIN | options, itables)
    made = itables.widget.ITable(**options)
    made.layout.min_height = _room(options)
    display(made)
    return sorted(trait(made, "selected_rows")) if select else None


def _first_rows(frame: Any, options: dict[str, Any], itables: Any) -> dict[str, Any]:
    """What the widget is made with: as many rows as are allowed, and a word that there are more.

    itables would leave out the middle, and tell readers the names of its options.
    """
    if not (hasattr(frame, "head") and hasattr(frame, "columns")):  # a Styler has no head, a Series no columns
        return options | {"df": frame}
    fitting, _ = itables.downsample.downsample(frame, max_bytes=options.get("maxBytes", itables.options.maxBytes))
    if len(fitting) < len(frame):
        told = {"infoPostFix": f" (the first of {len(frame):,})"}
        options = options | {"language": told | options.get("language", {})}
    return options | {"df": frame.head(len(fitting)), "maxBytes": 0}


def _room(options: dict[str, Any]) -> str:
    """How high it is with all rows of a page: what is below has its place before the table comes, and keeps it."""
    rows = min(options["pageLength"], len(options["df"]) if hasattr(options["df"], "columns") else 0)
    return f"{(_ROOM if options['layout']['topEnd'] else _ROOM - _SEARCH) + _ROW * rows}px"


def _itables() -> Any:
    try:
        importlib.import_module("itables.widget")
    except ImportError as error:
        raise UsageError("ui.table needs itables with its widget", 'pip install "nbapp[table]"') from error
    return importlib.import_module("itables")
