"""Notebooks on which a naive cell cache shows a wrong value, with a fork between the first run and what changes then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.test_traps import TRAPS, Child, states
from tests.kernel.zygote.conftest import Forking
from tests.serve.zygotes import WHERE_KERNELS_FORK

pytestmark = WHERE_KERNELS_FORK


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    found = Child()
    yield found
    found.close()


@pytest.mark.parametrize("trap", [pytest.param(trap, id=trap["id"]) for trap in TRAPS])
def test_a_copy_shows_what_a_fresh_process_shows(
    forking: Forking, child: Child, trap: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "clean").mkdir()
    request = {"files": trap["files"], "probes": trap["probes"], "steps": states(trap, slider=False)}
    wanted = child.ask({**request, "what": "clean", "folder": str(tmp_path / "clean")})
    found = forking.ask(trap, tmp_path / "forked")
    assert found.get("values") == wanted, found
