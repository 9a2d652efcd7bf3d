"""Several notebooks behind one address, in real Chromium: the index, an app for each, and one room for all kernels."""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import PATIENCE, Serve, Server, until, write_notebook

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)

CELLS = (
    "# {title}\n\nWhat {title} is about.",
    "import ipywidgets as w\nn = w.IntSlider(3, max=30, description='Number')\nn",
    "print('{title} has', n.value)",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("books")
    for name in ("sales", "team/my board", "team/.ipynb_checkpoints/my board-checkpoint"):
        path = root / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_notebook(path, *(cell.format(title=path.stem.title()) for cell in CELLS))
    (root / "broken.ipynb").write_text("{", encoding="utf-8")
    if sys.platform != "darwin":  # which has no such names
        (root / os.fsdecode(b"r\xe9sum\xe9.ipynb")).write_text("{", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def server(folder: Path, serve_anywhere: Serve) -> Server:
    return serve_anywhere(folder, "--base-url", "/deep/", "--max-kernels", "1")


def shows(page: Page, words: str) -> None:
    page.locator("#loading").wait_for(state="detached")
    page.locator(".nbapp-item", has_text=words).wait_for()


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_index_leads_to_each_app_and_back_and_a_kernel_starts_only_when_one_is_opened(
    page: Page, server: Server, folder: Path
) -> None:
    page.goto(server.url.removesuffix("/deep/"))  # it leads there
    expect(page.get_by_role("heading", level=2)).to_have_text(["broken", "Sales", "My Board"])
    expect(page.get_by_role("link")).to_have_text(["Sales", "My Board"])
    expect(page.get_by_text("What Sales is about.")).to_be_visible()
    expect(page.locator(".nbapp-error")).to_contain_text("invalid JSON")
    assert server.kernels() == []
    assert violations(page) == []
    page.get_by_role("link", name="My Board").focus()
    page.keyboard.press("Enter")
    shows(page, "My Board has 3")
    assert page.evaluate("location.pathname") == "/deep/app/team/my%20board/"
    assert len(server.kernels()) == 1
    page.locator(".noUi-handle").press("ArrowRight")
    shows(page, "My Board has 4")
    page.wait_for_function("location.search === '?n=4'")
    page.get_by_role("link", name="All apps").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(folder.name)


def test_an_app_opens_at_its_own_address_and_takes_the_room_of_another_that_was_left(
    page: Page, server: Server
) -> None:
    other_spellings = ("app/s%61les/", "app/team/my%20board/", "app/team%2Fmy%20%62oard/", "app/t%65am/my%20board/")
    assert [status(f"{server.url}{path}healthz") for path in other_spellings] == [200] * 4
    page.goto(f"{server.url}app/sales?n=7")
    shows(page, "Sales has 7")
    assert len(server.kernels()) == 1  # the other app's gave way
    other = page.context.new_page()
    other.goto(f"{server.url}app/team/my%20board/")
    expect(other.get_by_role("heading", name="Please wait")).to_be_visible()
    page.close()
    shows(other, "My Board has 3")


def test_what_is_no_app_says_so_and_the_others_go_on(page: Page, server: Server, folder: Path) -> None:
    late = folder / f"late-{time.time_ns()}.ipynb"  # one that no run of this test has opened
    late.write_text("{", encoding="utf-8")
    try:
        asked = [status(f"{server.url}{path}") for path in ("healthz", "readyz", "app/none/", f"app/{late.stem}/")]
        assert asked == [200, 200, 404, 503]
        page.goto(f"{server.url}app/{late.stem}/")
        expect(page.get_by_role("heading")).to_have_text("This app cannot be opened at the moment")
        write_notebook(late, *(cell.format(title="Mended") for cell in CELLS))
        page.reload()
        shows(page, "Mended has 3")
    finally:
        late.unlink()


def test_a_folder_with_a_token_asks_for_it_once_and_ends_with_all_its_kernels(
    page: Page, serve: Serve, folder: Path
) -> None:
    server = serve(folder, "--token", "sesame")
    address = server.url.partition("?")[0]
    page.goto(f"{address}app/sales/")
    expect(page.get_by_role("heading")).to_have_text("This app opens with a link")
    page.goto(server.url)
    page.get_by_role("link", name="Sales").click()
    shows(page, "Sales has 3")
    page.goto(f"{address}app/team/my%20board/")
    shows(page, "My Board has 3")
    until(lambda: len(server.kernels()) == 2)
    assert server.stop() == 0


def test_the_author_of_a_notebook_without_a_widget_is_told_once_somebody_opens_it(
    tmp_path: Path, serve_anywhere: Serve
) -> None:
    write_notebook(tmp_path / "moves.ipynb", *CELLS[1:])
    write_notebook(tmp_path / "still.ipynb", "print(1)")
    server = serve_anywhere(tmp_path)
    assert [status(f"{server.url}app/{name}/healthz") for name in ("moves", "still")] == [200, 200]
    until(lambda: "still.ipynb names no widget" in server.output, "nobody was told")
    assert "moves.ipynb names no widget" not in server.output
