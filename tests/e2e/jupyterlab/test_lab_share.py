"""*Share App* in a real JupyterLab: the dialog, the link, the list; outside a Hub, with a real server of `nbapp serve`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Serve, write_notebook
from tests.e2e.lab import LOAD, SLIDER, LabNotebook, LabServer, lab_server

pytestmark = pytest.mark.browser

SHARE = "Share App"
CELLS = (LOAD, SLIDER, "print('n is', s.value)")
MEASURE = (Path(__file__).parents[1] / "contrast.js").read_text().replace("'main", "'.jp-Dialog-content")


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab as on a Hub, with links that lead nowhere: what is asked for can be looked at."""
    told = {"hubUser": "alice"}
    with lab_server(tmp_path_factory.mktemp("asking") / "home", sharing="tests.lab.double:Links", page=told) as server:
        yield server


@pytest.fixture(autouse=True)
def _ends_kernels(request: pytest.FixtureRequest, page: Page) -> Iterator[None]:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield
    for name in ("server", "asking"):
        if name in request.fixturenames:
            server = request.getfixturevalue(name)
            server.shutdown_kernels()
            for link in links(server):
                httpx.delete(f"{server.url}/nbapp/shares/{link['name']}")


def links(server: LabServer) -> list[dict[str, Any]]:
    """The links that there are."""
    shared: list[dict[str, Any]] = httpx.get(f"{server.url}/nbapp/shares").json()["shared"]
    return shared


def clipboard(page: Page) -> str:
    """What is on the clipboard."""
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def dialog(page: Page, name: str = "Share App") -> Any:
    """The dialog that is open."""
    return page.get_by_role("dialog", name=name)


def opened(page: Page, server: LabServer, name: str, *sources: str, run: bool = True) -> LabNotebook:
    """A notebook whose slider stands at 8, and the dialog."""
    lab = LabNotebook.write(page, server, name, *(sources or CELLS))
    if run:
        lab.run_all()
        lab.press("ArrowRight", 5)
        expect(page.locator(".jp-Notebook .widget-readout")).to_have_text("8")
    page.get_by_role("button", name=SHARE, exact=True).click()
    expect(dialog(page)).to_be_visible()
    return lab


def served(serve: Serve, server: LabServer, notebook: Path) -> None:
    """Serve a notebook as its author would from a terminal of the same JupyterLab."""
    home = server.files.parent
    own = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    assert serve(notebook, "--token", environment=own).url


def test_a_visitor_finds_the_authors_values_by_the_link_until_the_author_revokes_it(
    page: Page, server: LabServer, serve: Serve, browser: Browser
) -> None:
    path = write_notebook(server.files / "sales.ipynb", *CELLS)
    served(serve, server, path)
    opened(page, server, "sales.ipynb")
    expect(dialog(page).get_by_text("s = 8")).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_text("The link is on the clipboard.")).to_be_visible()
    link = clipboard(page)
    assert link == dialog(page).get_by_role("textbox", name="Link").input_value()
    visitor = browser.new_context().new_page()
    visitor.goto(link)
    expect(visitor.get_by_text("n is 8")).to_be_visible()
    visitor.locator(".noUi-handle").focus()
    visitor.keyboard.press("ArrowRight")
    expect(visitor.get_by_text("n is 9")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    expect(page.locator(".jp-Notebook .widget-readout")).to_have_text("8")
    page.evaluate("() => void window.jupyterapp.commands.execute('nbapp:shared-apps')")
    page.get_by_role("button", name="Revoke sales").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(dialog(page, "Shared Apps").get_by_text("sales is revoked.")).to_be_visible()
    expect(visitor.get_by_text("This link was taken back")).to_be_visible()
    answer = visitor.goto(link)
    assert answer is not None
    assert answer.status == 410
    visitor.context.close()


def test_without_a_server_the_dialog_says_what_is_missing_and_then_it_works(
    page: Page, server: LabServer, serve: Serve
) -> None:
    lab = opened(page, server, "alone.ipynb")
    page.keyboard.press("Enter")
    trouble = dialog(page).get_by_role("alert")
    expect(trouble).to_contain_text("serves")
    expect(trouble).to_contain_text("nbapp serve")
    assert links(server) == []
    served(serve, server, lab.path)
    dialog(page).get_by_role("button", name="Share", exact=True).click()
    expect(dialog(page).get_by_text("The link is on the clipboard.")).to_be_visible()
    assert [link["notebook"] for link in links(server)] == ["alone.ipynb"]


def test_what_the_author_answers_is_what_is_asked_for(page: Page, asking: LabServer) -> None:
    opened(page, asking, "mine.ipynb")
    who = dialog(page).get_by_label("Who")
    expect(who).to_be_focused()
    page.keyboard.type("bob, data team ,")
    dialog(page).get_by_label("Until when").select_option("for a day")
    dialog(page).get_by_label("Pin this version").check()
    dialog(page).get_by_label("Name in the link").fill("ours")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_text("For bob, data team, until")).to_be_visible()
    (link,) = links(asking)
    assert (link["name"], link["to"], link["pinned"]) == ("ours", ["bob", "data team"], True)
    assert (link["notebook"], link["values"]) == ("mine.ipynb", {"s": "8"})
    assert link["expires"] is not None


