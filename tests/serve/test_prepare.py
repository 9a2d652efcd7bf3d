"""A notebook file becomes what is served, or one line says why not."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbapp.errors import UsageError
from nbapp.serve.prepare import is_run, kernel, prepare, read

PYTHON = {"python3": {"spec": {"language": "python", "display_name": "Python 3", "argv": []}}}
R = {"ir": {"spec": {"language": "R", "display_name": "R", "argv": []}}}


def write(folder: Path, *cells: dict[str, Any], minor: int = 5, **metadata: Any) -> Path:
    path = folder / "sales.ipynb"
    path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": cells}), encoding="utf-8"
    )
    return path


def code(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


def text(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}, **more}


def test_a_cell_that_is_far_too_long_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """Pages that follow the file showed nothing for minutes. Texts may hold pictures."""
    long = "x" * 10_000_001
    prepare(write(tmp_path, text(long), code(long[:-1])), PYTHON)
    with pytest.raises(UsageError, match=r"code cell 2 has 10 million characters.*put the data into a file"):
        prepare(write(tmp_path, code(""), code(long)), PYTHON)


def test_cells_without_ids_get_the_same_ones_at_every_reading(tmp_path: Path) -> None:
    path = write(tmp_path, code("a = 1"), code("a = 1"), code(["b = 2\n", "b"]), minor=4)
    first, second = read(path), read(path)
    ids = [cell.id for cell in first.cells]
    assert ids == [cell.id for cell in second.cells]
    assert len(set(ids)) == 3
    assert first.cells[2].source == "b = 2\nb"


def test_an_inserted_cell_leaves_the_ids_of_the_others(tmp_path: Path) -> None:
    before = {cell.source: cell.id for cell in read(write(tmp_path, code("a"), code("b"), minor=2)).cells}
    after = {cell.source: cell.id for cell in read(write(tmp_path, code("new"), code("a"), code("b"), minor=2)).cells}
    assert before.items() <= after.items()


def test_given_ids_stay_and_a_second_cell_of_the_same_id_gets_its_own(tmp_path: Path) -> None:
    cells = read(write(tmp_path, code("a", id="one"), code("b", id="one"), code("c", id="not an id"))).cells
    assert cells[0].id == "one"
    assert len({cell.id for cell in cells}) == 3
    nbformat.validate(read(write(tmp_path, code("a", id="x"), code("b", id="x"))))


def test_saved_outputs_are_left_out_however_broken_and_the_file_is_not_touched(tmp_path: Path) -> None:
    path = write(tmp_path, code("a", id="one", outputs=[{"what": "is this"}], execution_count=7))
    before = path.read_bytes()
    cell = read(path).cells[0]
    assert (cell.outputs, cell.execution_count) == ([], None)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "x.ipynb is empty: write a cell in it and save it"),
        ('{"cells": [\n  1,,', "invalid JSON at line 2, column 5"),
        ("[]", "no nbformat"),
        ("{}", "no nbformat"),
        ('{"nbformat": 3, "worksheets": []}', "nbformat 3.*jupyter nbconvert"),
        ('{"nbformat": 5, "cells": []}', "not a notebook of nbformat 4"),
        ('{"nbformat": 4, "cells": 3}', "not a notebook of nbformat 4"),
        ('{"nbformat": 4, "cells": [3]}', "not a notebook of nbformat 4"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "not a valid notebook"),
        ('{"nbformat": 4, "cells": [{"cell_type": "song", "source": ""}]}', "not a notebook of nbformat 4"),
        ('{"nbformat": 4, "cells": [], "metadata": {"a": %s}}' % ("1" * 5000), "not a notebook: Exceeds the limit"),
        (
            '{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "# \\ud83d"}]}',
            "half a character, '.ud83d'.*delete it",
        ),
    ],
)
def test_what_is_no_notebook_is_refused_in_one_line(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(content)
    with pytest.raises(UsageError, match=says) as refused:
        read(path)
    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read(tmp_path / "missing.ipynb")
    with pytest.raises(UsageError, match="is a folder"):
        read(tmp_path)
    (tmp_path / "latin.ipynb").write_bytes(b'{"\xe9": 1}')
    with pytest.raises(UsageError, match="not UTF-8"):
        read(tmp_path / "latin.ipynb")


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = write(tmp_path, code("a"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(path).cells[0].source == "a"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
KINDS = st.sampled_from(["code", "markdown", "raw"])


@given(
    cells=st.lists(
        st.fixed_dictionaries(
            {"cell_type": KINDS | VALUES, "source": st.text(max_size=20) | VALUES},
            optional=dict.fromkeys(("metadata", "outputs", "id", "attachments", "execution_count"), VALUES),
        )
        | VALUES,
        max_size=4,
    ),
    more=st.fixed_dictionaries({}, optional={"metadata": VALUES, "nbformat_minor": VALUES, "cells": VALUES}),
)
def test_whatever_is_in_the_file_it_is_a_valid_notebook_or_refused(cells: list[Any], more: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.ipynb")
        path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": cells, **more}), encoding="utf-8")
        try:
            notebook = prepare(path, PYTHON).notebook
        except UsageError as refused:
            assert "\n" not in str(refused)  # noqa: PT017 -- both ends are right
        else:
            nbformat.validate(notebook)


@pytest.mark.parametrize(
    ("metadata", "specs", "name"),
    [
        ({}, PYTHON, "python3"),
        ({"kernelspec": {"name": "python3", "display_name": "Python 3"}}, PYTHON, "python3"),
        ({"kernelspec": {"name": "gone", "display_name": "Gone", "language": "python"}}, PYTHON | R, "python3"),
        ({"kernelspec": {"name": "mine", "display_name": "Mine"}}, PYTHON | {"mine": PYTHON["python3"]}, "mine"),
        ({"language_info": {"name": "python"}}, {"conda": PYTHON["python3"]}, "conda"),
    ],
)
def test_a_python_kernel_is_found(tmp_path: Path, metadata: dict[str, Any], specs: dict[str, Any], name: str) -> None:
    path = write(tmp_path, **metadata)
    assert kernel(path, read(path), specs)["name"] == name


@pytest.mark.parametrize(
    ("metadata", "specs", "says"),
    [
        ({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, PYTHON | R, "a notebook in R"),
        ({"kernelspec": {"name": "ir", "display_name": "R"}}, PYTHON | R, "a notebook in R"),
        ({"language_info": {"name": "julia"}}, PYTHON, "a notebook in julia"),
        ({}, R, "pip install ipykernel"),
    ],
)
def test_without_a_python_kernel_it_is_refused(
    tmp_path: Path, metadata: dict[str, Any], specs: dict[str, Any], says: str
) -> None:
    path = write(tmp_path, **metadata)
    with pytest.raises(UsageError, match=says):
        kernel(path, read(path), specs)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("# Sales of *2026*", "Sales of 2026"),
        ("Some text\n\n# The `n` [largest](http://x) #\nmore", "The n largest"),
        ("Underlined *title*\n===\ntext", "Underlined title"),
        ("## Only a part", "sales"),
        ("## A part\n\n# After all", "After all"),
        ("```\n# a comment\n```\n# After", "After"),
        ("#hashtag", "sales"),
        ("no heading", "sales"),
    ],
)
def test_the_title_is_the_first_heading_of_the_first_level_or_the_files_name(
    tmp_path: Path, source: str, title: str
) -> None:
    path = write(tmp_path, code("# no heading: code"), text(source))
    assert prepare(path, PYTHON).title == title
    assert prepare(path, PYTHON, "Mine").title == "Mine"


def test_only_pictures_in_the_folder_that_texts_show_are_listed(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path.parent / "outside.png").touch()
    for name in ("a.png", "pictures/b c.svg", "d.png", "notes.txt", "other.ipynb"):
        (tmp_path / name).touch()
    source = (
        "![a](a.png) ![](./pictures/b%20c.svg) [n](notes.txt) [o](other.ipynb) ![](../outside.png)"
        ' ![](missing.png) <img src="d.png"> ![](http://x/a.png) ![](/etc/passwd.png) ![](a%00.png)'
    )
    path = write(tmp_path, text(source), code("# ![](notes.png)"))
    assert prepare(path, PYTHON).files == {"a.png", "pictures/b c.svg", "d.png"}


def test_empty_cells_and_those_tagged_to_be_skipped_take_no_part(tmp_path: Path) -> None:
    tagged = code("c", metadata={"tags": ["skip-execution"]})
    cells = read(write(tmp_path, code("a"), code(" \n"), text("b"), tagged)).cells
    assert [is_run(cell) for cell in cells] == [True, False, False, False]
