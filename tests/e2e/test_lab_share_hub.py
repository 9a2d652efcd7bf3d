"""alice shares from JupyterLab on a real JupyterHub; bob opens the link and uses the app, until she revokes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import write_notebook
from tests.e2e.controls import expect, press
from tests.e2e.lab import LOAD, OURS, ROOT, SLIDER, LabNotebook
from tests.hub.hubs import ADMINS_LINE, Hub, running_hub
from tests.hub.visits import log_in, new_page, open_link, own_lab

pytestmark = pytest.mark.browser

LAB = """
c.Spawner.args += ["--LabServerApp.extra_labextensions_path={added}", "--LabApp.expose_app_in_browser=True"]
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A Hub whose servers have our extensions as they are committed, before the installed ones."""
    folder = tmp_path_factory.mktemp("hub")
    shutil.copytree(OURS["nbapp"], folder / "added" / "nbapp")
    with running_hub(folder, ADMINS_LINE + LAB.format(added=folder / "added")) as hub:
        shutil.copytree(
            ROOT / "labextension" / "jupyter-config", hub.home("alice") / ".jupyter" / "jupyter_server_config.d"
        )
        write_notebook(hub.home("alice") / "sales.ipynb", LOAD, SLIDER, "print('n is', s.value)")
        hub.start("alice")
        yield hub


@pytest.fixture
def alice(hub: Hub, browser: Browser) -> Iterator[LabNotebook]:
    """The notebook in alice's JupyterLab."""
    page = new_page(browser)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(page, hub, "alice")
    lab = own_lab(hub, "alice")
    notebook = LabNotebook(page, lab, "sales.ipynb")
    notebook.open()
    yield notebook
    page.context.close()


def dialog(page: Page, name: str) -> Any:
    """The dialog that is open."""
    return page.get_by_role("dialog", name=name)


def test_bob_uses_what_alice_shares_from_jupyterlab_until_she_revokes_it(
    alice: LabNotebook, hub: Hub, browser: Browser
) -> None:
    bob = new_page(browser)
    log_in(bob, hub, "bob")  # the Hub knows people who have logged in once
    page = alice.page
    alice.run_all()
    alice.press("ArrowRight", 5)
    expect(page.locator(".jp-Notebook .widget-readout")).to_have_text("8")
    page.get_by_role("button", name="Share App", exact=True).click()
    page.keyboard.type("bob")
    expect(dialog(page, "Share App").get_by_text("s = 8")).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog(page, "Share App").get_by_text("For bob, until")).to_be_visible()
    link = dialog(page, "Share App").get_by_role("textbox", name="Link").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == link
    open_link(bob, link)
    expect(bob.get_by_text("n is 8")).to_be_visible()
    press(bob, "s", "ArrowRight")
    expect(bob.get_by_text("n is 9")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".jp-Notebook .widget-readout")).to_have_text("8")
    page.evaluate("() => void window.jupyterapp.commands.execute('nbapp:shared-apps')")
    apps = dialog(page, "Shared Apps")
    expect(apps.get_by_text("sales.ipynb · for bob")).to_be_visible()
    apps.get_by_role("button", name="Revoke sales").click()
    apps.get_by_role("button", name="Revoke", exact=True).click()
    expect(apps.get_by_text("sales is revoked.")).to_be_visible()
    expect(bob.locator("#nbapp-notice")).to_contain_text("taken back")
    bob.context.close()


def test_somebody_whom_the_hub_does_not_know_is_named_in_the_dialog(alice: LabNotebook, hub: Hub) -> None:
    page = alice.page
    page.get_by_role("button", name="Share App", exact=True).click()
    page.keyboard.type("nobody-here")
    page.keyboard.press("Enter")
    expect(dialog(page, "Share App").get_by_role("alert")).to_contain_text("nobody-here")
    assert [link for link in hub.shelf("alice").links() if link.revoked is None] == []
