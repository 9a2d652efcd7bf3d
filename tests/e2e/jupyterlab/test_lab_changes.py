"""What happens to a live notebook in JupyterLab: it is new, renamed, its kernel dies, the debugger stops a rerun."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.lab import LOAD, READY, SLIDER, LabNotebook, LabServer

pytestmark = pytest.mark.browser
CURRENT = "window.jupyterapp.shell.currentWidget"
# ipywidgets then asks the kernel for all values, in two questions, and a key pressed before the answers is undone by
# them: each of ours is answered after as many of its own.
RECONNECTED = f"""async () => {{
    const kernel = {CURRENT}.sessionContext.session.kernel;
    await kernel.reconnect();
    for (let question = 0; question < 5; question++) await kernel.requestKernelInfo();
}}"""


def test_a_notebook_that_was_never_saved_is_live(page: Page, server: LabServer) -> None:
    page.goto(f"{server.url}/lab?reset")
    lab = LabNotebook(page, server, "Untitled.ipynb")
    lab.command("notebook:create-new", {"kernelName": "python3"})
    expect(lab.cell(0)).to_be_visible()
    page.evaluate(READY)
    for index, source in enumerate((LOAD, SLIDER, "print('n is', s.value)")):
        lab.edit(index, source)
        lab.command("notebook:run-cell-and-insert-below")
        lab.idle()
    expect(lab.output(2)).to_have_text("n is 3")
    lab.press("ArrowRight", 2)
    expect(lab.output(2)).to_have_text("n is 5")
    expect(lab.badge(2)).to_contain_text("ran")


def test_a_renamed_notebook_stays_live_and_saves_what_it_shows(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "before.ipynb", LOAD, SLIDER, "print('n is', s.value)")
    lab.run_all()
    expect(lab.output(2)).to_have_text("n is 3")
    page.evaluate(f"() => {CURRENT}.context.rename('after.ipynb')")
    lab.path = server.files / "after.ipynb"
    lab.press("ArrowRight")
    expect(lab.output(2)).to_have_text("n is 4")
    assert lab.saved_text(2) == "n is 4\n"
    assert not (server.files / "before.ipynb").exists()
    lab.edit(2, "print('still', s.value)")
    lab.run(2)
    lab.press("ArrowRight")
    expect(lab.output(2)).to_have_text("still 5")


def test_a_kernel_that_died_takes_the_badges_with_it_and_running_all_brings_them_back(
    page: Page, server: LabServer
) -> None:
    lab = LabNotebook.write(
        page, server, "dies.ipynb", LOAD, SLIDER, "import os\nif s.value == 4: os._exit(1)", "print('n is', s.value)"
    )
    lab.run_all()
    expect(lab.output(3)).to_have_text("n is 3")
    lab.press("ArrowRight")
    expect(page.get_by_role("dialog")).to_contain_text("Kernel Restarting")
    page.keyboard.press("Enter")
    expect(lab.badge(3)).to_have_count(0)
    expect(lab.output(3)).to_have_text("n is 3")
    page.evaluate(READY)
    lab.run_all()
    expect(lab.badge(3)).to_contain_text("ran")
    lab.press("ArrowLeft")
    expect(lab.output(3)).to_have_text("n is 2")


def test_a_page_that_lost_its_connection_shows_what_is_current(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "lost.ipynb", LOAD, SLIDER, "print('n is', s.value)")
    lab.run_all()
    page.evaluate(RECONNECTED)
    lab.press("ArrowRight", 2)
    expect(lab.output(2)).to_have_text("n is 5")
    expect(lab.badge(2)).to_contain_text("ran")


@pytest.mark.parametrize("module", [pytest.param("tqdm", marks=pytest.mark.soak), "tqdm.notebook"])
def test_a_progress_bar_of_a_long_cell_moves_while_it_runs(page: Page, server: LabServer, module: str) -> None:
    count = "2000 if s.value == 6 else s.value"
    long = f"import time\nfrom {module} import tqdm\nfor _ in tqdm(range({count})): time.sleep(0.05)"
    lab = LabNotebook.write(page, server, "progress.ipynb", LOAD, SLIDER, long)
    lab.run_all()
    expect(lab.cell(2)).to_contain_text("3/3")
    for value in (4, 5):
        lab.press("ArrowRight")
        expect(lab.cell(2)).to_contain_text(f"{value}/{value}")
    lab.press("ArrowRight")
    for count in (r"\b[1-9]\d?/2000", r"\b[1-9]\d\d/2000"):
        expect(lab.cell(2)).to_contain_text(re.compile(count))
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(lab.badge(2)).to_contain_text("failed")


def test_a_breakpoint_stops_a_rerun_and_it_goes_on(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(
        page, server, "debug.ipynb", LOAD, SLIDER, "n = s.value\nprint('n is', n)", "print('end', n)"
    )
    lab.run_all()
    expect(lab.output(3)).to_have_text("end 3")
    page.get_by_role("button", name="Enable Debugger").click()
    gutter = lab.cell(2).locator(".cm-breakpoint-gutter .cm-gutterElement")
    expect(gutter.nth(1)).to_be_attached()
    gutter.nth(2).click()
    expect(lab.cell(2).locator(".cm-breakpoint-icon").last).to_be_visible()
    lab.press("ArrowRight")
    stack = page.locator(".jp-DebuggerCallstack-body")
    expect(stack.locator("li").first).to_be_visible()
    expect(lab.output(3)).to_have_text("end 3")
    lab.command("debugger:continue")
    expect(lab.output(2)).to_have_text("n is 4")
    expect(lab.output(3)).to_have_text("end 4")
