"""The search in pictures and the generative model in Chromium, through `nbapp serve`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Serve
from tests.e2e.controls import is_marked, mark, press, row

pytestmark = pytest.mark.browser
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="module")
def urls(serve_anywhere: Serve) -> dict[str, str]:
    return {name: serve_anywhere(NOTEBOOKS / f"{name}.ipynb").url for name in ("driving", "faces")}


@pytest.fixture
def errors(page: Page) -> Iterator[None]:
    """At the end the page must have had no error."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    yield
    assert found == []


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.soak
@pytest.mark.usefixtures("errors")
def test_the_page_of_driving_searches_filters_and_detects(page: Page, urls: dict[str, str]) -> None:
    page.goto(urls["driving"])
    expect(page.locator("tbody tr")).to_have_count(12)
    expect(page.get_by_text("the detector sees")).to_contain_text("1 pedestrian, 1 traffic light")
    sheet, frame, chart = (page.locator(".nbapp-item img").nth(number) for number in range(3))
    for picture in (sheet, frame, chart):
        mark(picture)
    press(page, "Fog", "End")
    expect(page.get_by_text("the detector sees")).to_contain_text("nothing")
    assert is_marked(sheet)
    assert is_marked(chart)
    press(page, "Fog", "Home")
    expect(page.get_by_text("the detector sees")).to_contain_text("1 pedestrian, 1 traffic light")
    row(page, "Search").locator("input").fill("blue car in the evening")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr").first).to_contain_text("evening, 2 blue and red cars")
    row(page, "Count").locator("select").select_option("pedestrian")
    press(page, "between", "ArrowRight")
    expect(page.get_by_text("frames pass")).not_to_contain_text("200 of 200")
    page.set_viewport_size({"width": 375, "height": 800})
    assert fits(page)


@pytest.mark.usefixtures("errors")
def test_the_page_of_faces_redraws_while_the_model_stays(page: Page, urls: dict[str, str]) -> None:
    page.goto(urls["faces"])
    expect(page.get_by_text("Principal components shorten")).to_be_visible()
    portrait, walk, _, chart = (page.locator(".nbapp-item img").nth(number) for number in range(4))
    before = portrait.get_attribute("src") or ""
    mark(chart)
    press(page, "Smile", "Home")
    expect(portrait).not_to_have_attribute("src", before)
    glum = portrait.get_attribute("src") or ""
    press(page, "Smile", "End")
    expect(portrait).not_to_have_attribute("src", glum)
    expect(portrait).not_to_have_attribute("src", before)
    strip = walk.get_attribute("src") or ""
    page.get_by_role("button", name="beard").click()
    expect(walk).not_to_have_attribute("src", strip)
    assert is_marked(chart)
    page.set_viewport_size({"width": 375, "height": 800})
    assert fits(page)
    track = row(page, "Smile").locator(".noUi-base").bounding_box()
    assert track
    assert track["width"] > 100
