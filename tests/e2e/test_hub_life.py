"""What becomes of a shared app: it is taken back, expires, stops; Hub and proxy start again; the notebook changes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page

from nbapp.share.ask import Wanted
from tests.e2e.conftest import until, write_notebook
from tests.e2e.controls import expect, press
from tests.hub.hubs import Hub, running_hub
from tests.hub.visits import authorise, log_in, new_page, open_link

CELLS = (
    "# Sales",
    "%load_ext nbapp\nimport ipywidgets as w\nn = w.IntSlider(value=3, description='n')\nn",
    "print('square', n.value ** 2)",
)
CUBE = *CELLS[:2], "print('cube', n.value ** 3)"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    (folder / "nbapp").write_text(
        f'#!/bin/sh\nexec nbapp serve --hub --stop-idle "$(cat {folder}/idle)"\n', encoding="utf-8"
    )
    (folder / "nbapp").chmod(0o755)
    (folder / "idle").write_text("3600", encoding="utf-8")
    with running_hub(folder, f"from nbapp.hub import configure\nconfigure(c, command=['{folder}/nbapp'])\n") as hub:
        yield hub


@pytest.fixture(scope="module")
def notebook(hub: Hub) -> Path:
    return write_notebook(hub.home("alice") / "sales.ipynb", *CELLS)


@pytest.fixture(autouse=True)
def _is_there(notebook: Path) -> Iterator[None]:
    yield
    if not notebook.exists():
        write_notebook(notebook, *CELLS)


@pytest.fixture(scope="module")
def link(hub: Hub, notebook: Path) -> str:
    return hub.sharing("alice").share(Wanted(notebook)).url


@pytest.fixture(scope="module")
def bob(hub: Hub, browser: Browser, link: str) -> Iterator[Page]:
    page = new_page(browser)
    hub.api("POST", "users/bob", {})
    log_in(page, hub, "bob")
    open_link(page, link)
    expect(page.locator("body")).to_contain_text("square 9")
    yield page
    page.context.close()


def app(hub: Hub) -> str:
    return f"{hub.url}user/alice/app-sales/"


def stop(hub: Hub) -> None:
    hub.api("DELETE", "users/alice/servers/app-sales")
    until(lambda: not hub.server("alice", "app-sales").get("ready"))


def start_as_visitor(bob: Page, hub: Hub) -> None:
    """Open the app while it is stopped: the Hub's page offers to launch it."""
    answer = bob.goto(f"{hub.url}hub/user/alice/app-sales/")
    assert answer is not None
    assert answer.status == 424
    bob.get_by_role("button", name="Launch").or_(bob.get_by_role("link", name="Launch")).first.click()
    bob.wait_for_url(lambda url: "/hub/spawn" not in url and "/hub/user" not in url)
    authorise(bob)


@pytest.mark.soak
def test_the_page_lives_through_a_proxy_that_dies(hub: Hub, bob: Page) -> None:
    bob.goto(app(hub))
    expect(bob.locator("body")).to_contain_text("square 9")
    press(bob, "n", "ArrowRight")
    expect(bob.locator("body")).to_contain_text("square 16")
    (proxy,) = [each for each in psutil.Process(hub.process.process.pid).children() if each.name() == "node"]
    proxy.send_signal(signal.SIGKILL)
    expect(bob.locator("#nbapp-notice")).to_contain_text("connection")
    expect(bob.locator("#nbapp-notice")).not_to_be_visible()
    press(bob, "n", "ArrowRight")
    expect(bob.locator("body")).to_contain_text("square 25")


@pytest.mark.soak
def test_and_through_a_restart_of_the_hub(hub: Hub, bob: Page) -> None:
    hub.restart()
    expect(bob.locator("#nbapp-notice")).not_to_be_visible()
    press(bob, "n", "ArrowRight")
    expect(bob.locator("body")).to_contain_text("square 36")
    bob.reload()
    authorise(bob)
    expect(bob.locator("body")).to_contain_text("square 36")  # its kernel and values stay
    bob.goto(app(hub))
    expect(bob.locator("body")).to_contain_text("square 9")  # an address that asks for no values


def test_an_edited_notebook_says_that_it_changed(hub: Hub, bob: Page, notebook: Path) -> None:
    write_notebook(notebook, *CUBE)
    bob.goto(app(hub))
    expect(bob.locator("body")).to_contain_text("cube 27")
    expect(bob.locator("#nbapp-told")).to_contain_text("has changed since the link to it was made")


