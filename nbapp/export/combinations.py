"""Several values for a name of `--set`, when the file that is asked for has the name in braces: one for each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path

from nbapp.errors import UsageError

_NAMED = re.compile(r"\{(\w+)\}")
_NO_PART = re.compile(r"[^\w.+-]+")


def combinations(given: Mapping[str, str], output: str | None) -> list[tuple[dict[str, str], Path | None]]:
    """The values and the file of each run.

    A name in braces in `output` takes values that are parted by commas, all of them with all of the others.

    Raises:
        UsageError: a name in braces has no value, or two runs would write the same file.
    """
    if output is None:
        return [(dict(given), None)]
    names = list(dict.fromkeys(_NAMED.findall(output)))
    for name in names:
        if name not in given:
            raise UsageError(f"-o {output} names {{{name}}}, which has no value", f"give it some: --set {name}=1,2,3")
    several = [[value.strip() for value in given[name].split(",")] for name in names]
    found: dict[Path, dict[str, str]] = {}
    for values in product(*several):
        chosen = dict(zip(names, values, strict=True))
        out = Path(_NAMED.sub(lambda named, of=chosen: _part(of[named[1]]), output))  # type: ignore[misc]
        if out in found:
            raise UsageError(f"-o {output} is {out} for two combinations", "name each value once")
        found[out] = {**given, **chosen}
    return [(values, out) for out, values in found.items()]


def _part(value: str) -> str:
    """A value as a part of a file's name."""
    return _NO_PART.sub("-", value).strip("-.") or "-"
