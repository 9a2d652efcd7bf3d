"""Which notebooks of a folder are served, and what the index says of them."""

from __future__ import annotations

import base64
import json
import logging
import os
import sys
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from nbapp.errors import UsageError
from nbapp.serve.served_file import ServedFile
from nbapp.serve.several.notebooks import Notebooks
from nbapp.serve.several.summary import Summaries, summary
from nbapp.share.running import running
from tests.e2e.conftest import Serve, until, write_notebook
from tests.serve.test_routes import ask

PNG = b"\x89PNG\r\n\x1a\n picture"


def book(path: Path, *sources: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_notebook(path, *(sources or ("print(1)",)))


def test_notebooks_of_a_folder_have_their_paths_as_names_without_what_is_hidden(tmp_path: Path) -> None:
    for name in ("b", "A", "sub/deep/c", ".hidden", ".ipynb_checkpoints/b-checkpoint", "__pycache__/x", "venv/lib/y"):
        book(tmp_path / f"{name}.ipynb")
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    (tmp_path / "text.txt").touch()
    (tmp_path / "folder.ipynb").mkdir()
    assert list(Notebooks.of([tmp_path]).by_name()) == ["A", "b", "sub/deep/c"]
    book(tmp_path / "new.ipynb")
    assert "new" in Notebooks.of([tmp_path]).by_name()


def test_a_notebook_that_comes_or_goes_while_its_folder_is_served_is_listed_opened_and_known_to_share(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    first = book(tmp_path / "apps" / "first.ipynb")
    server = serve(first.parent)
    url = server.url

    def known() -> dict[str, str]:
        return {each.notebook: each.url for each in running()}

    until(lambda: known() == {str(first): f"{url}app/first/"})
    second = book(first.with_name("second.ipynb"), "print('second')")
    assert "second" in ask(url)[1]
    assert ask(f"{url}app/second/")[0] == 200
    until(lambda: known() == {str(first): f"{url}app/first/", str(second): f"{url}app/second/"})
    first.unlink()
    until(lambda: known() == {str(second): f"{url}app/second/"})
    server.stop()
    assert list((tmp_path / "runtime").glob("nbapp-*.json")) == []


def test_several_files_are_named_from_the_folder_that_they_share(tmp_path: Path) -> None:
    one, other = book(tmp_path / "a" / "one.ipynb"), book(tmp_path / "b" / "two words.ipynb")
    assert list(Notebooks.of([other, one]).by_name()) == ["a/one", "b/two words"]


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no such names")
def test_a_name_that_is_no_text_is_left_out_and_by_itself_refused(tmp_path: Path) -> None:
    book(tmp_path / "good.ipynb")
    odd = book(tmp_path / os.fsdecode(b"r\xe9sum\xe9.ipynb"))
    found = Notebooks.of([tmp_path])
    assert (list(found.by_name()), found.nameless()) == (["good"], [odd])
    with pytest.raises(UsageError, match="its name is no UTF-8 text: rename it"):
        ServedFile(odd, None, KernelSpecManager(), logging.getLogger("tests.several"))


def test_a_folder_without_notebooks_and_a_path_to_nothing_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no notebook in"):
        Notebooks.of([tmp_path])
    with pytest.raises(UsageError, match="no such file or folder"):
        Notebooks.of([tmp_path / "gone"])


def test_the_index_says_title_first_lines_and_has_a_picture_that_visitors_see(tmp_path: Path) -> None:
    path = book(tmp_path / "sales.ipynb", "# Sales *2026*\n\nHow **much** was sold.\n\nMore.", "plot()", "plot()")
    written = json.loads(path.read_text())
    for cell, picture in zip(written["cells"][1:], (b"\x89PNG hidden", PNG), strict=True):
        data = {"image/png": base64.b64encode(picture).decode()}
        cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    written["cells"][1]["metadata"]["tags"] = ["remove-output"]
    path.write_text(json.dumps(written))
    found = summary(path)
    assert (found.title, found.lines, found.still, found.error) == ("Sales 2026", "How much was sold.", PNG, "")


def test_a_broken_notebook_is_told_and_read_again_when_it_has_changed(tmp_path: Path) -> None:
    known, path = Summaries(), tmp_path / "broken.ipynb"
    path.write_text("<<<<<<< HEAD\n")
    assert "merge conflict" in known.of(path).error
    book(path, "# Mended")
    assert (known.of(path).title, known.of(path).error) == ("Mended", "")


@pytest.mark.parametrize(
    "output", [None, 7, {"data": 7}, {"data": {"image/png": "no base64!"}}, {"data": {"image/png": [1]}}]
)
def test_odd_outputs_are_no_picture(tmp_path: Path, output: object) -> None:
    path = book(tmp_path / "odd.ipynb")
    written = json.loads(path.read_text())
    written["cells"][0]["outputs"] = [output]
    path.write_text(json.dumps(written))
    assert summary(path).still is None
