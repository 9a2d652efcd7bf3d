"""What holds for every test: no deadlines, as timings are never asserted; repeatable; the browser last."""

from __future__ import annotations

import os

import ipykernel.ipkernel  # noqa: F401 -- replaces the comm manager; a widget made before that could not be closed
import pytest
from hypothesis import settings

# The suite tries the same examples every time, so that it fails for a change and not for a draw; `make soak` draws anew.
settings.register_profile("same", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("random", parent=settings.get_profile("same"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a browser come last: Playwright's event loop, once started, is in the way of tests that run their own.

    With several processes each file runs in one of them, because its tests share a kernel or a server.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
