"""What a stored result rests on besides its inputs: Python, the machine, and every package that is installed.

A pickle of one release may not load in another, and one release computes what another does not: entries of other
surroundings are never found. Listing what is installed takes a look into a few folders, not into the packages.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import sys
from pathlib import Path

_FORMAT = "1"  # of what is stored; another one finds nothing of this one


@functools.lru_cache(maxsize=1)
def surroundings() -> str:
    """A short text that differs wherever Python, the machine or an installed package does."""
    parts = [_FORMAT, sys.version, platform.machine(), sys.byteorder, str(sys.maxsize), os.name, *_installed()]
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _installed() -> list[str]:
    """The names and versions of all packages that can be imported, as installers write them into folders' names."""
    found: set[str] = set()
    for place in sys.path:
        try:
            names = (entry.name for entry in Path(place).iterdir())
            found.update(name for name in names if name.endswith((".dist-info", ".egg-info")))
        except OSError:
            continue  # an archive, or nothing
    return sorted(found)
