"""Save the notebook, and open pages show it: values, views and the focus stay; what cannot be read is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE, Serve, Server
from tests.e2e.test_serve import step, visit

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)

SLIDER = "import ipywidgets as w\nx = w.IntSlider(3, description='how many')\nx"
SLOW = "with open('ran', 'a') as file: file.write('x')"
Cells = dict[str, str]
START: Cells = {
    "title": "# A title",
    "slider": SLIDER,
    "slow": SLOW,
    "shown": "print('x is', x.value)",
    "end": "# The end",
}


def save(path: Path, cells: Cells) -> Path:
    """Write a notebook with these cells, as an editor that keeps their ids."""
    notebook = new_notebook()
    for name, source in cells.items():
        cell = new_markdown_cell(source) if source.startswith("#") else new_code_cell(source)
        cell.id = name
        notebook.cells.append(cell)
    written = path.with_suffix(".new")
    nbformat.write(notebook, written)
    written.replace(path)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return save(tmp_path / "app.ipynb", START)


def opened(page: Page, server: Server) -> None:
    """Open the app and move its slider once."""
    visit(page, server.url)
    step(page)
    expect(page.get_by_text("x is 4")).to_be_visible()


def test_what_is_saved_is_shown_and_values_views_and_the_focus_stay(serve: Serve, path: Path, page: Page) -> None:
    opened(page, serve(path, "--watch"))
    page.evaluate("document.activeElement.kept = document.querySelector('h1').kept = true")
    save(
        path,
        {
            "title": "# A title",
            "slider": SLIDER,
            "new": "y = w.Text('typed', description='new')\ny",
            "text": "## In between, with $x^2$",
            "slow": SLOW,
            "shown": "print('now x is', x.value, y.value)",
        },
    )
    expect(page.get_by_text("now x is 4 typed")).to_be_visible()
    expect(page.get_by_role("heading", name="In between")).to_be_visible()
    expect(page.locator("h2 mjx-container")).to_have_count(1)
    expect(page.get_by_role("heading", name="The end")).to_have_count(0)
    assert page.evaluate("document.activeElement.kept && document.querySelector('h1').kept")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("now x is 5 typed")).to_be_visible()
    page.get_by_role("textbox", name="new").fill("more")
    page.keyboard.press("Enter")
    expect(page.get_by_text("now x is 5 more")).to_be_visible()
    order = page.locator("main .jp-Cell").evaluate_all("cells => cells.map(cell => cell.id)")
    assert order == [f"cell-id={name}" for name in ("title", "slider", "new", "text", "slow", "shown")]
    assert (path.parent / "ran").read_text() == "x"  # it was not touched


def test_cells_that_change_places_and_texts_that_change_do_so(serve: Serve, path: Path, page: Page) -> None:
    server = serve(path, "--watch")
    opened(page, server)
    save(path, {"end": "# Another end", "slider": SLIDER, "shown": START["shown"], "slow": SLOW, "title": "# A title"})
    expect(page.get_by_role("heading", name="Another end")).to_be_visible()
    order = page.locator("main .jp-Cell").evaluate_all("cells => cells.map(cell => cell.id)")
    assert order == [f"cell-id={name}" for name in ("end", "slider", "shown", "slow", "title")]
    step(page)
    expect(page.get_by_text("x is 5")).to_be_visible()
    expect(page).to_have_title("Another end")


def test_a_broken_save_is_told_to_the_author_and_the_app_goes_on(serve: Serve, path: Path, page: Page) -> None:
    server = serve(path, "--watch")
    opened(page, server)
    path.write_text("{ broken")
    told = page.get_by_role("alert").filter(has_text="What was saved is not shown")
    expect(told).to_contain_text("is not a notebook")
    step(page)
    expect(page.get_by_text("x is 5")).to_be_visible()
    save(path, {**START, "shown": "print('mended', x.value)"})
    expect(page.get_by_text("mended 5")).to_be_visible()
    expect(told).to_be_hidden()


def test_a_cell_that_fails_after_an_edit_is_mended_by_the_next(serve: Serve, path: Path, page: Page) -> None:
    opened(page, serve(path, "--watch"))
    save(path, {**START, "shown": "print(x.valu)"})
    expect(page.get_by_text("AttributeError").first).to_be_visible()
    save(path, {**START, "shown": "print('again', x.value)"})
    expect(page.get_by_text("again 4")).to_be_visible()
    expect(page.get_by_text("AttributeError")).to_have_count(0)


def test_visitors_hear_nothing_of_a_broken_save_and_get_the_next_version(serve: Serve, path: Path, page: Page) -> None:
    server = serve(path, "--watch", "--public")
    opened(page, server)
    path.write_text("{ broken")
    page.wait_for_timeout(2000)
    expect(page.get_by_role("alert").filter(has_text="saved")).to_have_count(0)
    assert "the version before is served" in server.output
    save(path, {**START, "shown": "print('mended', x.value)"})
    expect(page.get_by_text("mended 4")).to_be_visible()


def test_a_save_while_the_first_run_is_under_way_is_shown_after_it(
    serve: Serve, path: Path, page: Page, tmp_path: Path
) -> None:
    save(path, {**START, "slow": "import os, time\nwhile not os.path.exists('go'): time.sleep(0.05)"})
    page.goto(serve(path, "--watch").url)
    expect(page.get_by_text("is starting: cell 2 of 3")).to_be_visible()
    save(path, {**START, "shown": "print('the newest', x.value)"})
    (tmp_path / "go").touch()
    expect(page.get_by_text("the newest 3")).to_be_visible()


def test_an_app_that_begins_with_a_text_alone_gets_its_first_cells(serve: Serve, path: Path, page: Page) -> None:
    save(path, {"title": "# A title"})
    page.goto(serve(path, "--watch").url)
    expect(page.locator("main[aria-busy]")).to_have_count(0)
    save(path, START)
    expect(page.get_by_text("x is 3")).to_be_visible()
    step(page)
    expect(page.get_by_text("x is 4")).to_be_visible()


def test_without_watch_an_open_page_stays_and_a_new_one_is_new(
    serve: Serve, path: Path, page: Page, notebook: Callable[..., Path]
) -> None:
    server = serve(path, "--no-watch")
    opened(page, server)
    save(path, {**START, "shown": "print('edited', x.value)"})
    page.wait_for_timeout(2000)
    step(page)
    expect(page.get_by_text("x is 5")).to_be_visible()
    page.goto(server.url)
    expect(page.get_by_text("edited 3")).to_be_visible()


def test_a_view_that_a_link_asked_for_stays_when_the_notebook_is_saved(serve: Serve, path: Path, page: Page) -> None:
    server = serve(path, "--watch")
    visit(page, f"{server.url}?x=7")
    expect(page.get_by_text("x is 7")).to_be_visible()
    save(path, {**START, "shown": "print('now x is', x.value)"})
    expect(page.get_by_text("now x is 7")).to_be_visible()
    assert page.url.endswith("?x=7")
    step(page)
    expect(page.get_by_text("now x is 8")).to_be_visible()
    page.wait_for_url("**/?x=8")


def test_in_a_folder_what_is_saved_is_shown_and_the_index_has_what_is_there(
    serve_anywhere: Serve, path: Path, page: Page
) -> None:
    server = serve_anywhere(path.parent, "--watch")
    visit(page, f"{server.url}app/app/")
    step(page)
    expect(page.get_by_text("x is 4")).to_be_visible()
    save(path, {**START, "shown": "print('now x is', x.value)"})
    expect(page.get_by_text("now x is 4")).to_be_visible()
    save(path.parent / "other.ipynb", {**START, "title": "# Another"})
    page.goto(server.url)
    expect(page.get_by_role("link")).to_have_text(["A title", "Another"])
    (path.parent / "other.ipynb").unlink()
    page.reload()
    expect(page.get_by_role("link")).to_have_text(["A title"])
