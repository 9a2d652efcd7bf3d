"""Figures of matplotlib on a page that may be dark: whose colours the author left alone are drawn for it.

The paper is left out, so that the page is seen behind the figure, and what is black is drawn in an ink that can be read
there. It happens as the figure becomes a picture: neither the figure nor any option of matplotlib changes, `savefig`
writes what it always wrote, and a figure with colours of its author's stays as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core.formatters import BaseFormatter, PNGFormatter, SVGFormatter

from nbapp.kernel.common.stand_in import faults
from nbapp.kernel.outputs.themed_charts import ThemedCharts

# By the theme of the page. With `auto` the same picture is seen in the light and in the dark: 4.2 to 1 on both.
_INKS = {"auto": (117 / 255, 125 / 255, 135 / 255), "dark": (228 / 255, 231 / 255, 235 / 255)}
_BLACK, _WHITE = (0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0)
_DARKEST = 0.04  # luminance: what has less is hard to see on a dark page
_LOOKED_AT = 500  # colours of a collection


def follow_theme(display_formatter: Any, theme: str | None) -> Callable[[], None]:
    """From now on figures and charts are drawn for a page with this theme, `auto` or `dark`; for any other, as they
    are. Call what is returned to end that.
    """
    if theme not in _INKS:
        return lambda: None
    known = dict(display_formatter.formatters)
    for kind in (_Png, _Svg):
        ours = kind(parent=display_formatter)
        before = known[ours.format_type]
        ours.ink = _INKS[theme]
        _take_over(ours, before)
        display_formatter.formatters = {**display_formatter.formatters, ours.format_type: ours}
    bundles, charts = display_formatter.mimebundle_formatter, ThemedCharts.of(display_formatter, _INKS[theme])
    _take_over(charts, bundles)
    display_formatter.mimebundle_formatter = charts

    def end() -> None:
        display_formatter.mimebundle_formatter = bundles
        display_formatter.formatters = {**display_formatter.formatters, **{name: known[name] for name in _TYPES}}

    return end


def _take_over(ours: BaseFormatter, before: BaseFormatter) -> None:
    """What is registered with a formatter is registered with ours."""
    for table in ("type_printers", "deferred_printers", "singleton_printers"):
        setattr(ours, table, getattr(before, table))


class _Inked(BaseFormatter):
    ink = _INKS["auto"]

    def __call__(self, obj: Any) -> Any:
        __tracebackhide__ = True
        figures, is_plain = sys.modules.get("matplotlib.figure"), False
        if figures is not None and isinstance(obj, figures.Figure):
            with faults.noted("the colours of a figure"):
                is_plain = _is_plain(obj)
        if not is_plain:
            return super().__call__(obj)
        with _drawn(obj, self.ink):
            return super().__call__(obj)


class _Png(_Inked, PNGFormatter):
    pass


class _Svg(_Inked, SVGFormatter):
    pass


_TYPES = ("image/png", "image/svg+xml")


@contextmanager
def _drawn(figure: Any, ink: tuple[float, float, float]) -> Iterator[None]:
    """Inside, the papers of a figure are not drawn, and black is `ink`."""
    patch, context = (
        sys.modules["matplotlib.patches"].Patch,
        sys.modules["matplotlib.backend_bases"].GraphicsContextBase,
    )
    legends = (legend.get_frame() for axes in figure.axes if (legend := axes.get_legend()) is not None)
    papers = {id(paper) for paper in (figure.patch, *(axes.patch for axes in figure.axes), *legends)}
    draw, set_foreground = patch.draw, context.set_foreground

    def draw_unless_paper(artist: Any, renderer: Any) -> None:
        __tracebackhide__ = True
        if id(artist) not in papers:
            draw(artist, renderer)

    def set_ink(graphics: Any, colour: Any, isRGBA: bool = False) -> None:  # noqa: N803 -- matplotlib's name
        __tracebackhide__ = True
        rgba = _rgba(colour)
        is_black = rgba[:3] == _BLACK[:3]
        set_foreground(graphics, (*ink, rgba[3]) if is_black else colour, isRGBA=is_black or isRGBA)

    patch.draw, context.set_foreground = draw_unless_paper, set_ink
    try:
        yield
    finally:
        patch.draw, context.set_foreground = draw, set_foreground


def _is_plain(figure: Any) -> bool:
    """Whether the author left the colours of a figure alone: white paper, black texts, and nothing dark on it. Texts on
    pictures and meshes may be black because what is below them is light.
    """
    if figure.subfigs or any(axes.name != "rectilinear" for axes in figure.axes):
        return False
    if any(axes.texts and (axes.images or axes.collections) for axes in figure.axes):
        return False
    papers = [figure.patch, *(axes.patch for axes in figure.axes)]
    text = sys.modules["matplotlib.text"].Text
    words = (each for each in figure.findobj(text) if each.get_text())
    return (
        all(_rgba(paper.get_facecolor()) == _WHITE for paper in papers)
        and all(_rgba(each.get_color()) == _BLACK for each in words)
        and not any(_luminance(colour) < _DARKEST for axes in figure.axes for colour in _data_colours(axes))
    )


def _data_colours(axes: Any) -> Iterable[Any]:
    """The colours of what is drawn; black lines are drawn in ink, and so are black edges."""
    yield from (rgba for line in axes.lines if (rgba := _rgba(line.get_color())) != _BLACK)
    for patch in axes.patches:
        if patch.get_fill():
            yield _rgba(patch.get_facecolor())
    for collection in axes.collections:
        yield from (rgba for each in collection.get_facecolor()[:_LOOKED_AT] if (rgba := _rgba(each))[3] > 0)


def _rgba(colour: Any) -> tuple[float, ...]:
    found: tuple[float, ...] = sys.modules["matplotlib.colors"].to_rgba(colour)
    return tuple(map(float, found))


def _luminance(rgba: tuple[float, ...]) -> float:
    """The relative luminance of a colour, as WCAG has it."""
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgba[:3])
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
