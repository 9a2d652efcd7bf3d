"""Files that a value names: their versions count, since a function that is told a path reads what lies there.

The version is the file's times, size and identity, not its content: it is asked at every call.
"""

from __future__ import annotations

import os
import types
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from nbapp.values.digest import Digest, text_digest

_LONGEST = 4096  # characters of a path


def file_version(value: object) -> Iterator[tuple[str, Digest]]:
    """What to call the file that a string or path names, and its version; nothing when there is no such file."""
    if not isinstance(value, (str, Path)):
        return
    path = os.fspath(value)
    if not 0 < len(path) < _LONGEST or "\0" in path or "\n" in path:
        return
    if os.path.isfile(path):  # noqa: PTH113 -- most strings are no paths, and this is asked at every call
        stat = os.stat(path)  # noqa: PTH116 -- as above
        parts = stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino
        yield f"the file `{path}`", text_digest(*map(str, parts))


@lru_cache(maxsize=4096)
def texts_in(code: types.CodeType) -> tuple[str, ...]:
    """The strings in code that could be names of files: those with a dot or a separator."""
    found: dict[str, None] = {}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found.update(dict.fromkeys(texts_in(constant)))
        elif isinstance(constant, str) and ("." in constant or "/" in constant or "\\" in constant):
            found[constant] = None
    return tuple(found)
