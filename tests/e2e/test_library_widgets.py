"""Widgets that libraries bring, on a served page: each is drawn, follows the controls and answers. A page loads of their
extensions what the first visitor's page used, and the others when it shows something of theirs."""

from __future__ import annotations

import io
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Request

from nbapp.serve.bundle import _PAUSES
from tests.e2e.conftest import PATIENCE, Serve, Server, until
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


CHART = (
    "import altair as alt\nimport ipywidgets as w\nfrom pandas import DataFrame\nalt.JupyterChart.enable_offline()\n"
    "n = w.IntSlider(value=3, max=9, description='n')\nn",
    "brush = alt.selection_interval(name='brush', encodings=['x'])\n"
    "data = DataFrame({'x': range(n.value), 'y': range(n.value)})\n"
    "chart = alt.JupyterChart(alt.Chart(data).mark_point(size=100).encode(x='x:Q', y='y:Q')"
    ".add_params(brush).properties(width=400, height=200))\nchart",
    "print('chosen:', 'x' in (chart.selections.brush.value or {}))",
)


def test_a_jupyterchart_of_altair_is_drawn_follows_and_tells_what_is_chosen_on_it(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    pytest.importorskip(
        "vl_convert", reason="altair takes the scripts of its charts from the network without vl-convert"
    )
    page.goto(serve(notebook(*CHART)).url)
    points = page.locator(".mark-symbol path")
    expect(points).to_have_count(3)
    expect(page.get_by_text("chosen: False")).to_be_visible()
    box = page.locator(".vega-embed .background").first.bounding_box()
    assert box is not None
    x, y = box["x"] + 100, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 150, y, steps=5)
    page.mouse.up()
    expect(page.get_by_text("chosen: True")).to_be_visible()
    page.locator(".noUi-handle").press("ArrowRight")
    expect(points).to_have_count(4)


def test_a_script_of_a_cell_finds_what_the_cell_showed_before_it(
    serve: Serve, notebook: Callable[..., Path], page: Page
) -> None:
    """As bokeh shows a figure: a place for it, then a script that fills the place."""
    shows = (
        "from IPython.display import HTML, Javascript, display\ndisplay(HTML('<p id=place>empty</p>'))\n"
        "display(Javascript(f\"document.querySelector('#place').textContent = 'filled with {n.value}'\"))"
    )
    page.goto(serve(notebook(SLIDER, shows)).url)
    expect(page.get_by_text("filled with 3")).to_be_visible()
    page.locator(".noUi-handle").press("ArrowRight")
    expect(page.get_by_text("filled with 4")).to_be_visible()


BOKEH = (
    "from bokeh.io import output_notebook\nfrom bokeh.plotting import figure, show\nfrom bokeh.resources import INLINE\n"
    "output_notebook(INLINE, hide_banner=True)",
    "plain = figure(width=400, height=200, title='Plain')\nplain.line([1, 2], [1, 2])\nshow(plain)",
    "own = figure(width=400, height=200, background_fill_color='#fffbe6', border_fill_color='#fff0f0')\n"
    "own.line([1, 2], [1, 2])\nshow(own)",
)


@pytest.mark.parametrize(("scheme", "paper"), [("light", (255, 255, 255)), ("dark", (20, 23, 27))])
def test_a_figure_of_bokeh_stands_on_the_pages_colour_unless_it_has_one_of_its_authors(
    serve: Serve,
    notebook: Callable[..., Path],
    browser: Browser,
    scheme: Literal["light", "dark"],
    paper: tuple[int, int, int],
) -> None:
    pytest.importorskip("bokeh", reason="bokeh is not installed")
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(serve(notebook(*BOKEH)).url)
        figures = page.locator(".bk-Figure")
        expect(figures).to_have_count(2)

        def colours(number: int) -> dict[tuple[int, int, int], int]:
            seen = Image.open(io.BytesIO(figures.nth(number).screenshot())).convert("RGB")
            return {colour: count for count, colour in seen.getcolors(2**20)}  # type: ignore[union-attr, misc]

        ink = (117, 125, 135)
        until(lambda: colours(0).get(ink, 0) > 100, "no axis was drawn in the ink of the page")
        until(lambda: colours(1).get((255, 251, 230), 0) > 10_000, "a colour of the author's is gone")
        assert colours(0)[paper] > 40_000
        assert colours(1)[255, 240, 240] > 10_000


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


