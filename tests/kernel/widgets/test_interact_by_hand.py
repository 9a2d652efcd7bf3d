"""`update()` of an `interactive` that the author calls: it runs the function here and now, as a part of the cell."""

from __future__ import annotations

from tests.kernel.book import SLIDER, Book

MANUAL = "w = W.interactive({}, {{'manual': True}}, q=(0, 50))"


def test_an_update_of_interact_by_hand_reads_its_widgets(book: Book) -> None:
    book.open(
        SLIDER,
        "acc = []\nw = W.interactive(lambda q: acc.append(q), {'manual': True}, q=(0, 50))",
        "w.children[0].value = n.value",
        "w.update()",
        "print(acc)",
    )
    for value in (2, 1, 3):
        assert book.set("n", value).text(4) == f"[{value}]\n"


def test_it_reads_what_its_function_names(book: Book) -> None:
    book.open(SLIDER, MANUAL.format("lambda q: acc.append(k)"), "acc = []\nk = n.value", "w.update()", "print(acc)")
    for value in (2, 1, 3):
        assert book.set("n", value).text(4) == f"[{value}]\n"


def test_it_runs_again_when_its_function_was_edited(book: Book) -> None:
    book.open(SLIDER, "acc = []", MANUAL.format("lambda q: acc.append(1)"), "w.update()", "print(acc)")
    assert book.text(4) == "[1]\n"
    book.edit(2, MANUAL.format("lambda q: acc.append(2)")).run()
    assert book.text(4) == "[2]\n"


def test_it_runs_again_when_a_name_of_its_function_is_bound_again(book: Book) -> None:
    book.open(SLIDER, "acc = []", MANUAL.format("lambda q: acc.append(q)"), "w.update()", "print(w.out.outputs)")
    assert book.text(4) == "()\n"
    book.delete(1).run()
    assert "NameError" in book.text(3)
    book.insert(1, "acc = []").run()
    assert book.text(4) == "()\n"