def test_the_defaults_may_be_shared_and_until_it_is_revoked(page: Page, asking: LabServer) -> None:
    opened(page, asking, "defaults.ipynb")
    expect(dialog(page).get_by_label("the current values")).to_be_checked()
    dialog(page).get_by_label("the defaults").check()
    dialog(page).get_by_label("Until when").select_option("until I revoke it")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_text("until you revoke it")).to_be_visible()
    assert [(link["values"], link["expires"]) for link in links(asking)] == [({}, None)]


def test_a_day_must_be_chosen_when_it_is_to_be(page: Page, asking: LabServer) -> None:
    opened(page, asking, "day.ipynb")
    day = dialog(page).get_by_label("Last day")
    expect(day).to_be_hidden()
    dialog(page).get_by_label("Until when").select_option("to the end of a day that I choose")
    expect(day).to_be_visible()
    share = dialog(page).get_by_role("button", name="Share", exact=True)
    expect(share).to_be_disabled()
    page.keyboard.press("Enter")
    expect(share).to_be_visible()
    assert links(asking) == []
    day.fill("2099-12-31")
    share.click()
    expect(dialog(page).get_by_text("The link is on the clipboard.")).to_be_visible()
    (link,) = links(asking)
    ends = page.evaluate("text => new Date(text).toLocaleString('sv')", link["expires"])
    assert ends[:15] in ("2099-12-31 23:5", "2100-01-01 00:0")  # counted from now on


def test_without_a_kernel_there_are_only_the_defaults(page: Page, asking: LabServer) -> None:
    opened(page, asking, "still.ipynb", run=False)
    expect(dialog(page).get_by_label("the current values")).to_be_disabled()
    expect(dialog(page).get_by_label("the defaults")).to_be_checked()
    expect(dialog(page).get_by_text("No kernel with nbapp runs this notebook")).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_text("The link is on the clipboard.")).to_be_visible()
    assert [link["values"] for link in links(asking)] == [{}]


def test_controls_that_cannot_be_in_the_link_are_named(page: Page, asking: LabServer) -> None:
    secret = "p = w.Password(description='key')\ndisplay(p)\nw.interact(lambda m: None, m=w.Text(description='m'));"
    lab = LabNotebook.write(page, asking, "left.ipynb", LOAD, SLIDER, secret)
    lab.run_all()
    page.locator(".jp-Notebook input[type=password]").fill("secret")
    page.get_by_role("textbox", name="m", exact=True).fill("x")
    page.get_by_role("button", name=SHARE, exact=True).click()
    expect(dialog(page).get_by_text("Not in the link, as it cannot be written there: p.")).to_be_visible()
    expect(dialog(page).get_by_text("1 changed control has no name")).to_be_visible()
    expect(dialog(page).get_by_text("secret")).to_have_count(0)


def test_what_was_typed_is_saved_before_it_is_shared(page: Page, asking: LabServer) -> None:
    lab = LabNotebook.write(page, asking, "typed.ipynb", *CELLS)
    lab.edit(2, "print('now it is', s.value)")
    assert "now it is" not in lab.path.read_text()
    lab.select(2)
    page.keyboard.press("ControlOrMeta+Alt+s")
    expect(dialog(page).get_by_text("JupyterLab saves the notebook first.")).to_be_visible()
    dialog(page).get_by_role("button", name="Share", exact=True).click()
    expect(dialog(page).get_by_text("The link is on the clipboard.")).to_be_visible()
    assert "now it is" in lab.path.read_text()


def test_a_notebook_that_cannot_be_saved_is_not_shared(page: Page, asking: LabServer) -> None:
    lab = LabNotebook.write(page, asking, "stuck.ipynb", *CELLS)
    lab.edit(2, "print('mine')")
    write_notebook(lab.path, *CELLS, "print('of somebody else')")
    os.utime(lab.path, (lab.path.stat().st_atime, lab.path.stat().st_mtime + 60))
    page.evaluate("() => void window.jupyterapp.commands.execute('nbapp:share')")
    dialog(page).get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("dialog").get_by_text("has changed on disk").wait_for()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("The notebook was not saved, so it was not shared.")
    assert links(asking) == []
    assert "somebody else" in lab.path.read_text()


