"""IPython's shell under a name of the notebook's own, and what is set through it."""

from __future__ import annotations

import pytest

from tests.kernel.book import SLIDER, Book


@pytest.mark.parametrize(
    ("cell", "last"),
    [
        ("ip.push({'k': n.value})", "print(k)"),
        ("ip.user_ns['k'] = n.value", "print(k)"),
        ("ip.run_cell('k = n.value');", "print(k)"),
        ("k = n.value", "print(ip.ev('k'))"),
        ("k = n.value", "def look(): return ip.ev('k')\nprint(look())"),
    ],
)
def test_code_that_has_the_shell_reaches_any_name(book: Book, cell: str, last: str) -> None:
    book.open(SLIDER, "ip = get_ipython()", "other = [1]", cell, last)
    for value in (2, 1, 3):
        assert book.set("n", value).text(4) == f"{value}\n"


def test_a_notebook_that_holds_the_shell_or_a_part_of_it_runs_no_more_cells_than_another(book: Book) -> None:
    held = "ip = get_ipython()\nshow = ip.display_formatter.formatters['text/html']\nevents = ip.events"
    rest = ("rows = [1]", "b = W.Button()\nb.on_click(lambda _: rows.append(1))", "k = len(rows)", "m = n.value")
    book.open(SLIDER, held, *rest)
    for value in (2, 1, 3):
        assert set(book.set("n", value).executed) <= {5}


def test_a_printer_that_a_cell_registered_gives_way_to_the_one_that_was_there(book: Book) -> None:
    long = "{number: str(number) * 9 for number in range(12)}"
    book.open(SLIDER, "ip = get_ipython()", long)
    before = book.text(2)
    assert "\n" in before  # each item in a line of its own
    register = (
        "ip.display_formatter.formatters['text/plain'].for_type(dict, lambda o, p, cycle: p.text(f'mine {n.value}'));"
    )
    book.insert(2, register).run()
    assert book.text(3) == "mine 1"
    assert book.set("n", 2).text(3) == "mine 2"
    book.delete(2).edit(2, f"{long}  # again").run()
    assert book.text(2) == before


def test_printers_that_a_library_made_as_it_was_told_are_followed_and_give_way(book: Book) -> None:
    told = "sympy.init_printing(pretty_print=n.value > 1, use_latex=False, order='lex' if n.value > 2 else 'rev-lex')"
    book.open(SLIDER, "import sympy\nx = sympy.Symbol('x')", "x ** 2 + 1", "(1, 2.0)", "k = 1")
    before = [book.text(cell) for cell in (2, 3)]
    book.insert(2, told).run()
    ways = {1: "1 + x**2", 2: "     2\n1 + x ", 3: " 2    \nx  + 1"}
    assert {value: book.set("n", value).text(3) for value in (2, 3, 1)} == {value: ways[value] for value in (2, 3, 1)}
    assert 5 not in book.set("n", 2).executed
    assert book.text(3) == ways[2]
    book.delete(2).edit(2, "x ** 2 + 1  # again").edit(3, "(1, 2.0)  # again").run()
    assert [book.text(cell) for cell in (2, 3)] == before
