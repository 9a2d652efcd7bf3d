"""A slider move beside data of every kind and size: nbapp, and a hand-written callback in a kernel without it.

The law of cost: a move costs what the author's code costs, plus what changed; never what lies in memory.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from statistics import median
from typing import Any

from benchmarks.kernel import ask, kernel
from benchmarks.report import milliseconds, save, show
from benchmarks.scale_data import KINDS, WAYS, Kind, cells

FLOOR = 0.003  # seconds that a move may cost beside the author's code
NOTES = (
    "Medians of a move, in a kernel, without a browser; beside it how many times the hand-written callback's time that",
    "is, after 3 ms for the rerun itself. Slope: the time at the largest size by that at the smallest (100 or 1000",
    "times the data). Goals: reader and maker 1.3x, a reader's slope 1.1x.",
)


def once(sources: Sequence[str], repeats: int) -> dict[str, Any]:
    """One notebook with nbapp and by hand, each in a kernel of its own."""
    found = {}
    for side, call in {"nbapp": "await __import__('benchmarks.moves').moves.scale", "hand": "moves.by_hand"}.items():
        with kernel() as client:
            ask(client, "from benchmarks import moves")
            found[side] = ask(client, f"{call}({list(sources)!r}, {repeats})")
    return found


def ratio(found: Mapping[str, Any]) -> float:
    """How many times the hand-written callback's time a move takes, beyond the floor."""
    ours, hand = (median(found[side]["whole"]) for side in ("nbapp", "hand"))
    return max(0.0, float(ours) - FLOOR) / float(hand)


def rows(name: str, kind: Kind, ways: Sequence[str], repeats: int, figures: dict[str, Any]) -> list[list[str]]:
    """The rows of one kind; the figures are kept as well."""
    found = []
    for way in ways:
        row, medians = [f"{name}: {way}"], []
        for size in kind.sizes:
            here = figures[f"{name}, {way}, {size}"] = once(cells(kind, way, size), repeats)
            medians.append(median(here["nbapp"]["whole"]))
            row += [milliseconds(here["nbapp"]["whole"]), f"{ratio(here):.1f}x"]
        grown = here["nbapp"]["grown"] / 1e6, here["hand"]["grown"] / 1e6
        found.append([*row, f"{medians[-1] / medians[0]:.2f}", f"{grown[0]:,.0f} / {grown[1]:,.0f} MB"])
    return found


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", help=f"of data (default: all): {', '.join(KINDS)}")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="what the last cell does (default: all)")
    parser.add_argument("--repeats", type=int, default=9, help="moves of each (default: %(default)s)")
    asked = parser.parse_args()
    table: list[list[str]] = []
    figures: dict[str, Any] = {}
    absent = set()
    for name in asked.kinds or KINDS:
        missing = {module for module in KINDS[name].needs if find_spec(module) is None}
        absent |= missing
        if not missing:
            table += rows(name, KINDS[name], asked.ways, asked.repeats, figures)
    head = ["", "small", "", "10 times", "", "100 times", "", "slope", "grown (nbapp / hand)"]
    notes = [*NOTES, *([f"Not installed: {', '.join(sorted(absent))}."] if absent else [])]
    show("A slider move beside data", head, table, notes)
    save("scale", {"unit": "s", "moves": figures})


if __name__ == "__main__":
    main()
