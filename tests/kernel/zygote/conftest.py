"""A process that runs notebooks and forks in between, for the tests of this folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


class Forking:
    """The process that forks one of its own for each trap, which is forked again."""

    def __init__(self) -> None:
        quiet = {"OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-W", "ignore", "-m", "tests.kernel.zygote.trapped"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env={**os.environ, **quiet}
        )

    def ask(self, request: dict[str, Any], folder: Path) -> dict[str, Any]:
        """What the copy shows."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        folder.mkdir()
        sent = {**request, "folder": str(folder), "answer": str(folder.with_suffix(".json"))}
        self._process.stdin.write(json.dumps(sent) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        """End it."""
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()


@pytest.fixture(scope="module")
def forking() -> Iterator[Forking]:
    found = Forking()
    yield found
    found.close()
