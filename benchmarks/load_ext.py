"""What `%load_ext nbapp` adds to a kernel that has ipywidgets: time, memory and modules, in fresh kernels."""

from __future__ import annotations

import argparse
import compileall
from pathlib import Path
from statistics import median
from typing import Any

import nbapp
from benchmarks.kernel import ask, kernel
from benchmarks.report import milliseconds, save, show

BEFORE = "import gc, json, sys, time, ipywidgets, psutil"
MEASURE = """
gc.collect()
_process, _modules = psutil.Process(), set(sys.modules)
_memory, _began = _process.memory_full_info().uss, time.perf_counter()
%load_ext nbapp
_taken = time.perf_counter() - _began
_added = _process.memory_full_info().uss - _memory
_heavy = sorted({"numpy", "pandas", "matplotlib", "voila", "nbformat"} & (set(sys.modules) - _modules))
print(json.dumps({"seconds": _taken, "bytes": _added, "modules": len(set(sys.modules) - _modules), "heavy": _heavy}))
"""
GOALS = "Goals: under 100 ms and 15 MB, and no numpy or pandas of its own."


def once() -> dict[str, Any]:
    """The figures of one fresh kernel."""
    with kernel() as client:
        ask(client, BEFORE)
        found: dict[str, Any] = ask(client, MEASURE)
        return found


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="fresh kernels (default: %(default)s)")
    compileall.compile_dir(Path(nbapp.__file__).parent, quiet=1)  # as pip does when it installs
    figures = [once() for _ in range(parser.parse_args().repeats)]
    row = [
        "%load_ext nbapp",
        milliseconds([found["seconds"] for found in figures]),
        f"{median(found['bytes'] for found in figures) / 1e6:.1f} MB",
        str(figures[0]["modules"]),
        ", ".join(figures[0]["heavy"]) or "none",
    ]
    show("Added to a kernel that has ipywidgets", ["", "time", "memory", "modules", "of them heavy"], [row], [GOALS])
    save("load_ext", {"kernels": figures})


if __name__ == "__main__":
    main()
