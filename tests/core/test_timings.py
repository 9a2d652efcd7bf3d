"""Where the time of a rerun went, and why a value was compared."""

from __future__ import annotations

import pytest

from nbapp.core import execution, timings
from tests.core.host import Double, cells

ROWS = "d = [{'x': n} for n in range(9)]"
THREE = "d = (n for n in range(3))"


def rerun(*sources: str) -> Double:
    book = Double(cells(*sources))
    book.rerun()
    return book


@pytest.mark.parametrize(
    ("above", "cell", "words"),
    [
        (ROWS, "d[0]['x'] = 1", "stores into something"),
        (ROWS, "d.sort(key=str)", "`d.sort` is not known to only read"),
        (f"import heapq\n{ROWS}", "heapq.heapify(list(map(len, d)))", "`heapq.heapify` is not known"),
        (ROWS, "print(d[0].pop('x'))", "`.pop` is not known"),
        (THREE, "print(next(d))", "`d` holds a generator"),
        (ROWS + "\nfs = [d.append]", "print(len(fs), d)", "code that the cell may call"),
        ("ns = {}\nexec('def f(x): return x', ns)\nf = ns['f']\n" + ROWS, "f(d)", "`f` holds"),
    ],
)
def test_an_author_is_told_why_a_value_is_compared(
    monkeypatch: pytest.MonkeyPatch, above: str, cell: str, words: str
) -> None:
    monkeypatch.setattr(execution, "_DEAR", 0.0)
    step = rerun(above, cell).steps[1]
    assert step.costs is not None
    assert words in (step.costs.doubt or "")


def test_a_cell_that_only_reads_is_not_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_DEAR", 0.0)
    step = rerun(ROWS, "print(len(d))").steps[1]
    assert step.costs is not None
    assert step.costs.doubt is None


def test_the_lines_name_each_cell_that_ran_and_the_dear_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_DEAR", 0.0)
    monkeypatch.setattr(timings, "_WORTH", 0.0)
    lines = list(timings.profile(rerun(ROWS, "d.append(1)").steps))
    assert [line.partition(":")[0] for line in lines[:3]] == ["all cells", "cell 1", "cell 2"]
    assert all(words in lines[0] for words in ("your code", "comparing", "the rest"))
    assert any("`d` is dear in cell 1" in line and "as it is new" in line for line in lines)
    assert any("`d` is dear in cell 2" in line and "`d.append`" in line for line in lines)


def test_a_rerun_in_which_nothing_ran_says_so() -> None:
    book = rerun(ROWS)
    book.rerun()
    assert list(timings.profile(book.steps)) == ["No cell has run yet."]
