"""Every control can be read in each of its states, in the light and in the dark: colours as the page computes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Serve, Server, write_notebook
from tests.e2e.controls import expect

pytestmark = pytest.mark.browser

MEASURE = Path(__file__).with_name("contrast.js").read_text()
STYLES = "('', 'primary', 'success', 'info', 'warning', 'danger')"
CONTROLS = (
    "# Controls\n\nA [link](https://example.org), `code` and\n\n> a quotation\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "import ipywidgets as w\n"
    "w.VBox([w.Select(options=['alpha', 'beta', 'gamma']), w.SelectMultiple(options=['one', 'two', 'three'], value=['two'])])",
    f"w.HBox([w.Button(description=style or 'plain', button_style=style) for style in {STYLES}])",
    f"w.HBox([w.ToggleButton(description=style or 'plain', button_style=style) for style in {STYLES}])",
    f"w.HBox([w.ToggleButton(description=style or 'plain', button_style=style, value=True) for style in {STYLES}])",
    f"w.VBox([w.ToggleButtons(options=['here', 'there'], button_style=style) for style in {STYLES}])",
    "tabs = w.Tab([w.Label('in a'), w.Label('in b')], titles=('first', 'second'))\n"
    "folds = w.Accordion([w.Label('x'), w.Label('y')], titles=('open', 'closed'), selected_index=0)\nw.VBox([tabs, folds])",
    "w.VBox([w.TagsInput(value=['tag']), w.IntsInput(value=[1, 2]), w.Text(placeholder='placeholder', description='text'),"
    " w.Textarea('area', description='area'), w.IntText(3), w.Checkbox(description='check'), w.Valid(value=False),"
    " w.DatePicker(), w.ColorPicker(), w.FileUpload(), w.Combobox(options=['q'], placeholder='choose'), w.Password(value='p'),"
    " w.Dropdown(options=['drop', 'down']), w.RadioButtons(options=['radio', 'buttons']), w.IntSlider(description='int'),"
    " w.SelectionSlider(options=['p', 'q']), w.Play()])",
    "import sys\nprint('out')\nprint('warned', file=sys.stderr)\n"
    "def fails(n):\n    '''text'''\n    return sorted({'a': 1.5, None: n})  # comment\nfails(1)",
)
WHAT_HAS_STATES = "main :is(input, select, textarea, button, .lm-TabBar-tab, .jp-Collapse-header, a)"


@pytest.fixture(scope="module")
def controls(serve_anywhere: Serve, tmp_path_factory: pytest.TempPathFactory) -> Server:
    return serve_anywhere(write_notebook(tmp_path_factory.mktemp("app") / "controls.ipynb", *CONTROLS))


def hard_to_read(page: Page) -> list[Any]:
    """Texts whose contrast is under 4.5, once no colour is on its way to another any more."""
    page.evaluate(
        "() => document.getAnimations().forEach(one => one.effect?.getTiming().iterations === 1 && one.finish())"
    )
    found: list[Any] = page.evaluate(MEASURE)
    return found


def in_every_state(page: Page) -> list[Any]:
    found = hard_to_read(page)
    for control in page.locator(WHAT_HAS_STATES).all():
        if not control.is_visible():
            continue
        control.hover()
        found += hard_to_read(page)
        control.focus()
        found += hard_to_read(page)
    for number in (0, 1):
        options = page.locator("select[size], select[multiple]").nth(number).locator("option")
        options.nth(1).click()
        found += hard_to_read(page)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_of_every_control_can_be_read_in_every_state(
    controls: Server, browser: Browser, scheme: Any
) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 2500}, color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(controls.url)
        expect(page.get_by_text("TypeError").first).to_be_visible()
        assert {tuple(text) for text in in_every_state(page)} == set()


def test_a_pressed_toggle_differs_from_one_that_is_not(controls: Server, page: Page) -> None:
    page.goto(controls.url)
    expect(page.get_by_text("TypeError").first).to_be_visible()
    for buttons in page.locator(".widget-toggle-buttons").all():
        here, there = (
            buttons.get_by_role("button", name=name, exact=True).evaluate(
                "node => getComputedStyle(node).backgroundColor"
            )
            for name in ("here", "there")
        )
        assert here != there
