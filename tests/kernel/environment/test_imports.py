"""What a library sets as it is imported belongs to the baseline; what a cell sets meanwhile on its own thread does not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nbapp.kernel.environment.process.state import Process
from nbapp.libraries.slot import Slot


def process(options: dict[str, Any]) -> Process:
    return Process((Slot("options", lambda: dict(options), options.update),))


def test_what_an_import_sets_is_the_baseline() -> None:
    options = {"width": 50}
    looked_at = process(options)
    before = looked_at.read()
    options["width"] = 80
    looked_at.imported(before)
    assert looked_at.now().value == {}


def test_what_a_cell_sets_for_a_while_as_another_thread_imports_is_no_baseline() -> None:
    """As pandas sets an option while it writes a table, and the thread that sends outputs imports a module."""
    options = {"width": 50}
    looked_at = process(options)
    with ThreadPoolExecutor(1) as another:
        before = another.submit(looked_at.read).result()
        options["width"] = 0
        another.submit(looked_at.imported, before).result()
    options["width"] = 50
    assert looked_at.now().value == {}
