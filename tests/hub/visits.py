"""How people come to an app on a Hub in a browser: each with a browser of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from tests.e2e.conftest import PATIENCE
from tests.e2e.lab import LabServer
from tests.hub.hubs import Hub


def new_page(browser: Browser, *, phone: bool = False, dark: bool = False) -> Page:
    """A page of somebody who is not logged in."""
    size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 800}
    context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE * 1000)
    return context.new_page()


def log_in(page: Page, hub: Hub, user: str) -> None:
    """Log in to the Hub."""
    page.goto(f"{hub.url}hub/login")
    page.fill("#username_input", user)
    page.fill("#password_input", "any")
    page.click("#login_submit")
    page.wait_for_url(lambda url: "/login" not in url)


def open_link(page: Page, url: str) -> None:
    """Open a link as somebody who is logged in: accept the invitation, authorise, and see the app."""
    page.goto(url)
    if "accept-share" in page.url:
        page.get_by_role("button", name="Accept").click()
    authorise(page)


def authorise(page: Page) -> None:
    """Let the app know who one is, if the Hub asks."""
    page.wait_for_url(lambda url: "/hub/user/" not in url and "accept-share" not in url)
    if "/oauth2/authorize" in page.url:
        page.get_by_role("button", name="Authorize").click()
        page.wait_for_url(lambda url: "/oauth2/authorize" not in url)


@dataclass
class _OwnLab(LabServer):
    address: str

    @property
    def url(self) -> str:
        """Its address, without a path of its own."""
        return self.address


def own_lab(hub: Hub, user: str) -> LabServer:
    """The JupyterLab of a user's own server."""
    return _OwnLab(hub.process, hub.home(user), f"{hub.url}user/{user}")
