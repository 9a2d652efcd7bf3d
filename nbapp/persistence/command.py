"""`nbapp cache`: what is stored of results, what it takes, and how to make room."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.progress import track
from rich.table import Table

from nbapp.errors import UsageError
from nbapp.persistence.blobs import Stored
from nbapp.persistence.places import LIMIT, NONE, default_place, open_results, without_secrets
from nbapp.persistence.results import Results, is_generation
from nbapp.persistence.sizes import shown, size

FOUND = 3
_AGES = ((86400, "d"), (3600, "h"), (60, "min"))


@dataclass(frozen=True, slots=True)
class Row:
    """One result: of which function, its bytes, the seconds that it took, and when it was made and last used."""

    name: str
    of: str
    nbytes: int
    seconds: float
    made: float
    used: float


def main(asked: argparse.Namespace) -> int:
    """Carry out `asked.what`; 0, or 3 when `verify` finds what nobody with the key wrote.

    Raises:
        UsageError: there is no such place, or it cannot be reached.
    """
    where = asked.cache or default_place()
    if where == NONE:
        raise UsageError("--cache none", "name the folder or URL that you mean")
    try:
        results = open_results({"where": where, "limit": LIMIT, "key": asked.cache_key})
        assert results is not None
        return _DOES[asked.what](results, asked)
    except OSError as error:
        remedy = "is the server running, and may you read there?"
        raise UsageError(f"{without_secrets(where)} cannot be reached: {error}", remedy) from error


def _ls(results: Results, asked: argparse.Namespace) -> int:
    rows = sorted(_rows(results), key=lambda row: -row.used)
    if asked.json:
        return _json([asdict(row) for row in rows])
    table = Table("function", "size", "took", "made", "last used", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row.of, shown(row.nbytes), f"{row.seconds:.1f} s", _ago(row.made), _ago(row.used))
    return _show(results, table if rows else "nothing is stored")


def _du(results: Results, asked: argparse.Namespace) -> int:
    taken: dict[str, list[int]] = defaultdict(list)
    for row in _rows(results):
        taken[row.of].append(row.nbytes)
    sums = sorted(((of, len(each), sum(each)) for of, each in taken.items()), key=lambda each: -each[2])
    if asked.json:
        return _json([{"of": of, "results": count, "nbytes": nbytes} for of, count, nbytes in sums])
    table = Table("function", "results", "size", box=None, pad_edge=False)
    for of, count, nbytes in sums:
        table.add_row(of, str(count), shown(nbytes))
    table.add_row("together", str(sum(each[1] for each in sums)), shown(sum(each[2] for each in sums)))
    return _show(results, table if sums else "nothing is stored")


def _prune(results: Results, asked: argparse.Namespace) -> int:
    gone = results.prune(size("--keep", asked.keep) or 0)
    nbytes = sum(each.nbytes for each in gone)
    if asked.json:
        return _json({"removed": len(gone), "nbytes": nbytes})
    return _show(results, f"{len(gone)} results are gone, which took {shown(nbytes)}")


def _verify(results: Results, asked: argparse.Namespace) -> int:
    stored = list(_stored(results))
    bad = [each for each in _with_progress(stored) if results.find(each.name, is_use=False) is None]
    if asked.remove:
        for each in bad:
            results.drop(each.name)
    if asked.json:
        _json({"read": len(stored), "bad": [each.name for each in bad], "removed": bool(asked.remove)})
    else:
        found = f", {len(bad)} are damaged, or somebody without the key wrote them" if bad else ", all are whole"
        _show(results, f"{len(stored)} results{found}{'; they are gone now' if bad and asked.remove else ''}")
    return FOUND if bad else 0


_DOES: dict[str, Callable[[Results, argparse.Namespace], int]] = {
    "ls": _ls,
    "du": _du,
    "prune": _prune,
    "verify": _verify,
}


def _stored(results: Results) -> Iterator[Stored]:
    return (each for each in results.blobs.stored() if not is_generation(each))


def _rows(results: Results) -> Iterator[Row]:
    """What can be read; what cannot is for `verify` to tell."""
    for each in _with_progress(list(_stored(results))):
        entry = results.find(each.name, is_use=False)
        if entry is not None:
            told, made = entry.header, entry.header.get("made", each.used)
            yield Row(each.name, told["of"], each.nbytes, told.get("seconds", 0.0), made, each.used)


def _with_progress(stored: list[Stored]) -> Iterable[Stored]:
    console = Console(stderr=True)
    return track(stored, "reading", console=console, transient=True, disable=not console.is_terminal)


def _ago(when: float) -> str:
    seconds = time.time() - when
    factor, unit = next((each for each in _AGES if seconds >= each[0]), (1, "s"))
    return f"{max(0, seconds) / factor:.0f} {unit} ago"


def _json(found: object) -> int:
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


def _show(results: Results, found: Table | str) -> int:
    console = Console(highlight=False)
    console.print(f"{results.where}:", soft_wrap=True, markup=False)
    console.print(found, soft_wrap=True, markup=False)
    return 0
