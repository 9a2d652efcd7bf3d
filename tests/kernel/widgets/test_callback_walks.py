"""Random notebooks of callbacks: after each gesture everything is as in plain Jupyter after the same gestures."""

from __future__ import annotations

import pytest

from tests.kernel.book import Book
from tests.kernel.callback_walks import differences, generate


@pytest.mark.parametrize("seed", range(20))
def test_callbacks_did_what_they_do_in_plain_jupyter(book: Book, seed: int) -> None:
    made = generate(seed)
    assert differences(book, made) == [], "\n\n".join(made.cells)


@pytest.mark.parametrize(("before", "seed"), [(105, 111), (102, 111)])
def test_callbacks_of_a_notebook_that_is_gone_change_nothing(book: Book, before: int, seed: int) -> None:
    assert differences(book, generate(before)) == []
    assert differences(book, generate(seed)) == []
