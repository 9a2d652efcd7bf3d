"""What an author asks of one cell: `#| nbapp: always` at its head, or the cell tag `nbapp:always`.

`always` runs it in every rerun, `never` once for each source, `ttl=60` again when its result is older than so many
seconds, and `handle` says that what it binds (a connection, a client) is versioned by which object it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

_AT_HEAD = re.compile(r"\s*#\|\s*nbapp\s*:(.*)")
_COMMENT = re.compile(r"\s*(#.*)?$")
_KNOWN = "always, never, ttl=SECONDS, handle"


@dataclass(frozen=True, slots=True)
class Directives:
    """What the author asks; `complaint` is about what nobody understands."""

    always: bool = False
    never: bool = False
    ttl: float | None = None
    handle: bool = False
    complaint: str | None = None


def directives(source: str, tags: Iterable[str] = ()) -> Directives:
    """The directives of a cell."""
    return _read([*_in_source(source), *(tag[len("nbapp:") :] for tag in tags if tag.startswith("nbapp:"))])


def _in_source(source: str) -> Iterator[str]:
    """Those in the comments at the head of the cell."""
    for line in source.splitlines():
        found = _AT_HEAD.match(line)
        if found:
            yield from found[1].split(",")
        elif not _COMMENT.match(line):
            return


def _read(words: list[str]) -> Directives:
    found = Directives()
    for word in map(str.strip, words):
        if word == "always":
            found = replace(found, always=True)
        elif word == "never":
            found = replace(found, never=True)
        elif word == "handle":
            found = replace(found, handle=True)
        elif (seconds := _seconds(word)) is not None:
            found = replace(found, ttl=seconds)
        elif word:
            found = replace(found, complaint=f"`nbapp: {word}` is not a directive; there are {_KNOWN}")
    if found.always and found.never:
        return replace(found, never=False, complaint="a cell cannot run always and never; it runs always")
    return found


def _seconds(word: str) -> float | None:
    name, equals, value = word.partition("=")
    if name.strip() != "ttl" or not equals:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