def test_a_stopped_app_is_started_by_who_comes(hub: Hub, bob: Page) -> None:
    stop(hub)
    expect(bob.locator("#nbapp-notice")).to_contain_text("This app is being stopped")
    start_as_visitor(bob, hub)
    expect(bob.locator("body")).to_contain_text("cube 27")


def test_a_notebook_that_was_renamed_is_told_and_comes_back(hub: Hub, bob: Page, notebook: Path) -> None:
    elsewhere = notebook.rename(notebook.with_name("renamed.ipynb"))
    bob.goto(app(hub))
    expect(bob.locator("body")).to_contain_text("cube 27")  # what is running goes on
    stop(hub)
    start_as_visitor(bob, hub)
    expect(bob.get_by_role("heading")).to_have_text("The notebook of this app is missing")
    elsewhere.rename(notebook)
    bob.reload()
    expect(bob.locator("body")).to_contain_text("cube 27")


def test_the_hub_hears_when_it_is_used(hub: Hub, bob: Page) -> None:
    bob.goto(app(hub))
    expect(bob.locator("body")).to_contain_text("cube 27")
    before = hub.server("alice", "app-sales")["last_activity"]
    press(bob, "n", "ArrowRight")
    until(lambda: hub.server("alice", "app-sales")["last_activity"] > before)


@pytest.mark.soak
def test_an_app_that_nobody_uses_ends(hub: Hub, bob: Page, notebook: Path) -> None:
    write_notebook(notebook, *CUBE)
    stop(hub)
    (hub.folder / "idle").write_text("6", encoding="utf-8")
    hub.api("POST", "users/alice/servers/app-sales", {})
    until(lambda: "nobody uses the app sales; it stops" in hub.process.output)
    until(lambda: not hub.server("alice", "app-sales").get("ready"))
    assert "stopped, with exit code: 0" in hub.process.output
    (hub.folder / "idle").write_text("3600", encoding="utf-8")
    start_as_visitor(bob, hub)
    expect(bob.locator("body")).to_contain_text("cube 27")


def test_an_expired_app_says_so(hub: Hub, bob: Page, notebook: Path) -> None:
    hub.shelf("alice").put(Wanted(notebook, name="sales", expires=timedelta(seconds=1)), "digest", "")
    expect(bob.locator("#nbapp-notice")).to_contain_text("This link has expired")
    answer = bob.reload()
    assert answer is not None
    assert answer.status == 410
    expect(bob.locator("body")).to_contain_text("It was shared until")


def test_sharing_anew_counts_and_keeps_the_address_where_it_can(hub: Hub, bob: Page, link: str, notebook: Path) -> None:
    sharing = hub.sharing("alice")
    hub.api("POST", "users/carol", {})
    named = sharing.share(Wanted(notebook, to=("carol",)))
    assert (named.url, named.to) == (f"{hub.url}hub/user/alice/app-sales/", ("carol",))
    granted = hub.api("GET", "shares/alice/app-sales")["items"]
    assert [share["user"]["name"] for share in granted] == ["carol"]
    answer = bob.goto(link)
    assert answer is not None
    assert answer.status == 404
    open_to_all = sharing.share(Wanted(notebook))
    assert open_to_all.url != link
    assert sharing.share(Wanted(notebook, values={"n": 4})).url == open_to_all.url
    open_link(bob, open_to_all.url)
    expect(bob.locator("body")).to_contain_text("cube 64")


def test_revoking_ends_open_pages_and_the_way_in(hub: Hub, bob: Page, notebook: Path) -> None:
    sharing = hub.sharing("alice")
    sharing.revoke("sales")
    expect(bob.locator("#nbapp-notice")).to_contain_text("taken back")
    answer = bob.goto(f"{hub.url}hub/user/alice/app-sales/")
    assert answer is not None
    assert answer.status == 404
    assert sharing.shared() == []


def test_an_account_that_is_removed_takes_its_apps_along(hub: Hub, bob: Page, notebook: Path) -> None:
    open_link(bob, hub.sharing("alice").share(Wanted(notebook)).url)
    expect(bob.locator("body")).to_contain_text("cube 27")
    stop(hub)  # JupyterHub removes nobody whose named servers run
    hub.api("DELETE", "users/alice")
    expect(bob.locator("#nbapp-notice")).to_contain_text("This app is being stopped")
    answer = bob.goto(f"{hub.url}hub/user/alice/app-sales/")
    assert answer is not None
    assert answer.status == 404
    assert notebook.exists()
