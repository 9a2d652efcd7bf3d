"""Runs traps in processes of their own: `python -m tests.core.trapped` answers one JSON request a line.

It has imported the libraries already and forks a child for each request, so each trap sees a process that no other touched.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import ipywidgets
import matplotlib as mpl
import numpy as np
import pandas as pd

from nbapp.core.notebook import Cell, CellId
from tests.core.clean import Clean
from tests.core.host import Double, cells

IMPORTED = (ipywidgets, mpl, np, pd)


def clean(request: dict[str, Any]) -> list[str]:
    """What a fresh process shows for the last state of the notebook."""
    for path, text in request["files"].items():
        Path(path).write_text(text, encoding="utf-8")
    notebook = [source for source, _ in request["steps"][-1]]
    inputs, files = request["steps"][-1][0][1]
    for path, text in files.items():
        Path(path).write_text(text, encoding="utf-8")
    run = Clean(cells(*notebook), inputs)
    return [run.value(probe) for probe in request["probes"]]


def walked(request: dict[str, Any]) -> list[str]:
    """What the walk shows after every step."""
    for path, text in request["files"].items():
        Path(path).write_text(text, encoding="utf-8")
    double = Double()
    for step in request["steps"]:
        double.notebook = tuple(Cell(CellId(f"c{index}"), source) for index, (source, _) in enumerate(step))
        double.inputs, files = step[0][1]
        for path, text in files.items():
            Path(path).write_text(text, encoding="utf-8")
        double.rerun()
    return [double.value(probe) for probe in request["probes"]]


def in_a_child(request: dict[str, Any]) -> dict[str, Any]:
    """Answer from a forked child, in a folder of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.chdir(request["folder"])
        sys.path.insert(0, request["folder"])
        try:
            answer: dict[str, Any] = {"values": {"clean": clean, "walked": walked}[request["what"]](request)}
        except BaseException:
            answer = {"crash": traceback.format_exc()}
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return dict(json.loads(text))


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(in_a_child(json.loads(line))) + "\n")
        sys.stdout.flush()
