"""Tests of links start real servers, each test with a folder of its own for links and runtime files."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands import called
from tests.e2e.conftest import notebook, serve, serve_anywhere

__all__ = ["notebook", "serve", "serve_anywhere"]


@dataclass(frozen=True)
class Answer:
    """What `nbapp share` answered."""

    code: int
    out: str
    err: str


Share = Callable[..., Answer]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for links, and one for what servers tell of themselves, outside a Hub."""
    at_home(tmp_path, monkeypatch)
    return tmp_path


def at_home(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Keep links, and what servers tell of themselves, in a folder; outside a Hub."""
    for name in [name for name in os.environ if name.startswith("JUPYTERHUB_")]:
        patch.delenv(name)
    patch.setenv("JUPYTER_DATA_DIR", str(folder / "data"))
    patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))


@pytest.fixture
def share(home: Path) -> Share:
    """Types `nbapp share ...` in a folder that is not the notebook's."""
    return typed


def typed(*arguments: str | Path) -> Answer:
    """Type `nbapp share ...`."""
    ran = called("share", *arguments)
    return Answer(ran.returncode, ran.stdout, ran.stderr)
