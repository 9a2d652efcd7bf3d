"""`ui.metric`: what it says, also to who does not see colours, and that it stays one widget."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from nbapp import ui
from nbapp.testing import AppTest


def _said(*about: Any, **options: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", ui.metric(*about, **options).value)).strip()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234567, "1,234,567"),
        (1234.5, "1,234.5"),
        (0.126, "0.13"),
        (3.0, "3"),
        (-2000.25, "-2,000.25"),
        ("1.2 M €", "1.2 M €"),
        (True, "True"),
        (float("nan"), "nan"),
        (None, "None"),
    ],
)
def test_numbers_are_written_to_be_read(value: object, shown: str) -> None:
    assert _said("Sales", value) == f"Sales {shown}"


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        (12, "up ▲ 12"),
        (-12.5, "down ▼ 12.5"),
        (0, "unchanged 0"),
        ("+3 %", "up ▲ 3 %"),
        ("-3 %", "down ▼ 3 %"),
        ("−3 %", "down ▼ 3 %"),
        ("3 days", "up ▲ 3 days"),
    ],
)
def test_a_change_is_said_in_words_and_shown_by_an_arrow(delta: object, said: str) -> None:
    assert _said("Sales", 1, delta) == f"Sales 1 {said}"


@pytest.mark.parametrize(
    ("delta", "good", "colour"),
    [(1, "up", "good"), (-1, "up", "bad"), (1, "down", "bad"), (-1, "down", "good")],
)
def test_good_news_are_green(delta: int, good: Any, colour: str) -> None:
    assert f"--nbapp-{colour}" in ui.metric("Costs", 1, delta, good=good).value
    assert "--nbapp-" not in ui.metric("Costs", 1, delta, good="neither").value
    assert "--nbapp-" not in ui.metric("Costs", 1, 0).value


def test_what_is_written_is_text() -> None:
    assert "<script>" not in ui.metric("<script>", "<script>", "<script>").value


def test_it_stays_one_widget_and_follows(tmp_path: Path) -> None:
    cells = (
        "import ipywidgets as w\nfrom nbapp import ui\nn = w.IntSlider(3)\nn",
        "m = ui.metric('Rows', n.value * 1000, -n.value)\nm",
    )
    with AppTest.from_cells(cells, cwd=tmp_path) as app:
        app.run()
        known = app.eval("m.model_id")
        app.set("n", 4)
        assert app.executed == (1,)
        assert (app.eval("m.model_id"), "4,000" in app.eval("m.value")) == (known, True)
