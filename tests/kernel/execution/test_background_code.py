"""Which threads are the author's: those that were not there before the notebook."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nbapp.kernel.execution import background_code
from nbapp.kernel.execution.background_code import BackgroundCode


@contextmanager
def waiting() -> Iterator[threading.Thread]:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        yield thread
    finally:
        ended.set()
        thread.join()


@pytest.fixture(autouse=True)
def no_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_code, "hooks", bool)  # pytest's own


def test_a_thread_that_was_there_before_is_not_the_authors() -> None:
    with waiting():
        assert not BackgroundCode().was_there()


def test_a_thread_with_the_number_of_one_that_has_ended_is_the_authors() -> None:
    with waiting() as thread:
        known, number = BackgroundCode(), thread.ident
    for _ in range(1000):
        with waiting() as thread:
            if thread.ident == number:
                assert known.was_there()
                return
    pytest.skip("this system does not give the number of a thread again")
