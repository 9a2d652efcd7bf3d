"""What can be downloaded, and what a button does in a kernel; pages are in tests/e2e/test_download.py."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import pandas as pd
import PIL.Image
import polars as pl
import pytest

from nbapp import ui
from nbapp.errors import UsageError
from nbapp.serve.page.downloads import sweep
from nbapp.testing import AppTest
from nbapp.ui.contents import write

FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def _pieces() -> Iterator[str | bytes]:
    yield "a\n"
    yield b"1\n"


@pytest.mark.parametrize(
    ("data", "name", "content"),
    [
        ("ä\r\n", "x.txt", "ä\r\n".encode()),
        (b"\0\1", "x.bin", b"\0\1"),
        (bytearray(b"ab"), "x.bin", b"ab"),
        (memoryview(b"ab"), "x.bin", b"ab"),
        (io.StringIO("text"), "x.txt", b"text"),
        (io.BytesIO(b"bytes"), "x.bin", b"bytes"),
        (_pieces(), "x.csv", b"a\n1\n"),
        (FRAME, "x.csv", b"a,b\n1,x\n2,y\n"),
        (FRAME.set_index("b"), "x.csv", b"b,a\nx,1\ny,2\n"),
        (pl.DataFrame({"a": [1]}), "x.csv", b"a\n1\n"),
        ({"a": [1, "ü"]}, "x.json", '{\n  "a": [\n    1,\n    "ü"\n  ]\n}'.encode()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_authors_have_is_written_as_its_name_says(tmp_path: Path, data: Any, name: str, content: bytes) -> None:
    write(data, tmp_path / "made", name)
    assert (tmp_path / "made").read_bytes() == content


def test_a_file_is_copied_and_stays(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("a")
    write(tmp_path / "mine.csv", tmp_path / "made", "x.csv")
    assert (tmp_path / "made").read_text() == (tmp_path / "mine.csv").read_text() == "a"


def test_figures_pictures_and_parquet_are_what_they_say(tmp_path: Path) -> None:
    figure = matplotlib.figure.Figure()
    figure.subplots().plot([1, 2])
    for data, name, begins in (
        (figure, "x.png", b"\x89PNG"),
        (figure, "x.pdf", b"%PDF"),
        (PIL.Image.fromarray(np.zeros((4, 4, 3), np.uint8)), "x.jpg", b"\xff\xd8"),
        (FRAME, "x.parquet", b"PAR1"),
    ):
        write(data, tmp_path / "made", name)
        assert (tmp_path / "made").read_bytes().startswith(begins), name


def test_what_cannot_be_written_is_told() -> None:
    with pytest.raises(UsageError, match=r"a complex cannot be downloaded as x\.csv: give text"):
        write(1j, Path("never"), "x.csv")


@pytest.mark.parametrize("name", ["", "..", "a/b.csv", "a\\b", "a:b", "a\nb", 'a"b'])
def test_a_name_that_is_none_is_told_when_the_button_is_made(name: str) -> None:
    with pytest.raises(UsageError, match="no name of a file"):
        ui.download("CSV", "x", name)


CELLS = (
    "import ipywidgets as w\nfrom nbapp import ui\nn = w.IntSlider(3)\nn",
    "rows = [str(row) for row in range(n.value)]\nname = ''.join(['out', '.csv'])",
    "button = ui.download('CSV', lambda: made.append(len(rows)) or 'a,' + ','.join(rows), name)\nbutton",
    "made = []",
)


def test_it_is_made_when_it_is_clicked_from_what_is_there_then(tmp_path: Path) -> None:
    """In a notebook without a server it is written beside it; the button stays the same widget."""
    with AppTest.from_cells(CELLS, cwd=tmp_path) as app:
        app.run()
        known = app.eval("button.model_id")
        assert not (tmp_path / "out.csv").exists()
        app.click("button")
        assert (tmp_path / "out.csv").read_text() == "a,0,1,2"
        assert app.widgets["button"].description == "CSV: written to out.csv"
        app.set("n", 2)
        app.click("button")
        assert (tmp_path / "out.csv").read_text() == "a,0,1"
        assert app.eval("made, button.model_id") == ([3, 2], known)


SERVED = "setattr(__import__('nbapp.ui.download', fromlist=['x']).OUTBOX, 'folder', __import__('pathlib').Path({!r}))"


def test_in_an_app_it_is_put_where_the_server_takes_it_and_no_cell_runs(tmp_path: Path) -> None:
    """One that fails says so; it is told as any error in a callback is."""
    failing = "failing = ui.download('CSV', lambda: 1 / 0, name)"
    cells = [*CELLS[:2], CELLS[2].replace("made.append(len(rows)) or ", ""), failing]
    with AppTest.from_cells(cells, cwd=tmp_path) as app:
        app.run()
        app.eval(SERVED.format(str(tmp_path / "outbox")))
        app.click("button")
        assert app.executed == ()
        folder = tmp_path / "outbox" / app.eval("button.model_id")
        told = json.loads((folder / "ready.json").read_text())
        assert (told["name"], (folder / told["file"]).read_text()) == ("out.csv", "a,0,1,2")
        app.click("failing")
        assert json.loads((tmp_path / "outbox" / app.eval("failing.model_id") / "ready.json").read_text()) == {}
    assert not (tmp_path / "out.csv").exists()


def test_what_kernels_left_that_are_gone_is_taken_away(tmp_path: Path) -> None:
    """A visitor may go away before the file has come."""
    sweep(tmp_path, ())
    for kernel in ("gone", "here"):
        (tmp_path / "outbox" / kernel / "button").mkdir(parents=True)
    sweep(tmp_path, {"here"})
    assert [each.name for each in (tmp_path / "outbox").iterdir()] == ["here"]
