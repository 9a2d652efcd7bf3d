"""Sizes in bytes, as people write and read them."""

from __future__ import annotations

import re

from nbapp.errors import UsageError

_UNITS = {"": 1, "B": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?", re.IGNORECASE)
_SHOWN = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def size(option: str, text: str | None) -> int | None:
    """A size as 512MB, 2GB, 1.5GiB or 0, in bytes.

    Raises:
        UsageError: the text is no size.
    """
    if text is None:
        return None
    matched = _SIZE.fullmatch(text.strip())
    if not matched:
        raise UsageError(f"{option} {text}", "write it as 512MB, 2GB or 0")
    number, unit, binary = matched.groups()
    factor = _UNITS[unit.upper()]
    if binary and unit:
        factor = 1024 ** (list(_UNITS).index(unit.upper()) - 1)
    return int(float(number) * factor)


def shown(nbytes: int) -> str:
    """Bytes as people read them."""
    factor, unit = next((each for each in _SHOWN if nbytes >= each[0]), (1, "B"))
    return f"{nbytes / factor:.1f} {unit}" if factor > 1 else f"{nbytes} B"
