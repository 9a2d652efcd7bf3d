"""Cells that a walk passes by, many at once: the log of the walk has them, and where something lies there they are refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from ipywidgets import Box

from nbapp.core.notebook import CellId
from nbapp.kernel.widgets.state.effects import Built
from nbapp.kernel.widgets.widgets import Widgets
from nbapp.values.digest import Digest

ONE, TWO, THREE = CELLS = [CellId("one"), CellId("two"), CellId("three")]


@pytest.fixture
def widgets() -> Widgets:
    widgets = Widgets(lambda value: Digest(repr(value)), lambda: None)
    widgets.begin_walk()
    return widgets


@pytest.fixture
def box() -> Iterator[Box]:
    box = Box()
    yield box
    box.close()


def test_the_walk_came_to_cells_that_it_passed_by_and_may_go_back_to_each(widgets: Widgets) -> None:
    assert widgets.pass_by(CELLS)
    assert widgets._undo_log.passed() == {*CELLS}
    assert [widgets._undo_log.place(cell) for cell in CELLS] == [0, 1, 2]
    widgets.go_back(TWO)
    assert widgets._undo_log.passed() == {ONE}
    assert widgets.pass_by([TWO, THREE])
    assert [widgets._undo_log.place(cell) for cell in CELLS] == [0, 1, 2]


def test_cells_that_the_walk_was_at_before_are_passed_by_anew(widgets: Widgets) -> None:
    assert widgets.pass_by(CELLS)
    assert widgets.pass_by([TWO, THREE])
    assert widgets._undo_log._order == CELLS


def test_a_cell_whose_execution_was_cut_off_is_not_passed_by(widgets: Widgets) -> None:
    with suppress(KeyboardInterrupt), widgets.cell(TWO):
        raise KeyboardInterrupt
    widgets.begin_walk()
    assert not widgets.pass_by(CELLS)
    assert widgets._undo_log.passed() == frozenset()
    assert widgets.pass_by([ONE, THREE])


def test_a_cell_with_a_widget_on_the_page_is_not_passed_by(widgets: Widgets, box: Box) -> None:
    widgets._mounts.put(TWO, (Built(box, Box, "", (0, 0), 0, attributes={}, model_id=box.model_id),))
    assert not widgets.pass_by(CELLS)
    widgets._mounts.put(TWO, ())
    assert widgets.pass_by(CELLS)


def test_a_cell_with_something_to_hang_on_a_widget_is_not_passed_by(widgets: Widgets, box: Box) -> None:
    widgets.hanging.keep(TWO, box)
    assert not widgets.pass_by(CELLS)
    widgets.hanging.forget(TWO)
    assert widgets.pass_by(CELLS)
