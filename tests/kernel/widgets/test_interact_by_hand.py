"""An `interactive` that runs its function when it is asked: by `update()`, as a part of the cell, or by its button."""

from __future__ import annotations

import pytest

from nbapp.verify.check import differences
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


COUNTS = """
print(len(items))
def f(x):
    print("got", x)
    items.append(x)
    return len(items)
w = W.interactive(f, {}x=W.IntSlider(1))
x = w.children[0]
button = getattr(w, "manual_button", None)
"""


def test_what_its_button_made_is_there_when_its_own_cell_runs_again_for_that(book: Book) -> None:
    book.open(SLIDER, "items = []", COUNTS.replace("{}", "{'manual': True}, "), "print(w.result, w.kwargs, items)")
    book.set("x", 2)
    assert book.text(3) == "None {} []\n"
    for clicks in (1, 2):
        book.app.click("button")
        assert (book.text(3), book.executed) == (f"{clicks} {{'x': 2}} {[2] * clicks}\n", (2, 3))
        assert book.eval("w.out.outputs[0]['text']") == "got 2\n"
    assert book.set("n", 5).text(3) == "2 {'x': 2} [2, 2]\n"
    assert differences(book.app) == []
    book.edit(2, COUNTS.replace("{}", "{'manual': True}, ") + "\n").run()
    assert book.text(3).startswith("None")


@pytest.mark.parametrize("how", ["", "{'manual': True}, "])
def test_what_it_made_is_given_to_a_clean_run(book: Book, how: str) -> None:
    book.open(SLIDER, "items = []", COUNTS.replace("{}", how), "print(w.result)")
    book.set("x", 2)
    if how:
        book.app.click("button")
    assert book.text(3) == ("1\n" if how else "2\n")
    assert differences(book.app) == []
