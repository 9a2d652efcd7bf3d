"""`nbapp export` and `nbapp run -o`: a page in one file, on paper, and one for each combination of values."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

from tests.commands import NBAPP, PATIENCE

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CELLS = (
    "# Sales of $x^2$\n\n![a dot](dot.png)",
    "import ipywidgets as w\nn = w.IntSlider(3, max=20, description='Number')\n"
    "region = w.Dropdown(options=['North', 'East'], description='Region')\nw.VBox([n, region])",
    "print('sold', n.value * 2, region.value)",
    "from IPython.display import HTML, Math, display\ndisplay(Math(r'\\frac{a}{b}'), HTML('<script>document.title += \"!\"</script>'))",
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell(text) if text.startswith("# ") else v4.new_code_cell(text) for text in CELLS]
    cells[2].metadata.tags = ["tab=Results"]
    (tmp_path / "dot.png").write_bytes(PICTURE)
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "sales.ipynb")
    return tmp_path / "sales.ipynb"


def nbapp(*arguments: object, cwd: Path, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [*NBAPP, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=3 * PATIENCE, cwd=cwd, check=False, env=environment
    )


def test_a_page_stands_by_itself(book: Path, browser: Browser) -> None:
    before = book.read_bytes()
    ran = nbapp("export", book, "--set", "n=12", "--set", "region=East", cwd=book.parent)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert book.read_bytes() == before
    page = browser.new_page(offline=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition(":")[0]))
    page.goto((book.parent / "sales.html").as_uri())
    assert page.title() == "Sales of x^2!"
    assert page.locator("main").inner_text().count("sold 24 East") == 1
    assert page.locator("h1 math").count() == page.locator(".jp-RenderedLatex mfrac").count() == 1
    assert page.get_by_role("tab", name="Results").get_attribute("aria-selected") == "true"
    assert page.locator(".nbapp-like-readout").inner_text() == "12"
    assert page.get_by_alt_text("a dot").evaluate("image => image.naturalWidth") == 1
    assert set(asked) <= {"file", "data"}
    page.close()


def test_one_report_for_each_combination(book: Path) -> None:
    ran = nbapp("run", book, "--set", "n=1,2", "--set", "region=East", "-o", "out/{n}.html", cwd=book.parent)
    assert ran.returncode == 0, ran.stderr
    texts = {path.name: path.read_text() for path in (book.parent / "out").iterdir()}
    assert {name: re.findall(r"sold \d+ \w+", text) for name, text in texts.items()} == {
        "1.html": ["sold 2 East"],
        "2.html": ["sold 4 East"],
    }


def test_a_combination_that_fails_leaves_the_others(book: Path) -> None:
    ran = nbapp("run", book, "--set", "n=1,many", "-o", "{n}.ipynb", cwd=book.parent)
    assert ran.returncode == 2
    assert "many.ipynb: failed" in ran.stderr
    assert (book.parent / "1.ipynb").exists()
    assert not (book.parent / "many.ipynb").exists()


@pytest.mark.browser
def test_a_page_is_printed(book: Path) -> None:
    assert nbapp("export", book, "-o", "sales.pdf", cwd=book.parent).returncode == 0
    assert (book.parent / "sales.pdf").read_bytes().startswith(b"%PDF-")


def test_without_a_browser_there_is_no_pdf_and_nothing_runs(book: Path) -> None:
    ran = nbapp(
        "export",
        book,
        "-o",
        "sales.pdf",
        cwd=book.parent,
        environment={**os.environ, "PATH": str(Path(sys.executable).parent)},
    )
    assert ran.returncode == 2
    assert "printed by Chromium, Chrome or Edge, and there is none: install one" in ran.stderr


@pytest.mark.parametrize(
    ("out", "says"), [("sales.ipynb", "is the notebook itself"), ("sales.docx", "let it end with .ipynb, .html, .pdf")]
)
def test_a_file_that_cannot_be_is_refused(book: Path, out: str, says: str) -> None:
    before = book.read_bytes()
    ran = nbapp("export", book, "-o", out, cwd=book.parent)
    assert (ran.returncode, says in ran.stderr) == (2, True), ran.stderr
    assert book.read_bytes() == before
