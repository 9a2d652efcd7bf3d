"""What code hangs on a widget besides its traits: attributes from outside, and the state of the author's own widgets.

A widget lives as long as the app. So what hangs on it must be taken back when a clean run would not have it.
"""

from __future__ import annotations

import pytest

from tests.kernel.book import SLIDER, Book

PANEL = (
    "class Panel(W.VBox):\n"
    "    def __init__(self):\n        super().__init__()\n        self.count = 0\n        self._log = []\n"
    "    def add(self, item):\n        self.count += 1\n        self._log.append(item)\n"
)

# Each: cells between the slider `n` and the last, which shows what hangs there; what it shows for a value of `n`.
NOTEBOOKS = {
    "an attribute": (["box = W.VBox()", "box.note = n.value", "print(box.note)"], "{n}\n"),
    "an attribute of the cell that builds it": (["box = W.VBox()\nbox.note = n.value", "print(box.note)"], "{n}\n"),
    "one that only some values set": (
        ["box = W.VBox()", "if n.value > 1: box.note = n.value", "print(getattr(box, 'note', 1))"],
        "{n}\n",
    ),
    "a list that is appended to": (
        ["box = W.VBox()\nbox.rows = []", "box.rows.append(n.value)", "print(box.rows)"],
        "[{n}]\n",
    ),
    "one by setattr": (["box = W.VBox()", "setattr(box, 'note', n.value)", "print(box.note)"], "{n}\n"),
    "one of a widget in a list": (
        ["boxes = [W.VBox(), W.VBox()]", "boxes[1].note = n.value", "print(boxes[1].note)"],
        "{n}\n",
    ),
    "one under another name": (["box = W.VBox()", "b = box\nb.note = n.value", "print(box.note)"], "{n}\n"),
    "one that a function sets": (
        ["box = W.VBox()\ndef mark(value): box.note = value", "mark(n.value)", "print(box.note)"],
        "{n}\n",
    ),
    "a counter": (["box = W.VBox()\nbox.i = 0", "box.i += n.value", "print(box.i)"], "{n}\n"),
    "the state of the author's own widget": (
        [PANEL, "panel = Panel()", "for i in range(n.value): panel.add(i)", "print(panel.count)"],
        "{n}\n",
    ),
    "its private state": (
        [PANEL, "panel = Panel()", "for i in range(n.value): panel.add(i)", "print(len(panel._log))"],
        "{n}\n",
    ),
    "a slider's own": (["n.note = n.value", "print(n.note)"], "{n}\n"),
}


@pytest.mark.parametrize("case", NOTEBOOKS)
def test_what_hangs_on_a_widget_is_what_a_clean_run_hangs_there(book: Book, case: str) -> None:
    sources, shown = NOTEBOOKS[case]
    book.open(SLIDER, *sources)
    book.shows(lambda n: shown.format(n=n), 1, 2, 1, 3, 2)
    for value in (2, 1, 3):  # what is shown may come from a record: now the last cell must run
        book.set("n", value).edit(len(sources), f"{sources[-1]}  # {value}").run()
        book.shows(lambda n: shown.format(n=n), value)


def test_an_attribute_goes_with_the_cell_that_set_it(book: Book) -> None:
    book.open(SLIDER, "box = W.VBox()", "box.note = 1", "print(hasattr(box, 'note'))")
    assert book.text(3) == "True\n"
    book.delete(2).run()
    assert book.text(2) == "False\n"
    book.insert(2, "box.note = 2").run()
    assert book.text(3) == "True\n"


def test_a_cell_that_sets_an_attribute_runs_again_when_its_widget_was_built_again(book: Book) -> None:
    book.open(SLIDER, "box = W.VBox()", "box.note = 1", "print(box.note)")
    book.edit(1, "box = W.VBox([W.Label()])").run()
    book.edit(3, "print(box.note, len(box.children))").run()
    assert (book.error, book.text(3)) == (None, "1 1\n")


def test_the_author_s_attribute_is_there_in_whatever_order_the_values_come(book: Book) -> None:
    book.open(SLIDER, "box = W.VBox()\nbox.a = n.value", "box.b = 10 * box.a", "print(box.a, box.b)")
    for value in (2, 3, 2, 1, 3):
        book.set("n", value)
        book.edit(3, f"print(box.a, box.b)  # {value}").run()
        assert book.text(3) == f"{value} {10 * value}\n"


def test_what_a_callback_hangs_on_a_widget_stays(book: Book) -> None:
    book.open(
        SLIDER,
        "box = W.VBox()\nbutton = W.Button()\nbox.clicks = 0",
        "def count(_): box.clicks += 1\nbutton.on_click(count)",
        "print(box.clicks, n.value)",
    )
    book.app.click("button")
    book.app.click("button")
    assert book.text(3) == "2 1\n"
    book.set("n", 5)
    assert book.text(3) == "2 5\n"


def test_a_cell_that_sets_traits_alone_does_not_build_the_widget_again(book: Book) -> None:
    book.open(SLIDER, "box = W.VBox()\nbox.note = 1", "box.children = (W.Label(str(n.value)),)", "print(box.note)")
    book.set("n", 2)
    assert book.executed == (2,)


def test_traits_that_code_adds_are_gone_with_the_cell_that_added_them(book: Book) -> None:
    book.open(
        SLIDER, "import traitlets\nbox = W.VBox()", "box.add_traits(size=traitlets.Int(n.value))", "print(box.size)"
    )
    for value in (2, 1, 3):
        assert book.set("n", value).text(3) == f"{value}\n"
    book.delete(2).run()
    assert book.error is not None
    assert book.error.name == "AttributeError"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("grid[0, n.value % 3] = W.Label(str(n.value))", "['{n}']"),
        ("if n.value > 1: grid[:, n.value % 3] = W.Label(str(n.value))", "['{n}'][n.value < 2:]"),
    ],
)
def test_a_grid_holds_what_a_clean_run_puts_there(book: Book, cell: str, shown: str) -> None:
    book.open(SLIDER, "grid = W.GridspecLayout(2, 3)", cell, "print([label.value for label in grid.children])")
    for value in (2, 1, 4, 2):
        book.set("n", value)
        assert book.text(3) == f"{book.eval(shown.format(n=value))}\n"
