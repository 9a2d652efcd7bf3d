"""What holds for every test: no deadlines, as timings are never asserted; repeatable; the browser last."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The suite tries the same examples every time, so that it fails for a change and not for a draw; `make soak` draws anew.
settings.register_profile("same", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("random", parent=settings.get_profile("same"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "same")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first. Playwright's event loop, once started, is in the way of tests that run one of their own.

    The tests of a file run in one process, because they share a kernel or a server, but for those with a browser.
    """
    items.sort(key=_has_browser)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{_has_browser(item)}"))


def _has_browser(item: pytest.Item) -> bool:
    return item.get_closest_marker("browser") is not None
