"""What JupyterLab's extension is told of a cell whose step comes again, without a kernel: what was said is not said twice."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from nbapp.core.notebook import Cell, CellId
from nbapp.core.step import Step
from nbapp.kernel.frontends.jupyterlab import EDITED, MOVED, Lab
from nbapp.kernel.frontends.protocol import FromKernel

CELL = Cell(CellId("one"), "1")
SKIPPED = Step(0, CELL, "skipped", "nothing changed")


class Page:
    """A page that listens."""

    def __init__(self) -> None:
        self.lab = Lab(Mock(), self._send, client="page")
        self.told: list[tuple[str, str]] = []

    def _send(self, message: FromKernel) -> None:
        if message["kind"] == "steps":
            self.told += [(step["state"], step["reason"]) for step in message["steps"]]

    def walk(self) -> list[tuple[str, str]]:
        """A walk that skips the cell; what is said of it."""
        self.told = []
        self.lab.step(SKIPPED)
        self.lab.over()
        return self.told


@pytest.fixture
def page() -> Page:
    page = Page()
    assert page.walk() == [("skipped", "nothing changed")]
    return page


def test_the_same_is_said_once(page: Page) -> None:
    assert page.walk() == []


def test_a_cell_that_began_to_run_and_was_cut_off_is_told_of_again(page: Page) -> None:
    page.lab.busy(CELL, 0, 1)
    assert page.told[-1] == ("", "")
    page.lab.over()
    assert page.walk() == [("skipped", "nothing changed")]


def test_a_cell_that_is_behind_no_more_is_told_of_again(page: Page) -> None:
    page.lab.behind([CELL.id])
    assert page.told[-1] == ("skipped", MOVED)
    assert page.walk() == [("skipped", "nothing changed")]


def test_a_cell_that_is_edited_stays_so(page: Page) -> None:
    page.lab.arranged([CELL.id], frozenset({CELL.id}))
    assert page.told[-1] == ("skipped", EDITED)
    assert page.walk() == []


def test_a_cell_that_left_and_came_back_is_told_of_again(page: Page) -> None:
    page.lab.arranged([], frozenset())
    assert page.walk() == [("skipped", "nothing changed")]
