"""Charts of Altair on a page that may be dark: whose colours the author left alone are shown in the page's.

A chart is drawn on a canvas, which no style sheet reaches, from a specification. As it is displayed, colours are added
there that Vega takes where nobody has said another. Neither the chart nor any option of Altair changes, `to_dict` and
`save` give what they always gave, and a chart with colours of its author's stays as it is.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from IPython.core.formatters import MimeBundleFormatter

from nbapp.kernel.common.stand_in import faults

_COLOUR = re.compile(
    r"color|fill|background|range|scheme|(?<!font)style$|^stroke$", re.IGNORECASE
)  # a key that says one
_BLACK = frozenset({"black", "#000", "#000000"})  # as a value, it cannot be seen on a dark page
_BEHIND_WORDS = frozenset({"arc", "area", "bar", "circle", "geoshape", "image", "rect", "square"})
_TYPES_OF_MARKS = re.compile(r'"mark": (?:\{"type": )?"(\w+)"')
_FAINT = 0.3  # of the ink, for grids


class ThemedCharts(MimeBundleFormatter):
    """In place of the formatter that asks objects for all that they can be shown as."""

    _ink: tuple[float, ...] = ()

    @classmethod
    def of(cls, display_formatter: Any, ink: tuple[float, ...]) -> ThemedCharts:
        """For charts in this ink."""
        made = cls(parent=display_formatter)
        made._ink = ink
        return made

    def __call__(self, obj: Any, include: Any = None, exclude: Any = None) -> Any:
        """What an object is shown as."""
        __tracebackhide__ = True
        altair = sys.modules.get("altair")
        charts = getattr(altair, "TopLevelMixin", ())  # none while Altair is being imported
        if self.enabled and isinstance(obj, charts) and not self._is_known(obj):
            with faults.noted("the colours of a chart"):
                obj = _themed(altair, obj, self._ink) or obj
        return super().__call__(obj, include=include, exclude=exclude)

    def _is_known(self, obj: Any) -> bool:
        """Whether the author has said how such charts are shown."""
        try:
            self.lookup(obj)  # type: ignore[no-untyped-call]
        except KeyError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A specification, shown as Altair shows that of a chart."""

    altair: Any
    specification: dict[str, Any]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        renderer = self.altair.renderers.get()
        return renderer(self.specification) if renderer else None


def _themed(altair: Any, chart: Any, ink: tuple[float, ...]) -> _Drawn | None:
    """The chart in these colours; None where it stays as it is."""
    try:
        specification = chart.to_dict(context={"pre_transform": False})
    except Exception:  # noqa: BLE001 - Altair will show its author what is wrong
        return None
    if not is_plain(specification) or "theme" in (altair.renderers.options.get("embed_options") or {}):
        return None
    config = _under(specification.get("config", {}), _config(ink))
    return _Drawn(altair, {**specification, "config": config})


def is_plain(specification: Mapping[str, Any]) -> bool:
    """Whether the author left the colours of a chart alone, and nothing on it needs a light page: black data, words on
    bars and pictures."""
    looks = {key: value for key, value in specification.items() if key not in ("datasets", "data")}
    if "background" in looks or "usermeta" in looks or any(map(_COLOUR.search, _keys(looks.get("config", {})))):
        return False
    text = json.dumps({key: value for key, value in looks.items() if key != "config"}, default=str)
    marks = set(_TYPES_OF_MARKS.findall(text))
    on_something = "text" in marks and marks & _BEHIND_WORDS
    return not on_something and not any(f'"{black}"' in text for black in _BLACK)


def _keys(config: object) -> Iterator[str]:
    if isinstance(config, Mapping):
        for key, value in config.items():
            yield str(key)
            yield from _keys(value)


def _config(ink: tuple[float, ...]) -> dict[str, Any]:
    red, green, blue = (round(part * 255) for part in ink)
    strong, faint = f"rgb({red},{green},{blue})", f"rgba({red},{green},{blue},{_FAINT})"
    words = {"fill": strong}
    return {
        "background": "transparent",
        "view": {"stroke": faint},
        "axis": {"domainColor": strong, "tickColor": strong, "gridColor": faint},
        "title": {"color": strong, "subtitleColor": strong},
        "style": {"guide-label": words, "guide-title": words},
        "text": {"color": strong},
        "rule": {"color": strong},
    }


def _under(said: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """What is said, and ours where nothing is."""
    both = {**ours, **said}
    for key in said.keys() & ours.keys():
        if isinstance(said[key], Mapping) and isinstance(ours[key], Mapping):
            both[key] = _under(said[key], ours[key])
    return both
