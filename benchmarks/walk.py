"""A rerun of 1,000 cells with one executing: what the other 999 cost."""

from __future__ import annotations

import argparse

from benchmarks.kernel import ask, kernel
from benchmarks.report import milliseconds, save, show

COUNT = 1000
LAST = COUNT - 1
PLACES = {  # the cell that executes, and whether a callback has changed a list before
    "the last cell executes": (LAST, False),
    "the middle cell executes": (COUNT // 2, False),
    "the first cell executes": (3, False),
    "the last, after a callback": (LAST, True),
}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30, help="reruns for each place (default: %(default)s)")
    repeats = parser.parse_args().repeats
    rows, figures = [], {}
    for words, (reader, clicked) in PLACES.items():
        with kernel() as client:
            code = f"await __import__('benchmarks.moves').moves.walk({COUNT}, {reader}, {repeats}, {clicked})"
            found = figures[words] = ask(client, code)
        beyond = [whole - cell for whole, cell in zip(found["whole"], found["cells"], strict=True)]
        rows.append([words, milliseconds(found["whole"]), milliseconds(found["cells"]), milliseconds(beyond)])
    notes = ["Medians, from a front end's message to the end of the rerun. Goal: under 10 ms beyond the cell."]
    show(f"A rerun of {COUNT:,} cells, one executing", ["", "rerun", "the cell itself", "beyond it"], rows, notes)
    save("walk", {"unit": "s", "cells": COUNT, "reruns": figures})


if __name__ == "__main__":
    main()
