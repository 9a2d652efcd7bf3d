"""What a cell has made is shown when it ends: to find out what it changed may take long, and nobody waits for that.

Unless the cell saw something that was not put in place for it: then it may be made again, and what it shows is not
known to be right.
"""

from __future__ import annotations

from pathlib import Path

from tests.kernel.book import SLIDER, Book

# Its digest is asked for when the cell has ended; it notes what the page shows by then.
PROBE = (
    "import os\n"
    "class Probe:\n"
    "    def __init__(self, cell):\n        self.cell = cell\n"
    "    def __nbapp_digest__(self):\n"
    "        app = get_ipython().nbapp\n"
    "        shown = ''.join(o.get('text', '') for o in app.outputs(app.notebook[self.cell].id))\n"
    "        get_ipython().probed = [*getattr(get_ipython(), 'probed', []), shown]\n"
    "        return b'same'"
)


def probed(book: Book) -> list[str]:
    """What was shown whenever a probe was asked, since this was asked last."""
    return book.eval("get_ipython().__dict__.pop('probed', [])")  # type: ignore[no-any-return]


def test_before_it_is_known_what_a_cell_changed_its_outputs_are_shown(book: Book) -> None:
    book.open(SLIDER, PROBE, "print('says', n.value)\nfound = Probe(2)")
    probed(book)
    book.set("n", 7)
    assert book.executed == (2,)
    seen = probed(book)
    assert seen
    assert set(seen) == {"says 7\n"}
    assert book.text(2) == "says 7\n"


def test_a_cell_that_met_a_file_which_nobody_foresaw_is_shown_when_it_is_known_to_be_right(
    book: Book, folder: Path
) -> None:
    (folder / "shown.txt").write_text("1")
    (folder / "named.txt").write_text("shown.txt")
    reads = "print('says', open(open('named.txt').read()).read(), n.value)\nfound = Probe(2)"
    book.open(SLIDER, PROBE, reads)
    probed(book)
    (folder / "another.txt").write_text("2")
    (folder / "named.txt").write_text("another.txt")
    book.run()
    seen = probed(book)
    assert seen
    assert set(seen) == {"says 1 1\n"}  # what was shown until then
    assert book.text(2) == "says 2 1\n"
    book.set("n", 5)  # now it is foreseen
    assert set(probed(book)) == {"says 2 5\n"}


def test_a_cell_that_imports_a_module_of_the_authors_is_shown_when_it_is_known_to_be_right(
    book: Book, folder: Path
) -> None:
    (folder / "shown_at_once.py").write_text("value = 3")
    book.open(SLIDER, PROBE, "print('says', n.value)\nfound = Probe(2)")
    probed(book)
    book.edit(2, "import shown_at_once\nprint('says', shown_at_once.value)\nfound = Probe(2)").run()
    assert set(probed(book)) == {"says 1\n"}
    assert book.text(2) == "says 3\n"


def test_a_cell_that_fails_is_shown_with_its_error_alone(book: Book) -> None:
    book.open(SLIDER, PROBE, "print('says', n.value)\nfound = Probe(2)\nif n.value > 9: raise ValueError")
    book.set("n", 11).set("n", 1)  # a first traceback takes IPython so long that what was printed is shown meanwhile
    probed(book)
    book.set("n", 10)
    assert set(probed(book)) == {"says 1\n"}
    assert book.error is not None