PLOTLY = (  # an output, of a kind that an extension renders
    "from IPython.display import display\n"
    "chart = {'data': [{'type': 'bar', 'y': list(range(1, n.value + 1))}], 'layout': {'title': {'text': f'{n.value}!'}}}\n"
    "if n.value > 3: display({'application/vnd.plotly.v1+json': chart, 'text/plain': 'a chart'}, raw=True)\n"
    "else: display({'application/vnd.nobody-renders+json': {}, 'text/plain': 'no chart'}, raw=True)"
)
VUE = (  # needs what another extension shares, and makes widgets as it is imported
    "if n.value > 4:\n    import ipyvuetify\n    display(ipyvuetify.Btn(children=['vue']))"
)


def visits(browser: Browser, server: Server) -> tuple[Page, list[str], list[str]]:
    """A new visitor's page, the extensions of which it asks for scripts beyond the first, and what goes wrong on it."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []

    def note(request: Request) -> None:
        found = re.search(r"/labextensions/([^@].*?)/static/(?!remoteEntry)", request.url)
        asked.extend([found[1]] if found and found[1] not in asked else [])

    page.on("request", note)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(server.url)
    expect(page.get_by_role("button", name="counted 10")).to_be_visible()
    return page, asked, wrong


def learns(server: Server) -> None:
    """Wait until a server has learnt from its first page which scripts one needs: soon, and then for good."""
    folders = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    until(lambda: list(folders.glob(f"nbapp-{server.process.pid}-*/bundle/voila.*.js")), "nothing was learnt")
    time.sleep(sum(_PAUSES))


def test_a_page_loads_at_once_what_the_first_one_used_and_the_rest_when_it_shows_something_of_it(
    serve: Serve, notebook: Callable[..., Path], browser: Browser
) -> None:
    server = serve(notebook(SLIDER, COUNTER, PLOTLY.replace("vnd.nobody-renders+json", "json"), VUE), "--base-url=/a/b")
    first, asked, wrong = visits(browser, server)
    assert asked == ["anywidget"]
    learns(server)
    first.locator(".noUi-handle").press("ArrowRight")
    expect(first.locator(".js-plotly-plot .gtitle").first).to_have_text("4!")
    assert asked == ["anywidget", "jupyterlab-plotly"]
    first.locator(".noUi-handle").press("ArrowRight")
    expect(first.locator(".js-plotly-plot .gtitle").first).to_have_text("5!")
    expect(first.locator("button.v-btn")).to_have_text("vue")
    assert {*asked} == {"anywidget", "jupyterlab-plotly", "jupyter-vuetify", "jupyter-vue"}
    first.context.close()
    second, asked, more = visits(browser, server)
    assert asked == []  # it is in the one script
    second.locator(".noUi-handle").press("ArrowRight")
    expect(second.locator(".js-plotly-plot .gtitle").first).to_have_text("4!")
    assert asked == ["jupyterlab-plotly"]
    second.context.close()
    assert wrong + more == []


def test_a_kind_of_output_that_no_extension_renders_is_shown_as_the_text_that_it_has_besides(
    serve: Serve, notebook: Callable[..., Path], browser: Browser
) -> None:
    page, asked, wrong = visits(browser, serve(notebook(SLIDER, COUNTER, PLOTLY)))
    expect(page.get_by_text("no chart")).to_be_visible()
    assert {"jupyterlab-plotly", "jupyter-vuetify", "bqplot"} <= {*asked}  # each was looked at
    page.locator(".noUi-handle").press("ArrowRight")
    expect(page.locator(".js-plotly-plot .gtitle").first).to_have_text("4!")
    page.context.close()
    assert wrong == []
