"""A figure whose colours are the defaults is drawn for the theme of its page, and nothing else of it changes."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter
from IPython.core.pylabtools import print_figure
from matplotlib.figure import Figure
from PIL import Image

from nbapp.kernel.outputs.themed_figures import follow_theme

RGBA = tuple[int, ...]


@pytest.fixture
def formatter() -> Iterator[DisplayFormatter]:
    """As Jupyter's inline backend sets it up, on a page that follows the browser."""
    formatter = DisplayFormatter()
    end = follow_theme(formatter, "auto")
    formatter.formatters["image/png"].for_type(Figure, lambda figure: print_figure(figure, "png", base64=True))
    yield formatter
    end()


def colours(data: bytes) -> set[RGBA]:
    found = Image.open(io.BytesIO(data)).convert("RGBA").getcolors(10**6)
    assert found is not None
    return {colour for _, colour in found}  # type: ignore[misc]


def drawn(formatter: DisplayFormatter, figure: Figure) -> set[RGBA]:
    data, _ = formatter.format(figure)
    return colours(base64.b64decode(data["image/png"]))


def saved(figure: Figure) -> set[RGBA]:
    out = io.BytesIO()
    figure.savefig(out)
    return colours(out.getvalue())


def plain() -> Any:
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    axes.plot([1, 2], label="a")
    axes.plot([2, 1], "k--")
    axes.set_title("Title")
    axes.legend()
    return figure


CLEAR, WHITE, BLACK = (255, 255, 255, 0), (255, 255, 255, 255), (0, 0, 0, 255)
INK = (117, 125, 135, 255)


def test_the_paper_is_left_out_and_black_is_ink(formatter: DisplayFormatter) -> None:
    found = drawn(formatter, plain())
    assert {CLEAR, INK} <= found
    assert not {WHITE, BLACK} & found


def test_what_is_saved_and_the_figure_itself_are_as_ever(formatter: DisplayFormatter) -> None:
    figure = plain()
    before = saved(figure)
    drawn(formatter, figure)
    assert saved(figure) == before
    assert {WHITE, BLACK} <= before
    assert figure.get_facecolor() == (1.0, 1.0, 1.0, 1.0)


def _styled(figure: Any, what: str) -> Figure:
    axes = figure.axes[0]
    if what == "paper":
        figure.set_facecolor("lightyellow")
    elif what == "text":
        axes.set_title("Title", color="navy")
    elif what == "dark line":
        axes.plot([1, 2], color="midnightblue")
    elif what == "text on a picture":
        axes.imshow([[0.5]])
        axes.text(0, 0, "1")
    else:
        figure.add_subplot(projection="polar")
    return figure  # type: ignore[no-any-return]


@pytest.mark.parametrize("what", ["paper", "text", "dark line", "text on a picture", "other axes"])
def test_a_figure_with_colours_of_its_authors_stays_as_it_is(formatter: DisplayFormatter, what: str) -> None:
    found = drawn(formatter, _styled(plain(), what))
    assert CLEAR not in found
    assert BLACK in found


@pytest.mark.parametrize("theme", ["light", None])
def test_where_the_page_is_light_or_there_is_none_nothing_changes(theme: str | None) -> None:
    formatter = DisplayFormatter()
    before = dict(formatter.formatters)
    follow_theme(formatter, theme)()
    assert formatter.formatters == before


def test_it_ends_as_it_began() -> None:
    formatter = DisplayFormatter()
    before = dict(formatter.formatters)
    end = follow_theme(formatter, "dark")
    assert formatter.formatters != before
    end()
    assert formatter.formatters == before
