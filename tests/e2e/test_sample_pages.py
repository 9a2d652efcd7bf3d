"""The sample notebooks in Chromium, through `nbapp serve`."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Serve, Server
from tests.e2e.controls import is_marked, mark, press, row

pytestmark = pytest.mark.browser
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
SAMPLES = ("three-lines", "pipeline", "dashboard", "sales", "inputs", "classic")


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
    "dashboard": "Aug 2024",
    "sales": "(the first of 75,122)",
    "inputs": "card: 0",
    "classic": "so c = 5.000",
}


def shown(page: Page, text: str) -> Locator:
    """The output that shows a text."""
    return page.locator(".nbapp-item", has_text=text)


BEYOND_THE_EDGE = """() => {
  const edge = document.documentElement.clientWidth;
  const nodes = [...document.querySelectorAll('input, select, textarea, button, img, svg, table, pre, .widget-readout')];
  const scrolls = node => node && (['auto', 'scroll'].includes(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
  return nodes
    .filter(node => node.checkVisibility() && !(node.matches('table, img, svg') && scrolls(node.parentElement)))
    .map(node => [node.outerHTML.slice(0, 100), node.getBoundingClientRect()])
    .filter(([_, box]) => box.width > 0 && (box.left < 0 || box.right > edge))
    .map(([html, box]) => `${html}: ${box.left} to ${box.right}`);
}"""


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_of_a_sample_sticks_out_of_a_phone(visit: Callable[[str], Page], name: str) -> None:
    page = visit(name)
    page.set_viewport_size({"width": 375, "height": 812})
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        whole = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert whole == [375, 375], scheme
        assert page.locator("input, select, button, .noUi-handle").count() > 0
        assert page.evaluate(BEYOND_THE_EDGE) == [], scheme


def test_the_page_of_three_lines_follows_the_slider(visit: Callable[[str], Page]) -> None:
    page = visit("three-lines")
    expect(page).to_have_title("x squared")
    for x in range(8, 13):
        press(page, "x", "ArrowRight")
        expect(shown(page, "x squared is")).to_have_text(f"x squared is {x * x}")
    expect(page.locator(".nbapp-item")).to_have_count(1)


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


def test_the_page_of_the_dashboard_brings_a_regions_cities(visit: Callable[[str], Page]) -> None:
    page = visit("dashboard")
    label = page.locator(".widget-hslider .widget-label").bounding_box()
    thumb = page.locator(".widget-hslider .noUi-handle").first.bounding_box()
    assert label
    assert thumb
    assert label["y"] + label["height"] <= thumb["y"]  # below it, and not over it: there is no number beside the track
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
