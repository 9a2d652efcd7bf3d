"""What holds for every test: no deadlines, as timings are never asserted; repeatable; the browser last; servers and pages tried twice."""

from __future__ import annotations

import gc
import os
from collections import Counter

import ipykernel.ipkernel  # noqa: F401 -- replaces the comm manager; a widget made before that could not be closed
import pytest
from hypothesis import settings

import nbapp.serve  # noqa: F401 -- before nbformat, whose import it halves: three seconds in each process of the tests

# The suite tries the same examples every time, so that it fails for a change and not for a draw; `make soak` draws anew.
settings.register_profile("same", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("random", parent=settings.get_profile("same"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "same")

# Fixtures that start Chromium or a server.
PROCESSES = frozenset({"browser", "serve", "serve_anywhere", "serve_with", "start", "hub"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a browser come last: Playwright's event loop, once started, is in the way of tests that run their own.

    With several processes each file runs in one of them, because its tests share a kernel or a server; so one test with a
    browser, marked or not, puts its whole file at the end.
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "browser" in fixtures:
            item.add_marker(pytest.mark.browser)
        if not PROCESSES.isdisjoint(fixtures):
            # Chromium, a server, its kernel and the test are four processes that share the machine with other tests: one
            # that fails is tried once more, and the summary names it. A name that comes back there is a fault to mend.
            item.add_marker(pytest.mark.flaky(reruns=1))
    last = {item.path for item in items if item.get_closest_marker("browser") is not None}
    tests = Counter(item.path for item in items)
    # Of these the files with most tests come first: at the end no process is alone with a long one.
    items.sort(key=lambda item: (1, -tests[item.path]) if item.path in last else (0, 0))


def pytest_collection_finish() -> None:
    """Python's collector passes over the libraries that are loaded: a tenth of a second, every few tests, for what never goes."""
    gc.collect()
    gc.freeze()
