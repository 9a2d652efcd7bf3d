"""The served page of the matrix: what people use is drawn, and the page reports no error.

Here and not beside the others, because one process can have one Playwright.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE
from tests.matrix.cells import CELLS
from tests.matrix.test_matrix import here, without, written  # noqa: F401 -- a fixture

NOT_SERVED = ("help", "altair")  # altair loads its code from elsewhere


@pytest.mark.browser
def test_served(serve: Callable[..., Any], page: Page, tmp_path: Path) -> None:
    path = tmp_path / "book.ipynb"
    nbformat.write(written(without(NOT_SERVED, CELLS), "'first'"), path)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(serve(path).url)
    for text in ("in a thread", "script 42", "from bash", "careful", "second", "bold", "awaited", "mine"):
        expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.get_by_text("Click to show javascript error")).to_have_count(0)
    expect(page.locator(".bqplot").first).to_be_attached(timeout=PATIENCE * 1000)
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=PATIENCE * 1000)
    assert page.locator("img[src^='data:image/png']").count() >= 7
    assert said == []
