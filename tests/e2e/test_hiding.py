"""What tags and folded cells hide from a page: it runs all the same, it can be opened or not, and an error is seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE, Serve, Server
from tests.e2e.test_layout import SLIDER, save
from tests.e2e.test_serve import step, visit

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)

CELLS: tuple[tuple[str, ...], ...] = (
    (SLIDER,),
    ("cell = x.value\nprint('removed cell', x.value)", "remove-cell"),
    ("under = x.value\nprint('removed underscore', x.value)", "remove_cell"),
    ("skipped = x.value\nprint('skipped', x.value)", "skip"),
    ("gone = x.value\nprint('removed output', x.value)", "remove-output"),
    ("never = 1", "skip-execution"),
    ("print('sum', cell + under + skipped + gone, 'never' in dir())",),
    ("print('folded cell', x.value)", "hide-cell"),
    ("print('folded output', x.value)", "hide-output"),
    ("print('with folded code', x.value)  # fold", "hide-input"),
    ("print('without code', x.value)  # remove", "remove-input"),
    ("quiet = 1", "hide-output"),
    ("# A text that is gone", "remove-cell"),
    ("# A text that is folded", "hide-cell"),
)


def folded(path: Path, number: int, **metadata: Any) -> None:
    """Write metadata into a cell, as JupyterLab does."""
    content = json.loads(path.read_text())
    content["cells"][number]["metadata"].update(metadata)
    path.write_text(json.dumps(content))


FAILS = "print('still removed')\nif x.value > 3: raise ValueError('too many')\ny = x.value"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("apps")
    save(root / "cells.ipynb", CELLS)
    save(root / "fails.ipynb", ((SLIDER,), (FAILS, "remove-cell"), ("print('y is', y)",)))
    cells = ((SLIDER,), ("print('lab', x.value)",), ("print('old', x.value)",), ("print('raw')",), ("print('end')",))
    path = save(root / "folded.ipynb", cells)
    folded(path, 1, jupyter={"outputs_hidden": True, "source_hidden": True})
    folded(path, 2, collapsed=True)
    content = json.loads(path.read_text())
    content["cells"][3] = {"cell_type": "raw", "id": "raw", "metadata": {}, "source": "a raw text"}
    path.write_text(json.dumps(content))
    return root


@pytest.fixture(scope="module")
def apps(serve_anywhere: Serve, folder: Path) -> Server:
    return serve_anywhere(folder)


@pytest.fixture(scope="module")
def with_code(serve_anywhere: Serve, folder: Path) -> Server:
    return serve_anywhere(folder, "--show-code")


def test_a_hidden_cell_runs_and_what_is_folded_can_be_opened_and_later_visitors_get_at_once_nothing_that_is_removed(
    apps: Server, page: Page
) -> None:
    visit(page, f"{apps.url}app/cells/")
    expect(page.get_by_text("sum 12 False")).to_be_visible()
    visit(page, f"{apps.url}app/cells/")
    recorded = page.evaluate("document.documentElement.outerHTML")
    assert "nbapp.show(" in recorded
    assert "removed" not in "".join(line for line in recorded.splitlines() if "nbapp.show(" in line)
    step(page)
    expect(page.get_by_text("sum 16 False")).to_be_visible()
    for gone in ("removed cell", "removed underscore", "skipped", "removed output"):
        expect(page.get_by_text(gone)).not_to_be_visible()
    expect(page.get_by_text("A text that is gone")).to_have_count(0)
    for shown in ("with folded code 4", "without code 4"):
        expect(page.get_by_text(shown)).to_be_visible()
    doors = page.locator("summary:visible")
    expect(doors).to_have_text(["Details", "Output", "Details"])  # none for a cell that shows nothing
    for text in ("folded cell 4", "folded output 4", "A text that is folded"):
        expect(page.get_by_text(text)).to_be_hidden()
    for door in doors.all():
        door.click()
    for text in ("folded cell 4", "folded output 4", "A text that is folded"):
        expect(page.get_by_text(text)).to_be_visible()
    step(page)
    expect(page.get_by_text("folded output 5")).to_be_visible()


def test_with_code_shown_it_is_folded_or_left_out_as_its_tags_say(with_code: Server, page: Page) -> None:
    visit(page, f"{with_code.url}app/cells/")
    expect(page.get_by_text("without code 3")).to_be_visible()
    code = page.locator("main .jp-InputArea-editor")
    expect(code.filter(has_text="# remove")).to_have_count(0)
    expect(code.filter(has_text="removed cell")).to_have_count(0)
    expect(code.filter(has_text="removed output")).to_be_visible()
    expect(code.filter(has_text="# fold")).to_be_hidden()
    page.locator("summary", has_text="Code").click()
    expect(code.filter(has_text="# fold")).to_be_visible()
    numbered = page.locator("[data-nbapp-number]", has=page.locator(".jp-InputArea-editor", has_text="removed output"))
    number = numbered.evaluate("cell => getComputedStyle(cell, '::after').content.replace(/[\"' ]/g, '')")
    assert number == f"[{numbered.get_attribute('data-nbapp-number')}]"


def test_what_jupyterlab_and_notebook_fold_is_folded_and_raw_cells_are_left_out(with_code: Server, page: Page) -> None:
    visit(page, f"{with_code.url}app/folded/")
    expect(page.get_by_text("end", exact=True)).to_be_visible()
    expect(page.locator("summary:visible")).to_have_text(["Code", "Output", "Output"])
    expect(page.get_by_text("a raw text")).to_have_count(0)
    page.locator("summary").nth(2).click()
    expect(page.get_by_text("old 3")).to_be_visible()


def test_the_error_of_a_cell_that_is_removed_is_seen_and_goes_again(apps: Server, page: Page) -> None:
    visit(page, f"{apps.url}app/fails/")
    expect(page.get_by_text("y is 3")).to_be_visible()
    step(page)
    expect(page.get_by_text("too many").first).to_be_visible()
    expect(page.get_by_text("still removed", exact=True)).to_be_hidden()
    step(page, key="ArrowLeft")
    expect(page.get_by_text("too many")).to_have_count(0)
    expect(page.get_by_text("y is 3")).to_be_visible()
