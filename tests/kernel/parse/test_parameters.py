"""Which assignments of a cell of parameters have a control, and what is said about them."""

from __future__ import annotations

import ast
import datetime as dt
from typing import Any

import ipywidgets
import pytest

from nbapp.core.notebook import Cell, CellId
from nbapp.kernel.parse.parameters import injected, parameters, wants_controls, with_controls


def of(source: str) -> list[str]:
    return [each.name for each in parameters(ast.parse(source), source)]


@pytest.mark.parametrize(
    "source",
    [
        "n = 10", "n = -1", "n = 0.5", "n = 1e3", "n = True", "n = 'East'", "n = ''", "n: int = 10", "n: float = 1", "n: str = 'a'",
        "n: bool = False", "n: Optional[int] = 3", "n: 'int' = 3", "n = 3  # type: int", "n = 3  # type: whatever it is", "n = date(2024, 1, 1)",
        "n = dt.date(2024, 1, 1)", "n: date = datetime.date(year=2024, month=1, day=1)",
    ],
)  # fmt: skip
def test_a_literal_has_a_control(source: str) -> None:
    assert len(of(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "n = None", "n = [1]", "n = (1, 2)", "n = {}", "n = b'x'", "n = 1j", "n = f'{1}'", "n = other", "n = 1 + 1", "n = len('x')",
        "n = 1e999", "n = 2**60", f"n = {2**60}", "n = m = 1", "n, m = 1, 2", "n.x = 1", "n[0] = 1", "n: int", "n += 1", "if True:\n    n = 1",
        "n = 1\nn = 2", "n = 1\nn += 1", "n = 1\ndel n", "for n in (): pass\nn = 1", "n: int = 'x'", "n: str = 1", "n: bool = 1", "n: int = True",
        "n: float = True", "n: int = 0.5", "n: date = '2024-01-01'", "n: str = date(2024, 1, 1)", "n = 'x'  # type: int",
        "n = date(2024, month, 1)", "n = date(*day)", "n = stamp.date()", "n = date.today()", "n = datetime(2024, 1, 1)", "n = 1\n(n := 2)",
    ],
)  # fmt: skip
def test_anything_else_stays_as_it_is(source: str) -> None:
    assert of(source) == []
    tree = ast.parse(source)
    assert ast.dump(with_controls(ast.parse(source), source)) == ast.dump(tree)


def test_the_comment_behind_it_is_about_it_as_papermill_reads_it() -> None:
    source = "n = 10  # how many\nm: int = 1\n# not about it\nr = 1  # type: float the rate\ns = '# no'\nt = 'a'  #"
    found = parameters(ast.parse(source), source)
    assert [(each.name, each.about, each.is_real) for each in found] == [
        ("n", "how many", False),
        ("m", "", False),
        ("r", "the rate", True),
        ("s", "", False),
        ("t", "", False),
    ]


def run(source: str, *fixed: str) -> dict[str, Any]:
    space: dict[str, Any] = {"date": dt.date}
    exec(compile(with_controls(ast.parse(source), source, fixed), "<cell>", "exec"), space)
    return {name: value for name, value in space.items() if name not in ("date", "__builtins__", "__annotations__")}


def test_names_hold_plain_values_of_their_types(capsys: pytest.CaptureFixture[str]) -> None:
    source = "n = 10  # how many\nregion: str = 'East'\nrate: float = 1\nsince = date(2024, 1, 31)\nverbose = False\nxs = [1]"
    found = run(source)
    assert found == {"n": 10, "region": "East", "rate": 1.0, "since": dt.date(2024, 1, 31), "verbose": False, "xs": [1]}
    assert [type(value) for value in found.values()] == [int, str, float, dt.date, bool, list]
    shown = capsys.readouterr().out
    kinds = [name for name in ("IntText", "TextField", "FloatText", "DatePicker", "Checkbox") if name in shown]
    assert len(kinds) == 5


def test_a_name_that_papermill_has_fixed_has_no_control(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("n = 10\nm = 1", "n") == {"n": 10, "m": 1}
    shown = capsys.readouterr().out
    assert "'m'" in shown
    assert "'n'" not in shown


def test_another_class_called_date_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    source = "class date(tuple):\n    def __new__(cls, *numbers): return tuple.__new__(cls, numbers)\nn = date(1, 2, 3)"
    assert run(source)["n"] == (1, 2, 3)
    assert capsys.readouterr().out == ""


def test_an_error_names_the_line_of_the_author() -> None:
    with pytest.raises(ValueError, match="day") as raised:
        run("n = 1\n\nday = date(2024, 2, 31)")
    assert raised.traceback[2].lineno == 2  # counted from 0


def test_what_papermill_fixed_is_what_its_cell_assigns() -> None:
    cells = (
        Cell(CellId("a"), "n = 1", ("parameters",)),
        Cell(CellId("b"), "# Parameters\nm = 2\nk = [3]\n", ("injected-parameters",)),
    )
    assert injected(cells) == {"m", "k"}
    assert injected((Cell(CellId("b"), "no Python", ("injected-parameters",)),)) == set()


def test_controls_are_asked_for_by_both_tags() -> None:
    asked = [("parameters", "controls"), ("controls", "sidebar", "parameters"), ("parameters",), ("controls",), ()]
    assert [wants_controls(Cell(CellId("a"), "n = 1", tags)) for tags in asked] == [True, True, False, False, False]


def test_what_is_about_it_is_shown_when_the_mouse_rests_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ipywidgets.IntText] = []
    monkeypatch.setattr("nbapp.ui.control.display", made.append)
    run("n = 10  # how many")
    assert [(each.description, each.tooltip, each.value) for each in made] == [("n", "how many", 10)]
