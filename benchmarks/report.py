"""Figures as a table on the terminal and as JSON in benchmarks/results/."""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from rich import box
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
VERSIONS = ("nbapp", "voila", "ipykernel", "ipywidgets", "playwright")


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()) -> None:
    """Print a table; the first column is text, the others are figures."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for number, column in enumerate(head):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    console = Console(width=None if sys.stdout.isatty() else 150)
    console.print(table)
    for note in notes:
        console.print(note, style="dim", highlight=False)
    console.print()


def save(name: str, figures: Mapping[str, Any]) -> Path:
    """Write figures and what they were measured on as JSON; the file."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    machine = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "versions": {package: metadata.version(package) for package in VERSIONS},
    }
    written = {"date": time.strftime("%Y-%m-%d"), "machine": machine, **figures}
    path.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    return path


def milliseconds(samples: Sequence[float]) -> str:
    """The median of times in seconds."""
    return f"{median(samples) * 1000:,.1f} ms" if samples else "-"


def beside(samples: Sequence[float], against: Sequence[float]) -> str:
    """The median of times in seconds, and its ratio to the median of others."""
    if not samples:
        return "-"
    compared = f"{median(samples) / median(against):.2f}" if against else "   -"
    return f"{milliseconds(samples)}  {compared:>6}x"
