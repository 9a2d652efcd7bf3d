"""The sample notebooks: what each shows and which cells a change executes, headless and in Chromium."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from nbapp.testing import AppTest
from tests.e2e.conftest import PATIENCE, Serve, Server

expect.set_options(timeout=PATIENCE * 1000)
ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
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


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_an_ordinary_notebook_without_outputs(name: str) -> None:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    assert "nbapp" not in "".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


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
        "## Aveiro: 233,324 hires\n425 on an average day. Best day: 24 August 2024, 894 hires."
    )
    assert [output["output_type"] for output in dashboard.outputs(CHART)] == ["display_data"]
    assert plain(dashboard, TABLE).splitlines()[-1].split() == ["September", "2024", "14976", "499", "669"]


def test_another_city_leaves_the_hires_and_the_controls_alone(dashboard: AppTest) -> None:
    before = dashboard.outputs(CHART)
    dashboard.set("city", "Brest")
    assert dashboard.executed == (CHOSEN, HEADLINE, CHART, TABLE)
    assert headline(dashboard).startswith("## Brest: 300,327 hires\n547 on")
    assert dashboard.outputs(CHART) != before


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


# --- in Chromium, through `nbapp serve`


@pytest.fixture(scope="module")
def servers(serve_anywhere: Serve) -> Callable[[str], Server]:
    """A server of a sample, started when first asked for."""
    return functools.cache(lambda name: serve_anywhere(NOTEBOOKS / f"{name}.ipynb"))


@pytest.fixture
def visit(servers: Callable[[str], Server], page: Page) -> Iterator[Callable[[str], Page]]:
    """Opens a sample and waits for its last cell; at the end the page must have had no error."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def open_sample(name: str) -> Page:
        page.goto(servers(name).url)
        expect(page.locator("main")).to_contain_text(LAST_WORDS[name])
        return page

    yield open_sample
    assert errors == []


LAST_WORDS = {
    "three-lines": "x squared is 49",
    "pipeline": "South",
    "dashboard": "September 2024",
    "inputs": "card: 0",
    "classic": "so c = 5.000",
}


def shown(page: Page, text: str) -> Locator:
    """The output that shows a text."""
    return page.locator(".nbapp-item", has_text=text)


def row(page: Page, label: str) -> Locator:
    """A control, by its description."""
    return page.get_by_text(label, exact=True).and_(page.locator(".widget-label")).locator("xpath=..")


def press(page: Page, label: str, key: str, number: int = 0) -> None:
    row(page, label).locator(".noUi-handle").nth(number).press(key)


def mark(locator: Locator) -> None:
    """Remember a DOM node, so that it can be told from a new one in its place."""
    locator.evaluate("node => { node.remembered = true; }")


def is_marked(locator: Locator) -> bool:
    return bool(locator.evaluate("node => node.remembered === true"))


