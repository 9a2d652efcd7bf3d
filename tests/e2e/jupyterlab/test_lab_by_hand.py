"""JupyterLab: a cell fails or is stopped, cells below are run by hand, and then it is mended."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.lab import LOAD, SLIDER, LabNotebook, LabServer

pytestmark = pytest.mark.browser


def test_below_a_failed_cell_outputs_stand_under_their_cells_and_follow_once_it_is_mended(
    page: Page, server: LabServer
) -> None:
    lab = LabNotebook.write(
        page, server, "mend.ipynb", LOAD, SLIDER, "k = s.value", "print('c', k)", "print('d', s.value)"
    )
    lab.run_all()
    lab.edit(2, "k = 7; 1 // 0")
    lab.run(2)
    expect(lab.badge(2)).to_have_text("failed")
    expect(lab.badge(3)).to_have_text("not run")
    lab.run(3)
    lab.run(4)
    expect(lab.output(3)).to_have_text("c 7")
    expect(lab.badge(3)).not_to_have_text("not run")
    expect(lab.badge(4)).to_contain_text("ran")
    expect(lab.output(4)).to_have_text("d 3")
    expect(lab.output(2)).to_have_count(1)
    expect(lab.output(2)).to_contain_text("ZeroDivisionError")
    lab.edit(2, "k = s.value")
    lab.run(2)
    expect(lab.output(2)).to_have_count(0)
    expect(lab.output(3)).to_have_text("c 3")
    lab.press("ArrowRight")
    expect(lab.output(3)).to_have_text("c 4")
    expect(lab.output(4)).to_have_text("d 4")
    assert [lab.saved_text(index) for index in (2, 3, 4)] == ["", "c 4\n", "d 4\n"]
