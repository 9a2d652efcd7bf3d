"""The page of a kernel that ran the notebook ahead is like any other, and what it shows is of now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PATIENCE, Serve, Server, until
from tests.e2e.test_serve import cell, step, visit
from tests.serve.test_routes import kernel_of

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE * 1000)


def opened(page: Page, server: Server) -> str:
    """Open the app; the id of the page's kernel."""
    with page.expect_response(lambda response: response.url.rstrip("/") == server.url.rstrip("/")) as answer:
        visit(page, server.url)
    return kernel_of(answer.value.text())


def test_a_page_whose_kernel_was_ready_shows_the_data_of_now_and_its_slider_works(
    serve: Serve, notebook: Callable[..., Path], tmp_path: Path, browser: Browser
) -> None:
    data = tmp_path / "data.txt"
    data.write_text("old")
    server = serve(
        notebook(
            "import os, ipywidgets as w\nx = w.IntSlider(value=7, description='x')\nx",
            f"print('data', open({str(data)!r}).read(), 'in', os.getpid())",
            "print('x squared is', x.value ** 2)",
        ),
        *("--warm", "1", "--no-fork"),
    )
    context = browser.new_context()
    context.set_default_timeout(PATIENCE * 1000)
    first = context.new_page()
    one = opened(first, server)
    expect(cell(first, "data old")).to_be_visible()
    until(lambda: len(server.kernels()) == 2, "no kernel was made ready")
    (kept,) = set(server.kernels()) - {one}
    data.write_text("new")

    pages = []
    for _ in range(5):  # while it still runs the notebook, a page gets a kernel of its own
        page = context.new_page()
        pages.append(opened(page, server))
        if pages[-1] == kept:
            break
    assert pages[-1] == kept, pages
    expect(cell(page, "data new")).to_be_visible()
    step(page, 2)
    expect(cell(page, "x squared is 81")).to_be_visible()
    expect(cell(first, "x squared is 49")).to_be_visible()
    context.close()
