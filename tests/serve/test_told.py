"""What the author of an app hears on the terminal: failed cells that visitors see one line of, and another kernel."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nbapp.core.notebook import CellError
from nbapp.kernel.common import author_log
from nbapp.kernel.common.author_log import ErrorLog
from tests.e2e.conftest import Serve, until, write_notebook
from tests.serve.test_routes import ask, kernel_of, ran

FAILS = (
    "import ipywidgets as w\nout = w.Output()\nout",
    "with out: raise LookupError('in the output')",
    "def divide(n):\n    return 1 / n\ndivide(0)",
)


@pytest.mark.parametrize("access", ["--public", "--token"])
def test_a_cell_that_fails_for_a_visitor_is_told_to_the_author(
    serve: Serve, notebook: Callable[..., Path], access: str
) -> None:
    server = serve(notebook(*FAILS), access)
    status, text, _ = ask(server.url)
    assert status == 200
    assert "ZeroDivisionError" not in text
    until(lambda: "cell 3 failed: ZeroDivisionError: division by zero" in server.output)
    until(lambda: "LookupError: in the output" in server.output)
    until(lambda: "in divide(n)" in server.output)


def test_a_cell_that_runs_too_long_says_so_to_a_visitor(serve: Serve, notebook: Callable[..., Path]) -> None:
    """One in which the author's own time is over fails as any other."""
    own = "if x.value < 0:\n    pass\nraise TimeoutError('of a server')"
    for cell, said in (
        ("import time\ntime.sleep(600)", "This took longer than a cell of this app may, and was stopped (cell 2)"),
        (own, "This could not be computed (cell 2)"),
    ):
        server = serve(
            notebook("import ipywidgets\nx = ipywidgets.IntSlider(3)\nx", cell), "--public", "--timeout", "1"
        )
        _, text, _ = ask(server.url)
        kernel, shown = kernel_of(text), ""
        while said not in shown:
            news = json.loads(ask(f"{server.url}nbapp/progress/{kernel}?since=0")[1])
            shown = json.dumps(news["shown"])
            assert said in shown or news["state"] == "under way", shown


def test_an_author_who_sees_the_traceback_in_the_page_gets_no_line(serve: Serve, notebook: Callable[..., Path]) -> None:
    server = serve(notebook(*FAILS))
    ran(server.url, ask(server.url)[1])
    server.stop()
    assert "failed" not in server.output


def test_a_kind_of_failure_is_told_with_its_traceback_once_and_then_at_most_once_in_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(author_log, "write", lines.append)
    now = [0.0]
    failures = ErrorLog(lambda: now[0])
    for number in range(100):
        failures.tell(2, CellError("ValueError", f"value {number}\x1b[2J\x07", ("\x1b[31mTraceback\x1b[0m",)))
    assert lines[0].startswith("nbapp: cell 2 failed: ValueError: value 0")
    assert lines[1:] == ["Traceback\n"]
    assert not any("\x1b" in line or "\x07" in line for line in lines)
    now[0] = 2.0
    failures.tell(2, CellError("ValueError", "again", ("Traceback",)))
    failures.tell(None, CellError("KeyError", "new", ()))
    assert lines[2:] == [
        "nbapp: cell 2 failed: ValueError: again (99 more failures were not told)\n",
        "nbapp: a callback failed: KeyError: new\n",
    ]


def test_another_kernel_than_the_notebooks_is_named_with_what_to_do(serve: Serve, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "app.ipynb", "1")
    path.write_text(path.read_text().replace('"python3"', '"conda-py39"'))
    server = serve(path)
    assert server.url
    assert "asks for the kernel conda-py39, which is not installed" in server.output
    assert "install conda-py39 or choose another kernel" in server.output


def test_a_pipe_in_the_notebooks_place_does_not_keep_the_server_waiting(
    serve: Serve, notebook: Callable[..., Path]
) -> None:
    path = notebook("# First title")
    server = serve(path)
    assert "First title" in ask(server.url)[1]
    path.unlink()
    os.mkfifo(path)
    assert "First title" in ask(server.url)[1]
    until(lambda: "is not a file" in server.output)
