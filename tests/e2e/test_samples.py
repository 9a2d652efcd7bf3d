"""The sample notebooks: what each shows and which cells a change executes, headless."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nbapp.testing import AppTest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
USES_UI = ("photo", "sales")  # nbapp.ui is optional; these show it
SAMPLES = ("three-lines", "pipeline", "dashboard", "inputs", "classic")


def opened(name: str) -> Iterator[AppTest]:
    with AppTest.from_file(NOTEBOOKS / f"{name}.ipynb") as app:
        app.run()
        assert app.error is None
        yield app


@pytest.fixture
def three_lines() -> Iterator[AppTest]:
    yield from opened("three-lines")


@pytest.fixture
def pipeline() -> Iterator[AppTest]:
    yield from opened("pipeline")


@pytest.fixture
def dashboard() -> Iterator[AppTest]:
    yield from opened("dashboard")


@pytest.fixture(scope="module")
def inputs() -> Iterator[AppTest]:
    yield from opened("inputs")


@pytest.fixture
def classic() -> Iterator[AppTest]:
    yield from opened("classic")


def text(app: AppTest, index: int) -> str:
    return "".join(output.get("text", "") for output in app.outputs(index))


def plain(app: AppTest, index: int) -> str:
    """The plain text of the last output of a cell."""
    shown: str = app.outputs(index)[-1]["data"]["text/plain"]
    return shown


@pytest.mark.parametrize("name", SAMPLES + USES_UI)
def test_a_sample_is_an_ordinary_notebook_without_outputs(name: str) -> None:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    code = "".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert ("nbapp" in code) == (name in USES_UI)


def test_three_lines_square_the_slider(three_lines: AppTest) -> None:
    assert text(three_lines, 2) == "x squared is 49\n"
    three_lines.set("x", 12)
    assert text(three_lines, 2) == "x squared is 144\n"
    assert [step.state for step in three_lines.steps] == ["skipped", "skipped", "ran"]


def test_three_lines_go_back_without_executing(three_lines: AppTest) -> None:
    three_lines.set("x", 12)
    three_lines.set("x", 7)
    assert text(three_lines, 2) == "x squared is 49\n"
    assert three_lines.executed == ()


LOAD, METADATA, SUMMARY = 3, 4, 5


def summary(app: AppTest) -> list[list[str]]:
    """The rows of the summary table: region, statistic, number of readings."""
    return [line.split() for line in plain(app, SUMMARY).splitlines()[2:]]


def test_the_pipeline_loads_once_and_summarises(pipeline: AppTest) -> None:
    assert text(pipeline, LOAD) == "105,120 readings of 12 stations\n"
    assert text(pipeline, METADATA) == "Survey 2023: {'North': 4, 'Middle': 4, 'South': 4}\n"
    assert summary(pipeline) == [["North", "5.5", "35040"], ["Middle", "9.5", "35040"], ["South", "13.5", "35040"]]


def test_another_statistic_makes_only_the_summary_again(pipeline: AppTest) -> None:
    pipeline.set("statistic", "max")
    assert pipeline.executed == (SUMMARY,)
    assert summary(pipeline) == [["North", "27.5", "35040"], ["Middle", "30.1", "35040"], ["South", "36.0", "35040"]]
    pipeline.set("months", (6, 8))
    assert pipeline.executed == (SUMMARY,)
    assert [row[2] for row in summary(pipeline)] == ["8832"] * 3


def test_another_survey_loads_the_metadata_but_not_the_readings(pipeline: AppTest) -> None:
    pipeline.set("survey", "2024")
    assert pipeline.executed == (METADATA, SUMMARY)
    assert summary(pipeline) == [["North", "5.0", "26280"], ["Middle", "8.5", "35040"], ["South", "13.0", "43800"]]


def test_an_earlier_survey_executes_nothing(pipeline: AppTest) -> None:
    pipeline.set("survey", "2024")
    pipeline.set("survey", "2023")
    assert pipeline.executed == ()
    assert [row[1] for row in summary(pipeline)] == ["5.5", "9.5", "13.5"]


HIRES, REGION, CITY, CHOSEN, HEADLINE, CHART, TABLE = range(1, 8)


def headline(app: AppTest) -> str:
    shown: str = app.outputs(HEADLINE)[0]["data"]["text/markdown"]
    return shown


def test_the_dashboard_shows_the_first_city(dashboard: AppTest) -> None:
    assert headline(dashboard) == (
        "## Aveiro: 233,324 hires\nApril 2023 to September 2024: 425 on an average day. Best day: 24 August 2024, 894 hires."
    )
    assert [output["output_type"] for output in dashboard.outputs(CHART)] == ["display_data"]
    assert plain(dashboard, TABLE).splitlines()[-1].split() == ["Sep", "2024", "14976", "499", "669"]


def test_another_city_leaves_the_hires_and_the_controls_alone(dashboard: AppTest) -> None:
    before = dashboard.outputs(CHART)
    dashboard.set("city", "Brest")
    assert dashboard.executed == (CHOSEN, HEADLINE, CHART, TABLE)
    assert headline(dashboard).startswith("## Brest: 300,327 hires\nApril 2023 to September 2024: 547 on")
    assert dashboard.outputs(CHART) != before


def test_an_earlier_city_executes_nothing(dashboard: AppTest) -> None:
    before = dashboard.outputs(CHART)
    dashboard.set("city", "Brest")
    dashboard.set("city", "Aveiro")
    assert dashboard.executed == ()
    assert dashboard.outputs(CHART) == before


def test_another_region_brings_its_cities(dashboard: AppTest) -> None:
    dashboard.set("region", "Hills")
    assert dashboard.executed == (CITY, CHOSEN, HEADLINE, CHART, TABLE)
    assert dashboard.eval("city.options") == ("Annecy", "Bath", "Bergen")
    assert headline(dashboard).startswith("## Annecy: 440,635 hires")


def test_the_months_survive_another_region(dashboard: AppTest) -> None:
    dashboard.set("period", ("Jan 2024", "Mar 2024"))
    dashboard.set("region", "Hills")
    assert headline(dashboard).startswith("## Annecy: 46,426 hires")
    dashboard.set("region", "Coast")
    assert headline(dashboard).startswith("## Aveiro: 23,045 hires")


UTC = datetime.timezone.utc
NUMBERS, FIELDS, SWITCHES, CHOICES, TEXTS, TAGS, DATES, PRESSED, LAYOUTS = range(2, 19, 2)
CHANGES: list[tuple[str, Any, int, str]] = [
    ("int_slider", 8, NUMBERS, "int: 8"),
    ("float_slider", 7.5, NUMBERS, "float: 7.5"),
    ("log_slider", 1000.0, NUMBERS, "log: 1000.0"),
    ("int_range", (1, 9), NUMBERS, "int range: (1, 9)"),
    ("float_range", (0.5, 9.5), NUMBERS, "float range: (0.5, 9.5)"),
    ("play", 42, NUMBERS, "play: 42"),
    ("int_text", -3, FIELDS, "int: -3"),
    ("float_text", 0.25, FIELDS, "float: 0.25"),
    ("bounded_int", 9, FIELDS, "bounded int: 9"),
    ("bounded_float", 0.9, FIELDS, "bounded float: 0.9"),
    ("checkbox", False, SWITCHES, "checkbox: False"),
    ("toggle", True, SWITCHES, "toggle: True"),
    ("dropdown", "date", CHOICES, "dropdown: date"),
    ("radio", "banana", CHOICES, "radio: banana"),
    ("select", "cherry", CHOICES, "select: cherry"),
    ("several", ("banana",), CHOICES, "several: ('banana',)"),
    ("buttons", "date", CHOICES, "buttons: date"),
    ("choice_slider", "cherry", CHOICES, "slider: cherry"),
    ("choice_range", ("apple", "date"), CHOICES, "range: ('apple', 'date')"),
    ("text", "bonjour", TEXTS, "text: bonjour"),
    ("area", "a\nb\nc", TEXTS, "textarea: ['a', 'b', 'c']"),
    ("combobox", "fig", TEXTS, "combobox: fig"),
    ("password", "secret", TEXTS, "password: 6 characters"),
    ("tags", ["blue"], TAGS, "tags: ['blue']"),
    ("colors", ["gold"], TAGS, "colors: ['gold']"),
    ("ints", [7], TAGS, "ints: [7]"),
    ("floats", [2.5], TAGS, "floats: [2.5]"),
    ("date", datetime.date(1999, 12, 31), DATES, "date: 1999-12-31"),
    ("time", datetime.time(8, 15), DATES, "time: 08:15:00"),
    ("naive", datetime.datetime(1999, 12, 31, 8, 15), DATES, "naive: 1999-12-31 08:15:00"),
    ("aware", datetime.datetime(1999, 12, 31, 8, 15, tzinfo=UTC), DATES, "aware: 1999-12-31 08:15:00+00:00"),
    ("color", "#ff0000", DATES, "colour: #ff0000"),
    ("first", 4, LAYOUTS, "in the tabs: 4 2"),
    ("third", "drei", LAYOUTS, "in the accordion: drei"),
]


@pytest.mark.parametrize(("name", "value", "index", "line"), CHANGES, ids=[change[0] for change in CHANGES])
def test_an_input_runs_the_cell_that_prints_it_and_no_other(
    inputs: AppTest, name: str, value: Any, index: int, line: str
) -> None:
    assert line not in text(inputs, index).splitlines()
    inputs.set(name, value)
    assert inputs.executed == (index,)
    assert line in text(inputs, index).splitlines()


def test_a_button_counts_its_clicks_once_each(inputs: AppTest) -> None:
    inputs.click("button")
    inputs.click("button")
    assert inputs.executed == (PRESSED,)
    assert text(inputs, PRESSED).splitlines()[0] == "clicks: 2"
    inputs.set("int_slider", 1)
    assert inputs.eval("clicks") == 2


def test_every_input_of_ipywidgets_is_in_the_sample(inputs: AppTest) -> None:
    used = set(inputs.eval("[type(value).__name__ for value in list(globals().values())]"))
    code = "[name for name in dir(widgets) if isinstance(getattr(widgets, name), type)"
    code += " and issubclass(getattr(widgets, name), (widgets.ValueWidget, widgets.Button, widgets.Controller))]"
    shows_only = {
        "Audio", "FloatProgress", "HTML", "HTMLMath", "Image", "IntProgress", "Label", "Valid", "Video", "ValueWidget",
        "Output", "DOMWidget",
    }  # fmt: skip
    assert set(inputs.eval(code)) - used - shows_only == set()


def test_the_classic_notebook_calls_each_callback_once(classic: AppTest) -> None:
    classic.set("celsius", 100)
    assert classic.eval("fahrenheit.value") == "100 °C is 212 °F"
    classic.click("greet")
    classic.set("name", "Grace")
    classic.click("greet")
    assert classic.eval("greeted") == ["Ada", "Grace"]
    printed = classic.eval("''.join(output['text'] for output in out.outputs)")
    assert printed == "Hello Ada, you are number 1\nHello Grace, you are number 2\n"


def test_the_classic_notebook_moves_linked_widgets(classic: AppTest) -> None:
    classic.set("slider", 70)
    assert classic.eval("number.value") == 70
    classic.set("number", 30)
    assert classic.eval("slider.value") == 30


def test_what_a_callback_of_the_classic_notebook_wrote_survives_the_next_change(classic: AppTest) -> None:
    classic.click("greet")
    classic.set("a", 8)
    classic.set("slider", 12)
    assert classic.eval("greeted") == ["Ada"]
    assert classic.executed == ()


def python_blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_test_in_the_readme_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(python_blocks("README.md")[-1], {})


def test_the_tutorial_works_as_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    imports, slider, _, slow, compared, test = python_blocks("docs/tutorial/first-app.md")
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in (imports, slow, slider, compared)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "squares.ipynb")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {}
    exec(test, namespace)
    namespace["test_the_sentence_follows_the_slider"]()


PHOTO = {
    "upload": 1,
    "open": 4,
    "blurred": 5,
    "edited": 6,
    "show": 7,
    "original": 8,
    "light": 9,
    "bars": 10,
    "size": 11,
}


@pytest.fixture
def photo() -> Iterator[AppTest]:
    yield from opened("photo")


def test_the_photo_editor_makes_only_again_what_a_control_changes(photo: AppTest) -> None:
    photo.set("blur", 3)
    assert photo.executed == tuple(PHOTO[cell] for cell in ("blurred", "edited", "show", "light", "bars", "size"))
    photo.set("brightness", 1.5)
    assert photo.executed == tuple(PHOTO[cell] for cell in ("edited", "show", "light", "bars", "size"))
    photo.set("brightness", 1.0)
    photo.set("blur", 0)
    assert photo.executed == ()
    photo.set("turn", 90)
    assert photo.eval("(picture.size, original.size)") == ((600, 900), (900, 600))


WHERE, WHEN, PART, SOLD, REVENUE, COUNT, MEAN, RETURNED, BY_MONTH, BY_PART, ROWS, FILE = range(2, 14)


@pytest.fixture
def sales() -> Iterator[AppTest]:
    yield from opened("sales")


def test_the_sales_make_only_again_what_a_control_changes(sales: AppTest) -> None:
    assert sales.eval("(len(sales), len(chosen), len(before), chosen.day.dt.year.unique().tolist())") == (
        *(200_000, 75_122, 66_810),
        [2025],
    )
    sales.set("Bars by", "region")
    assert sales.executed == (PART, BY_PART)
    sales.set("Months", (3, 5))
    assert sales.executed == (WHEN, *range(SOLD, FILE))
    assert sales.eval("sorted(chosen.day.dt.month.unique().tolist())") == [3, 4, 5]
    sales.set_many({"Months": (1, 12), "Bars by": "product"})
    assert sales.executed == (WHEN, PART)


def test_the_sales_say_what_is_missing_where_nothing_is_chosen(sales: AppTest) -> None:
    sales.set("Regions", [])
    assert sales.outputs(SOLD)[0]["data"]["text/plain"] == "Choose a region and a product."
    assert sales.outputs(ROWS) == []
    sales.set("Regions", ["North", "East", "South", "West"])
    assert sales.executed == (WHERE,)
