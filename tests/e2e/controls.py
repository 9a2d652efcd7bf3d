"""What the pages of sample notebooks have in common: controls by their descriptions, nodes that can be told apart."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PATIENCE

__all__ = ["expect", "is_marked", "mark", "press", "row"]

expect.set_options(timeout=PATIENCE * 1000)


def row(page: Page, label: str) -> Locator:
    """A control, by its description."""
    return page.get_by_text(label, exact=True).and_(page.locator(".widget-label")).locator("xpath=..")


def press(page: Page, label: str, key: str, number: int = 0) -> None:
    """Press a key on one of a slider's handles."""
    row(page, label).locator(".noUi-handle").nth(number).press(key)


def mark(locator: Locator) -> None:
    """Remember a DOM node, so that it can be told from a new one in its place."""
    locator.evaluate("node => { node.remembered = true; }")


def is_marked(locator: Locator) -> bool:
    """Whether this is the node that was marked."""
    return bool(locator.evaluate("node => node.remembered === true"))
