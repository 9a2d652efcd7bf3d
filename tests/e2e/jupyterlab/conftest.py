"""JupyterLab for the tests of a file: one server, and one page in which it is loaded once."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import SIZE, fresh
from tests.e2e.lab import PATIENCE, LabServer, lab_server

PASSED = pytest.StashKey[bool]()
expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab as it is."""
    with lab_server(tmp_path_factory.mktemp("lab") / "home") as server:
        yield server


@pytest.fixture(autouse=True)
def _ends_kernels(server: LabServer) -> Iterator[None]:
    yield
    server.shutdown_kernels()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell fixtures whether the test passed: what another left is used by the next one only then."""
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


@pytest.fixture(scope="module")
def _kept() -> Iterator[list[Page]]:
    pages: list[Page] = []
    yield pages
    for page in pages:
        page.context.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, _kept: list[Page]) -> Iterator[Page]:
    """One page for the tests of a file, in which JupyterLab is loaded once; a test that fails takes it along."""
    if not _kept:
        _kept.append(fresh(browser))
    (page,) = _kept
    yield page
    if not request.node.stash.get(PASSED, False):
        _kept.remove(page)
        page.context.close()
        return
    for other in page.context.pages:
        if other != page:
            other.close()
    page.unroute_all()
    page.set_viewport_size(SIZE)
