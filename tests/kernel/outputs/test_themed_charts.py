"""A chart of Altair whose colours are the defaults is shown in those of its page, and nothing else of it changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from nbapp.kernel.outputs.themed_figures import follow_theme

INK = "rgb(117,125,135)"


@pytest.fixture
def formatter() -> Iterator[DisplayFormatter]:
    """On a page that follows the browser; charts are shown as what they are made of."""
    formatter = DisplayFormatter()
    end = follow_theme(formatter, "auto")
    with alt.renderers.enable("mimetype"):
        yield formatter
    end()


def chart() -> alt.Chart:
    data = pd.DataFrame({"a": [1, 2], "b": [2, 1], "c": ["x", "y"]})
    made: alt.Chart = alt.Chart(data, title="Title").mark_line().encode(x="a", y="b", color="c")
    return made


def shown(formatter: DisplayFormatter, chart: Any) -> dict[str, Any]:
    data, _ = formatter.format(chart)
    (specification,) = (value for kind, value in data.items() if kind.startswith("application/vnd.vegalite"))
    return dict(specification)


def test_what_nobody_said_a_colour_for_has_the_pages(formatter: DisplayFormatter) -> None:
    config = shown(formatter, chart())["config"]
    assert config["background"] == "transparent"
    assert (config["title"]["color"], config["style"]["guide-label"]["fill"], config["axis"]["domainColor"]) == (
        INK,
    ) * 3
    assert config["view"]["continuousWidth"] == 300


def test_the_chart_itself_and_what_is_saved_are_as_ever(formatter: DisplayFormatter) -> None:
    made = chart()
    before = made.to_dict()
    assert shown(formatter, made) != before
    assert made.to_dict() == before
    assert {key: value for key, value in shown(formatter, made).items() if key != "config"} == {
        key: value for key, value in before.items() if key != "config"
    }


def test_what_says_no_colour_is_kept_beside_ours(formatter: DisplayFormatter) -> None:
    config = shown(
        formatter, chart().configure_axis(labelFontSize=20, labelFontStyle="italic").configure_view(strokeWidth=0)
    )["config"]
    assert config["axis"]["labelFontSize"] == 20
    assert config["axis"]["domainColor"] == INK
    assert config["view"]["strokeWidth"] == 0


@pytest.mark.parametrize("together", ["layer", "beside", "below", "facet", "repeat"])
def test_charts_of_charts_follow_as_well(formatter: DisplayFormatter, together: str) -> None:
    made: Any = {
        "layer": lambda: chart() + chart().mark_point(),
        "beside": lambda: chart() | chart(),
        "below": lambda: chart() & chart(),
        "facet": lambda: chart().facet("c"),  # type: ignore[no-untyped-call]
        "repeat": lambda: chart().encode(x=alt.X(alt.repeat("column"), type="quantitative")).repeat(column=["a", "b"]),
    }[together]()
    assert shown(formatter, made)["config"]["background"] == "transparent"


AUTHORS: dict[str, Any] = {
    "background": lambda: chart().properties(background="ivory"),
    "configured": lambda: chart().configure(background="ivory"),
    "axis": lambda: chart().configure_axis(labelColor="red"),
    "palette": lambda: chart().configure_range(category=["red", "green"]),
    "black data": lambda: chart().mark_line(color="black"),
    "black by value": lambda: chart().encode(color=alt.value("#000000")),
    "words on bars": lambda: chart().mark_bar() + chart().mark_text(),
    "embedded": lambda: chart().properties(usermeta={"embedOptions": {"theme": "dark"}}),
}


@pytest.mark.parametrize("what", AUTHORS)
def test_a_chart_with_colours_of_its_author_stays_as_it_is(formatter: DisplayFormatter, what: str) -> None:
    made = AUTHORS[what]()
    assert shown(formatter, made) == made.to_dict()


def test_a_theme_of_altair_stays(formatter: DisplayFormatter) -> None:
    with alt.theme.enable("dark"):
        made = chart()
        assert shown(formatter, made) == made.to_dict()
    with alt.renderers.enable("mimetype", embed_options={"theme": "dark"}):
        assert shown(formatter, chart())["config"] == chart().to_dict()["config"]


def test_who_says_how_charts_are_shown_is_asked(formatter: DisplayFormatter) -> None:
    formatter.mimebundle_formatter.for_type(alt.Chart, lambda chart: {"text/plain": "mine"})
    assert formatter.format(chart())[0]["text/plain"] == "mine"


def test_what_altair_cannot_show_it_says_itself(
    formatter: DisplayFormatter, capsys: pytest.CaptureFixture[str]
) -> None:
    data, _ = formatter.format(alt.Chart(pd.DataFrame({"a": [1]})).mark_line().encode(x="no such column"))
    assert not any(kind.startswith("application/vnd.vegalite") for kind in data)
    assert "no such column" in capsys.readouterr().err


@pytest.mark.parametrize("theme", ["light", None])
def test_on_other_pages_and_after_the_end_charts_are_as_ever(theme: str | None) -> None:
    formatter = DisplayFormatter()
    before = formatter.mimebundle_formatter
    end = follow_theme(formatter, theme)
    assert formatter.mimebundle_formatter is before
    end()
    end = follow_theme(formatter, "dark")
    assert formatter.mimebundle_formatter is not before
    end()
    assert formatter.mimebundle_formatter is before
