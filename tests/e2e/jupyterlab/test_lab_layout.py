"""The layout of the page made in JupyterLab: the menu of tags, the settings, and a preview that follows both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.axe import AXE, FIND
from tests.e2e.conftest import until, write_notebook
from tests.e2e.lab import LOAD, PATIENCE, SLIDER, LabNotebook, LabServer, lab_server

pytestmark = pytest.mark.browser

MENU = "ControlOrMeta+Alt+l"
CELLS = ("# A title", LOAD, SLIDER, "print('n is', s.value)", "print('twice', s.value * 2)", "print('apart')")


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A page of its own, in which JupyterLab is not loaded."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE * 1000)
    yield page
    page.context.close()


def tags(lab: LabNotebook) -> list[list[str]]:
    """The tags of each cell in the saved file."""
    return [cell.metadata.get("tags", []) for cell in lab.saved().cells]


def tagged(lab: LabNotebook, index: int, *tags: str) -> None:
    """Give a cell tags, as other tools do."""
    lab.select(index)
    model = "window.jupyterapp.shell.currentWidget.content.activeCell.model"
    lab.page.evaluate(f"tags => {model}.setMetadata('tags', tags)", list(tags))


def entry(page: Page, label: str) -> Locator:
    """An entry of the menu that is open."""
    return page.locator(".lm-Menu-item").filter(has=page.get_by_text(label, exact=True))


def choose(lab: LabNotebook, index: int, label: str) -> None:
    """Choose from the menu for a cell, with the keyboard."""
    lab.select(index)
    lab.page.keyboard.press(MENU)
    item = entry(lab.page, label)
    expect(item).to_be_visible()
    for _ in range(lab.page.locator(".lm-Menu-item").count()):
        lab.page.evaluate("new Promise(requestAnimationFrame)")  # which draws what is active
        if "lm-mod-active" in (item.get_attribute("class") or ""):
            break
        lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("Enter")
    expect(lab.page.locator(".lm-Menu")).to_have_count(0)


def answer(page: Page, text: str, shut: bool = True) -> None:
    """Answer what a dialog asks for. `shut`: it takes the answer."""
    field = page.locator(".jp-Dialog input")
    expect(field).to_be_focused()
    field.fill(text)
    page.keyboard.press("Enter")
    if shut:
        expect(page.locator(".jp-Dialog")).to_have_count(0)
    else:
        expect(page.locator(".jp-Dialog input")).not_to_have_value(text)


def opened(page: Page, server: LabServer, name: str, *sources: str) -> LabNotebook:
    """A notebook that has run, and its preview."""
    lab = LabNotebook.write(page, server, name, *(sources or CELLS))
    lab.run_all()
    lab.command("nbapp:preview")
    expect(app(page)).to_contain_text("n is 3")
    return lab


def app(page: Page) -> Locator:
    """The previewed page."""
    return page.locator(".nbapp-App")


# --- the menu of tags


def test_a_tag_is_set_taken_away_and_undone_with_the_keyboard(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "keys.ipynb", *CELLS)
    choose(lab, 3, "Card")
    assert tags(lab)[3] == ["card"]
    page.keyboard.press("z")  # the notebook has the focus again
    assert tags(lab)[3] == []
    page.keyboard.press("Shift+z")
    assert tags(lab)[3] == ["card"]
    page.keyboard.press(MENU)
    expect(entry(page, "Card")).to_have_class(re.compile("lm-mod-toggled"))
    expect(entry(page, "Column")).not_to_have_class(re.compile("lm-mod-toggled"))
    page.keyboard.press("Escape")
    choose(lab, 3, "Card")
    assert "tags" not in lab.saved().cells[3].metadata


def test_a_tab_of_several_cells_is_asked_for_its_name_and_is_one_step_to_undo(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "tabs.ipynb", *CELLS)
    lab.select(3)
    page.keyboard.press("Shift+ArrowDown")
    lab.cell(4).locator(".jp-InputPrompt").click(button="right")
    entry(page, "App Layout").hover()
    entry(page, "Tab…").click()
    answer(page, " Sales ")
    assert tags(lab)[3:] == [["tab=Sales"], ["tab=Sales"], []]
    page.keyboard.press("z")
    assert tags(lab)[3:] == [[], [], []]
    page.keyboard.press("Shift+z")
    choose(lab, 5, "Tab…")
    assert page.locator(".jp-Dialog datalist option").evaluate_all("all => all.map(each => each.value)") == ["Sales"]
    answer(page, "More")
    assert tags(lab)[3:] == [["tab=Sales"], ["tab=Sales"], ["tab=More"]]
    choose(lab, 5, "Tab: More…")
    answer(page, "")
    assert tags(lab)[5] == []


def test_the_palette_offers_each_tag(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "palette.ipynb", *CELLS)
    lab.select(2)
    page.keyboard.press("ControlOrMeta+Shift+c")
    page.keyboard.type("In the Sidebar")
    page.keyboard.press("Enter")
    until_tags(lab, 2, ["sidebar"])


def until_tags(lab: LabNotebook, index: int, expected: list[str]) -> None:
    """Wait for what a command does after the palette has shut."""
    cell = "window.jupyterapp.shell.currentWidget.content.widgets[index]"
    holds = f"JSON.stringify({cell}.model.getMetadata('tags')) === JSON.stringify(wanted)"
    lab.page.wait_for_function(f"([index, wanted]) => {holds}", arg=[index, expected])
    assert tags(lab)[index] == expected


def test_columns_have_a_width_and_rows_and_take_the_place_of_each_other(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "columns.ipynb", *CELLS)
    choose(lab, 3, "Column")
    choose(lab, 3, "Column of Another Width…")
    answer(page, "wide", shut=False)  # asked again
    answer(page, "2.5")
    assert tags(lab)[3] == ["column=2.5"]
    choose(lab, 3, "Column of Another Width: 2.5…")
    answer(page, "1")
    assert tags(lab)[3] == ["column"]
    choose(lab, 4, "New Row of Columns")
    assert tags(lab)[4] == ["column", "row"]
    choose(lab, 4, "Column")
    assert tags(lab)[4] == []


def test_tags_of_other_tools_stay_and_their_spellings_are_known(page: Page, server: LabServer) -> None:
    lab = LabNotebook.write(page, server, "spelled.ipynb", *CELLS)
    tagged(lab, 3, "parameters", "remove_cell", "full-width", "slide=2")
    lab.select(3)
    page.keyboard.press(MENU)
    for label in ("Leave Out the Cell", "Full Width"):
        expect(entry(page, label)).to_have_class(re.compile("lm-mod-toggled"))
    page.keyboard.press("Escape")
    choose(lab, 3, "Fold the Cell")
    assert tags(lab)[3] == ["parameters", "full-width", "slide=2", "hide-cell"]
    choose(lab, 3, "Wide")
    assert tags(lab)[3] == ["parameters", "slide=2", "hide-cell", "wide"]
    choose(lab, 3, "None of These")
    assert tags(lab)[3] == ["parameters", "slide=2"]


# --- the preview


def test_the_preview_follows_each_tag_at_once_and_no_cell_runs_for_it(page: Page, server: LabServer) -> None:
    lab = opened(page, server, "live.ipynb")
    executed = [prompt.inner_text() for prompt in page.locator(".jp-Notebook .jp-InputPrompt").all()]
    handle = app(page).locator(".noUi-handle").element_handle()
    assert handle is not None
    choose(lab, 2, "In the Sidebar")
    expect(app(page).get_by_role("region", name="Controls").locator(".noUi-handle")).to_be_visible()
    assert handle.evaluate("node => node.isConnected")  # the view moved
    for index in (3, 4):
        choose(lab, index, "Column")
    expect(app(page).locator(".nbapp-row > .nbapp-column")).to_have_count(2)
    app(page).locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    expect(app(page).locator(".nbapp-column").last).to_have_text("twice 8")
    expect(lab.output(3)).to_have_text("n is 4")
    lab.select(3)
    page.keyboard.press("z")
    expect(app(page).locator(".nbapp-row > .nbapp-column")).to_have_count(1)
    expect(app(page).get_by_text("a `column` without a neighbour")).to_be_visible()
    assert [prompt.inner_text() for prompt in page.locator(".jp-Notebook .jp-InputPrompt").all()] == executed


def test_save_in_the_preview_saves_its_notebook(page: Page, server: LabServer) -> None:
    lab = opened(page, server, "kept.ipynb")
    lab.edit(4, "print('kept', s.value)")
    app(page).get_by_text("apart").click()
    assert "kept" not in lab.path.read_text()
    page.keyboard.press("ControlOrMeta+s")
    until(lambda: "kept" in lab.path.read_text(), "nothing was saved")


def test_controls_have_room_in_the_sidebar_and_the_columns_of_the_preview(page: Page, server: LabServer) -> None:
    choices = "w.VBox([w.Dropdown(options=['a'], description='d'), w.IntRangeSlider(description='months')])"
    lab = opened(
        page, server, "room.ipynb", *CELLS[:4], choices, "w.IntRangeSlider(description='range')", "print('apart')"
    )
    choose(lab, 2, "In the Sidebar")
    choose(lab, 4, "In the Sidebar")
    choose(lab, 5, "Column")
    choose(lab, 6, "Column")
    controls = app(page).locator(":is(.nbapp-sidebar, .nbapp-column) .widget-inline-hbox")
    expect(controls).to_have_count(4)
    beyond = """all => all.filter(one => {
        const room = one.closest('.nbapp-sidebar, .nbapp-column').getBoundingClientRect();
        const box = one.closest('.widget-box')?.getBoundingClientRect() ?? room;
        const parts = [one, ...one.querySelectorAll('label, select, .noUi-handle')].map(part => part.getBoundingClientRect());
        return parts.some(part => part.right > room.right || part.bottom > box.bottom);
    }).length"""
    assert controls.evaluate_all(beyond) == 0


def test_tabs_expanders_and_the_sidebar_open_in_the_preview_and_stay_open(page: Page, server: LabServer) -> None:
    lab = opened(page, server, "doors.ipynb")
    for index, name in ((3, "One"), (4, "Two")):
        choose(lab, index, "Tab…")
        answer(page, name)
    choose(lab, 5, "Expander…")
    answer(page, "Box")
    expect(app(page).get_by_role("tab", name="One")).to_have_attribute("aria-selected", "true")
    expect(app(page).get_by_text("twice 6")).to_be_hidden()
    app(page).get_by_role("tab", name="One").focus()
    page.keyboard.press("ArrowRight")
    expect(app(page).get_by_role("tabpanel", name="Two")).to_contain_text("twice 6")
    expect(app(page).get_by_text("n is 3")).to_be_hidden()
    app(page).get_by_text("Box").press("Enter")
    expect(app(page).get_by_text("apart")).to_be_visible()
    choose(lab, 2, "In the Sidebar")
    button = app(page).get_by_role("button", name="Controls")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(app(page).get_by_role("tab", name="Two")).to_have_attribute("aria-selected", "true")
    expect(app(page).get_by_text("apart")).to_be_visible()
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(app(page).locator(".noUi-handle")).to_be_hidden()


def test_what_is_left_out_is_not_there_and_what_is_folded_opens(page: Page, server: LabServer) -> None:
    lab = opened(page, server, "hidden.ipynb")
    choose(lab, 4, "Leave Out the Cell")
    expect(app(page).get_by_text("twice 6")).to_be_hidden()
    choose(lab, 0, "Leave Out the Cell")
    expect(app(page).get_by_role("heading", name="A title")).to_have_count(0)
    choose(lab, 5, "Fold the Output")
    expect(app(page).get_by_text("apart")).to_be_hidden()
    app(page).get_by_text("Output", exact=True).click()
    expect(app(page).get_by_text("apart")).to_be_visible()
    lab.edit(4, "1 / 0")
    lab.run(4)
    expect(
        app(page).get_by_text("ZeroDivisionError").first
    ).to_be_visible()  # why all below it stands still must be seen


def test_a_heading_gives_a_tab_its_name_and_a_new_cell_appears(page: Page, server: LabServer) -> None:
    lab = opened(page, server, "heading.ipynb")
    tagged(lab, 0, "expander")
    expect(app(page).locator("summary")).to_have_text("A title")
    expect(app(page).get_by_role("heading")).to_have_count(0)
    lab.select(5)
    lab.command("notebook:insert-cell-below")
    lab.edit(6, "print('new')")
    lab.run(6)
    expect(app(page)).to_contain_text("new")
    lab.select(6)
    lab.command("notebook:delete-cell")
    expect(app(page)).not_to_contain_text("new")


def test_before_nbapp_is_loaded_the_preview_shows_the_page_and_one_click_loads_it(
    page: Page, server: LabServer
) -> None:
    lab = LabNotebook.write(page, server, "before.ipynb", "# A title", SLIDER, "print('n is', s.value)")
    page.locator("jp-button, button").filter(has_text="Preview").first.click()
    expect(app(page).get_by_role("heading", name="A title")).to_be_visible()
    expect(app(page).get_by_role("status")).to_contain_text("the first cell must be %load_ext nbapp")
    app(page).get_by_role("button", name="Add It and Run All Cells").press("Enter")
    expect(app(page)).to_contain_text("n is 3")
    expect(app(page).get_by_role("status")).to_be_hidden()
    app(page).locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    expect(app(page)).to_contain_text("n is 4")
    lab.select(0)
    assert lab.saved().cells[0].source == LOAD
    lab.command("nbapp:preview")
    expect(app(page)).to_have_count(1)  # the one that is open
    lab.select(0)
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(app(page).get_by_role("button", name="Run All Cells", exact=True)).to_be_visible()


def test_where_the_server_knows_no_layout_the_cells_stand_below_each_other(page: Page, server: LabServer) -> None:
    page.route("**/nbapp/layout*", lambda route: route.fulfill(status=404))
    lab = opened(page, server, "alone.ipynb")
    expect(app(page).get_by_role("status")).to_contain_text("Install nbapp in the environment in which it runs")
    choose(lab, 3, "Card")
    assert tags(lab)[3] == ["card"]
    expect(app(page).locator(".nbapp-slot")).to_have_count(len(CELLS))


# --- the settings of the page


def field(page: Page, name: str) -> Locator:
    """A field of the form; JupyterLab gives it no name but an id."""
    return page.locator(f"[id$='/nbapp/layout/{name}']")


def test_the_property_inspector_has_the_settings_of_the_page(page: Page, server: LabServer) -> None:
    lab = opened(page, server, "form.ipynb")
    choose(lab, 2, "In the Sidebar")
    lab.select(3)
    lab.command("property-inspector:show-panel")
    page.locator(".jp-NotebookTools").get_by_text("App Page").first.click()
    field(page, "title").fill("Sales")
    expect(page.locator(".lm-TabBar-tab", has_text="App: Sales")).to_be_visible()
    field(page, "icon").fill("📈")
    expect(page.locator(".lm-TabBar-tab img.nbapp-App-icon")).to_be_visible()
    field(page, "width").select_option(label="The whole window")
    expect(app(page).locator(".nbapp-page-full")).to_be_attached()
    field(page, "sidebar").select_option(label="Shut at first")
    expect(app(page).get_by_role("button", name="Controls")).to_have_attribute("aria-expanded", "false")
    field(page, "theme").select_option(label="Dark")
    layout = {"title": "Sales", "icon": "📈", "width": "full", "sidebar": "shut", "theme": "dark"}
    until_metadata(page, layout)
    assert lab.saved().metadata["nbapp"] == {"layout": layout}
    field(page, "width").select_option(label="Narrow (864 px)")
    field(page, "theme").select_option(label="As the browser asks")
    field(page, "sidebar").select_option(label="Open at first")
    field(page, "icon").fill("")
    field(page, "title").fill("")
    until_metadata(page, None)  # what is as without it is not written
    assert "nbapp" not in lab.saved().metadata
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-right-area')")


def until_metadata(page: Page, layout: dict[str, Any] | None) -> None:
    """Wait until the form has written what was typed."""
    page.wait_for_function(
        """layout => {
            const found = window.jupyterapp.shell.widgets('main');
            const { model } = [...found].find(widget => widget.context).context;
            const now = model.getMetadata('nbapp')?.layout ?? null;
            const text = value => value && JSON.stringify(Object.entries(value).sort());
            return text(now) === text(layout);
        }""",
        arg=layout,
    )


# --- for everybody


def test_axe_finds_nothing_in_the_preview_in_the_light_and_in_the_dark(page: Page, server: LabServer) -> None:
    lab = opened(page, server, "axe.ipynb")
    choose(lab, 2, "In the Sidebar")
    choose(lab, 3, "Column")
    choose(lab, 4, "Tab…")
    answer(page, "One")
    choose(lab, 5, "Expander…")
    answer(page, "Box")
    expect(app(page).get_by_role("tab", name="One")).to_be_visible()
    expect(app(page).locator("summary")).to_have_text("Box")
    page.evaluate(AXE)
    for theme in ("Dark", "Light"):
        lab.command("apputils:change-theme", {"theme": f"JupyterLab {theme}"})
        expect(page.locator("body")).to_have_attribute("data-jp-theme-name", f"JupyterLab {theme}")
        found = page.evaluate(FIND.replace("document", "'.nbapp-App'"))
        assert [each for each in found if "noUi-handle" not in each] == []  # ipywidgets' own, as in the notebook beside


def test_notebook_7_has_the_menu_and_shows_the_preview_at_the_right(visitor: Page, tmp_path: Path) -> None:
    with lab_server(tmp_path / "home", app="notebook") as server:
        lab = LabNotebook(visitor, server, "seven.ipynb")
        write_notebook(lab.path, *CELLS)
        lab.open("notebooks")
        lab.run_all()
        choose(lab, 3, "Card")
        visitor.locator("jp-button, button").filter(has_text="Preview").first.click()
        expect(app(visitor).locator(".nbapp-card")).to_have_text("n is 3")
        choose(lab, 4, "Card")
        expect(app(visitor).locator(".nbapp-card")).to_have_count(2)
        assert tags(lab)[3:5] == [["card"], ["card"]]
