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
    """A table to sort, to search and to leaf through.

    Args:
        frame: of pandas or polars.
        select: whether rows can be chosen: True several, "one" one at a time.
        rows: how many are shown at once.
        search: whether there is a field to search.
        options: of `itables.widget.ITable`, such as `caption` or `maxBytes`.

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
    shown = {"select": {"style": "single"} if select == "one" else select, "pageLength": rows, "layout": layout}
    made = _widget_class()(frame, **(shown | _PLAIN | options))
    display(made)
    return sorted(trait(made, "selected_rows")) if select else None


def _widget_class() -> Any:
    try:
        return importlib.import_module("itables.widget").ITable
    except ImportError as error:
        raise UsageError("ui.table needs itables with its widget", 'pip install "nbapp[table]"') from error
