"""Hashes of large values beside those of other libraries, and what recording costs a cell that only reads 1 GB."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.envs import NotInstalled, environment, program, versions
from benchmarks.kernel import ROOT, ask, kernel
from benchmarks.report import milliseconds, save, show

HASHERS = Path(__file__).parent / "hashers.py"
OURS = ("plain", "nbapp")
PEERS = ("joblib", "dask", "streamlit", "marimo")
WORDS = {"plain": "plain xxh3-128", "joblib": "joblib.hash", "dask": "dask tokenize"}
NOTES = (
    "Medians, and how many times nbapp's time that is.",
    "plain: over the value's pickle and buffers; pickling itself is not counted.",
    "Streamlit hashes samples of large arrays and frames; marimo tells frames and lists of dicts by what made them.",
)


def hashed(python: Path | str, library: str, repeats: int) -> dict[str, Any]:
    """The times of one library, by value."""
    command = [str(python), "-W", "ignore", str(HASHERS), library, str(repeats)]
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT).stdout
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def cell(found: dict[str, Any], ours: dict[str, Any]) -> str:
    """A time beside nbapp's."""
    if "refused" in found:
        return "not by content"
    ratio = median(found["seconds"]) / median(ours["seconds"])
    return milliseconds(found["seconds"]) + ("" if found is ours else f"  {ratio:.2f}x")


def report(times: dict[str, dict[str, Any]], absent: str) -> None:
    """The table of hashes."""
    rows = [
        [value, *(cell(found[value], times["nbapp"][value]) for found in times.values())] for value in times["nbapp"]
    ]
    missing = [f"joblib, dask, streamlit, marimo: not installed: {absent}"] if absent else []
    head = ["", *(WORDS.get(name, name) for name in times)]
    show("A digest of a whole value", head, rows, [*NOTES, *missing])


def reading(repeats: int) -> dict[str, Any]:
    """Reruns of a cell that reads an array, of 1 GB and of 8 bytes."""
    figures = {}
    for words, count in (("1 GB", 2**27), ("8 bytes", 1)):
        with kernel() as client:
            figures[words] = ask(client, f"await __import__('benchmarks.moves').moves.reading({count}, {repeats})")
    beyond = {
        words: [whole - cell for whole, cell in zip(found["whole"], found["cells"], strict=True)]
        for words, found in figures.items()
    }
    rows = [
        [f"reads an array of {words}", *map(milliseconds, (found["whole"], found["cells"], beyond[words]))]
        for words, found in figures.items()
    ]
    show("A cell that only reads", ["", "rerun", "the cell itself", "beyond it"], rows)
    return figures


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="hashes of each value (default: %(default)s)")
    parser.add_argument("--peers", action="store_true", help="other libraries too, in an environment of their own")
    asked = parser.parse_args()
    times = {library: hashed(sys.executable, library, asked.repeats) for library in OURS}
    absent, found = "", {}
    if asked.peers:
        try:
            folder = environment("digests", PEERS)
            found = versions(folder, ("numpy", "pandas", *PEERS))
            times |= {library: hashed(program(folder, "python"), library, asked.repeats) for library in PEERS}
        except NotInstalled as error:
            absent = str(error)
    report(times, absent)
    if found:
        print(", ".join(f"{package} {version}" for package, version in found.items()))
    read = reading(30)
    save("digests", {"unit": "s", "times": times, "peers": found, "not_installed": absent, "reading": read})


if __name__ == "__main__":
    main()
