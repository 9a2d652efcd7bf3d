"""What holds for every test: no deadlines, as timings are never asserted; repeatable in CI; the browser last."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("here", deadline=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("here"), derandomize=True)
settings.register_profile("deep", parent=settings.get_profile("here"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "here"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first. Playwright's event loop, once started, is in the way of tests that run one of their own."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
