"""A real kernel for the tests of one file, and a notebook that each of them writes anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.book import Book, book_in
from tests.kernel.front_end import FrontEnd
from tests.kernel.kernels import Kernel


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with Kernel() as kernel:
        yield kernel


@pytest.fixture
def own_kernel() -> Iterator[Kernel]:
    """For tests that could leave something behind."""
    with Kernel() as kernel:
        yield kernel


@pytest.fixture
def page() -> Iterator[FrontEnd]:
    """A front end of a kernel that has not loaded nbapp."""
    with Kernel() as kernel:
        yield FrontEnd(kernel)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the cells of `book` run."""
    return tmp_path_factory.mktemp("book")


@pytest.fixture(scope="module")
def book(folder: Path) -> Iterator[Book]:
    """One kernel for many small notebooks."""
    with book_in(folder) as book:
        yield book
