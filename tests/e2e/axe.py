"""What axe-core finds on a page against WCAG A and AA, in the light and in the dark, on a phone and a desktop."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
WIDTHS = (390, 1280)
SETTLES = 5.0  # seconds
FIND = """async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const found = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
  return found.violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html.slice(0, 200)}`));
}"""


def violations(page: Page) -> list[str]:
    """What axe-core has against a page, in both themes and both widths."""
    page.evaluate(AXE)
    found: list[str] = []
    schemes: tuple[Any, ...] = ("light", "dark")
    for scheme in schemes:
        for width in WIDTHS:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{scheme}, {width} px: {each}" for each in _settled(page)]
    return found


def _settled(page: Page) -> list[str]:
    """What is found once the page's script has seen the new width, which it does when there is time."""
    deadline = time.monotonic() + SETTLES
    while (found := page.evaluate(FIND)) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    return list(found)
