"""Widgets over reruns, without a kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.walks import Walks, start, stop


@pytest.fixture
def walks() -> Iterator[Walks]:
    walks = start()
    yield walks
    stop(walks)
