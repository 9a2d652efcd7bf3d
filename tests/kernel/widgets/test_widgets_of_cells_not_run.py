"""Below a cell that fails, what widgets show stays as the cells that made them left it: it is their last output."""

from __future__ import annotations

import pytest

from tests.kernel.book import SLIDER, Book

FAILS = "k = 10 // n.value"
MADE = (
    "bar, box, said = W.IntProgress(max=99), W.VBox(), W.Label('made')\nbar.value = k\nbox.children = [said]\n"
    "button = W.Button()\nbutton.on_click(lambda _: setattr(said, 'value', 'clicked'))"
)
BELOW = "bar.description = f'of {k}'\nn.description = f'ten over {n.value}'"
# By their classes: below the failure no name is bound to them.
SEEN = """{type(each).__name__: [getattr(each, 'value', None), getattr(each, 'description', None), len(getattr(each, 'children', ()))]
    for each in W.widgets.widget._instances.values() if isinstance(each, (W.IntProgress, W.VBox, W.Label))}"""


def seen(book: Book) -> dict[str, list[object]]:
    """What the bar, the box and the label say, and how much is in the box."""
    return book.eval(SEEN)  # type: ignore[no-any-return]


@pytest.mark.parametrize("again", [10, 5], ids=["what was there", "something else"])
def test_what_its_own_cell_and_cells_and_callbacks_below_gave_a_widget_stays_shown(book: Book, again: int) -> None:
    book.open(SLIDER, FAILS, MADE, BELOW).set("n", 10)
    book.app.click("button")
    shown = seen(book)
    assert shown == {"IntProgress": [1, "of 1", 0], "VBox": [None, None, 1], "Label": ["clicked", "", 0]}
    book.set("n", 0)
    assert book.states == ["skipped", "failed", "not run", "not run"]
    assert seen(book) == shown
    assert book.eval("n.description") == ""  # it is of a cell above: there nothing of a cell below has happened yet
    book.set("n", again)
    assert book.error is None
    assert book.eval("[bar.value, bar.description, n.description]") == [
        10 // again,
        f"of {10 // again}",
        f"ten over {again}",
    ]
    assert book.eval("len(box.children)") == 1


def test_while_the_cell_that_failed_fails_again_and_again_it_stays_too(book: Book) -> None:
    book.open(SLIDER, "k = 10 // (n.value % 5)", MADE, BELOW).set("n", 2)
    shown = seen(book)
    for value in (5, 10, 15):
        book.set("n", value)
        assert book.states[1:] == ["failed", "not run", "not run"]
        assert seen(book) == shown
    book.set("n", 3)
    assert book.eval("[bar.value, bar.description]") == [3, "of 3"]
