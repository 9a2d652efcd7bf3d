"""The list of what nbapp replaces is whole, and what it names is there in the releases that are installed."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "patched.md").read_text("utf-8")
NAMES = sorted(set(re.findall(r"^\| ((?:`[\w.]+`(?:, )?)+)", PAGE, re.MULTILINE)))
LISTED = sorted({name for names in NAMES for name in re.findall(r"`([\w.]+)`", names)})
NEWER = {"comm.base_comm.BaseComm._reply_subshell_for"}  # of ipykernel 7.1, asked for before it is replaced
REPLACES = re.compile(r'patch(?:es|ing)\.(?:put|place)\(\s*(?:type\()?\w+\)?, (?:"(\w+)"|(?:private\.)?([A-Z_]+)\b)')
PRIVATE = re.compile(r'^([A-Z_]+) = "(\w+)"', re.MULTILINE)  # names that stand in `nbapp._compat`


def found(name: str) -> Any:
    """What a dotted name stands for; fails with the name when it is gone."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            assert hasattr(value, part), f"{name} is gone: nbapp replaces it"
            value = getattr(value, part)
        return value
    raise AssertionError(f"{name} cannot be imported")


def text_of(folder: str) -> str:
    """The code of a folder."""
    return "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "nbapp" / folder).rglob("*.py")))


@pytest.mark.parametrize("name", [name for name in LISTED if name not in NEWER and not name.startswith("pyarrow")])
def test_what_is_replaced_is_there(name: str) -> None:
    assert callable(found(name))


def test_everything_that_is_replaced_is_listed() -> None:
    private = dict(PRIVATE.findall(text_of("_compat")))
    replaced = {public or private[constant] for public, constant in REPLACES.findall(text_of("kernel"))}
    assert len(replaced) > 20
    assert replaced - {name.rpartition(".")[2] for name in LISTED} == set()
