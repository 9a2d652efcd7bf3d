"""Widgets that libraries bring, on a served page: each is drawn, follows the controls and answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Serve
from tests.e2e.controls import expect

pytestmark = pytest.mark.browser

SLIDER = "import ipywidgets as w\nn = w.IntSlider(value=3, max=9, description='n')\nn"
FIGURE = (
    "import plotly.graph_objects as go\nfig = go.FigureWidget([go.Bar(y=list(range(1, n.value + 1)))])\n"
    "fig.layout.title = f'{n.value} bars'\nfig"
)
COUNTER = """
import anywidget, traitlets
class Counter(anywidget.AnyWidget):
    _esm = '''export default { render({ model, el }) {
        const button = document.createElement('button');
        const draw = () => { button.textContent = 'counted ' + model.get('count'); };
        button.onclick = () => { model.set('count', model.get('count') + 1); model.save_changes(); };
        model.on('change:count', draw); draw(); el.append(button); } }'''
    count = traitlets.Int(0).tag(sync=True)
counter = Counter(count=10)
counter
"""
IPYMPL = (
    "%matplotlib widget\nimport matplotlib.pyplot as plt",
    SLIDER,
    "fig, ax = plt.subplots(figsize=(5, 2))\nax.plot([0, n.value])\nplt.show()",
    "print('n is', n.value)",
)


def test_anywidgets_are_drawn_and_follow_and_answer(serve: Serve, notebook: Callable[..., Path], page: Page) -> None:
    page.goto(serve(notebook(SLIDER, FIGURE, COUNTER, "print('the kernel has', counter.count)")).url)
    expect(page.locator(".plotly .gtitle")).to_have_text("3 bars")
    expect(page.locator(".plotly .bars path")).to_have_count(3)
    page.locator(".noUi-handle").first.press("ArrowRight")
    expect(page.locator(".plotly .gtitle")).to_have_text("4 bars")
    expect(page.locator(".plotly .bars path")).to_have_count(4)
    page.get_by_role("button", name="counted 10").click()
    expect(page.get_by_role("button", name="counted 11")).to_be_visible()
    expect(page.get_by_text("the kernel has 11")).to_be_visible()


def test_an_ipympl_figure_is_one_figure_after_each_move_and_leaves_no_gap(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    page.goto(serve(notebook(*IPYMPL)).url)
    expect(page.get_by_text("n is 3")).to_be_visible()
    for number in (4, 5):
        page.locator(".noUi-handle").first.press("ArrowRight")
        expect(page.get_by_text(f"n is {number}")).to_be_visible()
    expect(page.locator(".jupyter-matplotlib")).to_have_count(1)
    expect(page.locator(".jupyter-matplotlib canvas").first).to_be_visible()
    footer, below = page.locator(".jupyter-matplotlib-canvas-container").bounding_box(), page.get_by_text("n is 5")
    under = below.bounding_box()
    assert footer
    assert under
    assert under["y"] - (footer["y"] + footer["height"]) < 100


def test_an_anywidget_whose_code_takes_long_to_load_follows_the_controls_all_the_same(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    slow = COUNTER.replace("'''export", "'''await new Promise(done => setTimeout(done, 4000)); export")
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(serve(notebook(SLIDER, slow, "counter.count = 10 * n.value\nprint('n is', n.value)")).url)
    expect(page.get_by_text("counted 30")).to_be_visible()
    page.locator(".noUi-handle").press("ArrowRight")
    expect(page.get_by_text("n is 4")).to_be_visible()
    expect(page.get_by_text("counted 40")).to_be_visible()
    assert said == []
