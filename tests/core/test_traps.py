"""Small notebooks on which a naive cell cache shows a wrong value: the walk agrees with a fresh process on each.

`cells` are the sources; each of `steps` is a list of actions followed by one rerun; `probes` are evaluated after the last.
Every trap runs as it is, and with the first cell's constant turned into an input.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
TRAPS: list[dict[str, Any]] = json.loads((ROOT / "tests" / "data" / "traps.json").read_text(encoding="utf-8"))
each_trap = pytest.mark.parametrize("trap", [pytest.param(trap, id=trap["id"]) for trap in TRAPS])


class Child:
    """The process that forks a fresh one for each trap."""

    def __init__(self) -> None:
        quiet = {"OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-W", "ignore", "-m", "tests.core.trapped"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env={**os.environ, **quiet}
        )

    def ask(self, request: dict[str, Any]) -> list[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "crash" not in answer, answer["crash"]
        return list(answer["values"])

    def close(self) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    found = Child()
    yield found
    found.close()


def states(trap: dict[str, Any], *, slider: bool) -> list[list[tuple[str, Any]]]:
    """The notebook, the inputs and the files that changed before each rerun: the first run, then one for each step."""
    sources, inputs, changed = list(trap["cells"]), {}, {}
    if slider:
        assert sources[0].startswith("n = ")
        inputs["n"] = ast.literal_eval(sources[0].removeprefix("n = "))
        sources[0] = "n = read('n')"
    found = []
    for step in ([], *trap["steps"]):
        for kind, where, text in step:
            if kind == "file":
                changed[where] = text
            elif slider and where == 0:
                inputs["n"] = ast.literal_eval(text.removeprefix("n = "))
            else:
                sources[where] = text
        found.append([(source, [dict(inputs), dict(changed)]) for source in sources])
    return found


def agrees(child: Child, trap: dict[str, Any], tmp_path: Path, *, slider: bool) -> None:
    request = {"files": trap["files"], "probes": trap["probes"], "steps": states(trap, slider=slider)}
    answers = {}
    for what in ("walked", "clean"):
        folder = tmp_path / what
        folder.mkdir(exist_ok=True)
        answers[what] = child.ask({**request, "what": what, "folder": str(folder)})
    assert answers["walked"] == answers["clean"]


@each_trap
def test_the_walk_agrees_with_a_fresh_process(child: Child, trap: dict[str, Any], tmp_path: Path) -> None:
    agrees(child, trap, tmp_path, slider=False)


@each_trap
def test_the_walk_agrees_when_the_constant_is_a_slider(child: Child, trap: dict[str, Any], tmp_path: Path) -> None:
    agrees(child, trap, tmp_path, slider=True)


def test_all_traps_are_there() -> None:
    assert len(TRAPS) == 53