BEYOND_THE_EDGE = """() => {
  const edge = document.documentElement.clientWidth;
  const nodes = [...document.querySelectorAll('input, select, textarea, button, img, svg, table, pre, .widget-readout')];
  const scrolls = node => node && (['auto', 'scroll'].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
  return nodes
    .filter(node => node.checkVisibility() && !(node.matches('table') && scrolls(node.parentElement)))
    .map(node => [node.outerHTML.slice(0, 100), node.getBoundingClientRect()])
    .filter(([_, box]) => box.width > 0 && (box.left < 0 || box.right > edge))
    .map(([html, box]) => `${html}: ${box.left} to ${box.right}`);
}"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_of_a_sample_sticks_out_of_a_phone(visit: Callable[[str], Page], name: str, scheme: Any) -> None:
    page = visit(name)
    page.set_viewport_size({"width": 375, "height": 812})
    page.emulate_media(color_scheme=scheme)
    whole = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert whole == [375, 375]
    assert page.locator("input, select, button, .noUi-handle").count() > 0
    assert page.evaluate(BEYOND_THE_EDGE) == []


@pytest.mark.browser
def test_the_page_of_three_lines_follows_the_slider(visit: Callable[[str], Page]) -> None:
    page = visit("three-lines")
    expect(page).to_have_title("x squared")
    for x in range(8, 13):
        press(page, "x", "ArrowRight")
        expect(shown(page, "x squared is")).to_have_text(f"x squared is {x * x}")
    expect(page.locator(".nbapp-item")).to_have_count(1)


@pytest.mark.browser
def test_the_page_of_the_pipeline_changes_what_it_must(visit: Callable[[str], Page]) -> None:
    page = visit("pipeline")
    summary = page.locator("table")
    mark(shown(page, "105,120 readings"))
    mark(shown(page, "Survey 2023"))
    page.get_by_role("button", name="max").click()
    expect(summary).to_contain_text("max °C")
    expect(summary).to_contain_text("36.0")
    assert is_marked(shown(page, "Survey 2023").locator("visible=true"))
    page.get_by_role("button", name="2024").click()
    expect(shown(page, "Survey 2024")).to_contain_text("{'North': 3, 'Middle': 4, 'South': 5}")
    expect(summary).to_contain_text("43800")
    press(page, "Months", "ArrowRight")
    expect(summary).to_contain_text("40080")
    assert is_marked(shown(page, "105,120 readings"))


@pytest.mark.browser
def test_the_page_of_the_dashboard_brings_a_regions_cities(visit: Callable[[str], Page]) -> None:
    page = visit("dashboard")
    chart = page.locator(".nbapp-item img")
    first = chart.get_attribute("src")
    mark(row(page, "Months"))
    page.get_by_role("button", name="Hills").click()
    expect(page.locator("h2")).to_contain_text("Annecy: 440,635 hires")
    assert row(page, "City").locator("option").all_inner_texts() == ["Annecy", "Bath", "Bergen"]
    expect(chart).not_to_have_attribute("src", first or "")
    row(page, "City").locator("select").select_option("Bath")
    expect(page.locator("h2")).to_contain_text("Bath: 509,739 hires")
    expect(page.locator("tbody tr")).to_have_count(6)
    assert is_marked(row(page, "Months"))


def printed(page: Page, line: str) -> None:
    """Wait until a cell of the page prints this line."""
    whole = re.compile(rf"^{re.escape(line)}$", re.MULTILINE)
    expect(page.locator(".nbapp-item pre").filter(has_text=whole)).to_have_count(1)


@pytest.mark.browser
def test_the_page_of_inputs_follows_numbers_switches_and_choices(visit: Callable[[str], Page]) -> None:
    page = visit("inputs")
    for label, key, line in [
        ("Int range", "ArrowRight", "int range: (3, 7)"),
        ("Float range", "ArrowRight", "float range: (2.6, 7.5)"),
        ("Log", "ArrowRight", "log: 125.89"),
        ("Slider", "ArrowRight", "slider: banana"),
        ("Range", "ArrowLeft", "range: ('apple', 'cherry')"),
    ]:
        press(page, label, key)
        printed(page, line)
    row(page, "0 to 10").locator("input").fill("8")
    row(page, "0 to 10").locator("input").press("Enter")
    printed(page, "bounded int: 8")
    page.get_by_role("checkbox").uncheck()
    printed(page, "checkbox: False")
    page.get_by_role("button", name="Toggle").click()
    printed(page, "toggle: True")
    row(page, "Dropdown").locator("select").select_option("date")
    printed(page, "dropdown: date")
    page.get_by_role("radio", name="cherry").check()
    printed(page, "radio: cherry")
    row(page, "Select").locator("select").select_option("banana")
    printed(page, "select: banana")
    row(page, "Several").locator("select").select_option(["banana", "cherry"])
    printed(page, "several: ('banana', 'cherry')")
    page.get_by_role("button", name="date").click()
    printed(page, "buttons: date")


@pytest.mark.browser
def test_the_page_of_inputs_follows_text_tags_and_dates(visit: Callable[[str], Page]) -> None:
    page = visit("inputs")
    for label, tag, value, line in [
        ("Text", "input", "bonjour", "text: bonjour"),
        ("Textarea", "textarea", "a\nb", "textarea: ['a', 'b']"),
        ("Combobox", "input", "fig", "combobox: fig"),
        ("Password", "input", "secret", "password: 6 characters"),
        ("Date", "input", "1999-12-31", "date: 1999-12-31"),
        ("Time", "input", "08:15", "time: 08:15:00"),
        ("Naive", "input", "1999-12-31T08:15", "naive: 1999-12-31 08:15:00"),
    ]:
        row(page, label).locator(tag).fill(value)
        page.keyboard.press("Tab")
        printed(page, line)
    row(page, "Colour").locator("input[type=text]").fill("#ff0000")
    page.keyboard.press("Tab")
    printed(page, "colour: #ff0000")
    page.locator(".jupyter-widget-tagsinput").first.click()
    page.keyboard.type("blue")
    page.keyboard.press("Enter")
    printed(page, "tags: ['red', 'green', 'blue']")


@pytest.mark.browser
def test_the_page_of_inputs_follows_clicks_files_tabs_and_folds(visit: Callable[[str], Page]) -> None:
    page = visit("inputs")
    for count in (1, 2, 3):
        page.get_by_role("button", name="Count").click()
        printed(page, f"clicks: {count}")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"four"})
    printed(page, "files: [('notes.txt', 4)]")
    page.get_by_role("tab", name="Two").click()
    printed(page, "tab: 1")
    press(page, "Second", "ArrowRight")
    printed(page, "in the tabs: 1 3")
    page.locator(".jupyter-widget-Collapse-header", has_text="A text").click()
    printed(page, "accordion: 0")
    row(page, "Third").locator("input").fill("drei")
    printed(page, "in the accordion: drei")
    page.get_by_role("button", name="lower").click()
    expect(page.get_by_text("The lower card")).to_be_visible()
    printed(page, "card: 1")
    printed(page, "clicks: 3")


@pytest.mark.browser
def test_the_page_of_the_classic_notebook_works_as_without_nbapp(visit: Callable[[str], Page]) -> None:
    page = visit("classic")
    picture = page.locator(".widget-output img")
    before = picture.get_attribute("src")
    press(page, "frequency", "ArrowRight")
    expect(page.get_by_text("sine, 4 Hz, amplitude 0.5")).to_have_count(1)
    expect(picture).not_to_have_attribute("src", before or "")
    row(page, "wave").locator("select").select_option("square")
    expect(page.get_by_text("square, 4 Hz, amplitude 0.5")).to_have_count(1)
    row(page, "Celsius").locator("input").fill("100")
    page.keyboard.press("Enter")
    expect(page.get_by_text("100 °C is 212 °F")).to_be_visible()
    page.get_by_role("button", name="Greet").click()
    expect(page.get_by_text("Hello Ada")).to_have_text("Hello Ada, you are number 1\n")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Hello Ada")).to_have_count(0)
    press(page, "Slider", "ArrowRight")
    expect(row(page, "Number").locator("input")).to_have_value("41")
    expect(row(page, "Bar").locator(".progress-bar")).to_have_attribute("style", re.compile(r"width: 41"))
    press(page, "a", "ArrowRight")
    expect(page.get_by_text("4² + 4² = 32")).to_have_count(1)
    page.get_by_role("button", name="Greet").click()
    expect(page.get_by_text("Hello Ada")).to_have_text("Hello Ada, you are number 1\n")
