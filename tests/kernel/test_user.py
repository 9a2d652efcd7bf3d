"""`nbapp.user`: what a cell made of it for one person is never shown to another; the other cells are the same for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import nbapp
from tests.kernel.book import SLIDER, Book, book_in

READS = "import nbapp\nprint('for', nbapp.user and nbapp.user.name)"
Write = Callable[..., Book]


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Write]:
    folder = tmp_path_factory.mktemp("book")
    (folder / "greeting.py").write_text("import nbapp\n\ndef greet():\n    return nbapp.user and nbapp.user.name\n")
    with book_in(folder) as book:
        yield book.open
        become(book, None)


def become(book: Book, name: str | None, *groups: str) -> Book:
    """The page is for somebody else from now on; run."""
    user = "None" if name is None else f"v.User({name!r}, {groups!r})"
    book.eval(f"(lambda v: v.become({user}))(__import__('nbapp.visitor', fromlist=['User']))")
    return book.run()


def test_outside_a_hub_there_is_nobody(write: Write) -> None:
    assert nbapp.user is None
    assert write(SLIDER, READS).text(1) == "for None\n"


@pytest.mark.parametrize(
    "reads",
    [
        READS,
        "from nbapp import user\nprint('for', user and user.name)",
        "import nbapp\nwho = getattr(nbapp, 'us' + 'er')\nprint('for', who and who.name)",
        "from greeting import greet\nprint('for', greet())",
    ],
)
def test_cells_that_read_it_run_for_each_person_and_no_others(write: Write, reads: str) -> None:
    book = write("shared = [1, 2]", reads, "print(sum(shared))")
    assert (become(book, "bob").text(1), book.executed) == ("for bob\n", (1,))
    assert (become(book, "carol").text(1), book.executed) == ("for carol\n", (1,))
    assert become(book, "bob").text(1) == "for bob\n"
    assert become(book, None).text(1) == "for None\n"


def test_what_follows_from_it_is_not_shared_either(write: Write) -> None:
    book = write("import nbapp\nwho = nbapp.user and nbapp.user.name", "print('dear', who)", "print('all')")
    assert (become(book, "bob").text(1), book.executed) == ("dear bob\n", (0, 1))
    assert (become(book, "carol").text(1), book.executed) == ("dear carol\n", (0, 1))
    become(book, None)


def test_groups_belong_to_who_it_is(write: Write) -> None:
    book = write("import nbapp\nprint('team' in (nbapp.user.groups if nbapp.user else ()))")
    assert become(book, "bob").text(0) == "False\n"
    assert (become(book, "bob", "team").text(0), book.executed) == ("True\n", (0,))
    become(book, None)


def test_the_reason_says_that_the_user_is_another(write: Write) -> None:
    book = become(write("shared = 1", READS), "bob")
    assert "the user of the page" in book.reasons[1]
    become(book, None)
