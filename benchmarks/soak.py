"""Many reruns in one kernel: widgets, comms, threads, files and memory may not grow. Exit code 1 if they do."""

from __future__ import annotations

import argparse
import sys
from itertools import combinations
from statistics import median
from typing import Any

from benchmarks.kernel import ask, kernel
from benchmarks.report import save, show

SAMPLES = 10
COUNTED = ("widgets", "comms", "threads", "files")
MOST = 50_000  # bytes that 1,000 reruns may add


def growth(weights: list[dict[str, Any]], every: int) -> float:
    """Bytes that 1,000 reruns added, over the second half: the first fills the store and the libraries' own caches.

    The median of the slopes between all pairs of samples (Theil and Sen): the allocator takes and gives back memory
    in steps, and one step must not decide.
    """
    half = list(enumerate(found["bytes"] for found in weights[len(weights) // 2 :]))
    slopes: list[float] = [(b - a) / (later - earlier) for (earlier, a), (later, b) in combinations(half, 2)]
    return median(slopes) / every * 1000


def row(reruns: int, found: dict[str, Any]) -> list[str]:
    """One line of the table."""
    counts = (str(found[key]) for key in COUNTED)
    return [f"{reruns:,}", f"{found['bytes'] / 1e6:.2f} MB", f"{found['objects']:,}", *counts]


def main() -> int:
    """Measure, print, write; 1 when something grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repeats", type=int, nargs="?", default=10_000, help="reruns (default: %(default)s)")
    repeats = parser.parse_args().repeats
    every = max(repeats // SAMPLES // 4, 1) * 4  # the cells repeat themselves every four
    code = f"await __import__('benchmarks.moves').moves.soak({every * SAMPLES}, {every})"
    with kernel() as client:
        weights = ask(client, code, timeout=3600)
    rows = [row(number * every, found) for number, found in enumerate(weights, 1)]
    added = growth(weights, every)
    grown = [key for key in COUNTED if weights[-1][key] != weights[0][key]]
    notes = [f"Second half: {added / 1000:+.1f} kB for 1,000 reruns; {MOST / 1000:.0f} kB are allowed."]
    show("Many reruns", ["reruns", "memory", "objects", *COUNTED], rows, notes)
    save("soak", {"weights": weights, "bytes_per_1000": added})
    if grown or added > MOST:
        print(f"it grows: {', '.join(grown) or 'memory'}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
