"""Callbacks that another cell removes than the one that registered them: a clean run has them until that cell."""

from __future__ import annotations

import pytest

from tests.kernel.book import SLIDER, Book

LISTEN = "acc = []\nb = W.IntSlider(max=99)\nf = lambda change: acc.append(change['new'])\nb.observe(f, 'value')"
CLICKED = "acc = []\nb = W.Button()\nf = lambda _: acc.append(1)\nb.on_click(f)"

# Each: cells between the slider `n` and the last, which shows what was heard; what it shows for a value of `n`.
NOTEBOOKS = {
    "unobserve": (
        [LISTEN, "if n.value % 2: b.unobserve(f, 'value')", "b.value = n.value", "print(acc)"],
        "[{n}][:{even}]",
    ),
    "unobserve_all": (
        [LISTEN, "if n.value % 2: b.unobserve_all()", "b.value = n.value", "print(acc)"],
        "[{n}][:{even}]",
    ),
    "all of one trait": (
        [LISTEN, "if n.value % 2: b.unobserve(None, 'value')", "b.value = n.value", "print(acc)"],
        "[{n}][:{even}]",
    ),
    "on_click": ([CLICKED, "b.on_click(f, remove=bool(n.value % 2))", "b.click()", "print(acc)"], "[1][:{even}]"),
    "a link": (
        [
            "b = W.IntSlider(max=99)\nl = W.dlink((n, 'value'), (b, 'value'))",
            "if n.value % 2: l.unlink()",
            "print(b.value)",
        ],
        "{n}",
    ),
    "a link whose source moves later": (
        [
            "a = W.IntSlider(max=99)\nb = W.IntSlider(max=99)\nl = W.link((a, 'value'), (b, 'value'))",
            "if n.value % 2: l.unlink()",
            "a.value = n.value",
            "print(b.value)",
        ],
        "{n} * {even}",
    ),
    "before and after": (
        [LISTEN, "b.value = 50", "if n.value % 2: b.unobserve_all()", "b.value = n.value", "print(acc)"],
        "[50, {n}][:1 + {even}]",
    ),
}


@pytest.mark.parametrize("case", NOTEBOOKS)
def test_callbacks_that_a_cell_removed_are_there_when_it_does_not(book: Book, case: str) -> None:
    sources, shown = NOTEBOOKS[case]
    book.open(SLIDER, *sources)
    book.shows(lambda n: f"{eval(shown.format(n=n, even=1 - n % 2))}\n", 1, 2, 3, 4, 1, 2)


def test_callbacks_are_back_when_the_cell_that_removed_them_is_deleted(book: Book) -> None:
    book.open(SLIDER, LISTEN, "b.unobserve_all()", "b.value = n.value", "print(acc)")
    assert book.text(4) == "[]\n"
    book.delete(2).run()
    assert book.text(3) == "[1]\n"
    book.insert(2, "b.unobserve_all()").run()
    assert book.text(4) == "[]\n"


def test_callbacks_that_a_skipped_cell_removed_stay_removed(book: Book) -> None:
    book.open(SLIDER, LISTEN, "b.unobserve_all()", "k = n.value", "b.value = k", "print(acc)")
    for value in (2, 1, 3):
        book.set("n", value)
        assert (book.error, book.text(5)) == (None, "[]\n")
    book.edit(1, f"{LISTEN}  # again").run()
    assert book.text(5) == "[]\n"


def test_a_click_without_callbacks_is_heard_once_there_are_some(book: Book) -> None:
    book.open(SLIDER, "acc = []\nb = W.Button()", "pass", "b.click()", "print(acc)")
    book.edit(2, "b.on_click(lambda _: acc.append(n.value))").run()
    assert book.text(4) == "[1]\n"
    assert book.set("n", 4).text(4) == "[4]\n"


def test_what_a_callback_removes_stays_removed(book: Book) -> None:
    book.open(
        SLIDER,
        "acc = []\nb = W.Button()\nb.on_click(lambda _: acc.append(len(acc)))",
        "off = W.Button()\noff.on_click(lambda _: b._click_handlers.callbacks and b.on_click(b._click_handlers.callbacks[0], remove=True))",
        "print(acc, n.value)",
    )
    book.app.click("b")
    book.app.click("off")
    book.set("n", 3)
    book.app.click("b")
    assert book.text(3) == "[0] 3\n"


@pytest.mark.parametrize("removal", ["b.unobserve_all()", "b.unobserve(None, 'value')"])
def test_callbacks_of_cells_further_down_are_not_removed(book: Book, removal: str) -> None:
    link = "c = W.IntSlider(max=99)\nl = W.link((b, 'value'), (c, 'value'))"
    book.open(
        SLIDER, "b = W.IntSlider(max=99)", f"if n.value > 1: {removal}", link, "b.value = n.value", "print(c.value)"
    )
    for value in (1, 2, 3, 1):
        assert book.set("n", value).text(5) == f"{value}\n"


def test_a_dropdown_that_lost_its_own_callbacks_has_them_again(book: Book) -> None:
    book.open(
        SLIDER,
        "d = W.Dropdown(options=['a', 'b', 'c'])",
        "if n.value % 2: d.unobserve_all()",
        "d.index = 2",
        "print(d.value)",
    )
    for value in (1, 2, 3, 4):
        assert book.set("n", value).text(4) == ("a\n" if value % 2 else "c\n")
