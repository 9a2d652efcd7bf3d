"""What cells log is kept by handlers of the author's: a buffer, a list, a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.book import SLIDER, Book, book_in

IN_A_LIST = "class Kept(logging.Handler):\n    def emit(self, record): lines.append(self.format(record))"
BUFFER = "buffer = io.StringIO()"
KEPT = {
    "by a logger's handler": (f"{BUFFER}\nlog.addHandler(logging.StreamHandler(buffer))", "buffer.getvalue()"),
    "by the root's handler": (
        f"{BUFFER}\nlogging.basicConfig(stream=buffer, format='%(message)s', force=True)",
        "buffer.getvalue()",
    ),
    "in a list": (f"lines = []\n{IN_A_LIST}\nlog.addHandler(Kept())", "''.join(f'{line}\\n' for line in lines)"),
    "in a library's handler": (
        "from logging.handlers import MemoryHandler\nkept = MemoryHandler(100); log.addHandler(kept)",
        "''.join(f'{record.getMessage()}\\n' for record in kept.buffer)",
    ),
    "in a handler that hands on": (
        f"from logging.handlers import MemoryHandler\n{BUFFER}\n"
        "log.addHandler(MemoryHandler(1, target=logging.StreamHandler(buffer)))",
        "buffer.getvalue()",
    ),
    "in a queue": (
        "from logging.handlers import QueueHandler\nimport queue\nkept = queue.Queue(); log.addHandler(QueueHandler(kept))",
        "''.join(f'{record.getMessage()}\\n' for record in kept.queue)",
    ),
    "in the handler": (
        f"{IN_A_LIST.replace('lines', 'self.lines')}\nkept = Kept(); kept.lines = []; log.addHandler(kept)",
        "''.join(f'{line}\\n' for line in kept.lines)",
    ),
}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with book_in(tmp_path) as book:
        yield book


@pytest.mark.parametrize(("handler", "shown"), KEPT.values(), ids=KEPT)
@pytest.mark.parametrize("logger", ["log", "logging.getLogger('app')"])
def test_what_cells_log_is_what_a_clean_run_logs(book: Book, handler: str, shown: str, logger: str) -> None:
    book.open(
        SLIDER,
        "import io, logging\nlog = logging.getLogger('app'); log.setLevel('INFO')",
        handler,
        f"{logger}.info('begins')",
        f"def tell(): {logger}.info('n is %s', n.value)",
        "tell()",
        f"print({shown})",
    )
    for value in (1, 5, 1, 5, 3):
        assert book.set("n", value).text(6) == f"begins\nn is {value}\n\n"


def test_cells_that_log_where_nobody_keeps_it_are_skipped(book: Book) -> None:
    book.open(
        SLIDER,
        "import logging\nlog = logging.getLogger('app')",
        "log.info('one')",
        "log.info(n.value)",
        "log.info('two')",
    )
    assert book.set("n", 5).executed == (3,)
    assert book.set("n", 1).executed == ()


def test_a_cell_may_import_what_it_logs_with(book: Book) -> None:
    book.open(
        SLIDER,
        f"import io, logging\n{BUFFER}\nlogging.basicConfig(stream=buffer, format='%(message)s', force=True)",
        "import logging\nlogging.warning('n is %s', n.value)",
        "print(buffer.getvalue())",
    )
    for value in (5, 1, 5, 3):
        assert book.set("n", value).text(3) == f"n is {value}\n\n"
