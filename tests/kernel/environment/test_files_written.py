"""Files that cells write: what is read below is what the cell above wrote, whatever the file was before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.book import SLIDER, Book, book_in

FOLDER = "d.mkdir(exist_ok=True)\nfor i in range(n.value): (d / str(i)).write_text('x')"
WRITTEN = {
    "text": ("open('p.txt', 'w').write(str(n.value))", "int(open('p.txt').read())"),
    "a table": (
        "import pandas as pd\npd.DataFrame({'a': [n.value]}).to_csv('d.csv')",
        "int(pd.read_csv('d.csv').a[0])",
    ),
    "JSON": ("import json\njson.dump(n.value, open('c.json', 'w'))", "json.load(open('c.json'))"),
    "a folder": (
        f"import pathlib, shutil\nshutil.rmtree('dd', ignore_errors=True); d = pathlib.Path('dd')\n{FOLDER}",
        "len(list(d.iterdir()))",
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def book(folder: Path) -> Iterator[Book]:
    with book_in(folder) as book:
        yield book


@pytest.mark.parametrize("cells", WRITTEN.values(), ids=WRITTEN)
def test_a_file_that_held_already_what_a_cell_writes_is_written_by_it(
    book: Book, folder: Path, cells: tuple[str, str]
) -> None:
    writes, reads = cells
    with book_in(folder) as earlier:  # yesterday's session in the same folder
        earlier.open(SLIDER, writes)
    book.open(SLIDER, writes, f"print({reads})")
    for value in (5, 1, 5, 5, 1, 1, 3, 1):
        assert book.set("n", value).text(2) == f"{value}\n"


def test_an_edit_above_a_cell_that_wrote_the_same_shows_what_that_cell_writes(book: Book) -> None:
    book.open(
        SLIDER, "open('p.txt', 'w').write('1')", "open('p.txt', 'w').write(str(n.value))", "print(open('p.txt').read())"
    )
    assert book.text(3) == "1\n"
    assert book.edit(1, "open('p.txt', 'w').write('7')").run().text(3) == "1\n"
    assert book.set("n", 2).text(3) == "2\n"


@pytest.mark.parametrize("opens", ["fh = open('h.txt', 'w')", "import csv\nraw = open('h.txt', 'w'); fh = raw"])
def test_a_file_that_several_cells_write_through_one_handle_is_written_again(book: Book, opens: str) -> None:
    book.open(SLIDER, opens, "fh.write('x' * n.value);", "fh.write('y'); fh.close()", "print(open('h.txt').read())")
    for value in (3, 1, 3):
        assert book.set("n", value).text(4) == "x" * value + "y\n"


def test_an_array_that_lies_in_a_file_changes_it(book: Book) -> None:
    made = "import numpy as np\nlies = np.memmap('m.dat', mode='w+', dtype='u1', shape=3)"
    book.open(
        SLIDER, made, "if n.value > 1: lies[0] = n.value; lies.flush()", "print(np.fromfile('m.dat', 'u1').tolist())"
    )
    assert book.text(3) == "[0, 0, 0]\n"
    assert book.set("n", 5).text(3) == "[5, 0, 0]\n"
    assert book.set("n", 1).text(3) == "[0, 0, 0]\n"


TAKEN_AWAY = {
    "if it is there": "import os\nif os.path.exists('log.csv'): os.remove('log.csv')",
    "by a program": "!rm -f log.csv",
    "with its folder": "import os, shutil\nshutil.rmtree('logs', ignore_errors=True); os.makedirs('logs')",
}


@pytest.mark.parametrize("takes_away", TAKEN_AWAY.values(), ids=TAKEN_AWAY)
def test_a_file_that_is_taken_away_above_the_cells_that_add_to_it_begins_anew(book: Book, takes_away: str) -> None:
    path = "logs/log.csv" if "logs" in takes_away else "log.csv"
    adds = f"with open('{path}', 'a') as file: print("
    book.open(
        SLIDER, takes_away, f"{adds}n.value, file=file)", f"{adds}'end', file=file)", f"print(open('{path}').read())"
    )
    for value in (1, 5, 3, 3, 1):
        assert book.set("n", value).text(4) == f"{value}\nend\n\n"
