"""What a person could do to each widget now: legal values, the ends among them. Runs in the kernel; changes nothing."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import ipywidgets as widgets
from IPython.core.getipython import get_ipython

from nbapp._compat.ipywidgets import MultipleSelection, Selection, option_labels
from nbapp.kernel.widgets.state.user_values import DISPLAYS

CLICK = "click"  # offered by a button in place of values
_TEXTS = ("", "a", "Hello, world", "ünï", "1")
_COLOURS = ("#ff0000", "green", "#3b82f6")
_FILES: tuple[dict[str, bytes], ...] = ({"a.csv": b"x,y\n1,2\n"}, {"b.txt": b""})
_DAY = dt.datetime(2024, 2, 29, 12, 30)
_MANY = 4  # random values offered by each widget, besides the ends


def offers(seed: int) -> dict[str, list[Any]]:
    """Values to choose from for each widget that a global name holds, by the name that `AppTest.set` takes."""
    shell: Any = get_ipython()
    draw = random.Random(seed)
    found = {}
    for name, widget in sorted(shell.nbapp.widgets().items()):
        if not getattr(widget, "disabled", False) and not isinstance(widget, DISPLAYS):
            found[name + _trait(widget)] = list(_values(widget, draw))
    return {name: values for name, values in found.items() if values}


def _trait(widget: Any) -> str:
    """What has to be said of tabs and accordions."""
    return ".selected_index" if hasattr(widget, "selected_index") and not hasattr(widget, "value") else ""


def _values(widget: Any, draw: random.Random) -> Iterator[Any]:
    if isinstance(widget, widgets.Button):
        yield CLICK
    elif isinstance(widget, widgets.SelectionRangeSlider):
        yield from (_span(option_labels(widget), draw) for _ in range(_MANY))
    elif isinstance(widget, MultipleSelection):
        yield from (_some(option_labels(widget), draw) for _ in range(_MANY))
    elif isinstance(widget, Selection):
        yield from option_labels(widget)
    elif _trait(widget):
        yield from range(len(widget.children))
    elif isinstance(widget, widgets.FileUpload):
        yield from _FILES
    else:
        yield from _plain(widget, draw)


def _plain(widget: Any, draw: random.Random) -> Iterator[Any]:
    """Values of a widget whose value is its trait `value`."""
    kind, value = type(widget).__name__, getattr(widget, "value", None)
    if "Color" in kind:
        yield from (_some(_COLOURS, draw) for _ in range(_MANY)) if isinstance(value, list) else _COLOURS
    elif isinstance(value, bool):
        yield from (True, False)
    elif isinstance(value, (dt.date, dt.time)):
        yield from _moments(value, draw)
    elif isinstance(value, list):
        yield from _lists(widget, draw)
    elif isinstance(value, str):
        yield from getattr(widget, "options", ())
        if not getattr(widget, "ensure_option", False):
            yield from _TEXTS
    elif isinstance(value, tuple) and hasattr(widget, "min"):
        numbers = [_number(widget, draw) for _ in range(2 * _MANY)]
        yield from (tuple(sorted(pair)) for pair in zip(numbers[::2], numbers[1::2]))
        yield _as_number(widget, widget.min), _as_number(widget, widget.max)
    elif isinstance(value, (int, float)):
        yield from _numbers(widget, draw)


def _numbers(widget: Any, draw: random.Random) -> Iterator[int | float]:
    yield from (_number(widget, draw) for _ in range(_MANY))
    if isinstance(widget, widgets.FloatLogSlider):
        yield from (widget.base**widget.min, widget.base**widget.max)
    elif hasattr(widget, "min"):
        yield from (_as_number(widget, widget.min), _as_number(widget, widget.max))


def _number(widget: Any, draw: random.Random) -> int | float:
    """A number between the bounds; near the present one where there are none."""
    if not hasattr(widget, "min"):
        return _as_number(widget, widget.value + draw.choice((-10, -1, 1, 10)))
    where = draw.uniform(float(widget.min), float(widget.max))
    if isinstance(widget, widgets.FloatLogSlider):
        return round(float(widget.base**where), 3)
    return _as_number(widget, min(max(round(where, 3), widget.min), widget.max))


def _as_number(widget: Any, number: Any) -> int | float:
    value = widget.value[0] if isinstance(widget.value, tuple) else widget.value
    return int(number) if isinstance(value, int) else float(number)


def _lists(widget: Any, draw: random.Random) -> Iterator[list[Any]]:
    """Values of a field of tags."""
    known = list(getattr(widget, "allowed_tags", ()) or widget.value)
    yield []
    if known:
        yield from (list(_some(known, draw)) for _ in range(_MANY))


def _moments(value: dt.date | dt.time, draw: random.Random) -> Iterator[dt.date | dt.time]:
    for _ in range(_MANY):
        moment = _DAY + dt.timedelta(minutes=draw.randrange(0, 60 * 24 * 300))
        if isinstance(value, dt.datetime):
            yield moment.replace(tzinfo=value.tzinfo and dt.timezone.utc)
        else:
            yield moment.date() if isinstance(value, dt.date) else moment.time()


def _some(options: Any, draw: random.Random) -> Any:
    """A few of the options, in their order."""
    chosen = [option for option in options if draw.random() < 0.5]
    return chosen if isinstance(options, list) else tuple(chosen)


def _span(options: Any, draw: random.Random) -> tuple[Any, ...]:
    """The first and last of a range of the options."""
    ends = sorted(draw.randrange(len(options)) for _ in range(2)) if options else ()
    return tuple(options[end] for end in ends)
