"""A module of the author's from source, and a tally that is a handle: counting runs changes no key."""

from __future__ import annotations

import itertools
import sys
import types
from pathlib import Path
from typing import Any

import nbapp

_NUMBERS = itertools.count()


class Tally:
    """What ran, in order."""

    def __init__(self) -> None:
        self.runs: list[Any] = []

    def __call__(self, what: Any = None) -> None:
        self.runs.append(what)

    def __len__(self) -> int:
        return len(self.runs)


nbapp.register(Tally, handle=True)


def made(source: str, name: str = "", **names: Any) -> Any:
    """A module of this source, in which `nbapp`, `ran` (a tally) and these names are bound."""
    name = name or f"made_{next(_NUMBERS)}"
    module = types.ModuleType(name)
    module.__file__ = str(Path(__file__).parent / f"{name}.py")
    vars(module).update(nbapp=nbapp, ran=Tally(), **names)
    sys.modules[name] = module
    execute(module, source)
    return module


def execute(module: Any, source: str) -> None:
    """Execute more source in a module, as a cell does."""
    exec(compile(source, "<cell>", "exec", dont_inherit=True), vars(module))
