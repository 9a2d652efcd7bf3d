"""What the notebook sets on modules and classes of libraries, and what its own modules set, is process state."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nbapp.verify.check import differences
from tests.kernel.book import SLIDER, Book

PANDAS = "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})"


def write(folder: Path, name: str, source: str) -> None:
    """A module of the author's; each text is newer than the one before."""
    path = folder / f"{name}.py"
    seconds = path.stat().st_mtime + 1 if path.exists() else 1_000_000_000
    path.write_text(source)
    os.utime(path, (seconds, seconds))


SETS = {
    "a method of a class of a library": ("pd.DataFrame.total = lambda self: {} * self.a.sum()", "df.total()"),
    "a class imported by its name": (
        "from pandas import DataFrame\nDataFrame.total = lambda self: {} * self.a.sum()",
        "df.total()",
    ),
    "by setattr": ("setattr(pd.DataFrame, 'total', lambda self: {} * self.a.sum())", "df.total()"),
    "by setattr, with a name made there": (
        "for name in ['to' + 'tal']: setattr(pd.Series, name, lambda self: {} * self.sum())",
        "df.a.total()",
    ),
    "in a loop over classes": (
        "for kind in (pd.DataFrame, pd.Series): kind.total = lambda self: {} * len(self)",
        "df.total()",
    ),
    "in a function that is given the class": (
        "def add(kind, k):\n    kind.total = lambda self: k * len(self)\nadd(pd.DataFrame, {})",
        "df.total()",
    ),
    "an accessor": (
        "@pd.api.extensions.register_dataframe_accessor('extra')\nclass Extra:\n    def __init__(self, df): self.df = df\n"
        "    def total(self): return {} * len(self.df)",
        "df.extra.total()",
    ),
    "a number of a module": ("import math\nmath.tau = {}", "math.tau"),
    "a function of a module": ("import statistics\nstatistics.mean = lambda values: {}", "statistics.mean([1, 2])"),
    "a settings object of a library": (
        "import decimal\ndecimal.DefaultContext.prec = {} + 1",
        "decimal.Context().prec",
    ),
    "a note on a constant": ("import http\nhttp.HTTPStatus.OK.note = {}", "http.HTTPStatus(200).note"),
    "a note on a constant that has a name": (
        "from http import HTTPStatus as Status\nok = Status.OK\nok.note = {}",
        "Status.OK.note",
    ),
    "a note on all constants": (
        "from http import HTTPStatus\nfor each in HTTPStatus: each.note = {}",
        "HTTPStatus.NOT_FOUND.note, HTTPStatus.OK.note",
    ),
    "what constants say": ("import http\nhttp.HTTPStatus.OK.phrase = '{}'", "http.HTTPStatus.OK.phrase"),
    "a deleted one": ("import statistics as st\nif {} > 2: del st.fmean", "hasattr(st, 'fmean')"),
}


@pytest.mark.parametrize(("change", "seen"), SETS.values(), ids=SETS)
def test_what_is_set_on_a_library_is_seen_below_and_undone(book: Book, change: str, seen: str) -> None:
    book.open(PANDAS, change.format(2), f"print({seen})")
    first = book.text(2)
    second = book.edit(1, change.format(5)).run().text(2)
    assert (book.error, first != second, differences(book.app)) == (None, True, [])
    assert book.edit(1, change.format(2)).run().text(2) == first
    book.delete(1)
    assert (book.run().text(1) != second, differences(book.app)) == (True, [])
    assert book.insert(1, change.format(5)).run().text(2) == second


def test_what_a_slider_sets_on_a_library_follows_it_and_comes_back(book: Book) -> None:
    book.open(
        f"{SLIDER}\n{PANDAS}", "pd.DataFrame.total = lambda self, k=n.value: k * self.a.sum()", "print(df.total())"
    )
    assert book.set("n", 4).text(2) == "12\n"
    assert book.set("n", 1).text(2) == "3\n"
    assert book.set("n", 1).executed == ()


def test_a_note_on_a_constant_is_one_note_whichever_name_leads_to_it(book: Book) -> None:
    sets = ["import http\nhttp.HTTPStatus.OK.note = 1", "Status = http.HTTPStatus\nStatus.OK.note = 2"]
    leaves = ["import http", "Status = http.HTTPStatus"]
    book.open(SLIDER, *sets, "print(getattr(http.HTTPStatus.OK, 'note', None))")
    assert book.text(3) == "2\n"
    assert book.edit(2, leaves[1]).run().text(3) == "1\n"
    assert book.edit(1, leaves[0]).run().text(3) == "None\n"
    assert book.edit(2, sets[1]).run().text(3) == "2\n"
    assert book.edit(1, sets[0]).edit(2, leaves[1]).run().text(3) == "1\n"
    assert book.edit(1, leaves[0]).run().text(3) == "None\n"


def test_attributes_of_the_notebooks_own_objects_are_no_process_state(book: Book) -> None:
    sources = f"{SLIDER}\n{PANDAS}", "df.columns = ['b']\nclass A: pass\na = A(); a.value = n.value", "y = df.b.sum()"
    book.open(*sources)
    assert set(book.set("n", 3).executed) <= {0, 1}  # the frame is made again, or copied
    assert set(book.set("n", 4).executed) <= {0, 1}


# --- the author's modules


def test_what_a_module_of_the_author_sets_follows_its_file(book: Book, folder: Path) -> None:
    module = "import pandas as pd\npd.options.display.max_rows = {}\npd.DataFrame.total = lambda self: {}\n"
    write(folder, "looks", module.format(4, 1))
    book.open(f"{PANDAS}\ndf = pd.DataFrame({{'a': range(20)}})", "import looks", "df", "print(df.total())")
    assert differences(book.app) == []
    write(folder, "looks", module.format(8, 2))
    book.run()
    assert (book.text(3), differences(book.app)) == ("2\n", [])
    book.edit(1, "pass").run()
    assert book.error is not None
    book.edit(3, "print(hasattr(df, 'total'))").run()
    assert (book.text(3), differences(book.app)) == ("False\n", [])


def test_what_a_library_sets_that_a_module_of_the_author_imports_is_no_change(book: Book, folder: Path) -> None:
    (folder / "site-packages").mkdir()
    write(folder / "site-packages", "noisy", "import warnings\nwarnings.simplefilter('ignore', UserWarning)\n")
    write(folder, "uses", "some = 1\n")
    book.open("import sys\nsys.path.append('site-packages')", "import uses", "import math\nx = math.pi")
    write(folder, "uses", "import noisy\nmore = 1\n")
    assert book.run().executed == (1,)
    write(folder, "uses", "import noisy, warnings\nwarnings.simplefilter('error', UserWarning)\n")
    assert book.run().executed == (1, 2)
