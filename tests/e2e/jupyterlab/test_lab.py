"""nbapp in a real JupyterLab with our extension: real server, real kernel, real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.lab import LOAD, SLIDER, LabNotebook, LabServer

pytestmark = pytest.mark.browser


def test_cells_follow_a_slider_in_place(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(
        page,
        server,
        "drag.ipynb",
        LOAD,
        "print('first', end='')\n" + SLIDER,
        "n = s.value",
        "print('n is', n)",
        "print('apart')",
    )
    lab.run_all()
    expect(lab.output(3)).to_have_text("n is 3")
    handle = lab.handle().element_handle()
    assert handle is not None
    readout = lab.drag(40)
    assert int(readout) > 20
    expect(lab.output(3)).to_have_text(f"n is {readout}")
    assert handle.evaluate("node => node.isConnected")
    assert lab.saved_text(3) == f"n is {readout}\n"
    expect(lab.badge(3)).to_contain_text("ran")
    expect(lab.badge(4)).to_have_attribute("title", re.compile("^Skipped"))


def test_the_sliders_own_cell_updates_its_other_outputs_around_it(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(
        page,
        server,
        "own.ipynb",
        LOAD,
        "import ipywidgets as w\ns = w.IntSlider(value=3, max=50)\ndisplay(s)\nfor i in range(s.value): display(i)",
    )
    lab.run_all()
    expect(lab.output(1)).to_have_count(4)
    handle = lab.handle().element_handle()
    assert handle is not None
    lab.press("ArrowRight", 2)
    expect(lab.output(1)).to_have_count(6)
    lab.press("ArrowLeft", 3)
    expect(lab.output(1)).to_have_count(3)
    assert handle.evaluate("node => node.isConnected && node === document.activeElement")
    assert len(lab.saved().cells[1].outputs) == 3


def test_a_text_field_keeps_its_focus_while_its_cell_and_others_follow(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(
        page,
        server,
        "text.ipynb",
        LOAD,
        "import ipywidgets as w\nt = w.Text()\ndisplay(t)\nprint(len(t.value))",
        "print(t.value)",
    )
    lab.run_all()
    page.locator(".widget-text input").focus()
    page.keyboard.type("hello world", delay=30)
    expect(lab.output(2)).to_have_text("hello world")
    expect(lab.output(1).last).to_have_text("11")
    assert page.evaluate("document.activeElement.value") == "hello world"


def test_a_page_that_is_loaded_again_goes_on(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "reload.ipynb", LOAD, SLIDER, "print('n is', s.value)")
    lab.run_all()
    lab.press("ArrowRight")
    expect(lab.output(2)).to_have_text("n is 4")
    lab.saved()
    lab.open()
    expect(lab.badge(2)).to_contain_text("ran")
    lab.press("ArrowRight", 2)
    expect(lab.output(2)).to_have_text("n is 6")
    assert lab.saved_text(2) == "n is 6\n"


def test_two_pages_show_the_same(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "two.ipynb", LOAD, SLIDER, "print('n is', s.value)")
    lab.run_all()
    other = LabNotebook(page.context.new_page(), server, "two.ipynb")
    other.open()
    expect(other.page.locator(".widget-readout")).to_have_text("3")  # until then a page misses what widgets are told
    lab.press("ArrowRight")
    for each in (lab, other):
        expect(each.output(2)).to_have_text("n is 4")
        expect(each.page.locator(".widget-readout")).to_have_text("4")
    other.press("ArrowRight")
    for each in (lab, other):
        expect(each.output(2)).to_have_text("n is 5")


def test_a_badge_says_where_a_cell_stands_and_its_tooltip_why(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(
        page, server, "badges.ipynb", LOAD, SLIDER, "k = 10 // s.value", "print(k)", "print('apart')"
    )
    lab.run_all()
    expect(lab.badge(4)).to_contain_text("ran")
    lab.press("Home")
    expect(lab.badge(2)).to_have_text("failed")
    expect(lab.badge(3)).to_have_text("not run")
    expect(lab.output(2)).to_contain_text("ZeroDivisionError")
    assert "s.value" in (lab.badge(2).get_attribute("title") or "")
    lab.press("ArrowRight", 5)
    expect(lab.output(3)).to_have_text("2")
    expect(lab.badge(2)).to_contain_text("ran")
    lab.edit(4, "print('anew')")
    expect(lab.badge(4)).to_have_text("stale")
    lab.run(4)
    expect(lab.output(4)).to_have_text("anew")
    expect(lab.badge(4)).to_contain_text("ran")


def test_running_an_edited_cell_brings_the_cells_below_up_to_date(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "edit.ipynb", LOAD, "x = 1", "y = x + 1", "print(y)")
    lab.run_all()
    expect(lab.output(3)).to_have_text("2")
    lab.edit(1, "x = 41")
    lab.run(1)
    expect(lab.output(3)).to_have_text("42")
    lab.select(1)
    lab.command("notebook:delete-cell")
    expect(lab.output(1)).to_contain_text("NameError")
    expect(lab.badge(2)).to_have_text("not run")
    lab.command("notebook:undo-cell-action")
    expect(lab.output(3)).to_have_text("42")
    lab.select(1)
    lab.command("notebook:move-cell-down")
    expect(lab.output(1)).to_contain_text("NameError")


def test_with_reactive_off_stale_cells_show_it_and_on_they_catch_up(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "off.ipynb", LOAD, SLIDER, "print('n is', s.value)")
    lab.run_all()
    switch = page.get_by_role("switch", name="Reactive")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    lab.press("ArrowRight", 4)
    expect(lab.badge(2)).to_have_text("stale")
    expect(lab.output(2)).to_have_text("n is 3")
    switch.press("Enter")
    expect(lab.output(2)).to_have_text("n is 7")
    expect(lab.badge(2)).to_contain_text("ran")


def test_stop_ends_a_long_rerun_that_says_how_far_it_is(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(
        page,
        server,
        "stop.ipynb",
        LOAD,
        SLIDER,
        "import time\nprint('begun')\nfor _ in range(600 if s.value == 4 else 1): time.sleep(0.1)",
        "print('n is', s.value)",
    )
    lab.run_all()
    lab.press("ArrowRight")
    expect(page.get_by_text("Running cell 2 of 3")).to_be_visible()
    expect(lab.output(2)).to_have_text("begun")
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status='busy']")).to_be_attached()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(lab.badge(2)).to_have_text("failed")
    expect(lab.badge(3)).to_have_text("not run")
    expect(page.locator(".nbapp-Progress")).to_be_hidden()
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']")).to_be_attached()
    lab.press("ArrowRight")
    expect(lab.output(3)).to_have_text("n is 5")


def test_labs_own_interrupt_ends_a_rerun_too(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(
        page,
        server,
        "interrupt.ipynb",
        LOAD,
        SLIDER,
        "import time\nfor _ in range(600 if s.value == 4 else 1): time.sleep(0.1)",
        "print(s.value)",
    )
    lab.run_all()
    lab.press("ArrowRight")
    expect(page.locator(".nbapp-Progress")).to_be_visible()
    lab.command("notebook:interrupt-kernel")
    expect(lab.badge(2)).to_have_text("failed")
    lab.press("ArrowRight")
    expect(lab.output(3)).to_have_text("5")


def test_a_restart_takes_the_badges_away_and_loading_again_brings_them(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "restart.ipynb", LOAD, SLIDER, "print('n is', s.value)")
    lab.run_all()
    expect(lab.badge(2)).to_contain_text("ran")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(lab.badge(2)).to_have_count(0)
    expect(page.get_by_role("switch", name="Reactive")).to_be_hidden()
    lab.run_all()
    expect(lab.badge(2)).to_contain_text("ran")
    lab.press("ArrowRight")
    expect(lab.output(2)).to_have_text("n is 4")


def test_the_preview_shows_the_app_beside_with_the_same_live_widgets(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "preview.ipynb", "# A title", LOAD, SLIDER, "print('n is', s.value)")
    lab.run_all()
    lab.select(0)
    page.keyboard.press("ControlOrMeta+Alt+p")
    app = page.locator(".nbapp-App")
    expect(app.get_by_role("heading", name="A title")).to_be_visible()
    expect(app.get_by_text("n is 3")).to_be_visible()
    expect(app.locator(".jp-InputArea")).to_have_count(0)
    app.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    expect(app.get_by_text("n is 4")).to_be_visible()
    expect(lab.output(3)).to_have_text("n is 4")
    expect(page.locator(".jp-Notebook .widget-readout")).to_have_text("4")


def test_the_palette_and_the_keyboard_reach_everything(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "keys.ipynb", LOAD, SLIDER, "print('n is', s.value)")
    lab.run_all()
    lab.press("ArrowRight", 2)
    expect(lab.output(2)).to_have_text("n is 5")
    lab.select(2)
    page.keyboard.press("ControlOrMeta+Shift+c")
    page.keyboard.type("Why Did This")
    page.keyboard.press("Enter")
    expect(page.locator(".jp-Dialog")).to_contain_text("`s.value` changed from 4 to 5")
    page.keyboard.press("Escape")
    lab.select(2)
    page.keyboard.press("ControlOrMeta+Shift+c")
    page.keyboard.type("Reset Widgets")
    page.keyboard.press("Enter")
    expect(lab.output(2)).to_have_text("n is 3")
    expect(page.locator(".widget-readout")).to_have_text("3")
    lab.select(2)
    page.keyboard.press("ControlOrMeta+Alt+r")
    expect(page.get_by_role("switch", name="Reactive")).to_have_attribute("aria-checked", "false")
