"""What an author asks of one cell: comments at its head, or tags."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nbapp.kernel.parse.directives import Directives, directives
from nbapp.testing import AppTest


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("x = 1", Directives()),
        ("#| nbapp: always\nx = 1", Directives(always=True)),
        ("#|nbapp:never", Directives(never=True)),
        ("# title\n\n#| label: fig\n#| nbapp: ttl=60, handle\nx", Directives(ttl=60.0, handle=True)),
        ("x = 1\n#| nbapp: always", Directives()),
        ("text = '''\n#| nbapp: always\n'''", Directives()),
    ],
)
def test_directives_stand_at_the_head_of_a_cell(source: str, found: Directives) -> None:
    assert directives(source) == found


def test_tags_say_the_same() -> None:
    assert directives("x = 1", ["parameters", "nbapp:always"]) == Directives(always=True)


@pytest.mark.parametrize("word", ["sometimes", "ttl=soon", "ttl=-1", "ttl=nan", "ttl"])
def test_a_directive_nobody_knows_is_named(word: str) -> None:
    complaint = directives(f"#| nbapp: {word}").complaint
    assert complaint is not None
    assert f"`nbapp: {word}`" in complaint


def states(app: AppTest) -> list[str]:
    return [step.state for step in app.steps]


def test_a_cell_runs_always() -> None:
    with AppTest.from_cells(["k = [0]", "#| nbapp: always\nx = 1", "y = x"]) as app:
        app.run()
        app.run()
        assert states(app) == ["skipped", "ran", "skipped"]
        assert app.steps[1].reason == "always runs: it says so"


def test_a_cell_runs_once_for_each_source_whatever_it_reads() -> None:
    with AppTest.from_cells(["n = 1", "#| nbapp: never\nm = [n]", "k = m[0] + n"]) as app:
        app.run()
        app.edit(0, "n = 2").run()
        assert (app.eval("(m, k)"), states(app)) == (([1], 3), ["ran", "skipped", "ran"])
        assert app.steps[1].reason == "it runs once"
        app.edit(1, "#| nbapp: never\nm = [n, n]").run()
        assert app.eval("m") == [2, 2]


def test_a_result_is_made_again_when_it_is_too_old() -> None:
    with AppTest.from_cells(["#| nbapp: ttl=0\nx = 1", "#| nbapp: ttl=3600\ny = 1"]) as app:
        app.run()
        app.run()
        assert states(app) == ["ran", "skipped"]
        assert app.steps[0].reason == "its result was older than 0 s"


def test_what_a_cell_declares_a_handle_is_versioned_by_which_object_it_is() -> None:
    cells = [
        "import ipywidgets as W\ns = W.IntSlider(1)",
        "#| nbapp: handle\nclass Connection:\n    asked = 0\n    def ask(self, n):\n        self.asked += 1\n        return n\nc = Connection()",
        "a = c.ask(s.value)",
        "b = c.ask(0)",
    ]
    with AppTest.from_cells(cells) as app:
        app.run()
        app.set("s", 5)
        assert (states(app), app.eval("a")) == (["skipped", "skipped", "ran", "skipped"], 5)
        app.edit(1, cells[1] + "\n").run()
        assert states(app) == ["skipped", "ran", "ran", "ran"]


def test_without_the_directive_the_same_object_is_made_again() -> None:
    cells = ["n = 1", "class C:\n    asked = 0\nc = C()", "c.asked += n", "b = c.asked"]
    with AppTest.from_cells(cells) as app:
        app.run()
        app.edit(0, "n = 2").run()
        assert app.eval("b") == 2


def test_tags_of_a_file_count(tmp_path: Path) -> None:
    metadata = {"tags": ["nbapp:always"]}
    cell: dict[str, Any] = {"cell_type": "code", "id": "a", "metadata": metadata, "source": "x = 1"}
    cell |= {"outputs": [], "execution_count": None}
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    with AppTest.from_file(path) as app:
        app.run()
        app.run()
        assert states(app) == ["ran"]


def test_a_cell_whose_tag_is_taken_away_follows_its_inputs_again() -> None:
    with AppTest.from_cells(["n = 1", "m = [n]"]) as app:
        app._cells[1] = replace(app._cells[1], tags=("nbapp:never",))
        app.run()
        app.edit(0, "n = 2").run()
        assert app.eval("m") == [1]
        app._cells[1] = replace(app._cells[1], tags=())
        assert app.run().eval("m") == [2]


def test_a_cell_that_asks_the_world_is_frozen_and_says_so() -> None:
    with AppTest.from_cells(
        ["import datetime", "now = datetime.datetime.now()", "files = !echo hello", "x = 1"]
    ) as app:
        app.run()
        first = app.eval("now")
        app.run()
        assert app.eval("now") == first
        reasons = [step.reason for step in app.steps]
    assert "frozen: it uses the clock" in reasons[1]
    assert "frozen: it uses another program" in reasons[2]
    assert "frozen" not in reasons[3]
