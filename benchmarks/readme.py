"""Writes the figures of the last benchmarks into the README, between its two marks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.contenders import BY_HAND, NBAPP, PEERS
from benchmarks.report import RESULTS
from benchmarks.serve import MEASURES

README = RESULTS.parent.parent / "README.md"
BEGIN, END = "<!-- benchmarks: begin -->\n", "<!-- benchmarks: end -->"


def read(name: str) -> dict[str, Any]:
    """The results that a benchmark wrote."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def time(samples: list[float]) -> str:
    """A median for people."""
    seconds = median(samples)
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"


def beside(samples: list[float], against: float) -> str:
    """A median with its ratio to another."""
    return f"{time(samples)} ({median(samples) / against:.1f}×)" if samples else "-"


def served(found: dict[str, Any]) -> Iterator[str]:
    """The table of the served app: nbapp, by hand, and the peers that were measured with them."""
    times = found["times"]
    names = [NBAPP, BY_HAND, *(name for name in PEERS if name in times)]
    yield f"| | {' | '.join(names)} |\n|---|{'---:|' * len(names)}\n"
    for key, words in MEASURES.items():
        against = median(times[BY_HAND][key])
        cells = [beside(times[name][key], against) for name in names]
        yield f"| {words} | {' | '.join(cells)} |\n"
    yield from (f"\n{name}: not installed: {reason}\n" for name, reason in found.get("not_installed", {}).items())


def digested(found: dict[str, Any]) -> Iterator[str]:
    """The table of digests."""
    times = found["times"]
    yield f"| digest of | {' | '.join(times)} |\n|---|{'---:|' * len(times)}\n"
    for value in times["nbapp"]:
        cells = (time(of[value]["seconds"]) if "seconds" in of[value] else "not by content" for of in times.values())
        yield f"| {value} | {' | '.join(cells)} |\n"
    yield "\n`plain` is xxh3 over the value's pickled bytes, pickling not counted; Streamlit samples what is large.\n"


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
    measured = {**machine["versions"], **serve.get("peers", {})}
    versions = ", ".join(f"{name} {version}" for name, version in measured.items() if name != "playwright")
    yield f"Medians, {serve['date']}, {machine['cores']} cores, Python {machine['python']}, {versions}.\n"


def main() -> None:
    """Rewrite the section."""
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    tables = ["".join(served(read("serve")))]
    if (RESULTS / "digests.json").is_file():
        tables.append("".join(digested(read("digests"))))
    section = "\n".join(["", *tables, "".join(sentences()), ""])
    README.write_text(before + BEGIN + section + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
