"""Writes the figures of the last benchmarks into the README, between its two marks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.report import RESULTS
from benchmarks.serve import BY_HAND, MEASURES, NBAPP

README = RESULTS.parent.parent / "README.md"
BEGIN, END = "<!-- benchmarks: begin -->\n", "<!-- benchmarks: end -->"


def read(name: str) -> dict[str, Any]:
    """The results that a benchmark wrote."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def time(samples: list[float]) -> str:
    """A median for people."""
    seconds = median(samples)
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def served(found: dict[str, Any]) -> Iterator[str]:
    """The table of the served app."""
    ours, by_hand = found["times"][NBAPP], found["times"][BY_HAND]
    yield "| | nbapp | by hand | ratio |\n|---|---:|---:|---:|\n"
    for key, words in MEASURES.items():
        ratio = median(ours[key]) / median(by_hand[key])
        yield f"| {words} | {time(ours[key])} | {time(by_hand[key])} | {ratio:.2f} |\n"


def sentences() -> Iterator[str]:
    """What else was measured, and on what."""
    serve, walk, load = read("serve"), read("walk"), read("load_ext")
    beyond = [
        median(whole - cell for whole, cell in zip(found["whole"], found["cells"], strict=True))
        for found in walk["reruns"].values()
    ]
    added = median(found["bytes"] for found in load["kernels"]) / 1e6
    yield f"A rerun of {walk['cells']:,} cells, one of them executing, takes {time([max(beyond)])} beyond that cell. "
    yield f"`%load_ext nbapp` takes {time([found['seconds'] for found in load['kernels']])} and {added:.1f} MB. "
    machine = serve["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items() if name != "playwright")
    yield f"Medians, {serve['date']}, {machine['cores']} cores, Python {machine['python']}, {versions}.\n"


def main() -> None:
    """Rewrite the section."""
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    section = "\n".join(["", "".join(served(read("serve"))), "".join(sentences()), ""])
    README.write_text(before + BEGIN + section + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
