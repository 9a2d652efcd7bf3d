"""`ui.progress`: how far a loop has come, while it runs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

import ipywidgets
from IPython.display import display

T = TypeVar("T")
_OFTEN = 0.1  # seconds between two changes of the bar: more nobody sees


def progress(items: Iterable[T], label: str = "", *, total: int | None = None) -> Iterator[T]:
    """The items one after the other, with a bar that shows how many are done.

    Args:
        items: what the loop goes over.
        label: what stands beside the bar.
        total: how many there are, where `len(items)` does not tell; None: unknown, and only the number is shown.

    Examples:
        >>> from nbapp import ui
        >>> for epoch in ui.progress(range(100), "Training"):  # doctest: +SKIP
        ...     step()
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    bar = ipywidgets.IntProgress(
        0, 0, max(total or 1, 1), layout={"width": "auto", "flex": "1 1 6rem", "max_width": "20rem"}
    )
    count = ipywidgets.Label("")
    shown = [ipywidgets.Label(label), bar, count] if total is not None else [ipywidgets.Label(label), count]
    display(ipywidgets.HBox(shown, layout={"align_items": "center", "flex_flow": "row wrap"}))
    return _counted(items, bar, count, total)


def _counted(
    items: Iterable[T], bar: ipywidgets.IntProgress, count: ipywidgets.Label, total: int | None
) -> Iterator[T]:
    done, told = 0, 0.0
    for item in items:
        yield item
        done += 1
        if time.monotonic() - told > _OFTEN:
            _show(bar, count, done, total)
            told = time.monotonic()
    _show(bar, count, done, total)


def _show(bar: ipywidgets.IntProgress, count: ipywidgets.Label, done: int, total: int | None) -> None:
    bar.value = done
    count.value = f"{done:,}" if total is None else f"{done:,} of {total:,}"
