"""A real kernel for the tests of one file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.kernels import Kernel


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with Kernel() as kernel:
        yield kernel


@pytest.fixture
def own_kernel() -> Iterator[Kernel]:
    """For tests that could leave something behind."""
    with Kernel() as kernel:
        yield kernel
