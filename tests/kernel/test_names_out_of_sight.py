"""Names that no code of a cell says, and which its libraries look up or bind in the notebook all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.book import SLIDER, Book, book_in

HELPER = """\
import sys
def keep(name, value):
    sys._getframe(1).f_globals[name] = value
"""

ASKS = {
    "through the frame of its caller": "import sys\ndef look(name): return sys._getframe(1).f_globals[name]",
    "through the module that is imported": "def look(name):\n    import __main__\n    return getattr(__main__, name)",
    "through the module that is looked up": "import sys\ndef look(name): return vars(sys.modules['__main__'])[name]",
    "in a method": "import sys\nclass Look:\n    def __call__(self, name): return sys._getframe(1).f_globals[name]\n"
    "look = Look()",
}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    folder: Path = tmp_path_factory.mktemp("book")
    (folder / "keeping.py").write_text(HELPER, encoding="utf-8")
    for number, source in enumerate(ASKS.values()):
        (folder / f"asking{number}.py").write_text(source, encoding="utf-8")
    with book_in(folder) as book:
        yield book


def test_a_name_that_a_helper_binds_to_the_same_object_again_stays_bound(book: Book) -> None:
    book.open(SLIDER, "import keeping", "keeping.keep('seen', 'a')\nprint(n.value)", "print(seen)")
    for value in (2, 3, 2):
        book.set("n", value)
        assert (book.error, book.text(3)) == (None, "a\n")
    assert 3 not in book.executed


def test_a_name_that_a_helper_binds_is_what_it_bound_whatever_cells_below_make_of_it(book: Book) -> None:
    book.open(
        SLIDER, "import keeping", "seen = 'b'", "keeping.keep('seen', 'a')\nprint(n.value)", "print(seen)", "seen = 'a'"
    )
    for value in (2, 3):
        book.set("n", value)
        assert book.text(4) == "a\n"
        assert 5 not in book.executed


@pytest.mark.parametrize("number", range(len(ASKS)), ids=list(ASKS))
def test_a_name_that_a_helper_looks_up_is_read(book: Book, number: int) -> None:
    imports = f"from asking{number} import look"
    book.open(f"{imports}\nseen = 5", "print(look('seen'))")
    assert book.text(1) == "5\n"
    book.edit(0, f"{imports}\nseen = 6").run()
    assert book.text(1) == "6\n"


def test_a_type_that_an_annotation_names_in_a_text_is_read_by_who_asks_for_it(book: Book) -> None:
    book.open(
        "Kind = int",
        "def f(a: 'Kind'): pass\nclass C:\n    a: 'Kind'",
        "import typing\nprint(typing.get_type_hints(f), typing.get_type_hints(C))",
    )
    assert book.text(2) == "{'a': <class 'int'>} {'a': <class 'int'>}\n"
    book.edit(0, "Kind = str").run()
    assert book.text(2) == "{'a': <class 'str'>} {'a': <class 'str'>}\n"


def test_doctest_finds_all_functions_of_the_notebook(book: Book) -> None:
    one = "def add(a, b):\n    '''\n    >>> add(1, 2)\n    3\n    '''\n    return a + b"
    book.open(one, "import doctest\nprint(doctest.testmod().attempted)")
    assert book.text(1) == "1\n"
    book.edit(0, one.replace("    '''\n    return", "    >>> add(1, 1)\n    2\n    '''\n    return")).run()
    assert book.text(1) == "2\n"


def test_a_future_statement_holds_for_the_cells_below_it_while_it_is_there(book: Book) -> None:
    shows = "def f(a: int): pass\nprint(f.__annotations__)"
    book.open(shows, "from __future__ import annotations", f"{shows}\n1")
    assert (book.text(0), book.text(2)) == ("{'a': <class 'int'>}\n", "{'a': 'int'}\n1")
    book.edit(0, f"pass\n{shows}").run()
    assert book.text(0) == "{'a': <class 'int'>}\n"
    book.edit(1, "pass").run()
    assert (book.text(0), book.text(2)) == ("{'a': <class 'int'>}\n", "{'a': <class 'int'>}\n1")