def test_escape_and_cancel_share_nothing_and_give_the_focus_back(page: Page, asking: LabServer) -> None:
    lab = opened(page, asking, "no.ipynb", run=False)
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    lab.select(2)
    page.keyboard.press("ControlOrMeta+Alt+s")
    dialog(page).get_by_role("button", name="Cancel").click()
    expect(dialog(page)).to_have_count(0)
    assert page.evaluate("document.activeElement.closest('.jp-Notebook') !== null")
    assert links(asking) == []


def test_the_keyboard_reaches_everything_and_stays_in_the_dialog(page: Page, asking: LabServer) -> None:
    httpx.post(f"{asking.url}/nbapp/shares", json={"notebook": "no.ipynb", "name": "earlier"})
    write_notebook(asking.files / "keys.ipynb", *CELLS)
    httpx.post(f"{asking.url}/nbapp/shares", json={"notebook": "keys.ipynb", "name": "earlier"})
    opened(page, asking, "keys.ipynb")
    name = "document.activeElement.id || document.activeElement.textContent || document.activeElement.type"
    seen = [page.evaluate(name)]
    for _ in range(7):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(name))
    assert seen[:2] == ["nbapp-share-to", "nbapp-share-until"]
    assert seen[2:] == ["radio", "checkbox", "nbapp-share-name", "Your shared apps", "Cancel", "Share"]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.jp-Dialog') !== null")
    dialog(page).get_by_text("Your shared apps").focus()
    page.keyboard.press("Enter")  # opens the list, and shares nothing
    revoke = dialog(page).get_by_role("button", name="Revoke earlier")
    expect(revoke).to_be_visible()
    revoke.focus()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Enter")
    expect(revoke).to_be_focused()
    assert [link["name"] for link in links(asking)] == ["earlier"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_text("earlier is revoked.")).to_be_visible()
    assert links(asking) == []


def test_a_refusal_is_shown_in_its_own_words_and_the_answers_stay(page: Page, asking: LabServer) -> None:
    opened(page, asking, "refused.ipynb", run=False)
    page.keyboard.type("bob")
    page.keyboard.press("Enter")
    trouble = dialog(page).get_by_role("alert")
    expect(trouble).to_contain_text("no server of yours on this computer serves refused.ipynb")
    expect(trouble).to_contain_text("on a JupyterHub, share from a terminal of JupyterLab there")
    expect(dialog(page).get_by_label("Who")).to_have_value("bob")


def test_a_server_without_ours_is_named(page: Page, asking: LabServer) -> None:
    page.route(re.compile("/nbapp/shares"), lambda route: route.fulfill(status=404, body="nothing here"))
    opened(page, asking, "bare.ipynb", run=False)
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("alert")).to_contain_text("Install nbapp in the environment")


def test_the_palette_and_the_file_menu_have_both_commands(page: Page, asking: LabServer) -> None:
    lab = LabNotebook.write(page, asking, "menu.ipynb", *CELLS)
    page.get_by_role("menuitem", name="File").click()
    expect(page.get_by_role("menuitem", name="Shared Apps")).to_be_visible()
    page.get_by_role("menuitem", name="Share App…").click()
    expect(dialog(page)).to_be_visible()
    page.keyboard.press("Escape")
    lab.select(2)
    page.keyboard.press("ControlOrMeta+Shift+c")
    page.keyboard.type("Shared Apps")
    page.keyboard.press("Enter")
    expect(dialog(page, "Shared Apps").get_by_text("You share no app.")).to_be_visible()


@pytest.mark.parametrize("theme", [pytest.param("JupyterLab Light", marks=pytest.mark.soak), "JupyterLab Dark"])
def test_every_dialog_can_be_read_and_fits_on_a_phone(page: Page, asking: LabServer, theme: str) -> None:
    def looks_right() -> None:
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 844})
            box = page.locator(".jp-Dialog-content").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            body = page.locator(".jp-Dialog-body")
            assert body.evaluate("node => node.scrollWidth <= node.clientWidth")
            assert page.evaluate(MEASURE) == []

    opened(page, asking, "refused.ipynb")
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    expect(page.locator(f"body[data-jp-theme-name='{theme}']")).to_be_attached()
    looks_right()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_role("alert")).to_be_visible()
    looks_right()
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1280, "height": 844})
    opened(page, asking, "looks.ipynb")
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_text("The link is on the clipboard.")).to_be_visible()
    looks_right()
    page.keyboard.press("Escape")
    page.evaluate("() => void window.jupyterapp.commands.execute('nbapp:shared-apps')")
    expect(dialog(page, "Shared Apps").get_by_role("button", name="Revoke looks")).to_be_visible()
    looks_right()
    page.get_by_role("button", name="Revoke looks").click()
    looks_right()
